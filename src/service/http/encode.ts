/** Encodes a summary as a response body, in blocks of bytes: CSV or Parquet, as in the files, or JSON. */

import type { WarningText } from "../../base/warning.js";
import { csvOf } from "../../output/csv.js";
import { parquetOf } from "../../output/parquet.js";
import { rowsOf } from "../../output/rows.js";
import type { LeftOut } from "../../scan/left-out.js";
import type { QueryResult } from "../../tally/summarise.js";
import { dayText } from "../../time/period.js";
import type { Resolution } from "../../time/resolution.js";
import type { AnswerType } from "./accept.js";

export interface Form {
  readonly resolution: Resolution;
  readonly type: AnswerType;
  readonly withCounts: boolean;
  readonly decimals: number | undefined;
}

/** What a response says beside its rows. */
interface Told {
  readonly unknown: readonly string[] | undefined;
  readonly warnings?: readonly WarningText[];
  readonly readAs?: readonly string[];
  readonly qualityFlags?: LeftOut;
}

/** Characters of JSON in a block. */
const BLOCK = 1 << 16;

/**
 * The blocks are not reused.
 * @param told `unknown`: sources that were asked for, if any were, and have no readings; the others: of a body
 */
export function* blocksOf(
  { summary, period }: QueryResult,
  form: Form,
  { unknown, warnings, readAs, qualityFlags }: Told,
): Generator<Uint8Array, void> {
  const { resolution, type, withCounts, decimals } = form;
  if (type !== "json") {
    const table = (type === "csv" ? csvOf : parquetOf)(summary, { withCounts, decimals });
    for (const block of table.file(summary.series(resolution))) yield block.slice();
    return;
  }
  const head = {
    resolution,
    timezone: summary.zone.name,
    from: period === undefined ? null : dayText(period.first),
    to: period === undefined ? null : dayText(period.last),
    ...(unknown !== undefined && { unknown_sources: unknown }),
    ...(readAs !== undefined && { read_as: readAs }),
    ...(qualityFlags !== undefined && { quality_flags: qualityFlags }),
    ...(warnings !== undefined && { warnings }),
  };
  let text = `${JSON.stringify(head).slice(0, -1)},"rows":[`;
  let first = true;
  for (const { reading_count, covered, ...row } of rowsOf(summary, resolution, { decimals })) {
    text += `${first ? "\n" : ",\n"}${JSON.stringify(withCounts ? { ...row, reading_count, covered } : row)}`;
    first = false;
    if (text.length < BLOCK) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(`${text}\n]}\n`);
}

/** The number of rows of a response. */
export function rowCount({ summary }: QueryResult, resolution: Resolution): number {
  return summary.series(resolution).length * summary.columns;
}
