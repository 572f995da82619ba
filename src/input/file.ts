/** Reads regular files, and detects changes in the meantime. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { RunError } from "../base/errors.js";
import type { FileInput } from "./input.js";
import { stateOf, unreadable } from "./inspect.js";

/** Bytes read at a time. */
const BLOCK = 256 * 1024;

export interface OpenFile {
  readonly fd: number;
  /** Bytes. */
  readonly size: number;
  /** To be called when all is read, or the end comes too early. @throws RunError if the file has changed since it was resolved */
  verify(): void;
  close(): void;
}

/**
 * Opens a file, compressed or not, for reading at any position.
 * @throws RunError if it cannot be opened, or has changed since it was resolved
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
 * Reads all bytes of a file as stored, or of a member of an archive as it was before it was packed.
 * @throws RunError like `openFile`, or if reading fails; the signal's reason if it is aborted
 */
export async function* readFile(input: FileInput, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = openFile(input);
  try {
    if (input.member !== undefined) {
      const { fileSource } = await import("./zip/source.js");
      const { readMember } = await import("./zip/member.js");
      const { size } = fstatSync(file.fd);
      yield* readMember(fileSource(file.fd, size, input.name), input.member, input.name, async () => {
        await nextTurn();
        signal?.throwIfAborted();
      });
      file.verify();
      return;
    }
    let left = file.size;
    while (left > 0) {
      // Reading blocks the thread, so yield to let signals through.
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
