/**
 * The wall times that a zone's clock shows twice, since it is put back at their end. Which of the two is meant, only the
 * order of rows can tell (see `scan/row-order.ts`); here is where such times are, and what a scan says of those it met.
 */
import type { Zone } from "./zone.js";

/** Columns, one entry for each time that the clock is put back; the changes of a zone lie days apart. Wall seconds. */
export interface Repeats {
  /** The repeated times: `to` is exclusive, and is when the clock is put back. */
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** The days that they touch, from the first one's 00:00 to the last one's end (exclusive). */
  readonly begin: Float64Array;
  readonly end: Float64Array;
  /** Seconds east of UTC before the change and after it: what the first and the second pass are told from. */
  readonly before: Int32Array;
  readonly after: Int32Array;
}

const DAY = 86_400;

/** @param ends timestamps mark the ends of intervals, so `to` itself belongs to the times too, and so does its day */
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

/** The change whose days hold a wall second, or -1. */
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

/** What scans met of repeated wall times. Plain data. */
export interface RepeatedTimes {
  /** Readings at such times. */
  readonly readings: number;
  /** Those among them of which the order of the rows did not tell which time is meant: the earlier was taken. */
  readonly ambiguous: number;
  /** How many days of a source in an input those are of, and the first few, in the order of `byName`. */
  readonly days: number;
  readonly named: readonly AmbiguousDay[];
}

export interface AmbiguousDay {
  /** The id in UTF-8; none is the unnamed source. */
  readonly source: Uint8Array;
  /** Days since 1970. */
  readonly day: number;
  readonly input: string;
}

/** How many days are named. */
const NAMED = 3;

/** What several scans met. */
export function joinRepeated(all: readonly RepeatedTimes[]): RepeatedTimes {
  return {
    readings: all.reduce((sum, { readings }) => sum + readings, 0),
    ambiguous: all.reduce((sum, { ambiguous }) => sum + ambiguous, 0),
    days: all.reduce((sum, { days }) => sum + days, 0),
    named: firstNamed(all.flatMap(({ named }) => named)),
  };
}

/** The first few of some days. */
export function firstNamed(days: readonly AmbiguousDay[]): AmbiguousDay[] {
  return [...days].sort(byName).slice(0, NAMED);
}

function byName(a: AmbiguousDay, b: AmbiguousDay): number {
  return Buffer.compare(a.source, b.source) || a.day - b.day || (a.input < b.input ? -1 : a.input > b.input ? 1 : 0);
}
