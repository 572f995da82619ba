/**
 * How good a source's data is: what came, and what should have. It is seen through quarter hours of UTC, which hold a
 * sum and a count. So a time here is the start of a quarter hour; two readings in one are not told from one that came
 * twice; and where readings come more often, one that is missing and one that came twice make up for each other.
 */

import { addEnergy, energyOf, isNegative } from "../tally/cell.js";
import { SourceCells } from "../tally/source-cells.js";
import { QUARTER } from "../time/slot-width.js";
import { offsetAt, type Zone } from "../time/zone.js";
import { type Ends, type Found, walk } from "./completeness.js";
import { type Cells, fits, type IntervalStretch, intervalStretches } from "./interval.js";

export interface QualityQuestion extends Ends {
  /** How many gaps, and how many doubled stretches, are listed for a source. */
  readonly most: number;
}

export interface Interval {
  /** Epoch seconds of its first reading. */
  readonly from: number;
  /** Seconds; `undefined` where there are too few readings to tell. */
  readonly seconds: number | undefined;
}

/** Of one source, between the ends asked for, or its first and last reading. Times are epoch seconds. */
export interface SourceQuality extends Found {
  readonly source: string;
  readonly readings: number;
  /** 10⁻¹⁸ kWh. */
  readonly energy: bigint;
  /** Where the quarter hours of the first and last reading begin. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** One, or those that the meter was set to one after another; none without a reading. */
  readonly intervals: readonly Interval[];
  /**
   * How sure they are: of the quarter hours that another one with readings follows, `neighbours`, how many keep to their
   * interval (see `fits`); `undefined` where there is no interval.
   */
  readonly regular: number | undefined;
  readonly neighbours: number;
  /** Quarter hours whose energy is below zero, and its sum (10⁻¹⁸ kWh). */
  readonly negativeSlots: number;
  readonly negativeEnergy: bigint;
  /** Clock hours of the zone between the ends, and those of them without a reading, which a summary fills with 0. */
  readonly hours: number;
  readonly emptyHours: number;
}

const HOUR = 3600;

/** The quality of a source without a reading. */
export function silentQuality(source: string, question: QualityQuestion): SourceQuality {
  const nothing = new SourceCells();
  nothing.begin(source);
  return qualityOf(nothing, question);
}

/**
 * The share of the readings asked for that came, 0 to 1; a source without a reading has 0, and where no interval could be
 * told there is none.
 */
export function coverageOf({ readings, present, expected }: SourceQuality): number | undefined {
  if (readings === 0) return 0;
  return expected === undefined ? undefined : present / expected;
}

export function qualityOf(
  { source, slot, energy, count, length }: SourceCells,
  question: QualityQuestion,
): SourceQuality {
  const { zone, from, to, most } = question;
  const begin = from === undefined ? 0 : firstAt(slot, 0, length, from / QUARTER);
  const end = to === undefined ? length : firstAt(slot, begin, length, to / QUARTER);
  const cells: Cells = { slot, count, begin, end };
  const sum = new Uint32Array(4);
  const negative = new Uint32Array(4);
  let readings = 0;
  let negativeSlots = 0;
  for (let n = begin; n < end; n++) {
    readings += count[n];
    addEnergy(sum, 0, energy, 4 * n);
    if (!isNegative(energy, 4 * n)) continue;
    negativeSlots++;
    addEnergy(negative, 0, energy, 4 * n);
  }
  const first = begin < end ? slot[begin] * QUARTER : undefined;
  const last = begin < end ? slot[end - 1] * QUARTER : undefined;
  const stretches = intervalStretches(cells);
  const hours = hoursBetween(zone, from ?? first, to ?? (last === undefined ? undefined : last + QUARTER));
  return {
    source,
    readings,
    energy: energyOf(sum, 0),
    first,
    last,
    intervals: stretches.map((stretch) => ({ from: slot[stretch.begin] * QUARTER, seconds: stretch.seconds })),
    regular: regularOf(cells, stretches),
    neighbours: Math.max(0, end - begin - 1),
    ...walk(cells, stretches, question, most),
    negativeSlots,
    negativeEnergy: energyOf(negative, 0),
    hours,
    emptyHours: hours - hoursWithReadings(cells, zone),
  };
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

function regularOf(cells: Cells, stretches: readonly IntervalStretch[]): number | undefined {
  let regular = 0;
  for (const { begin, end, seconds } of stretches) {
    if (seconds === undefined) return undefined;
    for (let n = begin; n < end && n + 1 < cells.end; n++) if (fits(cells, n, seconds)) regular++;
  }
  return stretches.length === 0 ? undefined : regular;
}

/** How many hour rows a zone has of a stretch of time, the first and last being cut perhaps. */
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
