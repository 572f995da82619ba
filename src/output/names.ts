/** The names of the files in an output folder: which hours go where, and which names are Electro's. */

import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { dayText } from "../time/period.js";

/** How hourly files are named: by day and month, or by the whole date. */
export type FileDate = "dd_mm" | "iso";

export const MANIFEST_NAME = "manifest.json";
export const DAILY_NAME = "daily_data.csv";
export const REJECTS_NAME = "rejected.ndjson";

const HOURLY = /^hourly_data_(\d{2}_\d{2}|\d{4}-\d{2}-\d{2})\.csv$/;

/**
 * Whether a name read from a manifest or a journal is one of Electro's: a forged list can neither leave the folder nor
 * reach anybody else's file. The manifest itself is not among them.
 */
export function isDataName(name: unknown): name is string {
  return typeof name === "string" && (name === DAILY_NAME || name === REJECTS_NAME || HOURLY.test(name));
}

/** The hourly file of a day (days since 1970-01-01). */
export function hourlyName(day: number, fileDate: FileDate): string {
  const iso = dayText(day);
  return `hourly_data_${fileDate === "iso" ? iso : `${iso.slice(8)}_${iso.slice(5, 7)}`}.csv`;
}

/** One hourly file: its name and its hour rows (indices into `Hours`), in order of time. */
export interface HourlyGroup {
  readonly name: string;
  readonly rows: readonly number[];
}

/**
 * The hourly files of a period, in the order of their first rows. A date's rows may not be adjacent, since clocks that go
 * back over midnight return to the previous date.
 * @param days `Hours.day`: the date of each hour row
 */
export function hourlyGroups(days: Int32Array, fileDate: FileDate): HourlyGroup[] {
  const groups = new Map<string, number[]>();
  const ofDay = new Map<number, number[]>();
  for (let row = 0; row < days.length; row++) {
    let rows = ofDay.get(days[row]);
    if (rows === undefined) {
      const name = hourlyName(days[row], fileDate);
      rows = groups.get(name) ?? [];
      groups.set(name, rows);
      ofDay.set(days[row], rows);
    }
    rows.push(row);
  }
  return Array.from(groups, ([name, rows]) => ({ name, rows }));
}

/** The warning for a period in which days of several years share a file, or undefined. @param days the period's dates */
export function sharedNames(days: Int32Array, fileDate: FileDate): Warning | undefined {
  const names = new Set<string>();
  let shared: string | undefined;
  for (const day of days) {
    const name = hourlyName(day, fileDate);
    if (names.has(name)) shared ??= name;
    names.add(name);
  }
  if (shared === undefined) return undefined;
  const message = say`the period has the same day and month in several years, so files like ${shared} hold several dates each (${days.length} days in ${names.size} files); ${option("fileDate", "iso")} gives each date its own file`;
  return { code: "shared_file_names", message };
}
