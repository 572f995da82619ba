/** Estimates the size of a summary's files, and checks the free space on the disk. */
import { statfsSync } from "node:fs";
import { RunError } from "../base/errors.js";
import type { Summary } from "../tally/summary.js";
import type { Resolution } from "../time/resolution.js";
import { type CsvOptions, csvOf } from "./csv.js";

/** Hours formatted as a sample, evenly spread over the period. */
const SAMPLE = 8;
/** An upper bound of the bytes of a row without its id. */
const ROW = 128;
/** Bytes. Smaller files are not worth a sample if there is space for their upper bound. */
const SMALL = 64e6;

/**
 * The approximate size of the files of some resolutions in bytes, from a sample of hours; or an upper bound if that is small.
 * @param free bytes free on the disk
 */
export function expectedBytes(
  summary: Summary,
  resolutions: readonly Resolution[],
  options: CsvOptions,
  free: number,
): number {
  const { sources = [""], columns } = summary;
  const all = resolutions.map((resolution) => summary.series(resolution));
  const length = all.reduce((sum, series) => sum + series.length, 0);
  // A UTF-16 unit takes at most three bytes. A quote takes two, and the cell's own quotes two more.
  const ids = sources.reduce((sum, id) => sum + 4 * id.length, 0);
  const most = length * (columns * ROW + ids);
  if (most <= Math.min(SMALL, free)) return most;
  const csv = csvOf(summary, options);
  const hours = summary.series("hour");
  const step = Math.max(1, Math.floor(hours.length / SAMPLE));
  const rows: number[] = [];
  for (let row = 0; row < hours.length; row += step) rows.push(row);
  let bytes = 0;
  for (const block of csv.file(hours, rows)) bytes += block.length;
  return rows.length === 0 ? bytes : Math.ceil((bytes / rows.length) * length);
}

/** Free bytes on the disk of a folder. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** @param displayName the folder's name in messages @throws RunError `no_space` if `free` is less than `bytes` */
export function checkSpace(free: number, displayName: string, bytes: number): void {
  if (bytes <= free) return;
  throw new RunError(
    "no_space",
    `the files will take about ${spaceText(bytes)}, and the disk of ${displayName} has ${spaceText(free)} left; free some space, choose a folder on another disk, or ask for fewer days`,
  );
}

/** A size for people, such as `1.2 GB`. */
export function spaceText(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
