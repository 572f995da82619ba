/** Encodes a summary as a response body, in blocks of bytes: CSV, as in the files, or JSON. */

import type { WarningText } from "../../base/warning.js";
import { csvOf } from "../../output/csv.js";
import { dailyRows, hourlyRows } from "../../output/rows.js";
import type { QueryResult } from "../../tally/summarise.js";
import { dayText } from "../../time/period.js";

export interface Form {
  readonly resolution: "hour" | "day";
  readonly type: "csv" | "json";
  readonly withCounts: boolean;
  readonly decimals: number | undefined;
}

/** What a response says beside its rows. */
interface Told {
  readonly unknown: readonly string[] | undefined;
  readonly warnings?: readonly WarningText[];
}

/** Characters of JSON in a block. */
const BLOCK = 1 << 16;

/**
 * The blocks are not reused.
 * @param told `unknown`: sources that were asked for, if any were, and have no readings; `warnings`: of a body
 */
export function* blocksOf(
  { summary, period }: QueryResult,
  form: Form,
  { unknown, warnings }: Told,
): Generator<Uint8Array, void> {
  const { resolution, type, withCounts, decimals } = form;
  if (type === "csv") {
    const csv = csvOf(summary, { withCounts, decimals });
    const blocks = resolution === "day" ? csv.daily() : csv.hourly(numbers(summary.hours.length));
    for (const block of blocks) yield block.slice();
    return;
  }
  const head = {
    resolution,
    timezone: summary.zone.name,
    from: period === undefined ? null : dayText(period.first),
    to: period === undefined ? null : dayText(period.last),
    ...(unknown !== undefined && { unknown_sources: unknown }),
    ...(warnings !== undefined && { warnings }),
  };
  let text = `${JSON.stringify(head).slice(0, -1)},"rows":[`;
  let first = true;
  const rows = resolution === "day" ? dailyRows(summary, { decimals }) : hourlyRows(summary, { decimals });
  for (const { reading_count, ...row } of rows) {
    text += `${first ? "\n" : ",\n"}${JSON.stringify(withCounts ? { ...row, reading_count } : row)}`;
    first = false;
    if (text.length < BLOCK) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(`${text}\n]}\n`);
}

/** The number of rows of a response. */
export function rowsOf({ summary: { hours, days, columns } }: QueryResult, resolution: Form["resolution"]): number {
  return (resolution === "day" ? days.length : hours.length) * columns;
}

function* numbers(to: number): Generator<number, void> {
  for (let n = 0; n < to; n++) yield n;
}
