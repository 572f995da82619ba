import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textOf } from "../../dist/base/message.js";
import { registerWarning } from "../../dist/quality/registers.js";
import { DAY, even, HOUR, nameOf, QUARTER, type Reading, rising, START, sampleOf, series } from "./samples.js";

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

/** Levels that a machine keeps for some hours each, by the minute. */
const schedule = (days: number) =>
  Array.from({ length: days * 1440 }, (_, i) => [0.1, 0.1, 0.2, 0.4, 0.4, 0.3][Math.floor((i % 1440) / 240)]!);

/** A solar plant's hours over some days. */
const sun = (days: number) =>
  Array.from(
    { length: days * 24 },
    (_, i) => Math.round(1000 * Math.max(0, Math.sin((((i % 24) - 6) * Math.PI) / 12))) / 1000,
  );

/** Many sources in turn, some values each. */
const turns = (sources: number, values: number, kWh: (source: number, turn: number) => number, width = QUARTER) =>
  Array.from({ length: sources * values }, (_, i): Reading => {
    const [source, turn] = [(i % sources) + 1, Math.floor(i / sources)];
    return [source, START + turn * width, kWh(source, turn)];
  });

/** The same readings, but for one value. */
const withValue = (readings: readonly Reading[], at: number, kWh: number) =>
  readings.map((reading, n): Reading => (n === at ? [reading[0], reading[1], kWh] : reading));

const textsOf = (warning: ReturnType<typeof registerWarning>) =>
  warning && { ...warning, message: textOf(warning.message, "library") };
const register = (readings: readonly Reading[]) => registerWarning("in.json", sampleOf(readings), nameOf);
describe("cumulative meter readings", () => {
  it("are reported with their source, and with what to do", () => {
    expect(textsOf(register(series(stands(12345.6, even(19, 0.25)))))).toEqual({
      code: "register",
      message:
        'in.json: source "M1" seems to have cumulative meter readings, not the energy of intervals: its sums would be wrong. ' +
        "Its 20 values never fall, from 12345.6 to 12350.35 kWh; " +
        'if they are, say values: "register"',
    });
    expect(textsOf(register(series(stands(12345.6, even(19, 0.25)), QUARTER, 0)))?.message).toMatch(
      /^in\.json: the source without an id seems to have cumulative meter readings/,
    );
    const two = [1, 2].flatMap((source) => series(stands(500 * source, even(30, 0.1)), QUARTER, source));
    expect(textsOf(register(two))?.message).toBe(
      'in.json: source "M1" and 1 other seem to have cumulative meter readings, not the energy of intervals: ' +
        "their sums would be wrong. The first one's 31 values never fall, from 500 to 503 kWh; " +
        'if they are, say values: "register"',
    );
    const three = [3, 1, 2].flatMap((source) => series(stands(500, even(30, 0.1)), QUARTER, source));
    expect(textsOf(register(three))?.message).toMatch(/source "M3" and 2 others seem to have/);
  });

  it.each<[string, readonly Reading[]]>([
    ["an old meter, by the quarter hour", series(stands(80_000, even(19, 0.02)))],
    ["an old meter, by the day", series(stands(80_000, even(19, 8)), DAY)],
    ["a meter that shows whole kWh", series(stands(4711, [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]))],
    ["a new meter that starts at 0, for a day of hours", series(stands(0, even(23, 0.4)), HOUR)],
    ["a new meter of a house that is empty at first", series(stands(0, [...even(20, 0), ...even(76, 0.1)]))],
    ["readings that come newest first", series(stands(12345.6, even(40, 0.25))).reverse()],
    ["values with one zero among them", withValue(series(stands(12345.6, even(671, 0.25))), 300, 0)],
    ["values with a zero at the end", series([...stands(12345.6, even(30, 0.25)), 0])],
    [
      "values with zeros in a row",
      [400, 401, 402].reduce((all, n) => withValue(all, n, 0), series(stands(12345.6, even(671, 0.25)))),
    ],
    ["a meter that was exchanged", series([...stands(45_000, even(300, 0.25)), ...stands(0, even(200, 0.25))])],
    ["a counter that begins again each day", series(Array.from({ length: 5 }, () => stands(0, even(95, 0.25))).flat())],
    [
      "a plant's counter that begins again each day",
      series(Array.from({ length: 4 }, () => stands(0, sun(1).slice(1))).flat(), HOUR),
    ],
    ["a thousand meters in turn", turns(1000, 8, (source, turn) => source * 10 + turn * 0.25)],
    ["thousands of meters in turn", turns(2600, 3, (source, turn) => 5000 + source * 10 + turn * 0.25)],
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
    ["a rising load that falls once", series([...rising(24, 0.2, 0.9), ...rising(24, 0.3, 0.9)])],
    ["a schedule of one level after another", series(schedule(10), 60)],
    [
      "a load that rises all day, and falls at midnight, by few steps",
      series(
        Array.from({ length: 240 }, (_, i) => [1, 5, 6, 9][Math.floor((i % 24) / 6)]!),
        HOUR,
      ),
    ],
    [
      "values that begin again every ten seconds",
      series(
        Array.from({ length: 100 }, (_, i) => (i * 97) % 971),
        1,
      ),
    ],
    [
      "a supply that is raised each month",
      series(
        Array.from({ length: 12 * 720 }, (_, i) => 12.5 + 0.3 * Math.floor(i / 720)),
        HOUR,
      ),
    ],
    [
      "a load that rises for days, and falls, again and again",
      series(
        Array.from({ length: 2000 }, (_, i) => ((i * 31) % 2000) / 1000),
        HOUR,
      ),
    ],
    ["daily energies that rise through autumn", series(rising(25, 5, 9), DAY)],
    ["the sun on a solar plant, for a week", series(sun(7), HOUR)],
    [
      "the morning sun on thousands of plants",
      turns(2600, 3, (source, turn) => (turn + 1) * (0.1 + source / 9000), HOUR),
    ],
    ["even loads of thousands of meters", turns(2600, 3, (source) => source / 1000)],
    [
      "loads of thousands of meters",
      turns(2600, 3, (source, turn) => 0.1 + ((source * 7919 + turn * 104_729) % 100) / 100),
    ],
    [
      "loads of thousands of meters that follow one profile",
      turns(2600, 3, (source, turn) => (source * (100 + turn)) / 1e5),
    ],
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
