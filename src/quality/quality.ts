/**
 * The quality of a source's data: what arrived, compared with what should have. It is based on quarter hours of UTC, each
 * with a sum and a count. So times here are starts of quarter hours; two readings in one quarter hour cannot be
 * distinguished from a duplicate; and for shorter intervals, a missing reading and a duplicate in the same quarter hour
 * cancel out.
 */

import { addEnergy, energyOf, isNegative } from "../tally/cell.js";
import { SourceCells } from "../tally/source-cells.js";
import { QUARTER } from "../time/slot-width.js";
import { offsetAt, type Zone } from "../time/zone.js";
import { type Completeness, completenessOf, type Ends } from "./completeness.js";
import { type Cells, fits, type IntervalRange, intervalRanges } from "./interval.js";

export interface QualityQuestion extends Ends {
  /** The most gaps, and the most time ranges with duplicates, that are listed for a source. */
  readonly most: number;
}

export interface Interval {
  /** Epoch seconds of its first reading. */
  readonly from: number;
  /** Seconds; `undefined` if there are too few readings to tell. */
  readonly seconds: number | undefined;
}

/** The quality of one source in the given period, or from its first to its last reading. Times are epoch seconds. */
export interface SourceQuality extends Completeness {
  readonly source: string;
  readonly readings: number;
  /** 10⁻¹⁸ kWh. */
  readonly energy: bigint;
  /** The starts of the quarter hours of the first and last reading. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** The intervals of the meter, in order of time: usually one; none without readings. */
  readonly intervals: readonly Interval[];
  /**
   * How many of the `neighbours` fit their interval (see `fits`), which shows how reliable it is; `undefined` if there is
   * no interval.
   */
  readonly regular: number | undefined;
  /** The number of quarter hours with readings that are followed by another one. */
  readonly neighbours: number;
  /** The number of quarter hours with negative energy. */
  readonly negativeSlots: number;
  /** The sum of that energy (10⁻¹⁸ kWh). */
  readonly negativeEnergy: bigint;
  /** The number of clock hours of the zone in the period. */
  readonly hours: number;
  /** The number of those without readings, which a summary fills with 0. */
  readonly emptyHours: number;
}

const HOUR = 3600;

/** The quality of a source without readings. */
export function silentQuality(source: string, question: QualityQuestion): SourceQuality {
  const nothing = new SourceCells();
  nothing.begin(source);
  return qualityOf(nothing, question);
}

/**
 * The share of the expected readings that arrived, 0 to 1; 0 for a source without readings; `undefined` if the interval is
 * not known.
 */
export function coverageOf({ readings, present, expected }: SourceQuality): number | undefined {
  if (readings === 0) return 0;
  return expected === undefined ? undefined : present / expected;
}

/** @param isRegister whether the readings are cumulative: equal ones count once, so none came twice */
export function qualityOf(
  { source, slot, energy, count, length }: SourceCells,
  question: QualityQuestion,
  isRegister = false,
): SourceQuality {
  const { zone, from, to, most } = question;
  const begin = from === undefined ? 0 : firstAt(slot, 0, length, from / QUARTER);
  const end = to === undefined ? length : firstAt(slot, begin, length, to / QUARTER);
  const sum = new Uint32Array(4);
  const negative = new Uint32Array(4);
  let readings = 0;
  let negativeSlots = 0;
  for (let n = begin; n < end; n++) {
    readings += Math.floor(count[n]);
    addEnergy(sum, 0, energy, 4 * n);
    if (!isNegative(energy, 4 * n)) continue;
    negativeSlots++;
    addEnergy(negative, 0, energy, 4 * n);
  }
  // Intervals are told by the quarter hours in which readings begin; those that are only covered are no gaps.
  const cells = beginnings({ slot, count, begin, end });
  const first = begin < end ? slot[begin] * QUARTER : undefined;
  const last = begin < end ? slot[end - 1] * QUARTER : undefined;
  const ranges = intervalRanges(cells);
  const hours = hoursBetween(zone, from ?? first, to ?? (last === undefined ? undefined : last + QUARTER));
  return {
    source,
    readings,
    energy: energyOf(sum, 0),
    first,
    last,
    intervals: ranges.map((range) => ({ from: cells.slot[range.begin] * QUARTER, seconds: range.seconds })),
    regular: regularOf(cells, ranges),
    neighbours: Math.max(0, cells.end - cells.begin - 1),
    ...completenessOf(cells, ranges, question, most),
    ...(isRegister && { duplicates: [], duplicateCount: 0, duplicateSlots: 0, extra: 0 }),
    negativeSlots,
    negativeEnergy: energyOf(negative, 0),
    hours,
    emptyHours: hours - hoursWithReadings({ slot, count, begin, end }, zone),
  };
}

/** The cells in which a reading begins: the same ones where none is only covered. */
function beginnings(cells: Cells): Cells {
  const { slot, count, begin, end } = cells;
  let found = 0;
  for (let n = begin; n < end; n++) if (count[n] >= 1) found++;
  if (found === end - begin) return cells;
  const some = { slot: new Int32Array(found), count: new Float64Array(found), begin: 0, end: found };
  for (let n = begin, to = 0; n < end; n++) {
    if (count[n] < 1) continue;
    some.slot[to] = slot[n];
    some.count[to++] = count[n];
  }
  return some;
}

/** The first cell at a slot or after it. */
function firstAt(slot: Int32Array, begin: number, end: number, from: number): number {
  let low = begin;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (slot[middle] < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function regularOf(cells: Cells, ranges: readonly IntervalRange[]): number | undefined {
  let regular = 0;
  for (const { begin, end, seconds } of ranges) {
    if (seconds === undefined) return undefined;
    for (let n = begin; n < end && n + 1 < cells.end; n++) if (fits(cells, n, seconds)) regular++;
  }
  return ranges.length === 0 ? undefined : regular;
}

/** The number of a zone's hour rows in a time range, including partial ones at its ends. */
function hoursBetween({ transitions, offsets }: Zone, from: number | undefined, to: number | undefined): number {
  if (from === undefined || to === undefined) return 0;
  let hours = 0;
  offsets.forEach((offset, i) => {
    const start = Math.max(from, i === 0 ? Number.NEGATIVE_INFINITY : transitions[i - 1]!);
    const end = Math.min(to, i === transitions.length ? Number.POSITIVE_INFINITY : transitions[i]!);
    if (start < end) hours += Math.ceil((end + offset) / HOUR) - Math.floor((start + offset) / HOUR);
  });
  return hours;
}

function hoursWithReadings({ slot, begin, end }: Cells, zone: Zone): number {
  let hours = 0;
  let lastHour = Number.NaN;
  let lastOffset = Number.NaN;
  for (let n = begin; n < end; n++) {
    const second = slot[n] * QUARTER;
    const offset = offsetAt(zone, second);
    const hour = Math.floor((second + offset) / HOUR);
    if (hour === lastHour && offset === lastOffset) continue;
    hours++;
    lastHour = hour;
    lastOffset = offset;
  }
  return hours;
}
