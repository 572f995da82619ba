/** Reading regular files, and seeing when one changes meanwhile. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { RunError } from "../base/errors.js";
import type { FileInput } from "./input.js";
import { stateOf, unreadable } from "./inspect.js";

/** Bytes that are read at once. */
const BLOCK = 256 * 1024;

export interface OpenFile {
  readonly fd: number;
  /** Bytes. */
  readonly size: number;
  /** To be called when reading is done, or finds the end too early. @throws RunError if the file has changed since it was resolved */
  verify(): void;
  close(): void;
}

/**
 * Opens a file, packed or not, to read from any place of it.
 * @throws RunError if it cannot be opened, or is not what it was when it was resolved
 */
export function openFile(input: FileInput): OpenFile {
  let fd: number;
  try {
    fd = openSync(input.path, "r");
  } catch (error) {
    throw unreadable(input.name, error);
  }
  function verify(): void {
    if (stateOf(fstatSync(fd, { bigint: true })) === input.state) return;
    throw new RunError(
      "input_changed",
      `${input.name}: it changed while it was read; run again when nothing writes to it`,
    );
  }
  try {
    verify();
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return { fd, size: input.size, verify, close: () => closeSync(fd) };
}

/**
 * All bytes of a file as they are on the disk.
 * @throws RunError as `openFile`, or if reading fails; the signal's reason if it is aborted
 */
export async function* readFile(input: FileInput, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = openFile(input);
  try {
    let left = file.size;
    while (left > 0) {
      // Reading waits for the disk, so that no other file is touched meanwhile: this is when a signal gets its turn.
      await nextTurn();
      signal?.throwIfAborted();
      const block = Buffer.allocUnsafeSlow(Math.min(BLOCK, left));
      const bytesRead = readBlock(file.fd, block, input.name);
      if (bytesRead === 0) break;
      left -= bytesRead;
      yield block.subarray(0, bytesRead);
    }
    file.verify();
  } finally {
    file.close();
  }
}

function readBlock(fd: number, block: Uint8Array, name: string): number {
  try {
    return readSync(fd, block);
  } catch (error) {
    throw unreadable(name, error);
  }
}
