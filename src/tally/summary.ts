/**
 * The result of a run or of a query to a store: the hours and days of a period in a zone, complete, each with an exact sum of
 * energy and a count of readings for every source. Rows are written into arrays that the caller owns, so that a summary of
 * millions of rows creates no objects.
 */
import { daysOf, type Hours } from "../time/period.js";
import type { Zone } from "../time/zone.js";
import type { CellColumns } from "./cell.js";

export interface Summary {
  readonly zone: Zone;
  /** The hour rows of the period, ascending in time. */
  readonly hours: Hours;
  /** The dates of the period as days since 1970-01-01, ascending, without a date that the zone skipped. */
  readonly days: Int32Array;
  /** By source: the ids, ascending by their UTF-8 bytes. Totals over all sources: `undefined`, and one column. */
  readonly sources: readonly string[] | undefined;
  /** How many columns a row has: the sources, or 1. */
  readonly columns: number;
  /**
   * Writes one hour (an index into `hours`): for column c the energy as four 32-bit limbs, least significant
   * first, at `energy[4c]`…`energy[4c+3]` (two's complement, 10⁻¹⁸ kWh), and its readings at `count[c]`.
   * With `from` and `to`, only the columns from `from` up to `to` need be written.
   */
  hour(row: number, energy: Uint32Array, count: Float64Array, from?: number, to?: number): void;
  /** The same for one day (an index into `days`). */
  day(index: number, energy: Uint32Array, count: Float64Array, from?: number, to?: number): void;
}

/** The sums of a period by hour and column, wherever they are. */
export interface Rows {
  /** The number of cells with readings. */
  readonly cells: number;
  /** Writes the sums of some hours (ascending indices) of columns `from` up to `to`. */
  sum(rows: Int32Array, into: CellColumns, from: number, to: number): void;
}

/** @param sources of the columns; `undefined`: there is one column, for all sources */
export function summaryOf(zone: Zone, hours: Hours, sources: readonly string[] | undefined, rows: Rows): Summary {
  const columns = sources?.length ?? 1;
  const days = daysOf(hours);
  const rowsOf = rowsByDay(hours, days);
  const one = new Int32Array(1);
  return {
    ...{ zone, hours, days, sources, columns },
    hour(row, energy, count, from = 0, to = columns) {
      one[0] = row;
      rows.sum(one, { energy, count }, from, to);
    },
    day(index, energy, count, from = 0, to = columns) {
      rows.sum(rowsOf(index), { energy, count }, from, to);
    },
  };
}

/** The rows of each day, which a clock change may have separated. @param days all of them, ascending */
function rowsByDay({ day, length }: Hours, days: Int32Array): (index: number) => Int32Array {
  const first = days[0];
  const ends = new Uint32Array(days.length === 0 ? 1 : days[days.length - 1] - first + 2);
  for (let row = 0; row < length; row++) ends[day[row] - first + 1]++;
  for (let n = 1; n < ends.length; n++) ends[n] += ends[n - 1];
  const begins = ends.slice();
  const rows = new Int32Array(length);
  for (let row = 0; row < length; row++) rows[begins[day[row] - first]++] = row;
  return (index) => rows.subarray(ends[days[index] - first], ends[days[index] - first + 1]);
}
