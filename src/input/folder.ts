/** Finding files below a folder. */
import { type Dirent, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { RunError } from "../domain/errors.js";
import { unreadable } from "./inspect.js";
import { type Outputs, realPathOf } from "./outputs.js";

/** What a folder's files must end in to be read, in any case of letters. */
const ENDING = /\.(json|jsonl|ndjson|csv)(\.gz|\.zst)?$/i;

export const ENDINGS = ".json, .jsonl, .ndjson, .csv, also with .gz or .zst";

export function isDataset(name: string): boolean {
  return ENDING.test(name);
}

/** An entry of a walk. `below` is its path below the walk's start, with `/`. */
export interface Entry {
  readonly below: string;
  /** Absolute, as reached. */
  readonly path: string;
  readonly folder: boolean;
}

/**
 * Everything below a folder, except what the run writes. Links to files are entries like files. Links to folders are
 * followed, after all that is reached without them; a folder is entered once, however many ways lead to it, so circles
 * end. An entry whose link leads nowhere is given as a file: whoever wants it meets the error.
 * @param enter which folders to go into, by their path below the start
 * @throws RunError if a folder that is gone into may not be read: nothing is left out in silence
 */
export async function walk(
  start: { readonly path: string; readonly name: string },
  outputs: Outputs,
  enter: (below: string) => boolean,
): Promise<Entry[]> {
  const found: Entry[] = [];
  const entered = new Set<string>();
  const links: Entry[] = [];

  async function go(path: string, real: string, below: string): Promise<void> {
    if (entered.has(real) || outputs.holds(real)) return;
    entered.add(real);
    let entries: Dirent[];
    try {
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      throw unreadable(below === "" ? start.name : joined(start.name, below), error);
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const at = join(path, entry.name);
      const realAt = join(real, entry.name);
      const belowAt = below === "" ? entry.name : `${below}/${entry.name}`;
      if (outputs.holds(realAt)) continue;
      const folder = entry.isDirectory() || (!entry.isFile() && isFolder(at));
      found.push({ below: belowAt, path: at, folder });
      if (!folder || !enter(belowAt)) continue;
      if (entry.isDirectory()) await go(at, realAt, belowAt);
      else links.push({ below: belowAt, path: at, folder });
    }
  }

  await go(start.path, realPathOf(start.path), "");
  for (let link = links.shift(); link !== undefined; link = links.shift()) {
    await go(link.path, realPathOf(link.path), link.below);
  }
  return found;
}

/**
 * The datasets of a folder and the folders in it: by their endings, in the order of their paths' bytes. Names that
 * begin with a dot are left out, as shells do; `hidden` counts the files among them that would have been read.
 * @throws RunError if there is none
 */
export async function datasetsIn(
  start: { readonly path: string; readonly name: string },
  outputs: Outputs,
): Promise<{ files: Entry[]; hidden: number }> {
  const entries = await walk(start, outputs, (below) => !isHidden(below));
  const all = entries.filter((entry) => !entry.folder);
  const datasets = all.filter((entry) => isDataset(entry.below));
  const files = datasets.filter((entry) => !isHidden(entry.below));
  if (files.length === 0) {
    const other = all.find((entry) => !isHidden(entry.below) && !isDataset(entry.below));
    const hint =
      other === undefined ? "" : `; to read a file with another ending, such as ${other.below}, name the file`;
    throw new RunError(
      "no_files",
      `${start.name}: there are no files to read in this folder: looked for ${ENDINGS}${hint}`,
    );
  }
  return { files: inOrder(files), hidden: datasets.length - files.length };
}

/** By the bytes of their paths. */
export function inOrder(entries: readonly Entry[]): Entry[] {
  return entries
    .map((entry) => ({ entry, key: Buffer.from(entry.below) }))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

/** A path below a folder, with the folder's name before it as the user wrote it. */
export function joined(name: string, below: string): string {
  return name.endsWith("/") ? name + below : `${name}/${below}`;
}

function isHidden(below: string): boolean {
  return below.slice(below.lastIndexOf("/") + 1).startsWith(".");
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
