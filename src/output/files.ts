/** The files of a summary. Their contents are produced on demand. */
import type { Summary } from "../tally/summary.js";
import { type CsvOptions, csvOf } from "./csv.js";
import type { OutputFile } from "./folder.js";
import { DAILY_NAME, type FileDate, hourlyGroups } from "./names.js";

export interface SummaryFileOptions extends CsvOptions {
  /** How hourly files are named. Default `dd_mm`. */
  readonly fileDate?: FileDate | undefined;
}

/** One hourly file per date, in order of time, then the daily file. */
export function summaryFiles(summary: Summary, options: SummaryFileOptions = {}): OutputFile[] {
  const csv = csvOf(summary, options);
  const { columns, hours, days } = summary;
  const hourly = hourlyGroups(hours.day, options.fileDate ?? "dd_mm").map(
    ({ name, rows }): OutputFile => ({ name, rows: rows.length * columns, blocks: () => csv.hourly(rows) }),
  );
  return [...hourly, { name: DAILY_NAME, rows: days.length * columns, blocks: () => csv.daily() }];
}
