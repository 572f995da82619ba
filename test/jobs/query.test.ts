import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AskOptions, ask, askPlanOf } from "../../dist/jobs/query.js";
import { rowsOf } from "../../dist/output/rows.js";
import { energyText } from "../../dist/tally/energy.js";
import { dayText, hourLabel } from "../../dist/time/period.js";
import { RESOLUTIONS, type Resolution } from "../oracle/options.js";
import { type Kept, readerOf } from "./small-store.js";

const KWH = 10n ** 18n;

function at(time: string, kWh: number, source = ""): Kept {
  return { source, second: Date.parse(time) / 1000, energy: BigInt(kWh) * KWH };
}

async function answered(readings: readonly Kept[], options: AskOptions, countOutside = false) {
  return ask(readerOf(readings), askPlanOf(options), { countOutside });
}

describe("a store is asked", () => {
  const readings = [
    at("2024-03-30T22:45:00Z", 1, "b"),
    at("2024-03-31T00:15:00Z", 2, "a"),
    at("2024-03-31T01:00:00Z", 4, "b"),
    at("2024-04-01T21:59:59Z", -8),
  ];

  test("its days are those with readings, in the zone, and complete", async () => {
    const { summary, period, totals } = await answered(readings, { timezone: "Europe/Berlin" });
    expect([dayText(period!.first), dayText(period!.last)]).toEqual(["2024-03-30", "2024-04-01"]);
    expect([...rowsOf(summary, "day")].map((row) => [row.aggregated_kWh_value, row.reading_count])).toEqual([
      ["1", 1],
      ["6", 2],
      ["-8", 1],
    ]);
    const hours = [...rowsOf(summary, "hour")];
    expect(hours).toHaveLength(24 + 23 + 24);
    expect(hours.filter((row) => row.reading_count > 0).map((row) => row.hourly_timestamp)).toEqual([
      "2024-03-30T23:00:00+01:00",
      "2024-03-31T01:00:00+01:00",
      "2024-03-31T03:00:00+02:00",
      "2024-04-01T23:00:00+02:00",
    ]);
    expect(totals).toMatchObject({ readings: 4, sources: 3, outOfPeriod: 0, hoursFilled: 71 - 4, energy: -1n * KWH });
    expect([totals.first, totals.last]).toEqual([
      Date.parse("2024-03-30T22:45:00Z") / 1000,
      Date.parse("2024-04-01T21:45:00Z") / 1000,
    ]);
  });

  test("by source: those with readings in the period, in the order of their bytes", async () => {
    const { summary, totals } = await answered(
      readings,
      { bySource: true, from: "2024-03-31", to: "2024-03-31" },
      true,
    );
    expect(summary.sources).toEqual(["a", "b"]);
    expect(totals).toMatchObject({ readings: 2, sources: 2, outOfPeriod: 2, hoursFilled: 46 });
  });

  test("some sources, as if there were no others", async () => {
    const one = await answered(readings, { sources: ["b", "b", "nobody"] }, true);
    expect(energyText(one.totals.energy)).toBe("5");
    expect(one.totals).toMatchObject({ sources: 1, readings: 2, outOfPeriod: 0 });
    const none = await answered(readings, { sources: ["nobody"], from: "2024-03-31", to: "2024-04-01" }, true);
    expect(none.totals).toMatchObject({ sources: 0, readings: 0, first: undefined });
    expect(none.summary.series("hour").length).toBe(48);
  });

  test("readings outside are counted where that is asked for", async () => {
    const options = { from: "2024-03-31", to: "2024-03-31" };
    expect((await answered(readings, options)).totals).toMatchObject({ readings: 2, sources: 2, outOfPeriod: 0 });
    expect((await answered(readings, options, true)).totals).toMatchObject({ readings: 2, sources: 2, outOfPeriod: 2 });
  });

  test("a period with one end beyond all readings is none", async () => {
    const { period, summary, totals } = await answered(readings, { from: "2025-01-01" }, true);
    expect(period).toBeUndefined();
    expect(summary.series("hour").length).toBe(0);
    expect(totals).toMatchObject({ readings: 0, outOfPeriod: 4, sources: 0 });
  });

  test("without readings there is nothing, or a period of nothing", async () => {
    expect((await answered([], {})).summary.series("day").length).toBe(0);
    expect((await answered([], { from: "2024-01-01", to: "2024-01-02" })).summary.series("hour").length).toBe(48);
  });

  test("a period that is too long says which reading stretches it", async () => {
    const far = [...readings, at("1999-05-06T00:00:00Z", 1)];
    await expect(answered(far, {})).rejects.toMatchObject({
      code: "period_too_long",
      message: expect.stringMatching(/1999-05-06T00:00:00Z and 2024-04-01T21:45:00Z.*maxDays/),
    });
    expect((await answered(far, { from: "2024-03-30" })).totals.readings).toBe(4);
  });

  // Casey's clock went from 02:00 back to 23:00 of the day before: readings of those two hours lie between two of its hours.
  test("sources of another day's hours, in between, are none of the period's", async () => {
    const casey = [
      at("2010-03-04T12:00:00Z", 1, "in"),
      at("2010-03-04T13:30:00Z", 2, "between"),
      at("2010-03-04T15:30:00Z", 4, "in"),
    ];
    const options = { timezone: "Antarctica/Casey", from: "2010-03-04", to: "2010-03-04" };
    const total = await answered(casey, options, true);
    expect(total.totals).toMatchObject({ readings: 2, sources: 1, outOfPeriod: 1, energy: 5n * KWH });
    const bySource = await answered(casey, { ...options, bySource: true }, true);
    expect(bySource.summary.sources).toEqual(["in"]);
    expect(bySource.totals).toMatchObject({ readings: 2, sources: 1, outOfPeriod: 1 });
    for (const rows of ["day", "week", "total"] as const) {
      const longer = await ask(readerOf(casey), { ...askPlanOf(options), rows, bySource: true });
      expect(rowsBy(rows, longer)).toMatchObject([
        { source_id: "in", aggregated_kWh_value: "5", reading_count: 2, covered: true },
      ]);
    }
  });
});

/** A row, with what it has of each source. */
function rowsBy(resolution: Resolution, { summary }: Awaited<ReturnType<typeof answered>>): unknown[] {
  return [...rowsOf(summary, resolution)];
}

test("rows as long as those that are asked for have the sums that hours add up to", async () => {
  const place = fc.constantFrom(
    ...[
      ["UTC", "2024-12-30T00:00Z"],
      ["Europe/Berlin", "2024-03-31T01:00Z"],
      ["Europe/Berlin", "2024-10-27T01:00Z"],
    ],
    ...[
      ["Antarctica/Casey", "2010-03-04T15:00Z"],
      ["Pacific/Apia", "2011-12-30T10:00Z"],
      ["Australia/Lord_Howe", "2024-04-06T15:00Z"],
    ],
  );
  const reading = fc.record({
    source: fc.constantFrom("", "a", "b", "c"),
    quarter: fc.integer({ min: -400, max: 400 }),
    energy: fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n }),
  });
  const settings = fc.record({
    bySource: fc.boolean(),
    from: fc.constantFrom(undefined, -3, -1, 0),
    to: fc.constantFrom(undefined, 0, 1, 3),
    resolution: fc.constantFrom(...RESOLUTIONS),
  });
  await fc.assert(
    fc.asyncProperty(
      place,
      fc.array(reading, { maxLength: 60 }),
      settings,
      async ([timezone = "", time = ""], some, { bySource, from, to, resolution }) => {
        const about = Date.parse(time) / 1000;
        const kept = some.map(({ source, quarter, energy }) => ({ source, second: about + quarter * 900, energy }));
        const day = (n: number | undefined) =>
          n === undefined ? {} : new Date((about + n * 86_400) * 1000).toISOString().slice(0, 10);
        const options = {
          ...{ timezone, bySource, resolutions: [resolution] },
          ...(from !== undefined && { from: day(from) as string }),
          ...(to !== undefined && { to: day(to) as string }),
        };
        const plan = askPlanOf(options);
        const hours = await ask(readerOf(kept), plan);
        const own = await ask(readerOf(kept), { ...plan, rows: resolution });
        expect(rowsBy(resolution, own)).toEqual(rowsBy(resolution, hours));
        const { readings, energy, sources } = hours.totals;
        expect(own.totals).toMatchObject({ readings, energy, sources });
      },
    ),
    { numRuns: 300 },
  );
});

test("days after a source's last reading are zeros", async () => {
  const readings = [at("2024-01-01T00:00:00Z", 1, "a"), at("2024-01-11T00:00:00Z", 2, "b")];
  const plan = askPlanOf({ bySource: true, from: "2024-01-01", to: "2024-02-04" });
  const rows = [...rowsOf((await ask(readerOf(readings), { ...plan, rows: "day" })).summary, "day")];
  expect(rows).toHaveLength(70);
  const some = rows.filter((row) => row.aggregated_kWh_value !== "0" || row.reading_count !== 0);
  expect(some).toEqual([
    { daily_timestamp: "2024-01-01", source_id: "a", aggregated_kWh_value: "1", reading_count: 1, covered: true },
    { daily_timestamp: "2024-01-11", source_id: "b", aggregated_kWh_value: "2", reading_count: 1, covered: true },
  ]);
});

test("a question tells how much it will sum, before it does", async () => {
  const readings = [at("2023-12-31T12:00:00Z", 1, "a"), at("2024-02-01T12:00:00Z", 1, "b")];
  const plan = askPlanOf({ bySource: true, timezone: "Europe/Berlin", from: "2023-12-31", to: "2024-05-31" });
  const told = async (rows: Resolution) => {
    let told: unknown;
    await ask(readerOf(readings), { ...plan, rows }, { begin: (...counts) => (told = counts) });
    return told;
  };
  // The clock change in March cuts no month.
  expect(await told("month")).toEqual([6, 2, 153]);
  expect(await told("total")).toEqual([1, 2, 153]);
  expect(await told("week")).toEqual([23, 2, 153]);
  expect(await told("hour")).toEqual([153 * 24 - 1, 2, 153]);
  expect(await told("15min")).toEqual([(153 * 24 - 1) * 4, 2, 153]);
});

describe("a zone whose clock is off the quarter hours", () => {
  const reading = at("1971-12-31T12:00:00Z", 1);

  test.each([
    ["+05:37", "1971-12-31", "1971-12-31T00:00:00+05:37"],
    ["Africa/Monrovia", "1971-12-31", "1971-12-31T00:00:00-00:44:30"],
  ])("%s is an error that says where", async (timezone, day, label) => {
    await expect(answered([reading], { timezone })).rejects.toMatchObject({
      code: "zone_off_quarters",
      message: expect.stringContaining(`${timezone} does not fit them on ${day} (at ${label})`),
    });
  });

  test("one is none in days when it fits", async () => {
    const later = at("1972-02-01T12:00:00Z", 1);
    expect((await answered([later], { timezone: "Africa/Monrovia" })).totals.readings).toBe(1);
    // St John's changed at 00:01 until 2011.
    const summer = at("2008-06-01T12:00:00Z", 1);
    const zone = { timezone: "America/St_Johns" };
    expect((await answered([summer], zone)).totals.readings).toBe(1);
    await expect(answered([summer], { ...zone, from: "2008-03-09" })).rejects.toMatchObject({
      code: "zone_off_quarters",
      message: expect.stringContaining("2008-03-09"),
    });
    expect(hourLabel((await answered([summer], zone)).summary.zone, summer.second, -9000)).toBe(
      "2008-06-01T09:30:00-02:30",
    );
  });
});
