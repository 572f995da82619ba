/** What quarter hours show of a meter, by hand. */
import { describe, expect, test } from "vitest";
import { silentQuality } from "../../dist/quality/quality.js";
import { zoneOf } from "../../dist/time/zone.js";
import { at, every, intervals, judged, told } from "./quality-support.js";

const WEEK = ["2024-01-01T00:00Z", "2024-01-08T00:00Z"] as const;
const without = (instants: number[], from: string, to: string) =>
  instants.filter((second) => second < at(from) || second >= at(to));

describe("the interval", () => {
  test.each([1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 120, 180, 360, 720, 1440])("of %d minutes is found", (minutes) => {
    for (const shift of [0, 7]) {
      const readings = every(minutes, ...WEEK).map((second) => second + (shift % minutes) * 60);
      const quality = judged(readings);
      expect([minutes, shift, intervals(quality)]).toEqual([minutes, shift, [minutes]]);
      expect(quality).toMatchObject({
        readings: readings.length,
        gapCount: 0,
        duplicateCount: 0,
        present: readings.length,
        expected: readings.length,
      });
    }
  });

  test.each([0.5, 0.25, 1 / 6, 1 / 12])("of %d minutes is found", (minutes) => {
    expect(intervals(judged(every(minutes, "2024-01-01T00:00Z", "2024-01-02T00:00Z")))).toEqual([minutes]);
  });

  test.each([1, 5, 15, 60])("of %d minutes is found in half a day", (minutes) => {
    expect(intervals(judged(every(minutes, "2024-01-01T00:00Z", "2024-01-01T12:00Z")))).toEqual([minutes]);
  });

  test.each([1, 5, 15])("of %d minutes is found in an hour", (minutes) => {
    expect(intervals(judged(every(minutes, "2024-01-01T00:00Z", "2024-01-01T01:00Z")))).toEqual([minutes]);
  });

  test.each([15, 30, 60, 1440])("of %d minutes is found if every reading is there twice", (minutes) => {
    const readings = every(minutes, ...WEEK);
    const quality = judged([...readings, ...readings]);
    expect(intervals(quality)).toEqual([minutes]);
    expect(quality).toMatchObject({ duplicateSlots: readings.length, extra: readings.length, duplicateCount: 1 });
    expect(quality).toMatchObject({ present: readings.length, expected: readings.length });
  });

  test.each([1, 5, 10, 15, 60, 1440])("of %d minutes is found if every seventh reading is missing", (minutes) => {
    const quality = judged(every(minutes, "2024-01-01T00:00Z", "2024-02-01T00:00Z").filter((_, n) => n % 7 !== 3));
    expect(intervals(quality)).toEqual([minutes]);
    expect(quality.present / quality.expected!).toBeCloseTo(6 / 7, 1);
  });

  test.each([1, 5, 10, 15, 20, 60])("of %d minutes is found if every tenth reading is there twice", (minutes) => {
    const readings = every(minutes, ...WEEK);
    const again = readings.filter((_, n) => (n * 7919) % 10 === 3);
    const quality = judged([...readings, ...again]);
    expect(intervals(quality)).toEqual([minutes]);
    expect(quality.gapCount).toBe(0);
  });

  test("of a day is found if somebody reads the meter at some time in the morning", () => {
    const readings = every(1440, "2024-01-01T09:00Z", "2024-02-01T00:00Z").map(
      (second, n) => second + ((n * 37) % 90) * 60,
    );
    const quality = judged(without(readings, "2024-01-20T00:00Z", "2024-01-22T00:00Z"));
    expect(intervals(quality)).toEqual([1440]);
    expect(quality).toMatchObject({ gapCount: 1, duplicateCount: 0, expected: 31, present: 29 });
  });

  test("of a month is found, although months differ", () => {
    const readings = Array.from({ length: 24 }, (_, month) => Date.UTC(2023, month, 1) / 1000);
    const quality = judged(readings);
    expect(intervals(quality)).toEqual([31 * 1440]);
    expect(quality).toMatchObject({ gapCount: 0, expected: 24, present: 24, regular: 23, neighbours: 23 });
  });

  test("is not guessed from few readings", () => {
    for (const n of [1, 2, 3]) {
      const quality = judged(every(15, ...WEEK).slice(0, n));
      expect(intervals(quality)).toEqual([undefined]);
      expect(quality).toMatchObject({ expected: undefined, regular: undefined, gapCount: 0, duplicateCount: 0 });
    }
    expect(judged(every(15, ...WEEK).slice(0, 4))).toMatchObject({ expected: 4, regular: 3, neighbours: 3 });
  });

  test("has a measure of its reliability", () => {
    const regular = judged(every(60, ...WEEK));
    expect([regular.regular, regular.neighbours]).toEqual([167, 167]);
    const holes = judged(without(every(60, ...WEEK), "2024-01-03T10:00Z", "2024-01-03T12:00Z"));
    expect([holes.regular, holes.neighbours]).toEqual([164, 165]);
    const odd = judged([0, 1, 5, 6, 9, 15, 16, 23, 24, 30].map((slot) => slot * 900));
    expect(intervals(odd)).toEqual([15]);
    expect([odd.regular, odd.neighbours]).toEqual([4, 9]);
  });

  test("may change", () => {
    const change = "2024-03-10T23:00Z";
    const quality = judged([...every(60, "2024-01-01T00:00Z", change), ...every(15, change, "2024-05-01T00:00Z")]);
    expect(intervals(quality)).toEqual([60, 15]);
    expect(quality.intervals.map(({ from }) => from)).toEqual([at("2024-01-01T00:00Z"), at(change)]);
    const expected = (at(change) - at("2024-01-01T00:00Z")) / 3600 + (at("2024-05-01T00:00Z") - at(change)) / 900;
    expect(quality).toMatchObject({ gapCount: 0, duplicateCount: 0, expected, present: expected });
    expect(quality.neighbours - quality.regular!).toBeLessThanOrEqual(1);
  });

  test("may change over a gap, from days to hours, and back", () => {
    const quality = judged([
      ...every(1440, "2024-01-01T00:00Z", "2024-02-01T00:00Z"),
      ...every(60, "2024-02-05T00:00Z", "2024-03-01T00:00Z"),
      ...every(1, "2024-03-01T00:00Z", "2024-03-21T00:00Z"),
      ...every(60, "2024-03-21T00:00Z", "2024-04-21T00:00Z"),
    ]);
    expect(intervals(quality)).toEqual([1440, 60, 1, 60]);
    expect(told(quality.gaps)).toEqual(["2024-02-01T00:00 2024-02-05T00:00 4"]);
    expect(quality.expected! - quality.present).toBe(4);
  });

  test("does not change for a disturbance of a few days", () => {
    const readings = every(15, "2024-01-01T00:00Z", "2024-02-01T00:00Z").filter(
      (second) => second < at("2024-01-10T00:00Z") || second >= at("2024-01-13T00:00Z") || second % 3600 === 0,
    );
    const quality = judged(readings);
    expect(intervals(quality)).toEqual([15]);
    expect(quality.gapCount).toBe(72);
    expect(quality.gapSeconds).toBe(72 * 2700);
  });
});

describe("gaps", () => {
  test("are where readings are missing between others", () => {
    const readings = without(every(15, ...WEEK), "2024-01-02T10:00Z", "2024-01-02T12:30Z");
    const quality = judged(without(readings, "2024-01-05T00:00Z", "2024-01-05T00:15Z"));
    expect(told(quality.gaps)).toEqual(["2024-01-02T10:00 2024-01-02T12:30 10", "2024-01-05T00:00 2024-01-05T00:15 1"]);
    expect(quality).toMatchObject({ gapCount: 2, gapSeconds: 9900, longestGap: 9000, expected: 672, present: 661 });
  });

  test("begin when an hourly reading was due", () => {
    const quality = judged(without(every(60, ...WEEK), "2024-01-02T10:00Z", "2024-01-02T13:00Z"));
    expect(told(quality.gaps)).toEqual(["2024-01-02T10:00 2024-01-02T13:00 3"]);
  });

  test("of minutely readings are whole quarter hours; other missing ones only lower the coverage", () => {
    const quality = judged(without(every(1, ...WEEK), "2024-01-02T10:05Z", "2024-01-02T10:50Z"));
    expect(told(quality.gaps)).toEqual(["2024-01-02T10:15 2024-01-02T10:45 30"]);
    expect(quality).toMatchObject({ expected: 10080, present: 10035 });
  });

  test("at the ends are reported if a period is given", () => {
    const readings = every(60, "2024-01-03T05:00Z", "2024-01-05T20:00Z");
    expect(judged(readings)).toMatchObject({ gapCount: 0, expected: 63, present: 63, hours: 63, emptyHours: 0 });
    const asked = judged(readings, { from: "2024-01-01T00:00Z", to: "2024-01-08T00:00Z" });
    expect(told(asked.gaps)).toEqual(["2024-01-01T00:00 2024-01-03T05:00 53", "2024-01-05T20:00 2024-01-08T00:00 52"]);
    expect(asked).toMatchObject({ expected: 168, present: 63, hours: 168, emptyHours: 105 });
    expect(told(judged(readings, { from: "2024-01-01T00:00Z" }).gaps)).toEqual([
      "2024-01-01T00:00 2024-01-03T05:00 53",
    ]);
    expect(told(judged(readings, { to: "2024-01-08T00:00Z" }).gaps)).toEqual(["2024-01-05T20:00 2024-01-08T00:00 52"]);
  });

  test("at the ends are aligned with the readings", () => {
    const noon = every(1440, "2024-01-03T12:00Z", "2024-01-10T00:00Z");
    const quality = judged(noon, { from: "2024-01-01T00:00Z", to: "2024-01-11T00:00Z" });
    expect(told(quality.gaps)).toEqual(["2024-01-01T12:00 2024-01-03T12:00 2", "2024-01-10T12:00 2024-01-11T00:00 1"]);
    expect(quality).toMatchObject({ expected: 10, present: 7 });
  });

  test("do not extend beyond the period", () => {
    const quality = judged(every(15, ...WEEK), { from: "2024-01-02T00:00Z", to: "2024-01-03T00:00Z" });
    expect(quality).toMatchObject({ readings: 96, expected: 96, present: 96, gapCount: 0, hours: 24 });
    expect(quality.energy).toBe(96n * 10n ** 18n);
  });

  test("beyond the limit are only counted", () => {
    const readings = every(15, ...WEEK).filter((_, n) => n % 10 !== 5);
    const quality = judged(readings, { most: 3 });
    expect(quality.gaps.length).toBe(3);
    expect(quality.gapCount).toBe(67);
    expect(judged(readings, { most: 0 })).toMatchObject({ gaps: [], gapCount: 67, gapSeconds: 67 * 900 });
  });

  test("cover the whole period for a source without readings", () => {
    const zone = zoneOf("UTC");
    const [from, to] = [at("2024-01-01T00:00Z"), at("2024-02-01T00:00Z")];
    expect(silentQuality("m", { zone, from, to, most: 9 })).toMatchObject({
      ...{ readings: 0, energy: 0n, first: undefined, last: undefined, intervals: [], expected: undefined },
      ...{ gaps: [{ from, to, readings: undefined }], gapCount: 1, hours: 744, emptyHours: 744 },
    });
    expect(silentQuality("m", { zone, from, to: undefined, most: 9 })).toMatchObject({ gapCount: 0, hours: 0 });
  });
});

describe("days of 23 and 25 hours", () => {
  const YEAR = { from: "2023-12-31T23:00Z", to: "2024-12-31T23:00Z", zone: "Europe/Berlin" };

  test.each([1, 15, 60])("are complete with readings every %d minutes", (minutes) => {
    const quality = judged(every(minutes, "2024-03-01T00:00Z", "2024-11-01T00:00Z"), { zone: "Europe/Berlin" });
    expect(quality).toMatchObject({ gapCount: 0, duplicateCount: 0, emptyHours: 0, hours: 245 * 24 });
    expect(quality.present).toBe(quality.expected);
  });

  /** Midnights of Berlin in 2024. */
  const midnights = Array.from({ length: 366 }, (_, day) => {
    const utc = Date.UTC(2024, 0, 1 + day) / 1000;
    const summer = utc > at("2024-03-31T12:00Z") && utc < at("2024-10-27T12:00Z");
    return utc - (summer ? 7200 : 3600);
  });

  test("are complete with a reading at each midnight", () => {
    expect(judged(midnights, YEAR)).toMatchObject({ gapCount: 0, duplicateCount: 0, expected: 366, present: 366 });
    expect(judged(midnights, { ...YEAR, zone: "UTC" })).toMatchObject({ gapCount: 0, duplicateCount: 0 });
  });

  test("do not hide or make a missing day at an end", () => {
    const [before, after] = [midnights.slice(0, 90), midnights.slice(302)];
    expect(told(judged(before, YEAR).gaps)).toEqual(["2024-03-30T23:00 2024-12-31T23:00 276"]);
    expect(told(judged(after, YEAR).gaps)).toEqual(["2023-12-31T23:00 2024-10-28T23:00 302"]);
    expect(judged(after, YEAR)).toMatchObject({ expected: 366, present: 64 });
    expect(told(judged([...before, ...after], YEAR).gaps)).toEqual(["2024-03-30T23:00 2024-10-28T23:00 212"]);
  });

  test("have the correct number of hours, with readings and without", () => {
    const quality = judged(every(60, "2024-03-30T23:00Z", "2024-03-31T10:00Z"), {
      ...{ zone: "Europe/Berlin", from: "2024-03-30T23:00Z", to: "2024-03-31T22:00Z" },
    });
    expect(quality).toMatchObject({ hours: 23, emptyHours: 12 });
    const half = judged(every(60, "2024-01-01T00:00Z", "2024-01-02T00:00Z"), { zone: "Asia/Kolkata" });
    expect(half).toMatchObject({ hours: 24, emptyHours: 0 });
  });
});

describe("duplicates", () => {
  test("are found in quarter hours with more readings than the interval calls for", () => {
    const readings = every(15, ...WEEK);
    const again = readings.filter((second) => second >= at("2024-01-03T10:00Z") && second < at("2024-01-03T12:00Z"));
    const quality = judged([...readings, ...again, ...again, at("2024-01-06T08:15Z")]);
    expect(told(quality.duplicates)).toEqual([
      "2024-01-03T10:00 2024-01-03T12:00 16",
      "2024-01-06T08:15 2024-01-06T08:30 1",
    ]);
    expect(quality).toMatchObject({ duplicateCount: 2, duplicateSlots: 9, extra: 17, expected: 672, present: 672 });
  });

  test("are found between the readings of a slower meter", () => {
    const quality = judged([...every(60, ...WEEK), at("2024-01-03T10:15Z"), at("2024-01-04T10:00Z")]);
    expect(told(quality.duplicates)).toEqual([
      "2024-01-03T10:15 2024-01-03T10:30 1",
      "2024-01-04T10:00 2024-01-04T11:00 1",
    ]);
    expect(quality).toMatchObject({ gapCount: 0, expected: 168, present: 168, extra: 2 });
  });

  test("do not make up for missing readings elsewhere", () => {
    const readings = without(every(1, ...WEEK), "2024-01-02T10:00Z", "2024-01-02T11:00Z");
    const again = every(1, "2024-01-03T10:00Z", "2024-01-03T11:00Z");
    const quality = judged([...readings, ...again]);
    expect(told(quality.duplicates)).toEqual(["2024-01-03T10:00 2024-01-03T11:00 60"]);
    expect(quality).toMatchObject({ expected: 10080, present: 10020, readings: 10080, extra: 60 });
  });
});

test("negative energy is summed separately", () => {
  const quality = judged(every(15, ...WEEK), {
    energyAt: (second) => (second % 86_400 === 43_200 ? -25n * 10n ** 17n : 10n ** 18n),
  });
  expect(quality).toMatchObject({ negativeSlots: 7, negativeEnergy: -175n * 10n ** 17n });
  expect(quality.energy).toBe(665n * 10n ** 18n - 175n * 10n ** 17n);
});

test("a daily meter leaves 23 of 24 hours empty", () => {
  const quality = judged(every(1440, ...WEEK), { from: WEEK[0], to: WEEK[1] });
  expect(quality).toMatchObject({ hours: 168, emptyHours: 161, gapCount: 0, expected: 7, present: 7 });
});
