/** Rows of totals are left out, against the oracle: in any order, by any number of threads, from files, a store and the library. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AggregateOptions, aggregate as aggregateData } from "../../dist/index.js";
import { aggregateFiles } from "../../dist/jobs/aggregate.js";
import { exportFiles } from "../../dist/jobs/export.js";
import { loadFiles } from "../../dist/jobs/load.js";
import { totalRows } from "../../dist/quality/total-rows.js";
import { aggregate as oracle } from "../oracle/aggregate.js";
import { inFolder } from "../oracle/electro.js";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 60);
const HOUR = 3600;
const READ = { timestampField: "from", endField: ["to"], valueField: "kWh", sourceField: "meter" } as const;
const SKIP = { ...READ, totals: "skip" } as const;

interface Row {
  readonly from: number;
  readonly to: number;
  readonly kWh: string;
  readonly meter: string;
}

/** Seconds from a midnight on: many of few instants, so that intervals meet, overlap and fill each other. */
const instant = fc.oneof(
  { weight: 8, arbitrary: fc.nat(5).map((n) => n * HOUR) },
  { weight: 1, arbitrary: fc.nat(30).map((n) => n * 600 + 0.5) },
);
const row: fc.Arbitrary<Row> = fc
  .tuple(instant, instant, fc.stringMatching(/^-?[1-9]\d?\.\d{1,20}$/), fc.constantFrom("a", "a", "a", "a", "b", ""))
  .filter(([from, to]) => from !== to)
  .map(([one, other, kWh, meter]) => ({ from: Math.min(one, other), to: Math.max(one, other), kWh, meter }));

const MIDNIGHT = Date.UTC(2024, 0, 31);
const stamp = (second: number) => new Date(MIDNIGHT + second * 1000).toISOString();
const written = (rows: readonly Row[], note = "") =>
  `from,to,kWh,meter,note\n${rows.map(({ from, to, kWh, meter }) => `${stamp(from)},${stamp(to)},${kWh},${meter},${note}\n`).join("")}`;

test("what is left is the oracle's, whatever the order of the rows", async () => {
  let totals = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 4, maxLength: 16 }), fc.boolean(), async (rows, bySource) => {
      const options = { ...SKIP, bySource, withCounts: true };
      const expected = oracle([Buffer.from(written(rows))], options);
      if (expected.status !== "done") throw new Error(expected.why);
      for (const ordered of [rows, [...rows].reverse(), [...rows].sort((a, b) => a.to - b.to)]) {
        const found = await aggregateData(Buffer.from(written(ordered)), options as AggregateOptions);
        expect(Object.fromEntries([...found.csv()].map(({ name, text }) => [name, text]))).toEqual(
          Object.fromEntries(expected.files),
        );
        const { readings, leftOut, rounded, kWh } = expected.totals;
        expect(found).toMatchObject({ readings, leftOut, rounded, kWh });
      }
      totals += expected.totals.leftOut["total"] ?? 0;
    }),
    { numRuns: CASES },
  );
  expect(totals).toBeGreaterThan(CASES / 10);
});

/** The hours of some days, with totals of days, weeks and all of it. */
function nested(days: number, meter: string): Row[] {
  const hours = Array.from({ length: 24 * days }, (_, n) => ({
    from: n * HOUR,
    to: (n + 1) * HOUR,
    n: (n * 37) % 101,
  }));
  const sums = (step: number) =>
    Array.from({ length: Math.floor(hours.length / step) }, (_, k) => ({
      from: k * step * HOUR,
      to: (k + 1) * step * HOUR,
      n: hours.slice(k * step, (k + 1) * step).reduce((sum, { n }) => sum + n, 0),
    }));
  return [...sums(hours.length), ...hours, ...sums(24), ...(days > 7 ? sums(24 * 7) : [])].map(({ from, to, n }) => ({
    ...{ from, to, meter },
    kWh: `${n}e-2`,
  }));
}

const meters = ["a", "b", "c"].flatMap((meter) => nested(15, meter));
const hourly = meters.filter(({ from, to }) => to - from === HOUR);
const OF_ALL = { total: 3 * (15 + 2 + 1) };

function tablesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".csv"));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test("totals of totals are left out, and the sums are those of the hours alone, without a warning", async () => {
  const found = await aggregateData(Buffer.from(written(meters)), { ...SKIP, bySource: true });
  const alone = await aggregateData(Buffer.from(written(hourly)), { ...READ, bySource: true });
  expect([...found.csv()]).toEqual([...alone.csv()]);
  expect(found).toMatchObject({ leftOut: OF_ALL, readings: hourly.length, warnings: [] });
});

test.each([
  ["a gap", [0, 1, 2, 4, 0, 4]],
  ["an overlap", [0, 2, 1, 3, 0, 3]],
  ["one other alone", [0, 3, 0, 3, 0, 3]],
  ["another source", [0, 1, 1, 2]],
])("with %s it is no total", async (_, times) => {
  const rows = Array.from({ length: times.length / 2 }, (_, n) => ({
    ...{ from: times[2 * n]! * HOUR, to: times[2 * n + 1]! * HOUR },
    ...{ kWh: "1", meter: "a" },
  }));
  const others = times.length === 4 ? [{ from: 0, to: 2 * HOUR, kWh: "5", meter: "b" }] : [];
  const found = await aggregateData(Buffer.from(written([...rows, ...others])), SKIP);
  expect(found).toMatchObject({ leftOut: {}, readings: rows.length + others.length });
});

test("on the night when the clock is put back, the day of 25 hours is the total of its rows", async () => {
  const hours = ["00", "01", "02", "02", ...Array.from({ length: 21 }, (_, n) => String(n + 3).padStart(2, "0"))];
  const rows = hours.flatMap((hour, n) =>
    ["00", "30"].map((minute) => `2024-10-27T${hour}:${minute},00:30,${(n * 7) % 25}\n`),
  );
  const text = `timestamp,for,kWh_value\n2024-10-27T00:00,25:00,600\n${rows.join("")}`;
  const found = await aggregateData(Buffer.from(text), {
    ...{ durationField: "for", totals: "skip", timezone: "Europe/Berlin" },
  });
  expect(found).toMatchObject({ kWh: "600", readings: 50, leftOut: { total: 1 }, warnings: [] });
});

test("the sums are the same from several files by several threads, and from parts of a large one", () =>
  inFolder(async (folder) => {
    const context = { cwd: folder };
    // Long notes make few rows a large file.
    const note = "n".repeat(10_000);
    const mixed = meters.map((one, n) => [(n * 577) % meters.length, one] as const).sort(([a], [b]) => a - b);
    const rows = mixed.map(([, one]) => one);
    mkdirSync(join(folder, "in"));
    for (let n = 0; n < 3; n++)
      writeFileSync(
        join(folder, "in", `${n}.csv`),
        written(
          rows.filter((_, k) => k % 3 === n),
          note,
        ),
      );
    writeFileSync(join(folder, "large.csv"), written(rows, "n".repeat(34_000)));
    const options = { ...SKIP, bySource: true, withCounts: true };
    await aggregateFiles(["in"], { ...options, workers: 1, output: "one" }, context);
    const one = tablesIn(join(folder, "one"));
    for (const [name, input] of [
      ["many", "in"],
      ["parts", "large.csv"],
    ] as const) {
      const { manifest } = await aggregateFiles([input], { ...options, workers: 3, output: name }, context);
      expect(manifest.totals).toMatchObject({ leftOut: OF_ALL, readings: hourly.length });
      expect(manifest.warnings).toEqual([]);
      expect(tablesIn(join(folder, name)), name).toEqual(one);
    }
    writeFileSync(join(folder, "hours.csv"), written(hourly));
    await aggregateFiles(["hours.csv"], { ...READ, bySource: true, withCounts: true, output: "hours" }, context);
    expect(one).toEqual(tablesIn(join(folder, "hours")));
  }));

test("a store has the same sums, and says what it left out", () =>
  inFolder(async (folder) => {
    const context = { cwd: folder };
    const store = `duckdb:${join(folder, "s.duckdb")}`;
    writeFileSync(join(folder, "a.csv"), written(meters));
    const { inputs } = await loadFiles(["a.csv"], { ...SKIP, store }, context);
    expect(inputs).toMatchObject([{ outcome: "added", readings: hourly.length, leftOut: OF_ALL }]);
    await exportFiles({ bySource: true, store, output: "kept" }, context);
    await aggregateFiles(["a.csv"], { ...SKIP, bySource: true, output: "files" }, context);
    expect(tablesIn(join(folder, "kept"))).toEqual(tablesIn(join(folder, "files")));
    const again = await loadFiles(["a.csv"], { ...READ, store, again: true }, context);
    expect(again.inputs, "it is another reading of the file").toMatchObject([{ outcome: "added" }]);
  }));

test("without an interval there can be no totals: the message says which options tell it", async () => {
  const reading = aggregateData(Buffer.from("t,v\n"), { timestampField: "t", valueField: "v", totals: "skip" });
  await expect(reading).rejects.toThrow(/totals.*endField.*durationField.*interval/);
});

describe("intervals that overlap in very many ways", () => {
  const rows = (pairs: readonly (readonly [number, number])[]) => ({
    source: new Uint32Array(pairs.length),
    from: Float64Array.from(pairs, ([from]) => from),
    to: Float64Array.from(pairs, ([, to]) => to),
    fromNanos: new Uint32Array(pairs.length),
    toNanos: new Uint32Array(pairs.length),
  });
  const last = (steps: Generator<undefined, Uint8Array>) => {
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  };

  test("end in an error, and not in hours of work", () => {
    // All intervals of 700 instants, and none that reaches the ends that many more ask for.
    const pairs: [number, number][] = [];
    for (let from = 0; from < 700; from++) for (let to = from + 1; to < 700; to++) pairs.push([from, to]);
    for (let n = 0; n < 5000; n++) pairs.push([0, 1000 + n]);
    expect(() => last(totalRows(rows(pairs)))).toThrow(/overlap in too many ways/);
  });
});
