/** The files and folders that a run writes to. They are never read as inputs. */

import { type BigIntStats, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { UsageError } from "../base/errors.js";
import { option, say } from "../base/message.js";

export interface Outputs {
  /** Whether a path (absolute, without symbolic links) is an output, or is inside one. */
  holds(realPath: string): boolean;
  /** Whether a file with this device and inode is an output, perhaps under another name (a hard link). */
  is(dev: bigint, ino: bigint): boolean;
}

/** @param paths absolute paths of folders and files; they need not exist yet */
export function outputsAt(paths: readonly string[]): Outputs {
  const places = paths.map(realPathOf);
  const files = new Set<string>();
  for (const place of places) {
    const status = statusOf(place);
    if (status?.isFile()) files.add(`${status.dev}:${status.ino}`);
  }
  return {
    holds: (path) =>
      places.some((place) => path === place || path.startsWith(place.endsWith(sep) ? place : place + sep)),
    is: (dev, ino) => files.has(`${dev}:${ino}`),
  };
}

/** The status of a path; undefined if it does not exist. Errors are left to whoever writes there. */
function statusOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

export function alsoOutput(name: string): UsageError {
  return new UsageError(
    "input_is_output",
    say`${name}: this input is, or is inside, an output of the run; write to another place (${option("output", "DIR")}) or name other inputs`,
  );
}

/** The path with symbolic links resolved, as far as it exists. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPathOf(above), basename(path));
  }
}
