/** Warns of a run that is about to replace an output with a much smaller one, which is probably a mistake. */

import { join } from "node:path";
import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { dayOf, dayText } from "../time/period.js";

/** A period: its first and last day, since 1970-01-01. */
interface Period {
  readonly first: number;
  readonly last: number;
}

/**
 * The warning for an output that had days and will have none, or lose more than half of them.
 * @param before the period of the existing output, from its manifest
 * @param after that of the new one; `undefined`: it has no days
 * @param displayName the folder as messages name it
 */
export function lostDays(
  before: { readonly from: string; readonly to: string } | undefined,
  after: Period | undefined,
  displayName: string,
): Warning | undefined {
  if (before === undefined) return undefined;
  const had = { first: dayOf(before.from), last: dayOf(before.to) };
  const days = daysIn(had);
  const left = after === undefined ? 0 : daysIn(after);
  if (2 * left >= days) return undefined;
  const loss = `which this run replaces with ${after === undefined ? "none" : told(after)}`;
  return {
    code: "days_lost",
    message: say`${join(displayName, "/")} has ${told(had)}, ${loss}; ${option("output")} writes into another folder`,
  };
}

function daysIn({ first, last }: Period): number {
  return last - first + 1;
}

function told(period: Period): string {
  const days = daysIn(period);
  return days === 1
    ? `1 day (${dayText(period.first)})`
    : `${days} days (${dayText(period.first)} to ${dayText(period.last)})`;
}
