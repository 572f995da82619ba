/** A run that is about to replace an output that was edited, or by much less than it was: by somebody's mistake, more likely than not. */

import { join } from "node:path";
import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import type { LastOutput } from "../output/unowned.js";
import { dayOf, dayText } from "../time/period.js";

/** A period, its days inclusive, since 1970-01-01. */
interface Period {
  readonly first: number;
  readonly last: number;
}

/**
 * The warnings for an output that had days and will have none, or lose more than half of them, and for edited files.
 * @param before the output that is there
 * @param after the period of the one to come; `undefined`: it has no days
 * @param shown what messages call the folder
 */
export function replacedOutput({ period, edited }: LastOutput, after: Period | undefined, shown: string): Warning[] {
  const warnings: Warning[] = [];
  const [file] = edited;
  if (file !== undefined) {
    const names = edited.length === 1 ? join(shown, file) : `${join(shown, file)} and ${edited.length - 1} more`;
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
  const loss = after === undefined ? "which this run replaces by none" : `which this run replaces by ${told(after)}`;
  const message = say`${join(shown, "/")} has ${told(had)}, ${loss}; ${option("output")} writes into another folder`;
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
