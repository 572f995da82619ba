/** Determines what a path leads to: a file, a pipe, a folder, or something that cannot be an input. */

import { type BigIntStats, closeSync, openSync, readSync, statSync } from "node:fs";
import { RunError } from "../base/errors.js";
import { bySurface, say } from "../base/message.js";
import { codeOf, reasonOf } from "../base/system-error.js";
import { compressionOf, MAGIC_BYTES } from "./compression.js";
import type { FileInput, StreamInput } from "./input.js";
import { isReplaced, missing, NOT_UTF8 } from "./missing.js";

/** @throws RunError if the path does not exist or cannot be reached */
export function statusOf(path: string, name: string): BigIntStats {
  try {
    return statSync(path, { bigint: true });
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw missing(path, name);
    throw unreadable(name, error);
  }
}

/**
 * The input at a path that is not a folder. A file is opened briefly, to read its first bytes.
 * @throws RunError if it is a device or a socket, or cannot be read
 */
export function inspect(path: string, name: string, status: BigIntStats): FileInput | StreamInput {
  if (status.isFIFO()) return { kind: "stream", name, from: { pipe: path } };
  if (!status.isFile()) {
    const what = status.isSocket() ? "a socket" : "a device";
    throw new RunError(
      "input_not_file",
      say`${name}: it is ${what}, not a file${bySurface({ commandLine: "; its bytes can be piped in: … | electro aggregate -" })}`,
    );
  }
  const head = firstBytes(path, name);
  if (status.size === 0n && head.length > 0) {
    throw new RunError(
      "input_without_size",
      say`${name}: its size is reported as 0, but it is not empty (a virtual file)${bySurface({ commandLine: "; pipe it in: cat FILE | electro aggregate -" })}`,
    );
  }
  return {
    kind: "file",
    name,
    path,
    size: Number(status.size),
    modified: status.mtime.toISOString(),
    compression: compressionOf(head),
    state: stateOf(status),
  };
}

/** Includes size and time, so that different files differ even on file systems without meaningful inode numbers. */
export function stateOf(status: BigIntStats): string {
  return `${status.dev}:${status.ino}:${status.size}:${status.mtimeNs}`;
}

export function unreadable(name: string, error: unknown): RunError {
  const reason = codeOf(error) === "ENOENT" && isReplaced(name) ? NOT_UTF8 : reasonOf(error);
  return new RunError("input_unreadable", `${name}: it cannot be read: ${reason}`, { cause: error });
}

function firstBytes(path: string, name: string): Uint8Array {
  const bytes = new Uint8Array(MAGIC_BYTES);
  try {
    const fd = openSync(path, "r");
    try {
      return bytes.subarray(0, readSync(fd, bytes, 0, MAGIC_BYTES, 0));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw unreadable(name, error);
  }
}
