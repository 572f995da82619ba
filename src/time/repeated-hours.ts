/**
 * The wall times that a zone's clock shows twice, because it is put back at their end. Only the order of rows can tell
 * which of the two is meant (see `scan/row-order.ts`). This file has their ranges, and what scans report about them.
 */
import type { Zone } from "./zone.js";

/** One entry per column for each time that the clock is put back. Wall seconds. The changes of a zone are days apart. */
export interface Repeats {
  /** The range of repeated times: at `to` (exclusive) the clock is put back. */
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** The days of that range, from 00:00 of the first to the end of the last (exclusive). */
  readonly begin: Float64Array;
  readonly end: Float64Array;
  /** Seconds east of UTC before and after the change, that is, in the first and the second pass. */
  readonly before: Int32Array;
  readonly after: Int32Array;
}

const DAY = 86_400;

/** @param ends whether timestamps mark the ends of intervals: then `to` is one of the times too, and so is its day */
export function repeatsOf({ transitions, offsets }: Zone, ends: boolean): Repeats {
  const changes = [...transitions.keys()].filter((i) => offsets[i + 1]! < offsets[i]!);
  const from = Float64Array.from(changes, (i) => transitions[i]! + offsets[i + 1]!);
  const to = Float64Array.from(changes, (i) => transitions[i]! + offsets[i]!);
  return {
    from,
    to,
    begin: from.map((second) => Math.floor(second / DAY) * DAY),
    end: to.map((second) => (Math.floor((ends ? second : second - 1) / DAY) + 1) * DAY),
    before: Int32Array.from(changes, (i) => offsets[i]!),
    after: Int32Array.from(changes, (i) => offsets[i + 1]!),
  };
}

/** The change whose days include a wall second, or -1. */
export function changeAt({ begin, end }: Repeats, second: number): number {
  let low = 0;
  let high = end.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (end[middle]! <= second) low = middle + 1;
    else high = middle;
  }
  return low < end.length && begin[low]! <= second ? low : -1;
}

/** What scans report about times that they resolved. Plain data. */
export interface RepeatedTimes {
  /** Readings at such times. */
  readonly readings: number;
  /** Those for which the order of rows did not tell which time is meant: they count as the earlier. */
  readonly ambiguous: number;
  /** The number of days with such readings, per source and input. */
  readonly days: number;
  /** The first few of those days, in the order of `byName`. */
  readonly named: readonly AmbiguousDay[];
  /** Those of the readings whose zone is known from the table that they are in. */
  readonly zoned: number;
  /** Of readings that cover time: timestamps without an offset that are not repeated, and those of them that clocks skip. */
  readonly once: number;
  readonly skipped: number;
  /** Readings that begin before the period that was asked for, and cover some of it. */
  readonly reaching: number;
}

export interface AmbiguousDay {
  /** The id in UTF-8; empty for the unnamed source. */
  readonly source: Uint8Array;
  /** Days since 1970. */
  readonly day: number;
  readonly input: string;
}

/** The most days that are named. */
const MAX_NAMED = 3;

/** The combined report of several scans. */
export function joinRepeated(all: readonly RepeatedTimes[]): RepeatedTimes {
  return {
    readings: all.reduce((sum, { readings }) => sum + readings, 0),
    ambiguous: all.reduce((sum, { ambiguous }) => sum + ambiguous, 0),
    days: all.reduce((sum, { days }) => sum + days, 0),
    named: firstNamed(all.flatMap(({ named }) => named)),
    zoned: all.reduce((sum, { zoned }) => sum + zoned, 0),
    once: all.reduce((sum, { once }) => sum + once, 0),
    skipped: all.reduce((sum, { skipped }) => sum + skipped, 0),
    reaching: all.reduce((sum, { reaching }) => sum + reaching, 0),
  };
}

/** The first few of some days. */
export function firstNamed(days: readonly AmbiguousDay[]): AmbiguousDay[] {
  return [...days].sort(byName).slice(0, MAX_NAMED);
}

function byName(a: AmbiguousDay, b: AmbiguousDay): number {
  return Buffer.compare(a.source, b.source) || a.day - b.day || (a.input < b.input ? -1 : a.input > b.input ? 1 : 0);
}
