/** How many bytes a summary's files will take, and whether the disk has them. */
import { statfsSync } from "node:fs";
import { RunError } from "../base/errors.js";
import type { Summary } from "../tally/summary.js";
import { type CsvOptions, csvOf } from "./csv.js";

/** Hours that are written for a trial, evenly over the period. */
const SAMPLE = 8;
/** More than label, energy, count and what stands between them ever take. */
const ROW = 128;
/** Files of fewer bytes are not worth a trial, where there is room for as many. */
const FEW = 64e6;

/**
 * About how many bytes the hourly and daily files take: as many for each row as some hours of the period have; or no
 * less than they take, where that is little.
 * @param free bytes that there are
 */
export function expectedBytes(summary: Summary, options: CsvOptions, free: number): number {
  const { hours, days, sources = [""], columns } = summary;
  // A character is at most three bytes, or two and two quotes.
  const ids = sources.reduce((sum, id) => sum + 4 * id.length, 0);
  const most = (hours.length + days.length) * (columns * ROW + ids);
  if (most <= Math.min(FEW, free)) return most;
  const csv = csvOf(summary, options);
  const step = Math.max(1, Math.floor(hours.length / SAMPLE));
  const rows: number[] = [];
  for (let row = 0; row < hours.length; row += step) rows.push(row);
  let bytes = 0;
  for (const block of csv.hourly(rows)) bytes += block.length;
  return rows.length === 0 ? bytes : Math.ceil((bytes / rows.length) * (hours.length + days.length));
}

/** Bytes that may still be written to the disk that a folder lies on. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** @throws RunError `no_space` where the disk of a folder, which messages call `displayName`, has fewer bytes free */
export function checkSpace(free: number, displayName: string, bytes: number): void {
  if (bytes <= free) return;
  throw new RunError(
    "no_space",
    `the files will take about ${spaceText(bytes)}, and the disk of ${displayName} has ${spaceText(free)} left; free some space, choose a folder on another disk, or ask for fewer days`,
  );
}

/** For people: `1.2 GB`. */
export function spaceText(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
