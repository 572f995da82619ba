/** The names of the files in an output folder: which rows go where, and which names are Electro's. */

import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { dayText } from "../time/period.js";
import { ADVERBS, isShort, RESOLUTIONS, type Resolution, type Short } from "../time/resolution.js";

/** How files of one date are named: by day and month, or by the whole date. */
export type FileDate = "dd_mm" | "iso";

/** The format of the files, which their names end with. */
export type FileFormat = "csv" | "parquet";

export const MANIFEST_NAME = "manifest.json";
export const REJECTS_NAME = "rejected.ndjson";

/** The file that has all rows of a resolution. */
export function wholeName(resolution: Exclude<Resolution, Short>, format: FileFormat = "csv"): string {
  return `${ADVERBS[resolution]}_data.${format}`;
}

/** The files that have all rows of a resolution, for those whose rows are not in files by date. */
export function wholeNames(resolutions: readonly Resolution[], format?: FileFormat): string[] {
  return resolutions.flatMap((one) => (isShort(one) ? [] : [wholeName(one, format)]));
}

/** The names of data files, as a regular expression. */
export const DATA_NAMES = `^(${RESOLUTIONS.map((resolution) =>
  isShort(resolution)
    ? `${ADVERBS[resolution]}_data_(\\d{2}_\\d{2}|\\d{4}-\\d{2}-\\d{2})\\.(csv|parquet)`
    : `${ADVERBS[resolution]}_data\\.(csv|parquet)`,
).join("|")}|rejected\\.ndjson)$`;

const DATA_NAME = new RegExp(DATA_NAMES);

/**
 * Whether a name read from a manifest or a journal is one of Electro's: a forged list can neither leave the folder nor
 * reach anybody else's file. The manifest itself is not among them.
 */
export function isDataName(name: unknown): name is string {
  return typeof name === "string" && DATA_NAME.test(name);
}

/** The file of a date (days since 1970-01-01). */
export function dateName(resolution: Short, day: number, fileDate: FileDate, format: FileFormat = "csv"): string {
  const iso = dayText(day);
  const date = fileDate === "iso" ? iso : `${iso.slice(8)}_${iso.slice(5, 7)}`;
  return `${ADVERBS[resolution]}_data_${date}.${format}`;
}

/** The file of a date: its name and its rows (their numbers), in order of time. */
export interface DateGroup {
  readonly name: string;
  readonly rows: readonly number[];
}

/**
 * The files of a period, in the order of their first rows. A date's rows may not be adjacent, since clocks that go back over
 * midnight return to the previous date.
 * @param days the date of each row
 */
export function dateGroups(resolution: Short, days: Int32Array, fileDate: FileDate, format?: FileFormat): DateGroup[] {
  const groups = new Map<string, number[]>();
  const ofDay = new Map<number, number[]>();
  for (let row = 0; row < days.length; row++) {
    let rows = ofDay.get(days[row]);
    if (rows === undefined) {
      const name = dateName(resolution, days[row], fileDate, format);
      rows = groups.get(name) ?? [];
      groups.set(name, rows);
      ofDay.set(days[row], rows);
    }
    rows.push(row);
  }
  return Array.from(groups, ([name, rows]) => ({ name, rows }));
}

/**
 * The warning for a period in which days of several years share a file, or undefined.
 * @param resolutions of the files
 * @param days the period's dates
 */
export function sharedNames(
  resolutions: readonly Resolution[],
  days: Int32Array,
  fileDate: FileDate,
  format?: FileFormat,
): Warning | undefined {
  const resolution = resolutions.find(isShort);
  if (resolution === undefined) return undefined;
  const names = new Set<string>();
  let shared: string | undefined;
  for (const day of days) {
    const name = dateName(resolution, day, fileDate, format);
    if (names.has(name)) shared ??= name;
    names.add(name);
  }
  if (shared === undefined) return undefined;
  const message = say`the period has the same day and month in several years, so files like ${shared} hold several dates each (${days.length} days in ${names.size} files); ${option("fileDate", "iso")} gives each date its own file`;
  return { code: "shared_file_names", message };
}
