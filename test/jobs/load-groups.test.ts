/** Small files come into a store in groups, and it is all the same: each is a batch of its own, as if it had come alone. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveInputs } from "../../dist/input/resolve.js";
import { Arrivals } from "../../dist/jobs/arrivals.js";
import { loadFiles } from "../../dist/jobs/load.js";
import type { LoadOptions } from "../../dist/jobs/options.js";
import { WriteQueue } from "../../dist/jobs/write-queue.js";
import type { RunEvent } from "../../dist/pipeline/event.js";
import { openStore } from "../../dist/store/open.js";
import type { Store } from "../../dist/store/store.js";
import { energyText } from "../../dist/tally/energy.js";
import { inFolder } from "../oracle/electro.js";
import { until } from "../wait.mjs";

const MAIN = new URL("../../dist/bin/electro.js", import.meta.url).pathname;

const reading = (hour: number, kWh: string, id = "m") =>
  `{"timestamp":"2024-01-${String(1 + Math.floor(hour / 24)).padStart(2, "0")}T${String(hour % 24).padStart(2, "0")}:00Z","kWh_value":${kWh},"meter_id":"${id}"}\n`;

async function withStore<T>(path: string, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(`duckdb:${path}`);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

const GOOD = 5;
const EMPTY = GOOD;
const BAD = GOOD + 1;
/** Contents 0 to 4 are worth 1, 10, 100 … kWh: so a total says how often each counts. */
const textOf = (content: number) =>
  content === EMPTY ? "" : content === BAD ? "oops\n" : reading(content, `1e${content}`);

type Mode = "plain" | "replace" | "again";

interface Kept {
  readonly content: number;
  readonly file: string;
  counts: boolean;
}

/** What loading files one after another comes to, as a list of batches that each file is looked up in. */
class Model {
  readonly batches: Kept[] = [];

  load(files: readonly (readonly [string, number])[], mode: Mode): string[] {
    /** Batches that are now another file's content. */
    const relied = new Set<Kept>();
    return files.map(([file, content]) => {
      const same = this.batches.find((batch) => batch.counts && batch.content === content);
      if (same?.file === file) return "there";
      const there = (batch: Kept) => {
        relied.add(batch);
        return "there";
      };
      const earlier = this.batches.filter((batch) => batch.counts && batch.file === file && batch.content !== content);
      const own = mode === "replace" ? earlier.filter((batch) => !relied.has(batch)) : earlier;
      if (own.length > 0 && mode === "plain") return "failed";
      if (own.length > 1 && mode === "replace") return "failed";
      const replaced = mode === "replace" ? own[0] : undefined;
      if (same !== undefined) {
        if (replaced !== undefined) replaced.counts = false;
        return there(same);
      }
      const wasIn = this.batches.some((batch) => batch.content === content);
      if (wasIn && mode !== "again" && earlier.length === 0) return "left_out";
      if (content === BAD) return "failed";
      if (content === EMPTY && replaced === undefined) return "empty";
      if (replaced !== undefined) replaced.counts = false;
      this.batches.push({ content, file, counts: true });
      return replaced === undefined ? "added" : "replaced";
    });
  }

  get total(): number {
    return this.batches.reduce((sum, { content, counts }) => sum + (counts && content < GOOD ? 10 ** content : 0), 0);
  }
}

const NAMES = Array.from({ length: 9 }, (_, n) => `f${n}.ndjson`);
const step = fc.record({
  files: fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.integer({ min: 0, max: BAD })), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: NAMES.length,
  }),
  mode: fc.constantFrom<Mode>("plain", "replace", "again"),
  /** Which of the batches that count is retracted after it, if any. */
  retract: fc.option(fc.nat({ max: 20 })),
});

describe("files that are loaded together", () => {
  test(
    "come to what they come to one after another, whatever they say and said",
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 4 }), (steps) =>
          inFolder(async (folder) => {
            const model = new Model();
            const together = `duckdb:${join(folder, "together.duckdb")}`;
            for (const { files, mode, retract } of steps) {
              for (const [name, content] of files) writeFileSync(join(folder, name), textOf(content));
              const names = files.map(([name]) => name);
              const options: LoadOptions = { store: together, ...(mode !== "plain" && { [mode]: true }) };
              const loaded = await loadFiles(names, options, { cwd: folder });
              const outcomes = loaded.inputs.map(({ outcome }) => outcome);
              expect({ files, mode, outcomes }).toEqual({ files, mode, outcomes: model.load(files, mode) });
              expect(loaded.failures).toHaveLength(outcomes.filter((outcome) => outcome === "failed").length);
              expect(energyText(loaded.state.energy)).toBe(String(model.total));
              const counting = model.batches.filter(({ counts }) => counts);
              const gone = retract === null ? undefined : counting[retract % counting.length];
              if (gone === undefined) continue;
              gone.counts = false;
              await withStore(join(folder, "together.duckdb"), async (store) => {
                const batches = await store.read((reader) => reader.batches({ limit: 100, state: "counts" }));
                await store.retract(batches.reverse()[retract! % counting.length]!.id);
              });
            }
            expect(await withStore(join(folder, "together.duckdb"), (store) => store.check())).toEqual([]);
          }),
        ),
        { numRuns: 4, endOnFailure: true },
      ),
    180_000,
  );

  test(
    "come to what one call of load for each comes to",
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 3 }), (steps) =>
          inFolder(async (folder) => {
            for (const { files, mode } of steps) {
              // With --replace, calls do not know of each other which batch is another file's content now.
              const option = mode === "again" ? { again: true } : {};
              for (const [name, content] of files) writeFileSync(join(folder, name), textOf(content));
              const names = files.map(([name]) => name);
              const load = (inputs: string[], store: string) =>
                loadFiles(inputs, { ...option, store: `duckdb:${join(folder, store)}` }, { cwd: folder });
              const together = await load(names, "together.duckdb");
              const alone = [];
              for (const name of names) alone.push(await load([name], "alone.duckdb"));
              expect(together.inputs.map(({ batch, ...rest }) => rest)).toEqual(
                alone.flatMap(({ inputs }) => inputs.map(({ batch, ...rest }) => rest)),
              );
              const messages = (failures: readonly Error[]) =>
                failures.map(({ message }) => message.replaceAll(/batch \S+ of [^,)]+/g, "batch"));
              expect(messages(together.failures)).toEqual(messages(alone.flatMap(({ failures }) => failures)));
              const { batches, readings, energy } = alone.at(-1)!.state;
              expect(together.state).toMatchObject({ batches, readings, energy });
            }
          }),
        ),
        { numRuns: 2, endOnFailure: true },
      ),
    180_000,
  );

  test("fail alone, and what is told of them comes in their order", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, "in"));
      // Two of these are more than a store takes.
      const huge = (id: string) => reading(1, "1e15", id).repeat(60_000);
      const texts: Record<number, string> = { 20: huge("x"), 40: "{", 60: huge("y"), 80: "oops\n" };
      const name = (n: number) => `in/${String(n).padStart(3, "0")}.ndjson`;
      for (let n = 0; n < 700; n++) writeFileSync(join(folder, name(n)), texts[n] ?? reading(n, "1", `m${n % 5}`));
      const events: RunEvent[] = [];
      const store = `duckdb:${join(folder, "s.duckdb")}`;
      const context = { cwd: folder, onEvent: (event: RunEvent) => events.push(event) };
      const { inputs, failures, state } = await loadFiles(["in"], { store }, context);
      expect(inputs.map((input) => input.name)).toEqual(Array.from({ length: 700 }, (_, n) => name(n)));
      const failed = inputs.filter(({ outcome }) => outcome === "failed").map((input) => input.name);
      expect(failed).toEqual([name(40), name(60), name(80)]);
      expect(inputs.filter(({ outcome }) => outcome === "added")).toHaveLength(697);
      expect(failures.map(({ code }) => code)).toEqual(["bad_records", "too_much_energy", "no_header"]);
      expect(state).toMatchObject({ batches: 697, readings: 60_000 + 696 });
      // How far it is grows to the end.
      const bytes = events.flatMap((event) => (event.kind === "progress" ? event.bytes : []));
      expect([...bytes].sort((a, b) => a - b)).toEqual(bytes);
      const sizes = Array.from({ length: 700 }, (_, n) => statSync(join(folder, name(n))).size);
      expect(bytes.at(-1)).toBe(sizes.reduce((sum, size) => sum + size, 0));
      const again = await loadFiles(["in"], { store }, { cwd: folder });
      expect(again.inputs.filter(({ outcome }) => outcome === "there")).toHaveLength(697);
      expect(again.state).toMatchObject({ batches: state.batches, readings: state.readings, energy: state.energy });
    }));
});

describe("thousands of small files", () => {
  const FILES = 800;
  const make = (folder: string) => {
    mkdirSync(join(folder, "in"));
    for (let n = 0; n < FILES; n++)
      writeFileSync(join(folder, "in", `${n}.ndjson`), reading(n % 500, `${n}`, `m${n % 13}`) + reading(n % 700, "1"));
  };
  const KWH = String((FILES * (FILES - 1)) / 2 + FILES);

  test(
    "share transactions, when they are new and when they have changed, and take none when they are known",
    () =>
      inFolder(async (folder) => {
        make(folder);
        const path = join(folder, "s.duckdb");
        // Each transaction that changes something is a version.
        const versionAfter = async (options: LoadOptions) => {
          const { failures } = await loadFiles(["in"], { ...options, store: `duckdb:${path}` }, { cwd: folder });
          expect(failures).toEqual([]);
          return withStore(path, (store) => store.read(async ({ version }) => version));
        };
        const first = await versionAfter({});
        expect(first).toBeLessThanOrEqual(FILES / 100);
        expect(await versionAfter({})).toBe(first);
        for (let n = 0; n < FILES; n++) {
          const file = join(folder, "in", `${n}.ndjson`);
          writeFileSync(file, readFileSync(file, "utf8") + reading(1, "2"));
        }
        const changed = await versionAfter({ replace: true });
        expect(changed - first).toBeLessThanOrEqual(FILES / 100);
        await withStore(path, async (store) => {
          expect(await store.state()).toMatchObject({ batches: FILES, readings: 3 * FILES });
          expect(await store.check()).toEqual([]);
        });
      }),
    120_000,
  );

  test("are looked up together", () =>
    inFolder(async (folder) => {
      make(folder);
      const path = join(folder, "s.duckdb");
      const { inputs } = await resolveInputs(["in"], { cwd: folder, exclude: [] });
      await withStore(path, async (store) => {
        let questions = 0;
        const counted = new Proxy(store, {
          get(target, name: keyof Store) {
            questions++;
            return (target[name] as (...args: unknown[]) => unknown).bind(target);
          },
        });
        let seen = 0;
        for await (const { known } of new Arrivals(
          inputs,
          counted,
          new WriteQueue(),
          (sha) => ({ sha, plainSha: undefined }),
          undefined,
        ).all()) {
          seen++;
          expect(known).toMatchObject({ counting: undefined, ofFile: [] });
        }
        expect(seen).toBe(FILES);
        expect(questions).toBeLessThanOrEqual(FILES / 100);
      });
    }));

  test.each([
    ["SIGINT", 130],
    ["SIGKILL", null],
  ] as const)("are whole batches or none after %s, and what is missing comes in later", (signal, status) =>
    inFolder(async (folder) => {
      make(folder);
      const path = join(folder, "s.duckdb");
      const args = [MAIN, "load", "in", `--store=duckdb:${path}`];
      const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
      const ended = Promise.all([once(child, "exit"), text(child.stderr!)]);
      // Something has been written.
      const size = () => statSync(`${path}.wal`, { throwIfNoEntry: false })?.size ?? 0;
      await until("something is written", () => child.exitCode !== null || size() >= 20_000);
      child.kill(signal);
      const [[code], stderr] = await ended;
      if (code !== 0) {
        expect(code).toBe(status);
        if (status !== null) expect(stderr).toContain(`stopped by ${signal}; what was not loaded yet is as it was\n`);
      }
      const before = await withStore(path, async (store) => {
        expect(await store.check()).toEqual([]);
        const { batches, readings } = await store.state();
        expect(readings).toBe(2 * batches);
        return batches;
      });
      const { inputs, state } = await loadFiles(["in"], { store: `duckdb:${path}` }, { cwd: folder });
      expect(inputs.filter(({ outcome }) => outcome === "there")).toHaveLength(before);
      expect(inputs.filter(({ outcome }) => outcome === "added")).toHaveLength(FILES - before);
      expect([state.batches, energyText(state.energy)]).toEqual([FILES, KWH]);
    }),
  );
});
