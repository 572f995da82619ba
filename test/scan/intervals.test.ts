/** Readings that cover time, against the oracle: every way to say how long, around clock changes, from files and from a store. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate as aggregateData } from "../../dist/index.js";
import { aggregateFiles } from "../../dist/jobs/aggregate.js";
import { exportFiles } from "../../dist/jobs/export.js";
import { loadFiles } from "../../dist/jobs/load.js";
import { openStore } from "../../dist/store/open.js";
import { aggregate, type Totals } from "../oracle/aggregate.js";
import { inFolder } from "../oracle/electro.js";
import type { Options } from "../oracle/options.js";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 30);

/** Seconds near clock changes of Berlin, St John's and Lord Howe, and an ordinary day. */
const REGIONS = [1_729_980_000, 1_711_840_000, 1_730_602_800, 1_712_390_000, 1_706_700_000];
const ON_GRID = fc.constantFrom(1, 60, 300, 900, 900, 900, 3600);
const VALUES = fc.oneof(
  fc.constantFrom("0", "1", "-0.5", "0.1", "3", "1e-18", "123456789.000001", "999999999999999", "1e15", "-1e-7"),
  fc.tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.nat(6)).map(([n, e]) => `${n}e-${e}`),
  fc.stringMatching(/^[1-9][0-9]{0,11}\.[0-9]{1,22}$/),
);

const two = (n: number) => String(n).padStart(2, "0");
/** As a clock shows a wall second, with a fraction if it has one. */
function isoOf(second: number, fraction: string, offset: string): string {
  return `${new Date(second * 1000).toISOString().slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}${offset}`;
}

const ROW = fc.record({
  start: fc.integer({ min: 0, max: 36_000 }),
  grid: ON_GRID,
  seconds: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(900, 1800, 3600, 86_400, 0, -60) },
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
    { weight: 1, arbitrary: fc.constantFrom(400 * 86_400 + 1, 400 * 86_400 + 60) },
  ),
  fraction: fc.oneof({ weight: 6, arbitrary: fc.constant("") }, fc.stringMatching(/^[0-9]{1,10}$/)),
  endFraction: fc.oneof({ weight: 6, arbitrary: fc.constant("") }, fc.stringMatching(/^[0-9]{1,9}$/)),
  offset: fc.constantFrom("", "", "", "Z", "+01:00", "-02:30"),
  value: VALUES,
  source: fc.constantFrom("a", "a", "b", ""),
  form: fc.nat(3),
});

const WAY = fc.constantFrom<Options & { fields: readonly string[] }>(
  ...["15m", "30m", "1h", "1d", "1mo", "90s", "7h"].map((interval) => ({ interval, fields: [] })),
  { endField: ["end"], fields: ["end"] },
  { endField: ["end"], end: "inclusive", fields: ["end"] },
  { endField: ["day", "time"], fields: ["day", "time"] },
  { endField: ["time"], fields: ["time"] },
  { endField: ["time"], end: "inclusive", fields: ["time"] },
  { durationField: "for", fields: ["for"] },
  { durationField: "for", durationUnit: "h", fields: ["for"] },
);

const RUN = fc
  .record({
    way: WAY,
    region: fc.constantFrom(...REGIONS),
    rows: fc.array(ROW, { minLength: 1, maxLength: 25 }),
    csv: fc.boolean(),
    sorted: fc.boolean(),
    zone: fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"),
    inputZone: fc.constantFrom(undefined, "Europe/Berlin", "UTC"),
    stamps: fc.constantFrom("start" as const, "end" as const),
    repeatedHour: fc.constantFrom(
      "order" as const,
      "order" as const,
      "first" as const,
      "last" as const,
      "fail" as const,
    ),
    power: fc.boolean(),
    bySource: fc.boolean(),
    period: fc.constantFrom({}, {}, { from: "2024-10-27" }, { from: "2024-10-27", to: "2024-10-28" }),
  })
  .map(
    ({
      way: { fields, ...way },
      region,
      rows,
      csv,
      sorted,
      zone,
      inputZone,
      stamps,
      repeatedHour,
      power,
      bySource,
      period,
    }) => {
      const inOrder = sorted ? [...rows].sort((a, b) => a.start - b.start) : rows;
      const records = inOrder.map((row) => {
        const start = Math.floor((region + row.start) / row.grid) * row.grid;
        const end = isoOf(start + row.seconds, row.endFraction, row.offset);
        const { seconds } = row;
        const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
        const all: Record<string, string> = {
          timestamp: row.form === 3 ? end.slice(0, 10) : isoOf(start, row.fraction, row.offset),
          kWh_value: row.value,
          meter_id: row.source,
          end: row.form === 2 ? end.slice(0, 16) : row.form === 3 ? end.slice(0, 10) : end,
          day: end.slice(0, 10),
          time: end.slice(11, row.form === 1 ? 16 : undefined),
          for: [String(seconds / (way.durationUnit === "h" ? 3600 : 1)), clock, `${clock}:30`, `PT${seconds}S`][
            row.form
          ]!,
        };
        return ["timestamp", "kWh_value", "meter_id", ...fields].map((name) => [name, all[name]!] as const);
      });
      const names = records[0]!.map(([name]) => name).join(";");
      const text = csv
        ? `${names}\n${records.map((record) => record.map(([, cell]) => cell).join(";")).join("\n")}\n`
        : records.map((record) => `${JSON.stringify(Object.fromEntries(record))}\n`).join("");
      const options: Options = {
        ...way,
        ...(way.endField === undefined ? { stamps } : {}),
        ...(power ? { values: "power", unit: "kW" } : { unit: "kWh" }),
        ...(inputZone === undefined ? {} : { inputTimezone: inputZone }),
        ...{ timezone: zone, repeatedHour, bySource, onError: "skip", withCounts: true, ...period },
      };
      return { options, bytes: Buffer.from(text) };
    },
  );

const TOTALS = [
  ...["readings", "rounded", "outOfPeriod", "hoursFilled", "sources", "kWh"],
  ...["repeatedWallTimes", "ambiguousWallTimes", "skippedWallTimes"],
] as readonly (keyof Totals)[];

test("give the oracle's sums by the hour and by the quarter hour, and its totals", async () => {
  let done = 0;
  await fc.assert(
    fc.asyncProperty(
      RUN,
      fc.constantFrom(["hour", "day"], ["15min", "hour", "day", "total"]),
      async (run, resolutions) => {
        const options = { ...run.options, resolutions: resolutions as never };
        const expected = aggregate([run.bytes], options);
        if (expected.status !== "done") {
          await expect(aggregateData(run.bytes, options as never)).rejects.toThrow();
          return;
        }
        const found = await aggregateData(run.bytes, options as never);
        expect(Object.fromEntries([...found.csv()].map(({ name, text }) => [name, text]))).toEqual(
          Object.fromEntries(expected.files),
        );
        const { totals } = expected;
        expect(found).toMatchObject(Object.fromEntries(TOTALS.map((name) => [name, totals[name]])));
        done++;
      },
    ),
    { numRuns: Math.ceil(CASES / 2) },
  );
  expect(done).toBeGreaterThan(CASES / 10);
});

describe("on the night when the clock is put back", () => {
  const night = ["00:00,01:00", "01:00,02:00", "02:00,03:00", "02:00,03:00", "03:00,04:00"];
  const written = (ends: readonly string[], way: (start: string, end: string) => string) =>
    `from,to,kWh\n${ends.map((row, n) => `${way(...(row.split(",") as [string, string]))},${n + 1}`).join("\n")}\n`;
  const day = (time: string) => `2024-10-27T${time}`;
  const last = (time: string) => `${String(Number(time.slice(0, 2)) - 1).padStart(2, "0")}:59`;
  const reading = { timestampField: "from", valueField: ["kWh"], endField: ["to"], timezone: "Europe/Berlin" };

  test.each([
    ["ends as the clock shows them", written(night, (start, end) => `${day(start)},${day(end)}`), {}],
    ["times of day", written(night, (start, end) => `${day(start)},${end}`), {}],
    ["last minutes", written(night, (start, end) => `${day(start)},${day(last(end))}`), { end: "inclusive" }],
    ["times of last minutes", written(night, (start, end) => `${day(start)},${last(end)}`), { end: "inclusive" }],
  ] as const)("each hour has its own energy: %s", async (_, text, more) => {
    const found = await aggregateData(Buffer.from(text), { ...reading, ...more } as never);
    const table = [...found.csv()].find(({ name }) => name === "hourly_data_27_10.csv")?.text ?? "";
    expect(table.split("\n").slice(1, 6)).toEqual([
      "2024-10-27T00:00:00+02:00,1",
      "2024-10-27T01:00:00+02:00,2",
      "2024-10-27T02:00:00+02:00,3",
      "2024-10-27T02:00:00+01:00,4",
      "2024-10-27T03:00:00+01:00,5",
    ]);
  });

  test("an interval ends in the second pass if its end is not after its start else", async () => {
    const text = "from,to,kWh\n2024-10-27T02:45,02:00,1\n";
    const found = await aggregateData(Buffer.from(text), reading);
    expect([...found.csv()].map(({ text: table }) => table).join("")).toContain("2024-10-27T02:00:00+02:00,1\n");
  });
});

function tablesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".csv"));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe("are the same sums, to the byte", () => {
  const hour = (n: number) => new Date(Date.UTC(2024, 2, 30) + n * 3_600_000).toISOString();
  const rows = Array.from({ length: 6000 }, (_, n) => {
    const value = `${((n * 7919) % 100_003) - 5000}e-${n % 9}`;
    return `${hour(Math.floor(n / 50) + 0.1)},${hour(Math.floor(n / 50) + 1 + (n % 7) / 10)},${value},m${n % 50}`;
  });
  const reading = { endField: ["end"], bySource: true, withCounts: true, timezone: "Europe/Berlin" };
  const written = (lines: readonly string[]) => `timestamp,end,kWh_value,meter_id\n${lines.join("\n")}\n`;
  const shuffled = rows.map((row, n) => [(n * 2897) % rows.length, row] as const).sort(([a], [b]) => a - b);

  test("in any order, by any workers", () =>
    inFolder(async (folder) => {
      const context = { cwd: folder };
      writeFileSync(join(folder, "a.csv"), written(rows));
      writeFileSync(join(folder, "b.csv"), written(shuffled.map(([, row]) => row)));
      await aggregateFiles(["a.csv"], { ...reading, workers: 1, output: "one" }, context);
      const one = tablesIn(join(folder, "one"));
      expect(Object.keys(one).length).toBeGreaterThan(5);
      await aggregateFiles(["b.csv"], { ...reading, workers: 3, output: "many" }, context);
      expect(tablesIn(join(folder, "many"))).toEqual(one);
    }));

  test("from a store, whatever batches they came in, also once one has ended", () =>
    inFolder(async (folder) => {
      const context = { cwd: folder };
      const store = `duckdb:${join(folder, "s.duckdb")}`;
      const read = { endField: ["end"], store };
      mkdirSync(join(folder, "in"));
      const half = rows.filter((_, n) => n % 3 === 0);
      writeFileSync(join(folder, "in", "a.csv"), written(half));
      writeFileSync(join(folder, "in", "b.csv"), written(rows.filter((_, n) => n % 3 !== 0)));
      const { endField: _, ...asked } = reading;
      const resolutions: "15min"[] = ["15min"];
      for (const names of [["in/a.csv"], ["in/b.csv"]]) await loadFiles(names, read, context);
      await exportFiles({ ...asked, resolutions, store, output: "kept" }, context);
      await aggregateFiles(["in"], { ...reading, resolutions, output: "files" }, context);
      const files = tablesIn(join(folder, "files"));
      expect(tablesIn(join(folder, "kept"))).toEqual(files);
      const opened = await openStore(store);
      const [batch] = (await opened.read((reader) => reader.batchesOfFiles([join(folder, "in", "b.csv")]))).values();
      await opened.retract(batch![0]!.id);
      expect(await opened.check()).toEqual([]);
      await opened.close();
      await exportFiles({ ...asked, resolutions, store, output: "fewer" }, context);
      await aggregateFiles(["in/a.csv"], { ...reading, resolutions, output: "half" }, context);
      expect(tablesIn(join(folder, "fewer"))).toEqual(tablesIn(join(folder, "half")));
    }));
});

test.each([
  [{ interval: "15m", endField: ["end"] }, "both say how long an interval is"],
  [{ end: "inclusive" }, "is about the field of the end"],
  [{ durationUnit: "m" }, "is about the field of the length"],
  [{ endField: ["end"], stamps: "end" }, "timestamps mark the start"],
  [{ endField: ["a", "b", "c"] }, "more than twice"],
  [{ values: "power" }, "say how long each value holds"],
  [{ values: "power", interval: "15m", unit: "kWh" }, "is a unit of energy"],
  [{ unit: "kW" }, "is a unit of power"],
  [{ values: "register", interval: "1h" }, "energy lies between one reading and the next"],
  [{ interval: "2d" }, "of days and months there are 1d and 1mo, and 2 days are 48h"],
  [{ interval: "0s" }, "is no time at all"],
  [{ interval: "1 h" }, "is not a length of time"],
  [{ interval: "9601h" }, "is longer than 400 days"],
])("what does not go together says so: %o", async (options, message) => {
  await expect(aggregateData("[]", options as never)).rejects.toThrow(message);
});
