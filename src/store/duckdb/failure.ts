/** The engine's failures, in words that say what to do. */

import { StoreError } from "../../base/errors.js";
import { bySurface, type Message, say } from "../../base/message.js";

const MEANINGS: readonly (readonly [says: RegExp, code: string, meaning: Message])[] = [
  [
    /Could not set lock|Conflicting lock/,
    "store_in_use",
    say`another process has it open, and only one at a time can: stop that one, or choose another store${bySurface({ commandLine: " (electro check and electro backup go through a running service with --service URL)" })}`,
  ],
  [/not a valid DuckDB database/, "not_a_store", "the file is not a store; choose another name, or move it away"],
  [
    /newer version of DuckDB|different version of DuckDB|storage version|version number/i,
    "store_too_new",
    "it was written by a newer version of Electro; use that version",
  ],
  [/No space left|disk full|ENOSPC|max_temp_directory_size/i, "disk_full", "the disk is full; free some space on it"],
  [
    /Corrupt|checksum|Could not read enough bytes|not enough data|eserializ/i,
    "store_damaged",
    "the file is damaged or cut off; restore a backup, or choose another store and load the readings again",
  ],
  [/permission denied/i, "no_permission", "permission denied; change its permissions, or choose another place"],
  [/read-only file system/i, "read_only_disk", "the file system is read-only; choose another place"],
  [/no such file or directory/i, "no_such_folder", "its folder does not exist; create it, or choose another place"],
  [
    /Out of Memory|failed to allocate|could not allocate/i,
    "store_memory",
    "the store needs more memory; give it more, or send less at once",
  ],
];

/** Turns an error of the engine into a StoreError that names the store as its user does. */
export function failure(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const says = error instanceof Error ? error.message : String(error);
  const [, code, meaning] = MEANINGS.find(([pattern]) => pattern.test(says)) ?? [];
  const [line] = says.split("\n");
  return new StoreError(code ?? "store_failed", say`store ${path}: ${meaning ?? `it cannot go on: ${line}`}`, {
    cause: error,
  });
}

/** Whether an error is the engine's own: they are plain, and begin with their kind. */
export function isEngines(error: unknown): error is Error {
  return error instanceof Error && error.constructor === Error && /^[A-Za-z ]+ Error: /.test(error.message);
}
