import { describe, expect, it } from "vitest";
import { textOf } from "../../dist/base/message.js";
import { sparseWarning } from "../../dist/quality/sparse-readings.js";
import { at } from "../time/zones.js";
import { DAY, even, HOUR, nameOf, QUARTER, type Reading, START, sampleOf, series } from "./samples.js";

function daily(readings: readonly Reading[]) {
  const warning = sparseWarning("in.json", sampleOf(readings), nameOf);
  return warning && { ...warning, message: textOf(warning.message, "commandLine") };
}

describe("one reading a day", () => {
  it("is reported with its source", () => {
    expect(daily(series([8, 9, 7], DAY))).toEqual({
      code: "daily_readings",
      message:
        'in.json: source "M1" has one reading a day, at about the same time: one hour of each day gets it all and ' +
        "the others are 0. The daily sums are good, the hourly ones are not; --interval 1d spreads each over its day",
    });
    const two = [1, 2].flatMap((source) => series([8, 9, 7], DAY, source, START + source * HOUR));
    expect(daily(two)?.message).toMatch(/source "M1" and 1 other have one reading a day/);
    expect(daily(series([8, 9, 7], DAY, 0))?.message).toMatch(/the source without an id has one reading a day/);
  });

  it("is a reading a month, or in some days, where they are that far apart", () => {
    const months = Array.from({ length: 12 }, (_, month): Reading => [1, Date.UTC(2024, month, 1) / 1000, 240]);
    expect(daily(months)).toEqual({
      code: "sparse_readings",
      message:
        'in.json: source "M1" has one reading a month: one hour of one day gets it all and the others are 0. ' +
        "Only the sums of longer times are good, not those of hours and days; --interval 1mo spreads each over its month",
    });
    expect(daily(series([8, 9, 7, 6], 7 * DAY))?.message).toMatch(
      /one reading in 7 days, as a rule: one hour of one day/,
    );
  });

  it("is told with a doubt where values never fall", () => {
    const doubt = /If they are what meters show, which never falls, give the differences instead$/;
    expect(daily(series([4000, 4008, 4017, 4017, 4030, 4031], DAY))?.message).toMatch(doubt);
    expect(daily(series([4000, 4290, 4500, 4700, 4900, 5200], 30 * DAY))?.message).toMatch(doubt);
    expect(daily(series([8, 9, 10, 11, 12], DAY))?.message).not.toMatch(doubt);
    expect(daily(series([8, 9, 7, 11, 12, 13], DAY))?.message).not.toMatch(doubt);
  });

  const berlinMidnights = ["03-29T23", "03-30T23", "03-31T22", "04-01T22"].map((day) => at(`2024-${day}:00Z`));
  it.each<[string, readonly Reading[]]>([
    ["days that are missing", [0, 1, 5, 6].map((day) => [1, START + day * DAY, 8])],
    ["readings out of order", series([8, 9, 7, 6], DAY).reverse()],
    ["clock changes", berlinMidnights.map((second) => [1, second, 8])],
    ["clocks that are some minutes off", [0, 70, -200, 30].map((off, day) => [1, START + day * DAY + off, 8])],
    ["a reading that comes twice", [...series([8, 9, 7], DAY), ...series([8, 9, 7], DAY)]],
    [
      "nearly all sources",
      Array.from({ length: 20 }, (_, source) => series([8, 9, 7], source === 7 ? HOUR : DAY, source)).flat(),
    ],
    ["sources of which some have one reading only", [...series([8, 9, 7], DAY), ...series([8], DAY, 2)]],
  ])("is seen with %s", (_, readings) => {
    expect(daily(readings)?.code).toBe("daily_readings");
  });

  it.each<[string, readonly Reading[]]>([
    ["nothing", []],
    ["one reading", series([8])],
    ["two days", series([8, 9], DAY)],
    ["readings by the hour", series(even(100, 1), HOUR)],
    ["two readings a day", series(even(10, 1), DAY / 2)],
    ["readings every 25 hours", series(even(10, 1), 25 * HOUR)],
    ["days at other times", [0, 7, 3].map((hour, day) => [1, START + day * DAY + hour * HOUR, 8])],
    ["one source of two", [...series([8, 9, 7], DAY), ...series(even(96, 1), QUARTER, 2)]],
    ["readings of one time", series([8, 9, 7, 6], 0)],
  ])("is not seen with %s", (_, readings) => {
    expect(daily(readings)).toBeUndefined();
  });
});
