// slow: not of the fast lane
/** What grows with the data: the table of sources, the ids kept, the table of pages. Compared with a Map. */
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import type { ScanPlan } from "../../dist/scan/plan.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { Both, cellsOf, scanInput } from "./both.mjs";

const HOUR = 3600;
const START = Date.parse("2024-01-01T00:00:00Z") / 1000;

interface Counted {
  readonly id: string;
  /** Hours after START. */
  readonly hour: number;
  /** Thousandths of a kWh. */
  readonly value: number;
}

const line = ({ id, hour, value }: Counted) => {
  const time = new Date((START + hour * HOUR) * 1000).toISOString().slice(0, 19);
  return `{"timestamp":"${time}Z","kWh_value":${(value / 1000).toFixed(3)},"meter_id":${JSON.stringify(id)}}\n`;
};

/** What a part has to hold, as `cellsOf` writes it. */
function expected(readings: readonly Counted[], bySource: boolean): string[] {
  const cells = new Map<string, { energy: bigint; count: bigint }>();
  for (const { id, hour, value } of readings) {
    const key = `cell ${bySource ? text(id) : '""'} plane 0 slot ${START / HOUR + hour}`;
    const cell = cells.get(key) ?? { energy: 0n, count: 0n };
    cells.set(key, { energy: cell.energy + BigInt(value) * 10n ** 15n, count: cell.count + 1n });
  }
  const hours = readings.map(({ hour }) => START + hour * HOUR);
  const first = hours.reduce((a, b) => Math.min(a, b));
  const last = hours.reduce((a, b) => Math.max(a, b));
  return [
    ...[...cells].map(([key, { energy, count }]) => `${key}: ${energy} (${count})`),
    ...[...new Set(readings.map(({ id }) => id))].map((id) => `source ${text(id)}`),
    `instants ${first} ${last}`,
    "walls Infinity -Infinity",
  ].sort();
}

/** An id's bytes, as `cellsOf` shows them. */
const text = (id: string) => JSON.stringify(Buffer.from(id).toString("latin1"));

function scanned(plan: ScanPlan, readings: readonly Counted[]): { cells: string[]; taken: number } {
  const scanner = new Scanner(plan);
  const { records, slow, bad } = scanInput(scanner, Buffer.from(readings.map(line).join("")));
  expect(bad).toEqual([]);
  return { cells: cellsOf(scanner.kernel.part()), taken: records - slow };
}

const bySource = planOf({ bySource: true }).scan;
const inAll = planOf({}).scan;

describe("sources", () => {
  // The table begins with 1024 places for at most 512 ids, and doubles.
  test.each([1, 511, 512, 513, 1023, 1024, 1025, 5000])(
    "are counted if there are %i with two readings each",
    (count) => {
      const once = Array.from({ length: count }, (_, n) => ({ id: `meter-${n * 7919}`, hour: n % 30, value: n }));
      const readings = [...once, ...once.map((reading) => ({ ...reading, hour: reading.hour + 1 }))];
      const { cells, taken } = scanned(bySource, readings);
      expect(cells).toEqual(expected(readings, true));
      expect(taken).toBeGreaterThan(readings.length - 5);
    },
  );

  test("may be more than 100,000, with layouts and without", () => {
    const readings = Array.from({ length: 130_000 }, (_, n) => ({ id: String(n), hour: n % 3, value: n }));
    const both = new Both(inAll);
    for (let at = 0; at < readings.length; at += 20_000)
      both.scan(
        Buffer.from(
          readings
            .slice(at, at + 20_000)
            .map(line)
            .join(""),
        ),
      );
    both.compare();
    const part = both.fast.kernel.part();
    expect(part.idEnds.length).toBe(130_001);
    expect(part.seen.reduce((sum, one) => sum + one)).toBe(130_000);
    expect(cellsOf(part)).toEqual(expected(readings, false));
  });

  test("may have ids of any length around that of a word, a vector and the scratch area", () => {
    const lengths = [...Array(70).keys(), 255, 256, 1000, 65_535, 65_536, 65_537, 70_000].filter(
      (length) => length > 0,
    );
    const ids = lengths.flatMap((length) => [
      "x".repeat(length),
      `${"x".repeat(length - 1)}y`,
      `y${"x".repeat(length - 1)}`,
      `${"x".repeat(length)}é`,
    ]);
    const once = ids.map((id, n) => ({ id, hour: n % 5, value: 1 + n }));
    const readings = [...once, ...once, ...once.toReversed()];
    expect(scanned(bySource, readings).cells).toEqual(expected(readings, true));
    const both = new Both(bySource);
    both.scan(Buffer.from(readings.map(line).join("")));
    both.compare();
  });

  test("are the same one whether a string or an integer, in either field, in JSON or CSV", () => {
    const both = new Both(bySource);
    const record = (id: string) => `{"timestamp":"2024-01-01T00:00:00Z","kWh_value":1,${id}}\n`;
    const forms = [
      '"meter_id":"42"',
      '"meter_id":42',
      '"meter_id":null,"source_id":42',
      '"meter_id":"","source_id":"42"',
    ];
    for (const form of [...forms, '"meter_id":"4\\u0032"']) both.scan(Buffer.from(record(form).repeat(4)));
    const row = "2024-01-01T00:00:00Z,1,42\n";
    both.scan(Buffer.from(`timestamp,kWh_value,source_id\n${row.repeat(4)}${row.replace("42", '"42"').repeat(4)}`));
    both.compare();
    expect(cellsOf(both.fast.kernel.part())[0]).toBe(
      `cell "42" plane 0 slot ${START / HOUR}: ${28n * 10n ** 18n} (28)`,
    );
  });
});

describe("pages", () => {
  // A page has 16 slots; the table begins with 256 places for at most 128 pages, and doubles.
  test.each([127, 128, 129, 255, 256, 257, 3000])("are counted if one source has %i", (count) => {
    const readings = Array.from({ length: 2 * count }, (_, n) => ({ id: "m", hour: 8 * n, value: n }));
    expect(scanned(inAll, readings).cells).toEqual(expected(readings, false));
  });

  test("are counted for many sources over many days, in any order", () => {
    const readings = Array.from({ length: 60_000 }, (_, n) => {
      const mixed = Math.imul(n + 1, 0x9e3779b1) >>> 0;
      return { id: `m${mixed % 700}`, hour: (mixed >>> 10) % 2000, value: mixed % 1_000_000 };
    });
    expect(scanned(bySource, readings).cells).toEqual(expected(readings, true));
  });

  test("are counted for times before 1970 and in the far future", () => {
    const hours = [-START / HOUR - 1, -START / HOUR, -600_000, 0, 1_500_000];
    const readings = hours.flatMap((hour) => [1, 2, 3].map((value) => ({ id: "m", hour, value })));
    expect(scanned(bySource, readings).cells).toEqual(expected(readings, true));
  });
});
