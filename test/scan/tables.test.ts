/** Tables of every make against the oracle, and with and without what the kernel learns, cut anywhere. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate as aggregateData } from "../../dist/index.js";
import { planOf } from "../../dist/jobs/plan.js";
import { aggregate as oracle } from "../oracle/aggregate.js";
import type { Options } from "../oracle/options.js";
import { compareBoth } from "./both.mjs";
import { aggregate, SKIP, totalsOf } from "./errors-support.js";
import { againstOracle } from "./oracle.mjs";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 150);

interface Table {
  readonly text: string;
  readonly options: Options;
}

const separators = fc.constantFrom(",", ";", "\t", "|");
const above = fc.array(
  fc.constantFrom(
    "Export of 2024",
    "Account;17",
    "a,b,c",
    "",
    "   ",
    ";;",
    '"x, y"',
    "sep=;",
    "timestamp",
    "kWh_value",
  ),
  { maxLength: 6 },
);
/** A cell as programs write it: plain, with blanks around it, in quotes, as a spreadsheet's text. */
const cell = (...texts: string[]) =>
  fc
    .record({ text: fc.constantFrom(...texts), form: fc.nat(25) })
    .map(
      ({ text, form }) =>
        [` ${text}`, `${text}  `, `"${text}"`, `="${text}"`, `"=""${text}"""`, ` ="${text}" `, `" ${text}"`][form] ??
        text,
    );
const ids = cell("m1", "m2", "4711", "", "a b");
const values = cell("1", "2.5", "-0.25", "1e2", "x", "");
/** Mostly of one form, since the kernel learns a layout only from a row like it. */
const stamps = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("2024-01-31T13:00:00Z", "2024-01-31T14:15:00Z") },
  { weight: 1, arbitrary: cell("2024-01-31 14:15Z", "20240131T1330Z", "2024-01-31", "") },
);
const rest = fc.constantFrom("", "", "", "", "", "", "", "", "", ",", ",,", ', ,""', ",x", ",,0");

const table: fc.Arbitrary<Table> = fc
  .record({
    separator: separators,
    above,
    columns: fc
      .shuffledSubarray(["timestamp", "kWh_value", "meter_id", "note"], { minLength: 2 })
      .filter((names) => names.includes("timestamp")),
    rows: fc.array(
      fc.record({ timestamp: stamps, kWh_value: values, meter_id: ids, note: ids, rest, empty: fc.nat(19) }),
      {
        maxLength: 25,
      },
    ),
    again: fc.nat(20),
    naming: fc.constantFrom("names", "numbers", "none", "both"),
    lineEnd: fc.constantFrom("\n", "\r\n"),
  })
  .map(({ separator, above, columns, rows, again, naming, lineEnd }) => {
    const header = columns.join(separator);
    const lines = rows.map((row) => {
      const cells = columns.map((name) => (row.empty === 0 ? "" : row[name as "note"]));
      return cells.join(separator) + row.rest.replaceAll(",", separator);
    });
    const second = again === 0 ? [header] : [];
    const numbered = (name: string) => `#${columns.indexOf(name) + 1}`;
    const options: Options = { bySource: true };
    if (naming !== "names") options.timestampField = numbered("timestamp");
    if ((naming === "numbers" || naming === "none") && columns.includes("kWh_value"))
      options.valueField = numbered("kWh_value");
    if (naming === "none" && options.valueField !== undefined) {
      options.header = "none";
      if (columns.includes("meter_id")) options.sourceField = numbered("meter_id");
      return { text: [...above, ...lines].join(lineEnd), options };
    }
    return { text: [...above, header, ...lines, ...second].join(lineEnd), options };
  });

test("tables are read as the oracle reads them", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(table, async ({ text, options }) => {
      if (await againstOracle(Buffer.from(text), options, oracle)) compared++;
    }),
    { numRuns: CASES },
  );
  expect(compared).toBeGreaterThan(CASES / 10);
});

test("tables are read alike, wherever they are cut, with the kernel and without it", () => {
  fc.assert(
    fc.property(table, fc.array(fc.nat(400), { maxLength: 8 }), fc.boolean(), ({ text, options }, places, late) => {
      const bytes = Buffer.from(text);
      const cuts = places.sort((a, b) => a - b);
      compareBoth(
        planOf(options).scan,
        [bytes, Buffer.concat([bytes, Buffer.from(`\n${text.split(/\r?\n/).at(-1)}`)])],
        {
          cuts,
          late,
        },
      );
    }),
    { numRuns: CASES },
  );
});

const HEADER = "timestamp;kWh_value;meter_id";
const ROW = "2024-01-31T13:00:00Z;1.5;a";

test("once rows without blanks are learnt, blanks around an id still do not count", () => {
  const rows = ["a", "a", "a", " a", "a ", "\ta", "a\t", "b", " b", "a b", "a"].map(
    (id) => `2024-01-31T13:00:00Z,1,${id}\n`,
  );
  const { fast } = compareBoth(planOf({ bySource: true }).scan, [
    Buffer.from(`timestamp,kWh_value,meter_id\n${rows.join("")}`),
  ]);
  // The unnamed one, "a", "b" and "a b".
  expect(fast.kernel.exports.sourceCount()).toBe(4);
});

test("a table without a header says what its first lines are, by the row that is most like a header", async () => {
  const seen = await aggregate("a.csv", `Stadtwerke;Export\n\nZeit;kWh;Zähler\n${ROW}\n`);
  expect(seen.said).toEqual([
    'error: a.csv: line 3, byte 20: neither JSON nor CSV with a header row: line 3 is "Zeit;kWh;Zähler": no timestamp (found: Zeit, kWh, Zähler); ' +
      "to read it, say --timestamp-field Zeit --value-field kWh --source-field 'Zähler'. The first lines, as cells: line 1: Stadtwerke | Export; " +
      "line 3: Zeit | kWh | Zähler; line 4: 2024-01-31T13:00:00Z | 1.5 | a",
  ]);
});

test.each([
  ["a header", "\ttimestamp\tkWh_value\n1\t2024-01-31T10:00Z\t1.5\n", {}],
  ["a first row", " \t2024-01-31T10:00Z\t1.5\n", { header: "none", timestampField: "#2", valueField: "#3" }],
] as const)("%s may begin with a blank cell, also after empty lines", async (_, table, options) => {
  for (const before of ["", "\n\r\n", "\ufeff", " \n"])
    expect((await aggregateData(Buffer.from(before + table), options)).kWh).toBe("1.5");
});

test("the header is looked for in the first 50 rows with any text, and in no other", async () => {
  const at = (line: number) =>
    aggregate("a.csv", `${"\n;;\n".repeat(9)}${"x\n".repeat(line - 1)}${HEADER}\n${ROW}\n`, ...SKIP);
  expect(totalsOf(await at(50))).toMatchObject({ records: 1, kWh: "1.5" });
  expect((await at(51)).said[0]).toContain('neither JSON nor CSV with a header row: line 19 is "x"');
});

test("the run says which line the header is", async () => {
  const seen = await aggregate("a.csv", `Export\n\n${HEADER}\n${ROW}\n`, "-v");
  expect(seen.said).toContain("debug: a.csv: 1 records, 1 of them read one by one; the header is line 3");
  expect(JSON.parse(seen.files.get("manifest.json") ?? "").inputs[0]).toMatchObject({ headerLine: 3, records: 1 });
});

test("a second header further down is an error only among the first rows", async () => {
  const rows = (count: number) => `${HEADER}\n${`${ROW}\n`.repeat(count)}${HEADER}\n`;
  expect((await aggregate("a.csv", rows(48))).said).toEqual([
    `error: a.csv: line 50, byte ${rows(48).length - HEADER.length}: lines 1 and 50 both have the needed fields, so either may be the header; remove one of them`,
  ]);
  expect(totalsOf(await aggregate("a.csv", rows(49), ...SKIP))).toMatchObject({ readings: 49, rejected: 1 });
});

describe("fields by number", () => {
  const NUMBERS = ["--timestamp-field", "#1", "--value-field", "#2"];

  test("the header is the row before the first with a timestamp", async () => {
    const seen = await aggregate("a.csv", `Export\n\nwhen;much;who\n${ROW}\nx;1;a\n`, ...NUMBERS, ...SKIP, "-v");
    expect(totalsOf(seen)).toMatchObject({ records: 2, rejected: 1, kWh: "1.5" });
    expect(seen.said).toContain("debug: a.csv: 2 records, 2 of them read one by one; the header is line 3");
  });

  test("without a header all rows are records, and a source is a number, too", async () => {
    const rows = `x;1;a\n${ROW}\n${ROW}\n`;
    const seen = await aggregate("a.csv", rows, ...NUMBERS, "--header", "none", "--source-field", "#3", ...SKIP);
    expect(totalsOf(seen)).toMatchObject({ records: 3, rejected: 1, kWh: "3", sources: 1 });
    expect(seen.said[0]).toBe(
      'a.csv: record 1 (line 1): #1 "x": not an ISO 8601 date and time; it looks like 2024-01-31T13:00:00Z',
    );
  });

  test("what does not fit is said", async () => {
    const said = async (content: string, ...args: string[]) =>
      (await aggregate("a.csv", content, ...NUMBERS, ...args)).said.map((line) => line.replace(/^error: /, ""));
    expect(await said(`${ROW}\n`)).toEqual([
      "a.csv: line 1, byte 1: line 1 is a reading already, and no header is before it; if there is none, say --header none",
    ]);
    expect(await said("a;b\n31.01.2024;1\n")).toEqual([
      "a.csv: line 1, byte 1: neither JSON nor CSV with readings: none of the first rows has a timestamp in column #1. The first lines, as cells: line 1: a | b; line 2: 31.01.2024 | 1",
    ]);
    expect(await said(`Export\n${ROW}\n`)).toEqual([
      'a.csv: line 1, byte 1: neither JSON nor CSV with a header row: the first line is "Export", which has one column; columns are separated by commas, semicolons, tabs or vertical bars',
    ]);
    expect(await said(`${ROW}\n`, "--header", "none", "--source-field", "meter")).toEqual([
      "--header none: the columns have no names, so say which one it is by its number: --source-field '#1' is the first",
    ]);
  });
});
