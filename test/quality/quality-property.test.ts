/** What is found in any meter's readings, against sets of the instants at which one was due. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instantText } from "../oracle/zone.js";
import { at, intervals, judged } from "./quality-support.js";

const START = at("2024-03-25T00:00Z");
const QUARTER = 900;

interface Case {
  /** Minutes. */
  readonly interval: number;
  /** Instants at which readings are due. */
  readonly due: readonly number[];
  /** Those that came, and those that came more than once, as often as they are here. */
  readonly came: readonly number[];
  readonly again: readonly number[];
}

/** A meter that keeps to its interval for about two weeks, but for some runs that are missing or come twice. */
const cases = fc
  .record({
    interval: fc.constantFrom(1, 5, 15, 30, 60, 120, 360, 1440),
    phase: fc.nat(95),
    length: fc.integer({ min: 150, max: 1300 }),
    missing: fc.array(fc.tuple(fc.nat(1300), fc.integer({ min: 1, max: 12 })), { maxLength: 4 }),
    doubled: fc.array(fc.tuple(fc.nat(1300), fc.integer({ min: 1, max: 9 })), { maxLength: 4 }),
  })
  .map(({ interval, phase, length, missing, doubled }): Case => {
    // Whole quarter hours of readings where several fit into one.
    const each = Math.max(1, 15 / interval);
    const shift = (phase % Math.max(1, interval / 15)) * QUARTER;
    const due = Array.from({ length: length * each }, (_, n) => START + shift + n * interval * 60);
    const within = (runs: readonly (readonly [number, number])[], n: number) =>
      runs.some(([from, many]) => n >= from && n < from + many);
    const came = due.filter((_, n) => n < 3 * each || n >= due.length - 3 * each || !within(missing, n));
    return { interval, due, came, again: came.filter((_, n) => within(doubled, n)) };
  });

const slotOf = (second: number) => Math.floor(second / QUARTER) * QUARTER;

/** Runs of numbers that are no more than `step` apart, as pairs of the first and the last. */
function runs(numbers: readonly number[], step: number): [number, number][] {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last !== undefined && number - last[1] <= step) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}

/** How often each number comes. */
function times(numbers: readonly number[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const number of numbers) found.set(number, (found.get(number) ?? 0) + 1);
  return found;
}

/** What is to be found. */
function expectedOf({ interval, due, came, again }: Case) {
  const seconds = interval * 60;
  const width = Math.max(seconds, QUARTER);
  const capacity = Math.max(1, QUARTER / seconds);
  const counts = times([...came, ...again].map(slotOf));
  const slotsDue = [...new Set(due.map(slotOf))];
  const present = [...counts.values()].reduce((sum, count) => sum + Math.min(count, capacity), 0);
  const empty = slotsDue.filter((slot) => !counts.has(slot));
  const full = [...counts].filter(([, count]) => count > capacity).sort(([a], [b]) => a - b);
  return {
    readings: came.length + again.length,
    expected: due.length,
    present,
    gaps: runs(empty, width).map(([from, last]) => ({
      ...{ from, to: last + width },
      readings: due.filter((second) => second >= from && second < last + width).length,
    })),
    duplicates: runs(
      full.map(([slot]) => slot),
      2 * width,
    ).map(([from, last]) => ({
      ...{ from, to: last + width },
      readings: full.reduce((sum, [slot, n]) => sum + (slot >= from && slot <= last ? n - capacity : 0), 0),
    })),
    duplicateSlots: full.length,
    extra: came.length + again.length - present,
  };
}

describe("a meter that keeps to its interval", () => {
  test("has its missing and duplicate readings found", () => {
    fc.assert(
      fc.property(cases, (meter) => {
        const quality = judged([...meter.came, ...meter.again], { most: 1e6 });
        const { first, last } = quality;
        expect(intervals(quality)).toEqual([meter.interval]);
        expect([first, last]).toEqual([slotOf(meter.due[0]!), slotOf(meter.due.at(-1)!)]);
        expect(quality).toMatchObject(expectedOf(meter));
      }),
      { numRuns: 300 },
    );
  });

  test("has the same found in a period, and those missing at its ends", () => {
    fc.assert(
      fc.property(cases, fc.nat(40), fc.nat(40), (meter, before, after) => {
        const { interval, due } = meter;
        const step = interval * 60;
        const each = Math.max(1, 15 / interval);
        const earlier = Array.from({ length: before * each }, (_, n) => due[0]! - (before * each - n) * step);
        const later = Array.from({ length: after * each }, (_, n) => due.at(-1)! + (n + 1) * step);
        const asked = { ...meter, due: [...earlier, ...due, ...later] };
        // Up to where the next reading would be due.
        const quality = judged([...meter.came, ...meter.again], {
          ...{ most: 1e6, from: isoOf(asked.due[0]!), to: isoOf(asked.due.at(-1)! + step) },
        });
        expect(quality).toMatchObject(expectedOf(asked));
      }),
      { numRuns: 200 },
    );
  });
});

const isoOf = (second: number) => new Date(second * 1000).toISOString();

describe("any readings", () => {
  const zones = fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns");
  const anything = fc.array(fc.nat(40 * 86_400), { minLength: 1, maxLength: 400 });

  test("add up", () => {
    fc.assert(
      fc.property(anything, fc.option(fc.nat(39)), fc.option(fc.nat(39)), zones, (seconds, fromDay, toDay, zone) => {
        const from = fromDay === null ? undefined : isoOf(START + fromDay * 86_400);
        const to = toDay === null ? undefined : isoOf(START + (toDay + 1) * 86_400);
        if (from !== undefined && to !== undefined && from >= to) return;
        const readings = seconds.map((second) => START + second);
        const quality = judged(readings, { zone, most: 1e6, ...(from && { from }), ...(to && { to }) });
        const inside = readings.filter(
          (second) => (from === undefined || second >= at(from)) && (to === undefined || second < at(to)),
        );
        expect(quality.readings).toBe(inside.length);
        if (quality.expected !== undefined) {
          expect(quality.present + quality.extra).toBe(inside.length);
          expect(quality.expected).toBeGreaterThanOrEqual(quality.present);
          expect(quality.regular).toBeLessThanOrEqual(quality.neighbours);
        }
        const [start, end] = [from ? at(from) : quality.first, to ? at(to) : quality.last];
        let last = start ?? 0;
        for (const gap of quality.gaps) {
          expect(gap.from).toBeGreaterThanOrEqual(last);
          expect(gap.to).toBeGreaterThan(gap.from);
          expect(gap.to).toBeLessThanOrEqual(end ?? Number.POSITIVE_INFINITY);
          expect(inside.some((second) => slotOf(second) >= gap.from && second < gap.to)).toBe(false);
          last = gap.to;
        }
        expect(quality.gapCount).toBe(quality.gaps.length);
        expect(quality.gapSeconds).toBe(quality.gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0));
      }),
      { numRuns: 400 },
    );
  });

  test("leave the other hours empty", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9 * 86_400), { minLength: 1, maxLength: 60 }), zones, (seconds, zone) => {
        const readings = seconds.map((second) => START + second);
        const quality = judged(readings, { zone });
        const used = new Set(readings.map((second) => hourOf(zone, slotOf(second))));
        const all = new Set<string>();
        for (let slot = quality.first!; slot <= quality.last!; slot += QUARTER) all.add(hourOf(zone, slot));
        expect([quality.hours, quality.emptyHours]).toEqual([all.size, all.size - used.size]);
      }),
      { numRuns: 60 },
    );
  });

  /** Date, hour and offset on the zone's clock. */
  function hourOf(zone: string, second: number): string {
    const text = instantText(zone, second);
    return text.slice(0, 13) + text.slice(19);
  }
});
