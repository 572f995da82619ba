/** The files of a summary. Their contents are produced on demand. */
import type { Summary } from "../tally/summary.js";
import { isShort, type Resolution } from "../time/resolution.js";
import { type CsvOptions, csvOf } from "./csv.js";
import type { OutputFile } from "./folder.js";
import { dateGroups, type FileDate, wholeName } from "./names.js";

export interface SummaryFileOptions extends CsvOptions {
  /** Which files there are, in their order. */
  readonly resolutions: readonly Resolution[];
  /** How files of one date are named. Default `dd_mm`. */
  readonly fileDate?: FileDate | undefined;
}

/** By resolution: for hours and quarter hours one file per date, in order of time; for others one for all rows. */
export function summaryFiles(summary: Summary, options: SummaryFileOptions): OutputFile[] {
  const csv = csvOf(summary, options);
  const { columns } = summary;
  return options.resolutions.flatMap((resolution): OutputFile[] => {
    const series = summary.series(resolution);
    if (!isShort(resolution))
      return [{ name: wholeName(resolution), rows: series.length * columns, blocks: () => csv.file(series) }];
    return dateGroups(resolution, series.days, options.fileDate ?? "dd_mm").map(({ name, rows }) => ({
      name,
      rows: rows.length * columns,
      blocks: () => csv.file(series, rows),
    }));
  });
}
