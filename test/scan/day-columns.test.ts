/** A day a row: the same sums as of its values one by one, each with its own timestamp and interval. */
import { Temporal } from "@js-temporal/polyfill";
import fc from "fast-check";
import { expect, test } from "vitest";
import { aggregate as aggregateData } from "../../dist/index.js";
import { aggregate } from "../oracle/aggregate.js";
import type { Options } from "../oracle/options.js";

const ZONES = ["Europe/London", "America/St_Johns", "Australia/Lord_Howe", "UTC"];
/** Neighbours around changes of these zones' clocks. */
const DAYS = [
  ["2024-03-30", "2024-03-31"],
  ["2024-10-27", "2024-10-28"],
  ["2024-04-07", "2024-04-06"],
  ["2024-10-06"],
  ["2024-11-03", "2024-11-04"],
];
const WIDTHS: Readonly<Record<number, string>> = { 1: "1h", 2: "30m", 4: "15m", 6: "10m", 12: "5m" };

const TABLE = fc.record({
  zone: fc.constantFrom(...ZONES),
  perHour: fc.constantFrom(1, 2, 4, 6, 12),
  hours: fc.constantFrom(24, 25, 25),
  days: fc.constantFrom(...DAYS),
  seed: fc.nat(1000),
  json: fc.boolean(),
  gaps: fc.boolean(),
});

/** The instants at which a day's values begin, as ISO 8601. */
function startsOf(day: string, zone: string, perHour: number): string[] {
  const first = Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds;
  const next = Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
  const width = 3_600_000 / perHour;
  return Array.from({ length: (next - first) / width }, (_, n) => new Date(first + n * width).toISOString());
}

/** A day of 23½ or 24½ hours has no whole number of values if each is of an hour. */
function isWhole(day: string, zone: string, perHour: number): boolean {
  const date = Temporal.PlainDate.from(day);
  const hours = date
    .toZonedDateTime(zone)
    .until(date.add({ days: 1 }).toZonedDateTime(zone))
    .total("hours");
  return Number.isInteger(hours * perHour);
}

test("has the sums of its values, in every zone, whatever the number of values an hour", async () => {
  await fc.assert(
    fc.asyncProperty(TABLE, async ({ zone, perHour, hours, days, seed, json, gaps }) => {
      const names = Array.from({ length: hours * perHour }, (_, n) => `v${String(n).padStart(3, "0")}`);
      const single: string[] = ["timestamp,kWh_value,meter_id"];
      const rows = days.flatMap((day, d) => {
        const starts = startsOf(day, zone, perHour);
        const values = names.map((_, n) =>
          n >= starts.length || (gaps && (n + seed) % 7 === 0) ? "" : String(((seed + n * 37 + d) % 1000) / 1000),
        );
        const fits = isWhole(day, zone, perHour) && starts.length <= names.length;
        if (fits)
          for (const [n, start] of starts.entries())
            if (values[n] !== "") single.push(`${start},${values[n]},m${d % 2}`);
        return [[day, `m${d % 2}`, ...values]];
      });
      const head = ["day", "meter", ...names];
      const text = json
        ? rows.map((row) => JSON.stringify(Object.fromEntries(row.map((cell, n) => [head[n]!, cell])))).join("\n")
        : [head, ...rows].map((row) => row.join(";")).join("\n");
      const options: Options = {
        timezone: zone,
        bySource: true,
        withCounts: true,
        resolutions: ["hour", "15min", "day"],
      };
      const expected = aggregate([Buffer.from(`${single.join("\n")}\n`)], { ...options, interval: WIDTHS[perHour]! });
      const found = await aggregateData(Buffer.from(text), {
        ...(options as object),
        ...{ timestampField: "day", sourceField: "meter", dayColumns: "v*", missing: [""], onError: "skip" },
      } as never);
      expect(Object.fromEntries([...found.csv()].map(({ name, text }) => [name, text]))).toEqual(
        expected.status === "done" ? Object.fromEntries(expected.files) : expected,
      );
    }),
    { numRuns: 20 },
  );
});

test.each([
  ["47 columns", ["2024-01-31", ...Array.from({ length: 47 }, () => "1")]],
  ["a time of day", ["2024-01-31T12:00", ...Array.from({ length: 48 }, () => "1")]],
  ["values past the day's", ["2024-01-31", ...Array.from({ length: 50 }, () => "1")]],
])("%s are a bad record", async (_, row) => {
  const head = ["day", ...row.slice(1).map((_, n) => `h${n}`)];
  const options = { timestampField: "day", dayColumns: "h*", onError: "skip" as const };
  const { readings, rejected } = await aggregateData(Buffer.from(`${head.join()}\n${row.join()}\n`), options);
  expect([readings, rejected.map(({ reason }) => reason)]).toEqual([0, ["bad_interval"]]);
});

test("an empty cell among the day's is bad, unless that means that there is no reading", async () => {
  const row = ["2024-01-31", ...Array.from({ length: 24 }, (_, n) => (n === 23 ? "" : "1"))];
  const head = ["day", ...row.slice(1).map((_, n) => `h${n}`)];
  const options = { timestampField: "day", dayColumns: "h*", onError: "skip" as const };
  const bad = await aggregateData(Buffer.from(`${head.join()}\n${row.join()}\n`), options);
  expect([bad.readings, bad.rejected.map(({ reason, field }) => [reason, field])]).toEqual([
    23,
    [["bad_value", "h23"]],
  ]);
  const missing = await aggregateData(Buffer.from(`${head.join()}\n${row.join()}\n`), { ...options, missing: [""] });
  expect([missing.readings, missing.leftOut]).toEqual([23, { missing: 1 }]);
});
