/** The days of a store's period, and whether a batch would make it longer than it may be. */
import { dayText } from "../../time/period.js";
import type { Packed } from "../packed.js";
import { StorePeriodTooLong } from "../period-too-long.js";
import type { NewBatch } from "../store.js";

/** Days of UTC since 1970, both inclusive. */
export interface Days {
  readonly first: number;
  readonly last: number;
}

export function daysOfBatch({ totals, kept }: Packed): Days | undefined {
  const of = ({ day }: Packed["rows"]) => (day.length === 0 ? undefined : { first: day[0], last: day[day.length - 1] });
  return bothDays(of(totals), kept && of(kept.rows));
}

export function bothDays(a: Days | undefined, b: Days | undefined): Days | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
}

/** Whether all of the days are among the others. */
export function within(own: Days, held: Days | undefined): boolean {
  return held !== undefined && own.first >= held.first && own.last <= held.last;
}

export function lengthOf({ first, last }: Days): number {
  return last - first + 1;
}

/** @throws StorePeriodTooLong naming the batch's reading that is farthest from the others */
export function checkPeriod(held: Days | undefined, { contribution, first, last }: NewBatch, most: number): void {
  const own = daysOfBatch(contribution);
  // A store may already have a longer period: a batch within it is accepted.
  if (own === undefined || within(own, held)) return;
  const period = bothDays(held, own) as Days;
  if (lengthOf(period) <= most) return;
  const { day } =
    contribution.totals.day.length > 0 ? contribution.totals : (contribution.kept?.rows ?? contribution.rows);
  const middle = day[day.length >> 1];
  const others = held ?? { first: middle, last: middle };
  const early = others.first - own.first >= own.last - others.last;
  throw new StorePeriodTooLong((early ? first : last) as number, {
    days: lengthOf(period),
    from: dayText(period.first),
    to: dayText(period.last),
    most,
  });
}
