/** Compares the readings that a source's interval calls for with those that arrived, quarter hour by quarter hour. */

import { QUARTER } from "../time/slot-width.js";
import { instantOf, offsetAt, type Zone } from "../time/zone.js";
import { type Cells, type IntervalRange, intervalsBetween } from "./interval.js";

/** The period in which readings are expected. */
export interface Ends {
  /** Daily readings follow this zone's days, which may have 23 or 25 hours. */
  readonly zone: Zone;
  /** Epoch seconds, `to` exclusive, multiples of `QUARTER`; `undefined` stands for the source's own first or last reading. */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** A gap, or a time range with duplicates: epoch seconds, `to` exclusive. */
export interface Finding {
  readonly from: number;
  readonly to: number;
  /** The number of missing or extra readings; `undefined` if there is no interval. */
  readonly readings: number | undefined;
}

export interface Completeness {
  /** The number of readings that the interval calls for; `undefined` if the interval is not known. */
  readonly expected: number | undefined;
  /** How many of those arrived: all readings except the extra ones. */
  readonly present: number;
  /**
   * The first gaps, in order of time. There is a gap if the next reading is more than one and a half intervals away or, for
   * intervals below a quarter hour, if a whole quarter hour has no reading. It lasts from when the first missing reading
   * was due to the next reading.
   */
  readonly gaps: readonly Finding[];
  readonly gapCount: number;
  readonly gapSeconds: number;
  /** Seconds. */
  readonly longestGap: number;
  /**
   * The first time ranges with duplicates: with more readings than fit into a quarter hour, or a reading at most half an
   * interval after the last. Those at most an interval apart are one range.
   */
  readonly duplicates: readonly Finding[];
  readonly duplicateCount: number;
  /** The number of quarter hours with duplicates. */
  readonly duplicateSlots: number;
  /** The number of extra readings. */
  readonly extra: number;
}

const DAY = 86_400;

/** @param most how many gaps, and how many time ranges with duplicates, are listed */
export function completenessOf(cells: Cells, ranges: readonly IntervalRange[], ends: Ends, most: number): Completeness {
  const finder = new GapFinder(cells, ends, most);
  for (const { begin, end, seconds } of ranges) {
    if (seconds === undefined) continue;
    for (let n = begin; n < end; n++) finder.cell(n, seconds);
  }
  return finder.end();
}

/** Counts findings, and lists the first ones. */
class FindingList {
  readonly listed: Finding[] = [];
  count = 0;
  seconds = 0;
  longest = 0;
  private last: Finding | undefined;

  constructor(private readonly most: number) {}

  /** @param apart seconds by which it may follow the last finding and still be merged with it */
  add(from: number, to: number, readings: number | undefined, apart = -1): void {
    const { last } = this;
    if (last?.readings !== undefined && readings !== undefined && from <= last.to + apart)
      this.last = { from: last.from, to: Math.max(last.to, to), readings: last.readings + readings };
    else {
      this.close();
      this.last = { from, to, readings };
    }
  }

  close(): void {
    if (this.last === undefined) return;
    const { from, to } = this.last;
    if (this.count++ < this.most) this.listed.push(this.last);
    this.seconds += to - from;
    this.longest = Math.max(this.longest, to - from);
    this.last = undefined;
  }
}

class GapFinder {
  private readonly gaps: FindingList;
  private readonly duplicates: FindingList;
  private expected = 0;
  private present = 0;
  private duplicateSlots = 0;
  private extra = 0;
  /** Epoch second of the last expected reading. */
  private last: number | undefined;
  /** The interval at that time, in seconds. */
  private interval = 0;

  constructor(
    private readonly cells: Cells,
    private readonly ends: Ends,
    most: number,
  ) {
    this.gaps = new FindingList(most);
    this.duplicates = new FindingList(most);
  }

  /** Takes in the next cell. @param seconds the interval of its readings */
  cell(n: number, seconds: number): void {
    const at = this.cells.slot[n] * QUARTER;
    const count = this.cells.count[n];
    const steps = this.last === undefined ? this.begin(at, seconds) : this.advance(at);
    const most = steps > 0 ? Math.max(1, Math.ceil(QUARTER / seconds)) : 0;
    const present = Math.min(count, most);
    this.present += present;
    if (steps > 0) {
      this.last = at;
      this.interval = seconds;
      this.expected += this.isCut(n) ? present : Math.max(1, QUARTER / seconds);
    }
    if (count === present) return;
    this.duplicateSlots++;
    this.extra += count - present;
    this.duplicates.add(
      at,
      at + Math.max(QUARTER, steps > 0 ? seconds : 0),
      count - present,
      Math.max(seconds, QUARTER),
    );
  }

  end(): Completeness {
    const { zone, from, to } = this.ends;
    const { last, interval, cells, gaps, duplicates } = this;
    if (last === undefined) {
      if (cells.begin === cells.end && from !== undefined && to !== undefined) gaps.add(from, to, undefined);
    } else if (to !== undefined) {
      const due = interval < QUARTER ? last + QUARTER : later(zone, last, interval);
      const missing =
        interval < QUARTER ? (to - due) / interval : Math.ceil(intervalsApart(zone, last, to, interval)) - 1;
      this.addGap(due, to, missing);
    }
    gaps.close();
    duplicates.close();
    return {
      expected: last === undefined ? undefined : Math.max(this.present, Math.floor(this.expected)),
      present: this.present,
      gaps: gaps.listed,
      gapCount: gaps.count,
      gapSeconds: gaps.seconds,
      longestGap: gaps.longest,
      duplicates: duplicates.listed,
      duplicateCount: duplicates.count,
      duplicateSlots: this.duplicateSlots,
      extra: this.extra,
    };
  }

  /** Goes from the start of the period, if there is one, to the first reading. */
  private begin(at: number, seconds: number): number {
    const { zone, from } = this.ends;
    if (from === undefined) return 1;
    if (seconds < QUARTER) this.addGap(from, at, (at - from) / seconds);
    else {
      const missing = Math.floor(intervalsApart(zone, from, at, seconds));
      this.addGap(later(zone, at, -missing * seconds), at, missing);
    }
    return 1;
  }

  /** Goes from the last expected reading to the next one. @returns the number of intervals in between */
  private advance(at: number): number {
    const last = this.last as number;
    const { interval } = this;
    const steps = intervalsBetween((at - last) / QUARTER, interval);
    if (steps > 1) {
      const due = last + Math.max(interval, QUARTER);
      this.addGap(due, at, interval < QUARTER ? (at - due) / interval : steps - 1);
    }
    return steps;
  }

  private addGap(from: number, to: number, readings: number): void {
    if (readings <= 0) return;
    this.expected += readings;
    this.gaps.add(from, to, Math.floor(readings));
  }

  /** Whether a quarter hour is the first or last of the source, so that readings may cover only a part of it. */
  private isCut(n: number): boolean {
    const { from, to } = this.ends;
    const { begin, end } = this.cells;
    return (from === undefined && n === begin) || (to === undefined && n === end - 1);
  }
}

/** The number of intervals between two instants. Intervals of whole days are counted by the zone's clock. */
function intervalsApart(zone: Zone, from: number, to: number, seconds: number): number {
  const clock = seconds % DAY === 0 ? offsetAt(zone, to) - offsetAt(zone, from) : 0;
  return (to - from + clock) / seconds;
}

/** The instant that is `seconds` later. Whole days later, the zone's clock shows the same time. */
function later(zone: Zone, at: number, seconds: number): number {
  return seconds % DAY === 0 ? instantOf(zone, at + offsetAt(zone, at) + seconds).instant : at + seconds;
}
