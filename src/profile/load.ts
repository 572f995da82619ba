/** The load of a period: exact sums by hour of a zone, and by quarter hour where they are known. */
import { addEnergy, type CellColumns, newColumns } from "../tally/cell.js";
import type { TimeRows } from "../time/period.js";
import type { Zone } from "../time/zone.js";

export interface Load {
  readonly zone: Zone;
  /** The hour rows of the period, ascending in time. */
  readonly hours: TimeRows;
  /** Cells in the order of time: quarter hours, or one for each hour row. */
  readonly cells: CellColumns;
  /** The cells of each hour row: from `begin` up to `end`. */
  readonly begin: Int32Array;
  readonly end: Int32Array;
}

const HOUR = 3600;
const QUARTER = 900;
const TWO_32 = 2 ** 32;
const UNITS = 1e18;

/** An energy in kWh, to the precision of a double. */
export function approximate(energy: Uint32Array, at: number): number {
  const [w0, w1, w2] = [energy[at]!, energy[at + 1]!, energy[at + 2]!];
  return ((((energy[at + 3]! | 0) * TWO_32 + w2) * TWO_32 + w1) * TWO_32 + w0) / UNITS;
}

/** A load whose cells are quarter hours: those from slot `first` on. @param hours fit quarter hours */
export function loadOfQuarters(zone: Zone, hours: TimeRows, cells: CellColumns, first: number): Load {
  const begin = Int32Array.from(hours.start, (start) => start / QUARTER - first);
  const end = Int32Array.from(hours.end, (stop) => stop / QUARTER - first);
  return { zone, hours, cells, begin, end };
}

/** A load that is known by hour only: cell n is hour row n. */
export function loadOfHours(zone: Zone, hours: TimeRows, cells: CellColumns): Load {
  const begin = Int32Array.from({ length: hours.length }, (_, n) => n);
  return { zone, hours, cells, begin, end: begin.map((n) => n + 1) };
}

/** What the hour rows of a load hold. */
export interface HourRows {
  /** Sums by hour row. */
  readonly cells: CellColumns;
  /** Mean power in kW; meaningless where there is no reading. */
  readonly kW: Float64Array;
}

/** Adds up the cells of each hour row. */
export function hourRowsOf({ hours, cells, begin, end }: Load): HourRows {
  const rows = newColumns(hours.length);
  const kW = new Float64Array(hours.length);
  for (let row = 0; row < hours.length; row++) {
    for (let cell = begin[row]!; cell < end[row]!; cell++) {
      if (cells.count[cell] === 0) continue;
      addEnergy(rows.energy, 4 * row, cells.energy, 4 * cell);
      rows.count[row]! += cells.count[cell]!;
    }
    kW[row] = (approximate(rows.energy, 4 * row) * HOUR) / (hours.end[row]! - hours.start[row]!);
  }
  return { cells: rows, kW };
}

/** The share of the readings of the fullest quarter of an hour that the emptiest must have. */
const EVEN = 0.95;

/**
 * Whether quarter hours tell the power: over the whole period, each quarter of an hour has about as many readings as the
 * others. The reading of an hour lies in its first quarter, which would then seem to have four times the power.
 */
export function hasQuarters({ hours, cells, begin, end }: Load): boolean {
  const readings = [0, 0, 0, 0];
  for (let row = 0; row < hours.length; row++) {
    const from = begin[row]!;
    if (end[row]! - from !== HOUR / QUARTER) continue;
    for (let quarter = 0; quarter < 4; quarter++) readings[quarter]! += cells.count[from + quarter]!;
  }
  return Math.min(...readings) > 0 && Math.min(...readings) >= EVEN * Math.max(...readings);
}
