/**
 * What a period's load looks like: its figures, its bars, its typical days, its duration curve, its heat map, its gaps.
 * Sums are exact; powers and statistics are doubles, for looking at.
 */
import { type CellColumns, energyOf, isNegative } from "../tally/cell.js";
import { hourLabel } from "../time/period.js";
import { type Bar, type BarWidth, barsOf } from "./bars.js";
import { type HeatMap, heatMapOf } from "./heat-map.js";
import { approximate, hasQuarters, hourRowsOf, type Load } from "./load.js";
import { type Band, shareOf, sortedPowers, typicalDay } from "./typical.js";

/** A stretch of hours in which no source has a reading. */
export interface Gap {
  /** Labels: its first hour, and the first one after it. */
  readonly from: string;
  readonly to: string;
  readonly hours: number;
}

export interface Peak {
  /** Label of its start. */
  readonly start: string;
  readonly minutes: 15 | 60;
  readonly kWh: bigint;
  readonly kW: number;
}

export interface Profile {
  /** 10⁻¹⁸ kWh. */
  readonly total: bigint;
  readonly readings: number;
  /** Days of the period, and those of them that have a reading. */
  readonly days: number;
  readonly daysWithReadings: number;
  readonly hours: number;
  readonly hoursWithoutReadings: number;
  /** The highest mean power of a quarter hour or, where readings are by the hour, of an hour. */
  readonly peak: Peak | undefined;
  /** The power that 95 of 100 hours with readings reach or exceed, in kW. */
  readonly baseLoad: number | undefined;
  /** Hours whose energy is negative, and the label of the first. */
  readonly negativeHours: number;
  readonly firstNegative: string | undefined;
  /** Stretches without readings: how many there are, the first ones, and the longest. */
  readonly gaps: { readonly count: number; readonly first: readonly Gap[]; readonly longest: Gap | undefined };
  readonly bars: readonly Bar[];
  /** By hour of the day. */
  readonly weekday: readonly Band[];
  readonly weekend: readonly Band[];
  /** Powers in kW that are reached in 0, 1, … 100 of 100 hours with readings, falling; none without readings. */
  readonly duration: readonly number[];
  readonly heatMap: HeatMap;
}

/** Gaps that are listed. */
export const MOST_GAPS = 100;
const BASE_LOAD = 0.95;
const PERCENT = 100;
const QUARTER = 900;

/** @param width of the bars */
export function profileOf(load: Load, width: BarWidth): Profile {
  const { zone, hours } = load;
  const rows = hourRowsOf(load);
  const { cells, kW } = rows;
  let total = 0n;
  let readings = 0;
  let empty = 0;
  let negativeHours = 0;
  let firstNegative: string | undefined;
  const days = new Set<number>();
  const daysWithReadings = new Set<number>();
  const labelOf = (row: number) => hourLabel(zone, hours.start[row]!, hours.offset[row]!);
  for (let row = 0; row < hours.length; row++) {
    days.add(hours.day[row]!);
    if (cells.count[row] === 0) {
      empty++;
      continue;
    }
    daysWithReadings.add(hours.day[row]!);
    total += energyOf(cells.energy, 4 * row);
    readings += Math.floor(cells.count[row]!);
    if (!isNegative(cells.energy, 4 * row)) continue;
    negativeHours++;
    firstNegative ??= labelOf(row);
  }
  const powers = sortedPowers(rows);
  return {
    ...{ total, readings, days: days.size, daysWithReadings: daysWithReadings.size },
    ...{ hours: hours.length, hoursWithoutReadings: empty, negativeHours, firstNegative },
    peak: hasQuarters(load) ? peakOfQuarters(load) : peakOfHours(load, cells),
    baseLoad: shareOf(powers, 1 - BASE_LOAD),
    gaps: gapsOf(load, cells.count),
    bars: barsOf(load, cells, width),
    ...{ weekday: typicalDay(load, rows, false), weekend: typicalDay(load, rows, true) },
    duration:
      powers.length === 0 ? [] : Array.from({ length: PERCENT + 1 }, (_, n) => shareOf(powers, 1 - n / PERCENT)!),
    heatMap: heatMapOf(load, cells.count, kW),
  };
}

function peakOfQuarters({ zone, hours, cells, begin, end }: Load): Peak | undefined {
  let best = -1;
  let bestRow = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < hours.length; row++)
    for (let cell = begin[row]!; cell < end[row]!; cell++) {
      if (cells.count[cell] === 0) continue;
      const kWh = approximate(cells.energy, 4 * cell);
      if (kWh <= most) continue;
      most = kWh;
      best = cell;
      bestRow = row;
    }
  if (best < 0) return undefined;
  const start = hours.start[bestRow]! + (best - begin[bestRow]!) * QUARTER;
  const label = hourLabel(zone, start, hours.offset[bestRow]!);
  return { start: label, minutes: 15, kWh: energyOf(cells.energy, 4 * best), kW: most * 4 };
}

function peakOfHours({ zone, hours }: Load, cells: CellColumns): Peak | undefined {
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < hours.length; row++) {
    if (cells.count[row] === 0) continue;
    const kWh = approximate(cells.energy, 4 * row);
    if (kWh <= most) continue;
    most = kWh;
    best = row;
  }
  if (best < 0) return undefined;
  const label = hourLabel(zone, hours.start[best]!, hours.offset[best]!);
  // A clock change may cut an hour; what is left of it is no higher for that.
  return { start: label, minutes: 60, kWh: energyOf(cells.energy, 4 * best), kW: most };
}

function gapsOf({ zone, hours }: Load, count: Float64Array): Profile["gaps"] {
  const first: Gap[] = [];
  let longest: Gap | undefined;
  let found = 0;
  for (let row = 0; row < hours.length; ) {
    if (count[row] !== 0) {
      row++;
      continue;
    }
    const from = row;
    while (row < hours.length && count[row] === 0) row++;
    found++;
    const inHours = row - from;
    if (first.length >= MOST_GAPS && inHours <= (longest?.hours ?? 0)) continue;
    const end = row < hours.length ? row : row - 1;
    const to = hourLabel(zone, row < hours.length ? hours.start[end]! : hours.end[end]!, hours.offset[end]!);
    const gap = { from: hourLabel(zone, hours.start[from]!, hours.offset[from]!), to, hours: inHours };
    if (first.length < MOST_GAPS) first.push(gap);
    if (longest === undefined || inHours > longest.hours) longest = gap;
  }
  return { count: found, first, longest };
}
