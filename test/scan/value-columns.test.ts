/** Several values a row, in tables and in JSON, against the oracle, and with and without what the kernel learns, cut anywhere. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { aggregate as oracle } from "../oracle/aggregate.js";
import type { Options } from "../oracle/options.js";
import { compareBoth } from "./both.mjs";
import { aggregate, SKIP, totalsOf } from "./errors-support.js";
import { againstOracle } from "./oracle.mjs";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 150);

const COLUMNS = ["HH00", "HH01", "HH02", "hh10", "H*", "kWh", "a.b"];
const names = fc.shuffledSubarray(["HH*", "H*", "*", "*0*", "kWh", "HH01", "a.b", "HH99", "*h*"], {
  minLength: 1,
  maxLength: 3,
});
const value = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -99, max: 999 }).map((n) => String(n / 100)) },
  { weight: 1, arbitrary: fc.constantFrom("", "x", "n/a", "1e3", "1e19") },
);
const row = fc.record({
  minute: fc.nat(59),
  late: fc.nat(30),
  id: fc.constantFrom("A", "A", "B", "", "x/y"),
  values: fc.array(value, { minLength: COLUMNS.length, maxLength: COLUMNS.length }),
  without: fc.array(fc.constantFrom(...COLUMNS), { maxLength: 1 }),
});

interface Dataset {
  readonly text: string;
  readonly options: Options;
}

const dataset: fc.Arbitrary<Dataset> = fc
  .record({
    names,
    columns: fc.shuffledSubarray(COLUMNS, { minLength: 1 }),
    withId: fc.boolean(),
    rows: fc.array(row, { minLength: 1, maxLength: 25 }),
    form: fc.constantFrom("csv", "csv", "lines", "wrapped", "nested"),
    missing: fc.constantFrom([], [""], ["n/a", ""]),
    zone: fc.boolean(),
  })
  .map(({ names, columns, withId, rows, form, missing, zone }) => {
    const options: Options = { bySource: true, valueField: names.length === 1 ? names[0]! : names };
    if (missing.length > 0) options.missing = missing;
    // On the day of a change all rows take the slow path, and their order tells.
    const day = zone ? "2024-10-27T02:" : "2024-10-26T02:";
    if (zone) options.timezone = "Europe/Berlin";
    const stamp = ({ minute, late }: (typeof rows)[0]) =>
      late === 0 ? "never" : `${day}${String(minute).padStart(2, "0")}${zone ? "" : "Z"}`;
    if (form === "csv") {
      const header = [...(withId ? ["meter_id"] : []), "timestamp", ...columns];
      const lines = rows.map((one) =>
        [...(withId ? [one.id] : []), stamp(one), ...columns.map((_, n) => one.values[n])].join(","),
      );
      return { text: [header.join(","), ...lines, ""].join("\n"), options };
    }
    const records = rows.map((one) => {
      const fields = columns
        .map((name, n) => [name, one.values[n]!] as const)
        .filter(([name]) => !one.without.includes(name))
        .map(
          ([name, text]) => (name === "a.b" ? ["a", { b: text || null }] : [name, text || null]) as [string, unknown],
        );
      return JSON.stringify({
        timestamp: stamp(one),
        ...(withId && { meter_id: one.id }),
        ...Object.fromEntries(fields),
      });
    });
    if (form === "lines") return { text: records.join("\n"), options };
    const half = Math.floor(records.length / 2);
    if (form === "wrapped") return { text: `{"readings":[${records.join(",")}],"meter_id":"W"}`, options };
    options.records = "/meters/*/readings";
    const inner = [records.slice(0, half), records.slice(half)].map(
      (some, n) => `{"readings":[${some.join(",")}]${n === 0 ? ',"meter_id":"I"' : ""}}`,
    );
    return { text: `{"meters":[${inner.join(",")}],"meter_id":"W"}`, options };
  });

test("each value is read as the oracle reads it", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(dataset, async ({ text, options }) => {
      if (await againstOracle(Buffer.from(text), options, oracle)) compared++;
    }),
    { numRuns: CASES },
  );
  expect(compared).toBeGreaterThan(CASES / 5);
});

test("values are read alike, wherever rows are cut, with the kernel and without it", () => {
  fc.assert(
    fc.property(dataset, fc.array(fc.nat(800), { maxLength: 8 }), fc.boolean(), ({ text, options }, places, late) => {
      const cuts = places.sort((a, b) => a - b);
      compareBoth(planOf(options).scan, [Buffer.from(text), Buffer.from(text)], { cuts, late });
    }),
    { numRuns: CASES },
  );
});

test("a table, then JSON with several values: each is read as it is", () => {
  const options: Options = { valueField: ["t1", "t2"], bySource: true };
  const table = "timestamp,t1,t2,\n2024-01-31T10:00Z,1,2,x\n2024-01-31T11:00Z,3,4,x\n";
  const record = (hour: number) => `{"timestamp":"2024-01-31T${hour}:00Z","t1":${hour},"t2":1}`;
  compareBoth(planOf(options).scan, [Buffer.from(table), Buffer.from([10, 11, 12, 13].map(record).join("\n"))]);
});

describe("what is wrong with a value", () => {
  const ROWS = "timestamp,HH00,HH01\n2024-01-31T01:00Z,1,x\n2024-01-31T02:00Z,n,2\nnever,1,2\n";
  const HOURS = ["--value-field", "HH*"];

  test("is said with its column, the row's others count, and a bad timestamp is one bad record", async () => {
    const seen = await aggregate("a.csv", ROWS, ...HOURS, ...SKIP);
    expect(seen.said.slice(0, 3).map((line) => line.replace(/; .*/, ""))).toEqual([
      'a.csv: record 1 (line 2): HH01 "x": not a number',
      'a.csv: record 2 (line 3): HH00 "n": not a number',
      'a.csv: record 3 (line 4): timestamp "never": not an ISO 8601 date and time',
    ]);
    expect(totalsOf(seen)).toMatchObject({ records: 3, readings: 2, rejected: 3, kWh: "3", sources: 2 });
  });

  test("is counted among the values", async () => {
    const seen = await aggregate("a.csv", ROWS, ...HOURS);
    expect(seen.said.at(-1)).toContain("error: 3 of 5 values are bad (1 bad_timestamp, 2 bad_value)");
  });

  test("may be the header: no column fits, or two have the same name", async () => {
    const said = async (header: string, ...args: string[]) =>
      (await aggregate("a.csv", `${header}\n2024-01-31T01:00Z,1,2\n`, ...args)).said[0];
    expect(await said("timestamp,HH00,HH01", "--value-field", "QH*")).toContain(
      "no QH* (found: timestamp, HH00, HH01)",
    );
    expect(await said("timestamp,HH00,HH00", ...HOURS)).toContain('the header names "HH00" more than once');
  });

  test("may be an id that would be repeated too often", async () => {
    const columns = Array.from({ length: 1100 }, (_, n) => `HH${n}`);
    const text = (id: string) =>
      `timestamp,meter_id,${columns.join()}\n2024-01-31T01:00Z,${id},${columns.map(() => "1").join()}\n`;
    expect(totalsOf(await aggregate("a.csv", text("x".repeat(900)), ...HOURS, ...SKIP))).toMatchObject({
      readings: 1100,
    });
    const seen = await aggregate("a.csv", text("x".repeat(1000)), ...HOURS, ...SKIP);
    expect(totalsOf(seen)).toMatchObject({ readings: 0, rejected: 1, rejectedByReason: { bad_source: 1 } });
    expect(seen.said[0]).toContain("too long for a row with 1100 values");
  });
});
