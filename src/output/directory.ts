/** Creates the output directory, and removes it again if nothing was written. */
import { mkdirSync, realpathSync, rmdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { failedWith, onDisk } from "../base/disk-error.js";
import { RunError } from "../base/errors.js";
import { followed, standing, syncFolder } from "../base/temporary.js";

export interface Directory {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** The topmost directory that was created; undefined if all existed. */
  readonly made: string | undefined;
}

/** Creates `path` with its missing parents. @param displayName its name in messages @throws RunError */
export function makeDirectory(path: string, displayName: string): Directory {
  const stats = onDisk(displayName, () => followed(path));
  if (stats === undefined && standing(path) !== undefined) {
    throw new RunError(
      "broken_link",
      `cannot write to ${displayName}: it is a symbolic link that leads nowhere; remove it`,
    );
  }
  if (stats !== undefined && !stats.isDirectory()) {
    throw new RunError(
      "not_a_folder",
      `cannot write to ${displayName}: it is a file, not a folder; choose another output folder, or move that file away`,
    );
  }
  return onDisk(displayName, () => {
    const made = makeMissing(path);
    return { path: realpathSync(path), made };
  });
}

/**
 * Creates a directory and its missing parents, one by one, and returns the topmost that was created. (`recursive` does the
 * same, but reports a read-only disk as a path that does not exist.)
 */
function makeMissing(path: string): string | undefined {
  const missing: string[] = [];
  for (let at = resolve(path); followed(at) === undefined; at = dirname(at)) missing.unshift(at);
  for (const directory of missing) {
    try {
      mkdirSync(directory);
    } catch (error) {
      // Another run may just have created it.
      if (!(failedWith(error, "EEXIST") && followed(directory)?.isDirectory())) {
        if (directory !== missing[0]) removeIfEmpty({ path: realpathSync(dirname(directory)), made: missing[0] });
        throw error;
      }
    }
    syncFolder(dirname(directory));
  }
  return missing[0];
}

/** Removes the directories that `makeDirectory` created, as far as they are empty. */
export function removeIfEmpty({ path, made }: Directory): void {
  if (made === undefined) return;
  try {
    const top = realpathSync(dirname(made));
    for (let directory = path; directory !== top; directory = dirname(directory)) rmdirSync(directory);
  } catch {
    // A directory that is not empty stays.
  }
}
