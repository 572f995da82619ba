/** What a store says of a batch that would make its period longer than it may be. */
import { StoreError } from "../base/errors.js";

/** Days of UTC, as `2024-01-31`, both inclusive; their number, and the most that there may be. */
export interface LongPeriod {
  readonly from: string;
  readonly to: string;
  readonly days: number;
  readonly most: number;
}

/** A batch would make the store's period longer than it may be. */
export class StorePeriodTooLong extends StoreError {
  constructor(
    /** Epoch seconds of the reading that does. */
    readonly second: number,
    readonly period: LongPeriod,
  ) {
    const { from, to, days, most } = period;
    const of = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    super(
      "stretches_period",
      `with the reading of ${of} the store would have ${days} days, from ${from} to ${to}, more than ${most}`,
    );
  }
}
