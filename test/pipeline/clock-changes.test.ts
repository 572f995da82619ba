// slow: not of the fast lane
/** Wall times that a clock change repeats, in files, in stores and however an input is cut: compared with the oracle. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exportFiles } from "../../dist/jobs/export.js";
import { aggregate } from "../../dist/jobs/library.js";
import { loadFiles } from "../../dist/jobs/load.js";
import { aggregate as foresee } from "../oracle/aggregate.js";
import { inFolder } from "../oracle/electro.js";
import { type AutumnFile, autumn } from "../oracle/generate-autumn.js";
import type { Options } from "../oracle/options.js";

/** `ELECTRO_CASES=5000` tries more of them. */
const CASES = Number(process.env["ELECTRO_CASES"] ?? 50);

const FORMS = ["csv", "ndjson", "array", "objects"] as const;

function textOf({ rows }: AutumnFile, form: (typeof FORMS)[number]): Buffer {
  if (form === "csv")
    return Buffer.from(
      `meter_id,timestamp,kWh_value\n${rows.map(({ timestamp, source, value }) => `${source},${timestamp},${value}\n`).join("")}`,
    );
  if (form === "objects") return Buffer.from(objects(rows).join(""));
  const records = rows.map(
    ({ timestamp, source, value }) =>
      `{"timestamp":"${timestamp}","kWh_value":${value || "null"},"meter_id":"${source}"}`,
  );
  return Buffer.from(form === "ndjson" ? records.join("\n") : `[${records.join(",")}]`);
}

/** The rows of each source in two objects that say whose they are at their ends. */
function objects(rows: AutumnFile["rows"]): string[] {
  return [...new Set(rows.map(({ source }) => source))].flatMap((source) => {
    const own = rows.filter((row) => row.source === source);
    const half = Math.floor(own.length / 2);
    return [own.slice(0, half), own.slice(half)].map((part) => {
      const records = part.map(({ timestamp, value }) => `{"timestamp":"${timestamp}","kWh_value":${value || "null"}}`);
      return `{"readings":[${records.join(",")}],"meter_id":"${source}"}\n`;
    });
  });
}

const run = fc.record({
  file: autumn,
  /** Where the rows are parted into two inputs, each of which tells by itself. */
  cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined, freq: 3 }),
  form: fc.constantFrom(...FORMS),
  bySource: fc.boolean(),
  utc: fc.boolean(),
  way: fc.constantFrom(undefined, undefined, undefined, "order" as const, "first" as const, "last" as const),
});

function optionsOf({ file, utc, bySource, way }: typeof run extends fc.Arbitrary<infer T> ? T : never): Options {
  return {
    timezone: utc ? "UTC" : file.zone,
    inputTimezone: file.zone,
    ...(bySource && { bySource }),
    withCounts: true,
    missing: [""],
    fileDate: "iso",
    stamps: file.ends ? "end" : "start",
    ...(way !== undefined && { repeatedHour: way }),
  };
}

describe("what a clock change repeats", () => {
  test("is told by the order of rows, as the oracle has it, in any zone, direction and disorder", async () => {
    let told = 0;
    let ambiguous = 0;
    await fc.assert(
      fc.asyncProperty(run, async (about) => {
        const { file, cut, form } = about;
        const options = optionsOf(about);
        const at = cut === undefined ? file.rows.length : Math.floor(cut * file.rows.length);
        const parts = cut === undefined ? [file.rows] : [file.rows.slice(0, at), file.rows.slice(at)];
        const inputs = parts.map((rows) => textOf({ ...file, rows }, form));
        const expected = foresee(inputs, options);
        if (expected.status !== "done") throw new Error(expected.why);
        const sum = await aggregate(inputs, options);
        const { totals } = expected;
        expect({
          readings: sum.readings,
          kWh: sum.kWh,
          repeated: sum.repeatedWallTimes,
          ambiguous: sum.ambiguousWallTimes,
          skipped: sum.skippedWallTimes,
        }).toEqual({
          readings: totals.readings,
          kWh: totals.kWh,
          repeated: totals.repeatedWallTimes,
          ambiguous: totals.ambiguousWallTimes,
          skipped: totals.skippedWallTimes,
        });
        expect(Object.fromEntries([...sum.csv()].map(({ name, text }) => [name, text]))).toEqual(
          Object.fromEntries(expected.files),
        );
        const warned = sum.warnings.filter(({ code }) => code === "repeated_wall_times").length;
        expect(warned).toBe(totals.ambiguousWallTimes > 0 ? 1 : 0);
        if (totals.ambiguousWallTimes > 0) ambiguous++;
        else if (totals.repeatedWallTimes > 0) told++;
      }),
      { numRuns: CASES },
    );
    // Both are common, or little was tried.
    expect(told).toBeGreaterThan(0);
    expect(ambiguous).toBeGreaterThan(0);
  });

  test("is kept in a store as the oracle has it", async () => {
    await fc.assert(
      fc.asyncProperty(run, async (about) => {
        const { file, form } = about;
        const options = { ...optionsOf(about), timezone: "UTC" };
        const { timezone, bySource, withCounts, fileDate, stamps, repeatedHour, inputTimezone, missing } = options;
        const input = textOf(file, form);
        const expected = foresee([input], options);
        if (expected.status !== "done") throw new Error(expected.why);
        // A batch without readings is none.
        fc.pre(expected.totals.readings > 0);
        await inFolder(async (folder) => {
          writeFileSync(join(folder, "in"), input);
          mkdirSync(join(folder, "out"));
          const store = `duckdb:${join(folder, "store.duckdb")}`;
          const context = { cwd: folder };
          await loadFiles(["in"], { store, ...defined({ stamps, repeatedHour, inputTimezone, missing }) }, context);
          await exportFiles(
            { store, output: "out", ...defined({ timezone, bySource, withCounts, fileDate }) },
            context,
          );
          const files = readdirSync(join(folder, "out")).filter((name) => name.endsWith(".csv"));
          expect(
            Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, "out", name), "utf8")])),
          ).toEqual(Object.fromEntries(expected.files));
        });
      }),
      { numRuns: 6 },
    );
  });
});

function defined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}
