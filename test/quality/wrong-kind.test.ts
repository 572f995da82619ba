import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textOf } from "../../dist/base/message.js";
import { dailyWarning, endStampsWarning, registerWarning, type Sample } from "../../dist/quality/wrong-kind.js";
import { zoneOf } from "../../dist/time/zone.js";
import { at } from "../time/zones.js";

type Reading = [source: number, second: number, kWh: number];

function sampleOf(readings: readonly Reading[]): Sample {
  return {
    length: readings.length,
    source: Uint32Array.from(readings, ([source]) => source),
    second: Float64Array.from(readings, ([, second]) => second),
    kWh: Float64Array.from(readings, ([, , kWh]) => kWh),
  };
}

const QUARTER = 900;
const HOUR = 3600;
const DAY = 86_400;
const START = at("2024-01-01T00:00Z");
const nameOf = (source: number) => ["", "M1", "M2", "M3"][source] ?? `S${source}`;

/** One source's values at a regular distance. */
function series(values: readonly number[], width = QUARTER, source = 1, start = START): Reading[] {
  return values.map((kWh, i) => [source, start + i * width, kWh]);
}

/** What a register shows before and after each interval. */
function stands(start: number, values: readonly number[]): number[] {
  let stand = start;
  return [start, ...values.map((kWh) => (stand = Math.round((stand + kWh) * 1000) / 1000))];
}

/** The energy of a household's quarter hours over some days: low at night, two peaks, and some noise. */
function household(days: number, noise: (i: number) => number): number[] {
  return Array.from({ length: days * 96 }, (_, i) => {
    const hour = (i % 96) / 4;
    const peak = (at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));
    return Math.round((0.05 + 0.2 * peak(8, 2) + 0.4 * peak(19, 3) + 0.03 * noise(i)) * 1000) / 1000;
  });
}

const noises = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })).map((stream) => {
  const known: number[] = [];
  return (i: number) => {
    while (known.length <= i) known.push(stream.next().value);
    return known[i]!;
  };
});

const register = (readings: readonly Reading[]) => registerWarning("in.json", sampleOf(readings), nameOf);
const even = (count: number, kWh: number) => new Array<number>(count).fill(kWh);
const rising = (count: number, from: number, to: number) =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

describe("cumulative meter readings", () => {
  it("are reported with their source, and with what to do", () => {
    expect(register(series(stands(12345.6, even(19, 0.25))))).toEqual({
      code: "register",
      message:
        'in.json: source "M1" seems to have cumulative meter readings, not the energy of intervals: its sums would be wrong. ' +
        "Its 20 values never fall, from 12345.6 to 12350.35 kWh; " +
        "give the difference from each reading to the next instead",
    });
    expect(register(series(stands(12345.6, even(19, 0.25)), QUARTER, 0))?.message).toMatch(
      /^in\.json: the source without an id seems to have cumulative meter readings/,
    );
    const two = [1, 2].flatMap((source) => series(stands(500 * source, even(30, 0.1)), QUARTER, source));
    expect(register(two)?.message).toBe(
      'in.json: source "M1" and 1 other seem to have cumulative meter readings, not the energy of intervals: ' +
        "their sums would be wrong. The first one's 31 values never fall, from 500 to 503 kWh; " +
        "give the difference from each reading to the next instead",
    );
    const three = [3, 1, 2].flatMap((source) => series(stands(500, even(30, 0.1)), QUARTER, source));
    expect(register(three)?.message).toMatch(/source "M3" and 2 others seem to have/);
  });

  it.each<[string, readonly Reading[]]>([
    ["an old meter, by the quarter hour", series(stands(80_000, even(19, 0.02)))],
    ["an old meter, by the day", series(stands(80_000, even(19, 8)), DAY)],
    ["a meter that shows whole kWh", series(stands(4711, [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]))],
    ["a new meter that starts at 0, for a day of hours", series(stands(0, even(23, 0.4)), HOUR)],
    ["a new meter of a house that is empty at first", series(stands(0, [...even(20, 0), ...even(76, 0.1)]))],
    ["readings that come newest first", series(stands(12345.6, even(40, 0.25))).reverse()],
    [
      "a meter among others",
      [...series(even(50, 0.25), QUARTER, 1), ...series(stands(900, even(50, 0.25)), QUARTER, 2)],
    ],
  ])("is seen in %s", (_, readings) => {
    expect(register(readings)?.code).toBe("register");
  });

  it.each<[string, readonly Reading[]]>([
    ["nothing", []],
    ["an even load", series(even(960, 0.25))],
    ["zeros", series(even(960, 0))],
    ["a load that rises through a morning", series(rising(24, 0.2, 0.9))],
    ["a load that rises through a morning, by the minute", series(rising(360, 0.2, 0.9), 60)],
    ["the sun on a solar plant, from midnight to noon", series([...even(28, 0), ...rising(21, 0, 1)])],
    ["an even load that grew once", series([...even(200, 0.25), ...even(200, 0.3)])],
    ["a machine that starts after days", series([...even(400, 0), 0.1, 0.2, 0.3, 0.4])],
    ["a load that creeps up, but for one leap", series([...rising(60, 0.1, 0.2), ...rising(60, 5, 5.1)])],
    ["fewer than 20 values", series(stands(12345.6, even(18, 0.25)))],
    ["values that fall once", series([...stands(12345.6, even(30, 0.25)), 0])],
    ["export, counted below zero", series(stands(-12345.6, even(30, 0.25)))],
    ["values of one and the same time", series(stands(12345.6, even(30, 0.25)), 0)],
  ])("is not seen in %s", (_, readings) => {
    expect(register(readings)).toBeUndefined();
  });

  it("are detected in the register of any household, but not in its intervals", () => {
    fc.assert(
      fc.property(
        noises,
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 100_000 }),
        (noise, days, start) => {
          const intervals = household(days, noise);
          expect(register(series(intervals))).toBeUndefined();
          expect(register(series(stands(start, intervals)))?.code).toBe("register");
        },
      ),
      { numRuns: 50 },
    );
  });
});

const daily = (readings: readonly Reading[]) => dailyWarning("in.json", sampleOf(readings), nameOf);

describe("one reading a day", () => {
  it("is reported with its source", () => {
    expect(daily(series([8, 9, 7], DAY))).toEqual({
      code: "daily_readings",
      message:
        'in.json: source "M1" has one reading a day, always at the same time: one hour of each day gets it all and ' +
        "the others are 0. The daily sums are good, the hourly ones are not",
    });
    const two = [1, 2].flatMap((source) => series([8, 9, 7], DAY, source, START + source * HOUR));
    expect(daily(two)?.message).toMatch(/source "M1" and 1 other have one reading a day/);
    expect(daily(series([8, 9, 7], DAY, 0))?.message).toMatch(/the source without an id has one reading a day/);
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

describe("end timestamps", () => {
  const ends = (zone: string, first: string, last: string, daily = false) =>
    endStampsWarning(zoneOf(zone), at(first), at(last), daily);

  it("are suggested if the last one is a midnight", () => {
    const told = (...of: Parameters<typeof ends>) => {
      const warning = ends(...of);
      return warning && { ...warning, message: textOf(warning.message, "commandLine") };
    };
    expect(told("Europe/Berlin", "2024-01-01T00:00+01:00", "2024-02-01T00:00+01:00")).toEqual({
      code: "end_stamps",
      message:
        "the last timestamp is exactly 2024-02-01T00:00:00+01:00, alone on its day: did you mean --stamps end? " +
        "It is for timestamps that mark the end of their interval",
    });
    expect(told("UTC", "2024-01-31T23:45Z", "2024-02-01T00:00Z")?.message).toContain("2024-02-01T00:00:00Z");
    // Midnight was skipped: the day began at one.
    expect(told("America/Sao_Paulo", "2017-10-14T03:15Z", "2017-10-15T03:00Z")?.message).toContain("T01:00:00-02:00");
  });

  it.each([
    ["at any other time", "UTC", "2024-01-31T00:00Z", "2024-02-01T00:15Z"],
    ["after midnight by a fraction", "UTC", "2024-01-31T00:00Z", "2024-02-01T00:00:00.25Z"],
    ["at another zone's midnight", "Europe/Berlin", "2024-01-31T00:00Z", "2024-02-01T00:00Z"],
    ["the only one", "UTC", "2024-02-01T00:00Z", "2024-02-01T00:00Z"],
    ["when clocks go back over midnight", "America/St_Johns", "2010-11-05T00:00Z", "2010-11-07T02:31Z"],
  ])("are not where it is %s", (_, zone, first, last) => {
    expect(ends(zone, first, last)).toBeUndefined();
  });

  it("are not suggested if readings are daily", () => {
    expect(ends("UTC", "2024-01-01T00:00Z", "2024-02-01T00:00Z", true)).toBeUndefined();
  });
});
