/** The files of a summary. Their contents are produced on demand. */
import type { Summary } from "../tally/summary.js";
import { isShort, type Resolution } from "../time/resolution.js";
import { type CsvOptions, csvOf, type Table } from "./csv.js";
import type { OutputFile } from "./folder.js";
import { dateGroups, type FileDate, type FileFormat, wholeName } from "./names.js";

export interface SummaryFileOptions extends CsvOptions {
  /** Which files there are, in their order. */
  readonly resolutions: readonly Resolution[];
  /** How files of one date are named. Default `dd_mm`. */
  readonly fileDate?: FileDate | undefined;
  /** Default `csv`. */
  readonly format?: FileFormat | undefined;
}

/**
 * By resolution: for hours and quarter hours one file per date, in order of time; for others one for all rows.
 * @param tableOf makes files of the options' format
 */
export function summaryFiles(
  summary: Summary,
  options: SummaryFileOptions,
  tableOf: (summary: Summary, options: CsvOptions) => Table = csvOf,
): OutputFile[] {
  const table = tableOf(summary, options);
  const { columns } = summary;
  const { format } = options;
  return options.resolutions.flatMap((resolution): OutputFile[] => {
    const series = summary.series(resolution);
    if (!isShort(resolution))
      return [{ name: wholeName(resolution, format), rows: series.length * columns, blocks: () => table.file(series) }];
    return dateGroups(resolution, series.days, options.fileDate ?? "dd_mm", format).map(({ name, rows }) => ({
      name,
      rows: rows.length * columns,
      blocks: () => table.file(series, rows),
    }));
  });
}
