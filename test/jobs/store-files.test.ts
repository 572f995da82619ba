// slow: not of the fast lane
/** What a store gives of files is, byte for byte, what the files themselves give; in whatever way they came in. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ElectroError } from "../../dist/base/errors.js";
import { aggregateFiles } from "../../dist/jobs/aggregate.js";
import { exportFiles } from "../../dist/jobs/export.js";
import { loadFiles } from "../../dist/jobs/load.js";
import type { ExportOptions, LoadOptions } from "../../dist/jobs/options.js";
import { openStore } from "../../dist/store/open.js";
import { inFolder } from "../oracle/electro.js";
import { plan, type Run, runOf } from "../oracle/generate.js";
import type { Options } from "../oracle/options.js";
import { randomOf } from "../oracle/render.js";

/** Tables as they were written; `undefined` where the run failed in a way that a user can cause. */
function tablesOf(folder: string): [string, string][] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".csv"));
  return names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]);
}

async function codeOf(action: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof ElectroError) return error.code;
    throw error;
  }
}

/** How to read, for a store: that is not to depend on what is asked later. */
function loadOptions(options: Options): LoadOptions {
  const {
    timestampField,
    valueField,
    sourceField,
    records,
    unit,
    decimalComma,
    stamps,
    repeatedHour,
    onError,
    timezone,
  } = options;
  const inputTimezone = options.inputTimezone ?? timezone ?? "UTC";
  const all = {
    timestampField,
    valueField,
    sourceField,
    records,
    unit,
    decimalComma,
    stamps,
    repeatedHour,
    onError,
    inputTimezone,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function askOptions(options: Options): ExportOptions {
  const { timezone, from, to, bySource, resolutions, withCounts, fileDate, decimals, rawIds } = options;
  const all = { timezone, from, to, bySource, resolutions, withCounts, fileDate, decimals, rawIds };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

interface Sample {
  readonly folder: string;
  readonly options: Options;
  readonly names: readonly string[];
  readonly store: string;
}

/** Resolves to what a comparison came to: 1 where both gave tables. */
async function compare({ folder, options, names, store }: Sample): Promise<number> {
  const context = { cwd: folder };
  const files = await codeOf(() =>
    aggregateFiles(
      names.map((name) => join("in", name)),
      { ...options, output: "files" },
      context,
    ),
  );
  const kept = await codeOf(() => exportFiles({ ...askOptions(options), store, output: "kept" }, context));
  // The one thing that a store cannot do.
  if (kept === "zone_off_quarters") {
    expect(options.timezone ?? "UTC").not.toMatch(/^UTC$|^[+-]\d\d:(00|15|30|45)$/);
    return 0;
  }
  expect(kept).toBe(files);
  if (files !== undefined) return 0;
  expect(tablesOf(join(folder, "kept"))).toEqual(tablesOf(join(folder, "files")));
  return 1;
}

/** Retracts the batch that a file is in. */
async function retract(store: string, file: string): Promise<void> {
  const opened = await openStore(store);
  const batch = (await opened.read((reader) => reader.batchesOfFiles([file]))).get(file)?.[0];
  if (batch !== undefined) await opened.retract(batch.id);
  await opened.close();
}

function distinct(run: Run): boolean {
  return new Set(run.inputs.map(({ packed }) => packed.toString("latin1"))).size === run.inputs.length;
}

describe("load, then export", () => {
  test.each([
    ["good", false],
    ["damaged", true],
  ])(
    "gives the bytes that aggregate gives, of %s readings in any zone, period and form, with any way to write",
    async (_, damaged) => {
      let compared = 0;
      const changes = fc.record({
        plan: plan(damaged),
        seed: fc.integer({ min: 1 }),
        change: fc.constantFrom("none", "replace", "retract"),
      });
      const same = fc.asyncProperty(changes, async ({ plan: planned, seed, change }) => {
        const run = runOf(planned);
        fc.pre(distinct(run));
        await inFolder(async (folder) => {
          const store = `duckdb:${join(folder, "store.duckdb")}`;
          const options: Options = { ...run.options, workers: 1 };
          const load = (names: readonly string[], more: LoadOptions = {}) =>
            loadFiles(
              names.map((name) => join("in", name)),
              { ...loadOptions(options), workers: 1, store, ...more },
              { cwd: folder },
            );
          mkdirSync(join(folder, "in"));
          for (const { name, packed } of run.inputs) writeFileSync(join(folder, "in", name), packed);
          const names = run.inputs.map(({ name }) => name);
          // An input that cannot be read at all is told of, and is for aggregate to fail on.
          const order = [...names].sort(() => randomOf(seed)() - 0.5);
          const first = await load(order.slice(1));
          const second = await load(order);
          fc.pre(first.failures.length + second.failures.length === 0);
          const sample = { folder, options, names, store };
          compared += await compare(sample);
          if (change === "none" || names.length < 2) return;
          const [name, other] = names as [string, string];
          if (change === "retract") {
            await retract(store, join(folder, "in", name));
            compared += await compare({ ...sample, names: names.slice(1) });
            expect((await load(names)).inputs[0]).toMatchObject({
              outcome: expect.stringMatching(/left_out|empty/),
              readings: 0,
            });
            await load(names, { again: true });
            compared += await compare(sample);
          } else {
            // The file says now what another one said, which is gone.
            writeFileSync(join(folder, "in", name), readFileSync(join(folder, "in", other)));
            await retract(store, join(folder, "in", other));
            rmSync(join(folder, "in", other));
            await load([name], { replace: true });
            await load([name], { again: true });
            compared += await compare({ ...sample, names: names.filter((one) => one !== other) });
          }
        });
      });
      // Damaged readings often leave nothing to compare.
      while (compared < 3) await fc.assert(same, { numRuns: 1 });
    },
  );

  // A store sums hours where these are the zone's, and keeps quarter hours where they are not, or were not once.
  test.each([
    ["Asia/Kolkata", "2024-03-01"],
    ["Asia/Kathmandu", "2024-03-01"],
    ["Australia/Lord_Howe", "2024-04-05"],
    ["America/Caracas", "2007-12-07"],
    ["America/Caracas", "2016-04-29"],
    ["Asia/Pyongyang", "2015-08-13"],
    ["Asia/Pyongyang", "2018-05-03"],
    ["America/Sao_Paulo", "2018-02-16"],
    ["Pacific/Apia", "2011-12-28"],
    ["Europe/Berlin", "2024-10-26"],
    ["UTC", "1969-12-30"],
  ])("by the quarter hour in %s, from %s on", (timezone, day) =>
    inFolder(async (folder) => {
      const from = Date.parse(`${day}T00:00:00Z`);
      const lines = Array.from({ length: 2 * 4 * 96 }, (_, n) => {
        const timestamp = new Date(from + (n >> 1) * 900_000).toISOString();
        return JSON.stringify({ timestamp, kWh_value: `${(n * n) % 997}e-3`, ...(n % 2 === 1 && { meter_id: "a" }) });
      });
      mkdirSync(join(folder, "in"));
      writeFileSync(join(folder, "in", "a.jsonl"), lines.join("\n"));
      const store = `duckdb:${join(folder, "store.duckdb")}`;
      await loadFiles([join("in", "a.jsonl")], { store }, { cwd: folder });
      const sample = { folder, names: ["a.jsonl"], store };
      const second = new Date(from + 86_400_000).toISOString().slice(0, 10);
      for (const options of [{}, { bySource: true, withCounts: true }, { bySource: true, from: second, to: second }])
        expect(await compare({ ...sample, options: { timezone, ...options } as Options })).toBe(1);
    }),
  );
});
