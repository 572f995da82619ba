// slow: not of the fast lane
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CsvOptions, csvOf } from "../../dist/output/csv.js";
import { summaryFiles } from "../../dist/output/files.js";
import { type Summary, summaryOf } from "../../dist/tally/summary.js";
import { hourLabel } from "../../dist/time/period.js";
import { zoneOf } from "../../dist/time/zone.js";
import { RESOLUTIONS } from "../oracle/options.js";
import { type Cell, fake, naiveEnergy, textOf, timesOf } from "./fake.js";

const KWH = 10n ** 18n;

function hourly(summary: Summary, options?: CsvOptions): string {
  return textOf(csvOf(summary, options).file(summary.series("hour")));
}

function daily(summary: Summary, options?: CsvOptions): string {
  return textOf(csvOf(summary, options).file(summary.series("day")));
}

/** All the ids as one day of one hour each writes them. */
function cells(ids: string[], options?: CsvOptions): string[] {
  const lines = daily(fake({ sources: ids }), options)
    .split("\n2024-01-01,")
    .slice(1);
  return lines.map((line) => line.replace(/,0\n?$/, ""));
}

describe("hourly and daily files", () => {
  it("have a header, a row for each hour or day, \\n line ends and a final one", () => {
    const summary = fake({ cell: (row) => (row === 13 ? [(3n * KWH) / 2n, 2] : [0n, 0]) });
    const lines = hourly(summary).split("\n");
    expect(lines).toHaveLength(26);
    expect(lines.slice(0, 2)).toEqual(["hourly_timestamp,aggregated_kWh_value", "2024-01-01T00:00:00Z,0"]);
    expect(lines.slice(14, 16)).toEqual(["2024-01-01T13:00:00Z,1.5", "2024-01-01T14:00:00Z,0"]);
    expect(lines.at(-1)).toBe("");
    expect(daily(summary)).toBe("daily_timestamp,aggregated_kWh_value\n2024-01-01,1.5\n");
  });

  it("by source have a row for each hour and source, in the order of the sources, with source_id between", () => {
    const summary = fake({ sources: ["", "a", "ä"], cell: (_, column) => [BigInt(column) * KWH, 1] });
    expect(hourly(summary).split("\n").slice(0, 5)).toEqual([
      "hourly_timestamp,source_id,aggregated_kWh_value",
      "2024-01-01T00:00:00Z,,0",
      "2024-01-01T00:00:00Z,a,1",
      "2024-01-01T00:00:00Z,ä,2",
      "2024-01-01T01:00:00Z,,0",
    ]);
    expect(daily(summary)).toBe(
      "daily_timestamp,source_id,aggregated_kWh_value\n2024-01-01,,0\n2024-01-01,a,24\n2024-01-01,ä,48\n",
    );
  });

  it("with counts have a last column that tells a measured zero from a filled one", () => {
    const summary = fake({ sources: ["m"], cell: (row) => [0n, row === 1 ? 3 : 0] });
    expect(hourly(summary, { withCounts: true }).split("\n").slice(0, 3)).toEqual([
      "hourly_timestamp,source_id,aggregated_kWh_value,reading_count",
      "2024-01-01T00:00:00Z,m,0,0",
      "2024-01-01T01:00:00Z,m,0,3",
    ]);
    expect(daily(summary, { withCounts: true })).toContain("\n2024-01-01,m,0,3\n");
  });

  it.each([0, 1, 9, 10, 999, 1000, 99_999, 100_000, 2 ** 31, 2 ** 32 + 1, 2 ** 53])("write the count %d", (count) => {
    const text = daily(fake({ cell: (row) => [0n, row === 0 ? count : 0] }), { withCounts: true });
    expect(text).toBe(`daily_timestamp,aggregated_kWh_value,reading_count\n2024-01-01,0,${count}\n`);
  });

  it("round what is written with decimals, half to even, and keep no trailing zeros", () => {
    const summary = fake({ cell: (row) => [row === 0 ? 28_999_999_999_999_998n : row === 1 ? KWH / 8n : 0n, 1] });
    expect(hourly(summary, { decimals: 2 }).split("\n").slice(1, 4)).toEqual([
      "2024-01-01T00:00:00Z,0.03",
      "2024-01-01T01:00:00Z,0.12",
      "2024-01-01T02:00:00Z,0",
    ]);
  });

  it("of an empty dataset are the header alone", () => {
    const nothing = fake({ from: "2024-01-02", to: "2024-01-01", rows: "15min" });
    expect(daily(nothing)).toBe("daily_timestamp,aggregated_kWh_value\n");
    expect(summaryFiles(nothing, { resolutions: RESOLUTIONS }).map(({ name, rows }) => [name, rows])).toEqual(
      ["daily", "weekly", "monthly", "yearly", "total"].map((name) => [`${name}_data.csv`, 0]),
    );
  });

  it("of a period without any source are headers alone", () => {
    const summary = fake({ sources: [] });
    expect(
      summaryFiles(summary, { resolutions: ["hour", "day"] }).map(({ rows, blocks }) => [rows, textOf(blocks())]),
    ).toEqual([
      [0, "hourly_timestamp,source_id,aggregated_kWh_value\n"],
      [0, "daily_timestamp,source_id,aggregated_kWh_value\n"],
    ]);
  });

  it("label hours of a zone with its offset, seconds too where it has them", () => {
    expect(hourly(fake({ zone: "Europe/London" })).split("\n")[1]).toBe("2024-01-01T00:00:00+00:00,0");
    expect(hourly(fake({ zone: "Europe/Amsterdam", from: "1930-01-01" })).split("\n")[1]).toMatch(
      /^1930-01-01T00:00:00\+00:\d\d(:\d\d)?,0$/,
    );
  });
});

describe("source ids", () => {
  it("are quoted only where they hold a comma, a quote or a line end", () => {
    expect(cells(["a,b", 'a"b', "a\nb", "a\rb", "a b", "a;b", "a'b", "\u2028", " a "])).toEqual([
      '"a,b"',
      '"a""b"',
      '"a\nb"',
      '"a\rb"',
      "a b",
      "a;b",
      "a'b",
      "\u2028",
      " a ",
    ]);
  });

  it("that a spreadsheet would run get a ' before them, and so do those that begin with one", () => {
    expect(cells(["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'x", "x=", '=a,"b"'])).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@x",
      "'\tx",
      '"\'\rx"',
      "''x",
      "x=",
      '"\'=a,""b"""',
    ]);
  });

  it("are as they are with rawIds", () => {
    expect(cells(["=1+1", "-1", "'x", "=a,b"], { rawIds: true })).toEqual(["=1+1", "-1", "'x", '"=a,b"']);
  });

  it("may be longer than any block", () => {
    const ids = ["a".repeat(1 << 20), "b", "ü".repeat(300_000)];
    expect(cells(ids)).toEqual(ids);
  });
});

const zones = fc.constantFrom(
  "UTC",
  "Europe/Paris",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "+05:37",
);
const starts = fc.constantFrom(
  "2024-02-28",
  "2024-03-30",
  "2024-10-26",
  "2006-10-28",
  "2011-12-29",
  "2017-04-01",
  "1969-12-30",
);
const id = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(..."=+-@\t\r'\",\nab"), maxLength: 5 }),
);
const energy = fc.oneof(
  fc.constant(0n),
  fc.bigInt({ min: -(10n ** 8n), max: 10n ** 8n }).map((milli) => milli * 10n ** 15n),
  fc.bigInt({ min: -(2n ** 120n), max: 2n ** 120n }),
);
const cell = fc.tuple(energy, fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 2 ** 40 })));
const options = fc.record(
  { withCounts: fc.boolean(), decimals: fc.integer({ min: 0, max: 18 }), rawIds: fc.boolean() },
  { requiredKeys: [] },
);

function naive(
  summary: Summary,
  labels: string[],
  name: string,
  sums: (row: number, column: number) => Cell,
  chosen: CsvOptions,
): string {
  const quoted = (text: string) => (/[,"\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const guarded = (text: string) => (!chosen.rawIds && /^[=+\-@\t\r']/.test(text) ? `'${text}` : text);
  const { sources } = summary;
  const header = [
    name,
    ...(sources ? ["source_id"] : []),
    "aggregated_kWh_value",
    ...(chosen.withCounts ? ["reading_count"] : []),
  ];
  const lines = labels.flatMap((label, row) =>
    (sources ?? [""]).map((source, column) => {
      const [value, count] = sums(row, column);
      const row_ = [label, ...(sources ? [quoted(guarded(source))] : []), naiveEnergy(value, chosen.decimals)];
      return [...row_, ...(chosen.withCounts ? [String(count)] : [])].join(",");
    }),
  );
  return `${[header.join(","), ...lines].join("\n")}\n`;
}

it("every file is what strings and BigInt make of it", () => {
  fc.assert(
    fc.property(
      zones,
      starts,
      fc.option(fc.uniqueArray(id, { minLength: 1, maxLength: 4 }), { nil: undefined }),
      fc.array(cell, { minLength: 1, maxLength: 40 }),
      options,
      (zone, from, sources, pool, chosen) => {
        const cellAt = (row: number, column: number) => pool[(7 * row + column) % pool.length];
        const to = new Date(Date.parse(from) + 3 * 86_400_000).toISOString().slice(0, 10);
        const of = { zone, from, to, ...(sources ? { sources } : {}), cell: cellAt };
        const summary = fake(of);
        const hours = timesOf(of);
        const dates = Array.from(new Set(hours.day), (day) =>
          new Date(day * 86_400_000).toISOString().slice(0, 10),
        ).sort();
        const rowsOf = (date: string) =>
          [...hours.day.keys()].filter((row) => hours.day[row] === Date.parse(date) / 86_400_000);

        const files = new Map(
          summaryFiles(summary, { ...chosen, resolutions: ["hour", "day"], fileDate: "iso" }).map((file) => [
            file.name,
            file,
          ]),
        );
        expect(files.size).toBe(dates.length + 1);
        for (const date of dates) {
          const rows = rowsOf(date);
          const labels = rows.map((row) => hourLabel(summary.zone, hours.start[row], hours.offset[row]));
          const file = files.get(`hourly_data_${date}.csv`)!;
          const expected = naive(summary, labels, "hourly_timestamp", (at, column) => cellAt(rows[at], column), chosen);
          expect(textOf(file.blocks())).toBe(expected);
          expect(file.rows).toBe(rows.length * summary.columns);
        }
        const sum = (at: number, column: number): Cell =>
          rowsOf(dates[at])
            .map((row) => cellAt(row, column))
            .reduce(([e, n], [value, count]) => [e + value, n + count]);
        const file = files.get("daily_data.csv")!;
        expect(textOf(file.blocks())).toBe(naive(summary, dates, "daily_timestamp", sum, chosen));
        expect(file.rows).toBe(dates.length * summary.columns);
      },
    ),
    { numRuns: 150 },
  );
});

it("a row that has to be read first gives nothing for a while, and is then written once", () => {
  const times = timesOf({ to: "2024-01-02" });
  const read: number[][] = [];
  const rows = {
    cells: 0,
    sum: (some: Uint32Array) => expect(read.at(-1)).toEqual([...some]),
    *prepare(some: Uint32Array) {
      yield;
      yield;
      read.push([...some]);
    },
  };
  const period = { first: 19_723, last: 19_724 };
  const summary = summaryOf(zoneOf("UTC"), period, times, undefined, rows);
  const blocks = Array.from(csvOf(summary).file(summary.series("week")), (block) => block.length);
  expect(blocks).toEqual([0, 0, "weekly_timestamp,aggregated_kWh_value\n2024-01-01,0\n".length]);
  expect(read).toEqual([[...times.start.keys()]]);
});

it("many sources fill many blocks, each row whole", () => {
  const sources = Array.from({ length: 20_000 }, (_, i) => `meter-${String(i).padStart(6, "0")}`);
  const summary = fake({ sources, cell: (row, column) => [BigInt(row * column) * 10n ** 15n, row] });
  const blocks = Array.from(csvOf(summary, { withCounts: true }).file(summary.series("hour")), (block) =>
    block.slice(),
  );
  expect(blocks.length).toBeGreaterThan(10);
  expect(blocks.every((block) => block.at(-1) === 10)).toBe(true);
  const labels = Array.from({ length: 24 }, (_, hour) => `2024-01-01T${String(hour).padStart(2, "0")}:00:00Z`);
  const expected = naive(
    summary,
    labels,
    "hourly_timestamp",
    (row, column) => [BigInt(row * column) * 10n ** 15n, row],
    {
      withCounts: true,
    },
  );
  expect(textOf(blocks) === expected).toBe(true);

  // A longer row is written in pieces of fewer columns than fit into a block.
  const total = Array.from(csvOf(summary).file(summary.series("total")), (block) => block.slice());
  const sum = (_: number, column: number): Cell => [BigInt(276 * column) * 10n ** 15n, 276];
  expect(textOf(total) === naive(summary, ["2024-01-01/2024-01-01"], "total_timestamp", sum, {})).toBe(true);
  expect(total.every((block) => block.at(-1) === 10)).toBe(true);
});
