/** Warns of a run that is about to replace an output that was edited, or with a much smaller one: probably a mistake. */

import { join } from "node:path";
import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import type { LastOutput } from "../output/unowned.js";
import { dayOf, dayText } from "../time/period.js";

/** A period: its first and last day, since 1970-01-01. */
interface Period {
  readonly first: number;
  readonly last: number;
}

/**
 * The warnings for an output that had days and will have none, or lose more than half of them, and for edited files.
 * @param before the existing output
 * @param after the period of the new one; `undefined`: it has no days
 * @param displayName the folder as messages name it
 */
export function replacedOutput(
  { period, edited }: LastOutput,
  after: Period | undefined,
  displayName: string,
): Warning[] {
  const warnings: Warning[] = [];
  const [file] = edited;
  if (file !== undefined) {
    const names =
      edited.length === 1 ? join(displayName, file) : `${join(displayName, file)} and ${edited.length - 1} more`;
    const it = edited.length === 1 ? "it" : "them";
    warnings.push({
      code: "edited_output",
      message: say`${names} changed since Electro wrote ${it}: this run replaces ${it}, and the changes are lost; ${option("output")} writes into another folder`,
    });
  }
  if (period === undefined) return warnings;
  const had = { first: dayOf(period.from), last: dayOf(period.to) };
  const days = daysIn(had);
  const left = after === undefined ? 0 : daysIn(after);
  if (2 * left >= days) return warnings;
  const loss = `which this run replaces with ${after === undefined ? "none" : told(after)}`;
  const message = say`${join(displayName, "/")} has ${told(had)}, ${loss}; ${option("output")} writes into another folder`;
  return [...warnings, { code: "days_lost", message }];
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
