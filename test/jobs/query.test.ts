import { describe, expect, test } from "vitest";
import { type AskOptions, ask, askPlanOf } from "../../dist/jobs/query.js";
import { rowsOf } from "../../dist/output/rows.js";
import { energyText } from "../../dist/tally/energy.js";
import { dayText, hourLabel } from "../../dist/time/period.js";
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
  });
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
