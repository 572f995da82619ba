/** Finds files in a folder and its subfolders. */
import { type Dirent, statSync } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { RunError } from "../base/errors.js";
import { compareBytes, sortInTurns, yieldToEventLoop } from "../base/event-loop.js";
import { ENDINGS, isDataset, isHidden, type Skipped } from "./endings.js";
import { unreadable } from "./inspect.js";
import { type Outputs, realPathOf } from "./outputs.js";

/** Entries read at a time, and processed before yielding to the event loop. */
const ENTRIES_A_TURN = 512;

/** An entry found in a folder or its subfolders. */
export interface Entry {
  /** Its path relative to the start of the walk, with `/`. */
  readonly below: string;
  /** Absolute, as reached. */
  readonly path: string;
  readonly folder: boolean;
  /** Whether it is a link, which may lead anywhere. Any other entry is known to be outside the run's outputs. */
  readonly link: boolean;
}

export interface WalkContext {
  readonly signal?: AbortSignal | undefined;
  /**
   * Hears of files and folders inside of folders that cannot be read, so that they keep no others out. Without it, the
   * first of them is an error of the whole.
   */
  readonly onFailure?: ((name: string, error: RunError) => void) | undefined;
}

/**
 * All entries of a folder and its subfolders, except the run's outputs. Links to files are entries like files. Links to
 * folders are followed, after everything that is reached without them. Each folder is entered once, however many paths
 * lead to it, so cycles end. A broken link is returned as a file, so that reading it fails.
 * @param enter which folders to enter, by their path relative to the start
 * @throws RunError if the first folder cannot be read, or another and nobody hears of failures, so that nothing is skipped
 * silently; the signal's reason if it is aborted
 */
export async function walk(
  start: { readonly path: string; readonly name: string },
  outputs: Outputs,
  enter: (below: string) => boolean,
  { signal, onFailure }: WalkContext,
): Promise<Entry[]> {
  const found: Entry[] = [];
  let visited = 0;
  const entered = new Set<string>();
  const links: Entry[] = [];

  async function go(path: string, real: string, below: string): Promise<void> {
    if (entered.has(real) || outputs.holds(real)) return;
    entered.add(real);
    let entries: Dirent[];
    try {
      entries = await entriesOf(path, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const name = below === "" ? start.name : joined(start.name, below);
      const failure = unreadable(name, error);
      if (below === "" || onFailure === undefined) throw failure;
      onFailure(name, failure);
      return;
    }
    for (const entry of await sortInTurns(entries, (a, b) => (a.name < b.name ? -1 : 1), signal)) {
      if (++visited % ENTRIES_A_TURN === 0) await yieldToEventLoop(signal);
      const at = join(path, entry.name);
      const realAt = join(real, entry.name);
      const belowAt = below === "" ? entry.name : `${below}/${entry.name}`;
      if (outputs.holds(realAt)) continue;
      const link = !entry.isFile() && !entry.isDirectory();
      const special = entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();
      if (special || (link && isSpecial(at))) {
        if (!isDataset(belowAt) || isHidden(belowAt)) continue;
        const name = joined(start.name, belowAt);
        const failure = new RunError("not_a_file", `${name}: it is a pipe, a socket or a device; name it to read it`);
        if (onFailure === undefined) throw failure;
        onFailure(name, failure);
        continue;
      }
      const one = { below: belowAt, path: at, folder: entry.isDirectory() || (link && isFolder(at)), link };
      found.push(one);
      if (!one.folder || !enter(belowAt)) continue;
      if (link) links.push(one);
      else await go(at, realAt, belowAt);
    }
  }

  await go(start.path, realPathOf(start.path), "");
  for (let link = links.shift(); link !== undefined; link = links.shift()) {
    await go(link.path, realPathOf(link.path), link.below);
  }
  return found;
}

async function entriesOf(path: string, signal: AbortSignal | undefined): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  for await (const entry of await opendir(path, { bufferSize: ENTRIES_A_TURN })) {
    signal?.throwIfAborted();
    entries.push(entry);
  }
  return entries;
}

/**
 * The datasets in a folder and its subfolders, selected by extension and sorted by the bytes of their paths. Names that
 * begin with a dot are skipped, as in shells.
 * @throws RunError if there is none; the signal's reason if it is aborted
 */
export async function datasetsIn(
  start: { readonly path: string; readonly name: string },
  outputs: Outputs,
  skipped: Skipped,
  context: WalkContext,
): Promise<Entry[]> {
  const { signal } = context;
  let failed = false;
  const onFailure =
    context.onFailure &&
    ((name: string, error: RunError) => {
      failed = true;
      context.onFailure?.(name, error);
    });
  const entries = await walk(start, outputs, (below) => !isHidden(below), { signal, onFailure });
  const files: Entry[] = [];
  let other: Entry | undefined;
  for (const [n, entry] of entries.entries()) {
    if (n % ENTRIES_A_TURN === 0) await yieldToEventLoop(signal);
    if (entry.folder) continue;
    if (!isDataset(entry.below)) {
      other ??= isHidden(entry.below) ? undefined : entry;
      skipped.add(entry.below);
    } else if (isHidden(entry.below)) skipped.hidden++;
    else files.push(entry);
  }
  if (files.length === 0 && !failed) {
    const hint =
      other === undefined ? "" : `; to read a file with another extension, such as ${other.below}, name the file`;
    throw new RunError(
      "no_files",
      `${start.name}: there are no files to read in this folder: looked for ${ENDINGS}${hint}`,
    );
  }
  return inOrder(files, signal);
}

/** Sorts entries by the bytes of their paths. @throws the signal's reason if it is aborted */
export function inOrder(entries: readonly Entry[], signal: AbortSignal | undefined): Promise<Entry[]> {
  return sortInTurns(entries, (a, b) => compareBytes(a.below, b.below), signal);
}

/** A relative path with the name of its folder, as the user wrote it, in front. */
export function joined(name: string, below: string): string {
  return name.endsWith("/") ? name + below : `${name}/${below}`;
}

/** Whether a link leads to what would be waited for, rather than read. */
function isSpecial(path: string): boolean {
  try {
    const stats = statSync(path);
    return !stats.isFile() && !stats.isDirectory();
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
