/** Which files of a folder or an archive are read, by the ends of their names. */
import { extname } from "node:path";

/** Extensions of the files that are read from a folder, in upper or lower case. */
const ENDING = /\.((json|jsonl|ndjson|csv)(\.gz|\.zst)?|parquet|zip)$/i;

export const ENDINGS = ".json, .jsonl, .ndjson, .csv, also with .gz or .zst, .parquet and .zip";

/** The file of a store, and those beside it. */
const STORE = /\.duckdb(\.(wal|mark)[^/]*)?$/;

export function isDataset(name: string): boolean {
  return ENDING.test(name);
}

export function isHidden(below: string): boolean {
  return below.slice(below.lastIndexOf("/") + 1).startsWith(".");
}

/** Files of folders or archives that are not read, counted. */
export class Skipped {
  /** Datasets whose names begin with a dot. */
  hidden = 0;
  /** Others, by their extensions; `""` for none. */
  readonly byEnding = new Map<string, number>();

  /** A file that is no dataset by its name. Electro's own stores, and what is hidden, are not counted. */
  add(below: string): void {
    if (isHidden(below) || STORE.test(below)) return;
    const ending = extname(below).toLowerCase();
    this.byEnding.set(ending, (this.byEnding.get(ending) ?? 0) + 1);
  }
}
