/** One input through a scanner: bytes are read, unpacked where they are packed, and counted. */
import { readSync } from "node:fs";
import { setImmediate as breathe } from "node:timers/promises";
import { RunError } from "../domain/errors.js";
import { openFile } from "../input/file.js";
import type { Sha256 } from "../input/hash.js";
import type { Input } from "../input/input.js";
import { openStream } from "../input/stream.js";
import type { BadRecord } from "../scan/plan.js";
import { ScanFailure } from "../scan/plan.js";
import type { InputScan, Scanned, Scanner } from "../scan/scanner.js";

/** Unpacked bytes after which timers, signals and the progress bar get their turn: some milliseconds' work. */
const TURN_BYTES = 4 * 1024 * 1024;

export interface Reading {
  /** Called for every bad record, in order. */
  readonly onBad: (bad: BadRecord) => void;
  /** Called now and then with the bytes of the input (packed or not, as its size is counted) that have been read. */
  readonly onProgress: (bytes: number, scan: InputScan) => void;
  readonly signal: AbortSignal | undefined;
  /** Fed with a stream's bytes as they come. */
  readonly hash: Sha256 | undefined;
}

/**
 * Reads an input to its end.
 * @throws RunError where it cannot be read, or its structure is broken
 */
export async function readInput(input: Input, scanner: Scanner, reading: Reading): Promise<Scanned> {
  const scan = scanner.begin(reading.onBad);
  try {
    if (input.kind === "file" && input.compression === "none") await readFile(input, scan, reading);
    else await readStream(input, scan, reading);
  } catch (error) {
    if (!(error instanceof ScanFailure)) throw error;
    throw new RunError(error.code, `${input.name}: line ${error.line + 1}, byte ${error.offset + 1}: ${error.message}`);
  }
  return scan.result();
}

async function readFile(input: Input & { kind: "file" }, scan: InputScan, reading: Reading): Promise<void> {
  const file = openFile(input);
  try {
    let position = 0;
    let turn = TURN_BYTES;
    while (position < file.size) {
      const room = scan.room();
      const bytes = readSync(file.fd, room, 0, Math.min(room.length, file.size - position), position);
      // Cut off meanwhile: then it has changed, and verifying says so.
      if (bytes === 0) break;
      position += bytes;
      scan.filled(bytes, position === file.size);
      if (position < turn) continue;
      reading.onProgress(position, scan);
      await breathe();
      reading.signal?.throwIfAborted();
      turn = position + TURN_BYTES;
    }
    file.verify();
    if (file.size === 0) scan.filled(0, true);
    reading.onProgress(position, scan);
  } finally {
    file.close();
  }
}

async function readStream(input: Input, scan: InputScan, reading: Reading): Promise<void> {
  let raw = 0;
  let left = TURN_BYTES;
  const onRaw = (bytes: Uint8Array) => {
    raw += bytes.length;
    reading.hash?.update(bytes);
  };
  for await (const block of openStream(input, { onRaw, ...(reading.signal && { signal: reading.signal }) })) {
    for (let from = 0; from < block.length; ) {
      const room = scan.room();
      const bytes = Math.min(room.length, block.length - from);
      room.set(block.subarray(from, from + bytes));
      from += bytes;
      scan.filled(bytes, false);
    }
    left -= block.length;
    if (left > 0) continue;
    left = TURN_BYTES;
    reading.onProgress(raw, scan);
    await breathe();
    reading.signal?.throwIfAborted();
  }
  scan.room();
  scan.filled(0, true);
  reading.onProgress(raw, scan);
}
