/**
 * What a run or a store answers with: the hours and days of a period in a zone, complete, each with an exact
 * sum of energy and a count of readings for every source. Rows are handed out into arrays that the caller
 * owns, so that a summary of millions of rows makes no objects.
 */
import type { Hours } from "../time/period.js";
import type { Zone } from "../time/zone.js";

export interface Summary {
  readonly zone: Zone;
  /** The hour rows of the period, ascending in time. */
  readonly hours: Hours;
  /** The dates of the period as days since 1970-01-01, ascending; a date that the zone skipped is not there. */
  readonly days: Int32Array;
  /** By source: the ids, ascending by their UTF-8 bytes. Totals over all sources: `undefined`, and one column. */
  readonly sources: readonly string[] | undefined;
  /** How many columns a row has: the sources, or 1. */
  readonly columns: number;
  /**
   * Writes one hour (an index into `hours`): for column c the energy as four 32-bit limbs, least significant
   * first, at `energy[4c]`…`energy[4c+3]` (two's complement, 10⁻¹⁸ kWh), and its readings at `count[c]`.
   * With `from` and `to` no column before the one or from the other on need be written.
   */
  hour(row: number, energy: Uint32Array, count: Float64Array, from?: number, to?: number): void;
  /** The same for one day (an index into `days`). */
  day(index: number, energy: Uint32Array, count: Float64Array, from?: number, to?: number): void;
}
