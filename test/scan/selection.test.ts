/** Which records count, in which unit, and whose they are, against the oracle, and with and without what the kernel learns. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { aggregate as oracle } from "../oracle/aggregate.js";
import { electro } from "../oracle/electro.js";
import type { Options } from "../oracle/options.js";
import { compareBoth } from "./both.mjs";
import { aggregate, inFolder, put, SKIP, totalsOf } from "./errors-support.js";
import { againstOracle } from "./oracle.mjs";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 150);

const field = <T extends string>(...texts: T[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...texts.slice(0, 2)) },
    { weight: 1, arbitrary: fc.constantFrom(...texts) },
  );
const grouped = fc.constantFrom(
  ...["1234", "1.234", "1,234", "12,345.5", "1.234.567,25", "1'000", "1 000.5", "-1,000", "0,500", "1,23,456"],
  ...["1234,567", ",500", "1,000e2", "x", "1\u00a0000", "1,,000", "1,000,"],
);
const row = fc.record({
  hour: fc.nat(23),
  kind: field("power", "gas", "", "Power"),
  unit: field("kWh", "Wh", "kwh", "MWH", "gWh", "kVArh", " kWh ", "", "W"),
  site: field("s1", "s2", "", "s/1"),
  meter: field("m1", "m2", "", "7"),
  plain: fc.integer({ min: 0, max: 99_999 }).map(String),
  odd: fc.option(grouped, { nil: undefined, freq: 2 }),
  without: fc.option(fc.constantFrom("kind", "unit", "site", "meter"), { nil: undefined, freq: 6 }),
});

interface Dataset {
  readonly text: string;
  readonly options: Options;
}

const dataset: fc.Arbitrary<Dataset> = fc
  .record({
    rows: fc.array(row, { minLength: 1, maxLength: 30 }),
    only: fc.subarray(["kind=power", "kind=gas", "site=s1", "timestamp=2024-01-31T01:00Z"], { maxLength: 3 }),
    unitField: fc.boolean(),
    parts: fc.constantFrom(undefined, ["site", "meter"], ["meter", "site", "kind"], "site"),
    thousands: fc.constantFrom(undefined, ",", "'", " ", "\u00a0", "."),
    form: fc.constantFrom("csv", "lines", "wrapped"),
    quotes: fc.boolean(),
  })
  .map(({ rows, only, unitField, parts, thousands, form, quotes }) => {
    const options: Options = { bySource: true };
    if (only.length > 0) options.only = only;
    if (unitField) options.unitField = "unit";
    if (parts !== undefined) options.sourceField = parts;
    if (thousands !== undefined) options.thousands = thousands as ",";
    if (thousands === ".") options.decimalComma = true;
    const records = rows.map(({ hour, plain, odd, without, ...rest }) => {
      const fields: Record<string, string> = {
        timestamp: `2024-01-31T${String(hour).padStart(2, "0")}:00Z`,
        kWh_value: odd ?? plain,
        ...rest,
      };
      if (without !== undefined) delete fields[without];
      return fields;
    });
    if (form === "csv") {
      const names = ["kind", "timestamp", "unit", "kWh_value", "site", "meter"];
      const cell = (text = "") => (quotes || text.includes(";") ? `"${text}"` : text);
      const lines = records.map((one) => names.map((name) => cell(one[name])).join(";"));
      return { text: [names.join(";"), ...lines, ""].join("\n"), options };
    }
    const lines = records.map((one) => JSON.stringify(one));
    return { text: form === "lines" ? lines.join("\n") : `{"a":[${lines.join(",")}],"meter":"W"}`, options };
  });

test("records are selected, and read, as the oracle does it", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(dataset, async ({ text, options }) => {
      if (await againstOracle(Buffer.from(text), options, oracle)) compared++;
    }),
    { numRuns: 2 * CASES },
  );
  expect(compared).toBeGreaterThan(CASES / 4);
});

test("records are selected alike, wherever they are cut, with the kernel and without it", () => {
  fc.assert(
    fc.property(dataset, fc.array(fc.nat(900), { maxLength: 8 }), fc.boolean(), ({ text, options }, places, late) => {
      const cuts = places.sort((a, b) => a - b);
      compareBoth(planOf(options).scan, [Buffer.from(text), Buffer.from(text)], { cuts, late });
    }),
    { numRuns: CASES },
  );
});

const TABLE = `timestamp;kWh_value;kind;unit
2024-01-31T01:00Z;1;power;kWh
2024-01-31T02:00Z;2000;power;Wh
2024-01-31T03:00Z;4;gas;kWh
2024-01-31T04:00Z;8;power;kVArh
2024-01-31T05:00Z;16;power;
`;

describe("what does not count", () => {
  test("is counted by why, and told at the end", async () => {
    const seen = await aggregate("a.csv", TABLE, "--only", "kind=power", "--unit-field", "unit", ...SKIP);
    expect(totalsOf(seen)).toMatchObject({
      ...{ records: 5, readings: 2, kWh: "3", rejectedByReason: { missing_unit: 1 } },
      leftOut: { only: 1, "unit kVArh": 1 },
    });
    expect(seen.said.at(-2)).toContain("1 not asked for · 1 of unit kVArh");
  });

  test("is told by -v of each command", () =>
    inFolder(async (folder) => {
      put(folder, "a.csv", TABLE);
      const { stderr } = await electro(["quality", "a.csv", "--only", "kind=gas", "-v"], folder);
      expect(stderr).toContain("debug: no readings by the options: 4 not asked for");
    }));

  test("is not said to be of a field that no record has", async () => {
    const said = async (name: string, text: string) =>
      (await aggregate(name, text, "--only", "sort=power", ...SKIP)).said[0];
    expect(await said("a.csv", TABLE)).toContain(
      "no sort (found: timestamp, kWh_value, kind, unit); is the name in --only right?",
    );
    expect(await said("a.ndjson", '{"timestamp":"2024-01-31T01:00Z","kWh_value":1}\n'.repeat(3))).toBe(
      `error: a.ndjson: no record has "sort", which --only 'sort=power' is about`,
    );
    const half = '{"timestamp":"2024-01-31T01:00Z","kWh_value":1}\n{"sort":"gas","kWh_value":1}\n';
    expect(await said("a.ndjson", half)).toContain("there are no readings");
  });

  test("contradictions end the run", async () => {
    const status = async (...args: string[]) => (await aggregate("a.csv", TABLE, ...args)).status;
    expect(await status("--unit", "kWh", "--unit-field", "unit")).toBe(2);
    expect(await status("--thousands", ".")).toBe(2);
    expect(await status("--thousands", ",", "--decimal-comma")).toBe(2);
    expect(await status("--only", "kind")).toBe(2);
    expect(await status(...Array.from({ length: 31 }, (_, n) => `--missing=${n}`))).toBe(2);
  });
});
