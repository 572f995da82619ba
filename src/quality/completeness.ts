/** Which readings were due at a source's interval, and which came: from reading to reading, through quarter hours. */

import { QUARTER } from "../time/slot-width.js";
import { instantOf, offsetAt, type Zone } from "../time/zone.js";
import { type Cells, type IntervalStretch, intervalsBetween } from "./interval.js";

/** Between what times readings were due. */
export interface Ends {
  /** Readings by the day keep to its days, also where those have 23 or 25 hours. */
  readonly zone: Zone;
  /** Epoch seconds, `to` exclusive, multiples of `QUARTER`; an end that is `undefined` is the source's own reading. */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** A stretch of time, epoch seconds, `to` exclusive. */
export interface Finding {
  readonly from: number;
  readonly to: number;
  /** Readings that are missing, or too many; `undefined` where no interval tells how many. */
  readonly readings: number | undefined;
}

export interface Found {
  /** Readings that the interval asks for between the ends; `undefined` where it could not be told. */
  readonly expected: number | undefined;
  /** How many of those came: all readings, less those that are too many. */
  readonly present: number;
  /**
   * Where the next reading is more than one and a half intervals away, or a whole quarter hour without one where the
   * interval is shorter: from when the first missing one was due to the one that came. In the order of time, the first
   * `most` of them; and how many there are, and their seconds, and those of the longest.
   */
  readonly gaps: readonly Finding[];
  readonly gapCount: number;
  readonly gapSeconds: number;
  readonly longestGap: number;
  /**
   * Where there are more readings than the interval explains: more than fit into a quarter hour, or one half an interval
   * or less after the last. Such no more than an interval apart are one stretch. The first `most`; how many there are;
   * how many quarter hours, and how many readings are too many.
   */
  readonly doubled: readonly Finding[];
  readonly doubledCount: number;
  readonly doubledSlots: number;
  readonly extra: number;
}

const DAY = 86_400;

export function walk(cells: Cells, stretches: readonly IntervalStretch[], ends: Ends, most: number): Found {
  const walker = new GapFinder(cells, ends, most);
  for (const { begin, end, seconds } of stretches) {
    if (seconds === undefined) continue;
    for (let n = begin; n < end; n++) walker.cell(n, seconds);
  }
  return walker.end();
}

/** Stretches as they are found; the first are kept. */
class Stretches {
  readonly listed: Finding[] = [];
  count = 0;
  seconds = 0;
  longest = 0;
  private last: Finding | undefined;

  constructor(private readonly most: number) {}

  /** @param apart seconds that may lie between it and the last if they are one */
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
  private readonly gaps: Stretches;
  private readonly doubled: Stretches;
  private expected = 0;
  private present = 0;
  private doubledSlots = 0;
  private extra = 0;
  /** Second and interval of the last reading that was due. */
  private last: number | undefined;
  private interval = 0;

  constructor(
    private readonly cells: Cells,
    private readonly ends: Ends,
    most: number,
  ) {
    this.gaps = new Stretches(most);
    this.doubled = new Stretches(most);
  }

  /** The next cell, whose readings come every `seconds`. */
  cell(n: number, seconds: number): void {
    const at = this.cells.slot[n] * QUARTER;
    const count = this.cells.count[n];
    const steps = this.last === undefined ? this.begin(at, seconds) : this.go(at);
    const most = steps > 0 ? Math.max(1, Math.ceil(QUARTER / seconds)) : 0;
    const present = Math.min(count, most);
    this.present += present;
    if (steps > 0) {
      this.last = at;
      this.interval = seconds;
      this.expected += this.isCut(n) ? present : Math.max(1, QUARTER / seconds);
    }
    if (count === present) return;
    this.doubledSlots++;
    this.extra += count - present;
    this.doubled.add(at, at + Math.max(QUARTER, steps > 0 ? seconds : 0), count - present, Math.max(seconds, QUARTER));
  }

  end(): Found {
    const { zone, from, to } = this.ends;
    const { last, interval, cells, gaps, doubled } = this;
    if (last === undefined) {
      if (cells.begin === cells.end && from !== undefined && to !== undefined) gaps.add(from, to, undefined);
    } else if (to !== undefined) {
      const due = interval < QUARTER ? last + QUARTER : later(zone, last, interval);
      const missing = interval < QUARTER ? (to - due) / interval : Math.ceil(apart(zone, last, to, interval)) - 1;
      this.miss(due, to, missing);
    }
    gaps.close();
    doubled.close();
    return {
      expected: last === undefined ? undefined : Math.max(this.present, Math.floor(this.expected)),
      present: this.present,
      gaps: gaps.listed,
      gapCount: gaps.count,
      gapSeconds: gaps.seconds,
      longestGap: gaps.longest,
      doubled: doubled.listed,
      doubledCount: doubled.count,
      doubledSlots: this.doubledSlots,
      extra: this.extra,
    };
  }

  /** From the period's start, if there is one, to the first reading. */
  private begin(at: number, seconds: number): number {
    const { zone, from } = this.ends;
    if (from === undefined) return 1;
    if (seconds < QUARTER) this.miss(from, at, (at - from) / seconds);
    else {
      const missing = Math.floor(apart(zone, from, at, seconds));
      this.miss(later(zone, at, -missing * seconds), at, missing);
    }
    return 1;
  }

  /** From the last reading that was due to the next one: how many intervals that is. */
  private go(at: number): number {
    const last = this.last as number;
    const { interval } = this;
    const steps = intervalsBetween((at - last) / QUARTER, interval);
    if (steps > 1) {
      const due = last + Math.max(interval, QUARTER);
      this.miss(due, at, interval < QUARTER ? (at - due) / interval : steps - 1);
    }
    return steps;
  }

  private miss(from: number, to: number, readings: number): void {
    if (readings <= 0) return;
    this.expected += readings;
    this.gaps.add(from, to, Math.floor(readings));
  }

  /** Whether a quarter hour may begin before the readings, or end after them. */
  private isCut(n: number): boolean {
    const { from, to } = this.ends;
    const { begin, end } = this.cells;
    return (from === undefined && n === begin) || (to === undefined && n === end - 1);
  }
}

/** How many intervals lie between two instants: whole days as the zone's clock shows them. */
function apart(zone: Zone, from: number, to: number, seconds: number): number {
  const clock = seconds % DAY === 0 ? offsetAt(zone, to) - offsetAt(zone, from) : 0;
  return (to - from + clock) / seconds;
}

/** The instant so many seconds later: whole days later at the same time of the zone's clock. */
function later(zone: Zone, at: number, seconds: number): number {
  return seconds % DAY === 0 ? instantOf(zone, at + offsetAt(zone, at) + seconds).instant : at + seconds;
}
