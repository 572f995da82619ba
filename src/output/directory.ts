/** Makes the directory that output goes to, and takes it away again if nothing came of it. */
import { mkdirSync, realpathSync, rmdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { failedWith, onDisk } from "../base/disk-error.js";
import { RunError } from "../base/errors.js";
import { followed, standing, syncFolder } from "../base/temporary.js";

export interface Directory {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** The topmost directory that had to be made, or undefined. */
  readonly made: string | undefined;
}

/** Makes `path`, with all above it that is missing; `displayName` is what messages call it. RunError when that fails. */
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
 * Makes a directory and those above it, one by one, and returns the topmost that was made. (`recursive` would do the
 * same, but calls a read-only disk a path that does not exist.)
 */
function makeMissing(path: string): string | undefined {
  const missing: string[] = [];
  for (let at = resolve(path); followed(at) === undefined; at = dirname(at)) missing.unshift(at);
  for (const directory of missing) {
    try {
      mkdirSync(directory);
    } catch (error) {
      // Another run may have made it in this moment.
      if (!(failedWith(error, "EEXIST") && followed(directory)?.isDirectory())) {
        if (directory !== missing[0]) removeIfEmpty({ path: realpathSync(dirname(directory)), made: missing[0] });
        throw error;
      }
    }
    syncFolder(dirname(directory));
  }
  return missing[0];
}

/** Removes what `makeDirectory` made, as far as nothing is in it. */
export function removeIfEmpty({ path, made }: Directory): void {
  if (made === undefined) return;
  try {
    const top = realpathSync(dirname(made));
    for (let directory = path; directory !== top; directory = dirname(directory)) rmdirSync(directory);
  } catch {
    // Somebody has put something there; so it stays.
  }
}
