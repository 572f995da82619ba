/** What the oracle foresees of the scan of one input, as far as a scan tells it. */
import { CsvError } from "../oracle/csv.js";
import { DatasetError, readDataset } from "../oracle/dataset.js";
import type { Options } from "../oracle/options.js";
import { isReading, type Reading, readingsOf } from "../oracle/reading.js";
import type { Outcome } from "./both.mjs";

export interface Foreseen {
  readonly readings: number;
  readonly rounded: number;
  /** Numbers and lines of bad records, counted from 0. */
  readonly bad: readonly string[];
  readonly failed: boolean;
}

/** Nothing but `failed` where the input cannot be read on; undefined where the oracle does not say. */
export function foreseenOf(bytes: Uint8Array, options: Options): Foreseen | undefined {
  // Half of a line end: part of the last cell to the oracle alone.
  if (bytes.at(-1) === 13) return undefined;
  const readings: Reading[] = [];
  const bad: string[] = [];
  try {
    for (const found of readDataset(bytes, options))
      for (const reading of readingsOf({ ...found, around: [] }, options)) {
        if (typeof reading === "string") bad.push(`${found.number - 1} ${found.line - 1}`);
        else if (isReading(reading)) readings.push(reading);
      }
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    if (!(error instanceof DatasetError)) throw error;
    return { readings: 0, rounded: 0, bad: [], failed: true };
  }
  const rounded = readings.filter((reading) => reading.rounded).length;
  return { readings: readings.length, rounded, bad, failed: false };
}

/** The same of a scan. */
export function foundOf({ readings, rounded, bad, failure }: Outcome): Foreseen {
  if (failure !== undefined) return { readings: 0, rounded: 0, bad: [], failed: true };
  const places = bad as readonly { record: number; line: number }[];
  return { readings, rounded, bad: places.map(({ record, line }) => `${record} ${line}`), failed: false };
}
