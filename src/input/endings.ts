/** Which files of a folder or an archive are read, by the ends of their names. */
import { extname } from "node:path";
import type { WarningText } from "../base/warning.js";

/** Extensions of the files that are read from a folder, in upper or lower case. */
const ENDING = /\.((json|jsonl|ndjson|csv|xml)(\.gz|\.zst)?|parquet|zip)$/i;

export const ENDINGS = ".json, .jsonl, .ndjson, .csv, .xml, also with .gz or .zst, .parquet and .zip";

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

/** What was skipped, where files of a folder or an archive were read. */
export function skippedWarnings(
  name: string,
  { hidden, byEnding }: Skipped,
  where: "in a folder" | "in an archive",
): WarningText[] {
  const warnings: WarningText[] = [];
  if (hidden > 0) {
    const files = hidden === 1 ? "1 hidden file" : `${hidden} hidden files`;
    warnings.push({ code: "hidden_files", message: `${name}: skipped ${files}` });
  }
  if (byEnding.size > 0) warnings.push({ code: "skipped_files", message: `${name}: ${skippedText(byEnding, where)}` });
  return warnings;
}

/** Extensions that a message lists. */
const MAX_ENDINGS = 8;

/** `skipped 3 files …: 2 .txt, 1 .bz2; …`, the most frequent extensions first. */
function skippedText(byEnding: ReadonlyMap<string, number>, where: "in a folder" | "in an archive"): string {
  const sorted = [...byEnding].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const listed = sorted
    .slice(0, MAX_ENDINGS)
    .map(([ending, n]) => `${n} ${ending === "" ? "without an ending" : ending}`);
  const rest = sorted.slice(MAX_ENDINGS).reduce((sum, [, n]) => sum + n, 0);
  if (rest > 0) listed.push(`${rest} others`);
  const count = sorted.reduce((sum, [, n]) => sum + n, 0);
  const what =
    count === 1
      ? "skipped 1 file whose name does not say that it holds readings"
      : `skipped ${count} files whose names do not say that they hold readings`;
  return `${what}: ${listed.join(", ")}; to read ${count === 1 ? "it" : "one"}, ${where === "in a folder" ? "name it" : "unpack the archive, and name it"}`;
}
