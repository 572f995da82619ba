/** Reads the bytes of an input, decompressed if necessary, into a scan. */
import { readSync } from "node:fs";
import { type OpenFile, openFile } from "../input/file.js";
import type { FileInput, Input } from "../input/input.js";
import type { InputScan } from "../scan/input-scan.js";

/** Decompressed bytes after which the loop yields: some milliseconds' work. */
const TURN_BYTES = 4 * 1024 * 1024;
/** Bytes read at a time to finish the last record of a part. */
const FEW_BYTES = 4096;

export interface Turns {
  /** Called between blocks with the number of stored bytes read since the last call. May throw, to stop. */
  readonly turn: (bytes: number) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of a stream or compressed file as they come. */
  readonly onRaw?: ((bytes: Uint8Array) => void) | undefined;
}

/**
 * Reads an input to its end.
 * @throws RunError where it cannot be read
 * @throws ScanFailure where its structure is broken
 */
export async function readInput(input: Input, scan: InputScan, reading: Turns): Promise<void> {
  // Text in another encoding is put, which is where it is told.
  if (input.kind === "file" && input.compression === "none" && !scan.isEncoded) await readFile(input, scan, reading, 0);
  else await readStream(input, scan, reading);
}

/** Reads a file that is not compressed, from a byte to its end. */
export async function readFile(input: FileInput, scan: InputScan, reading: Turns, from: number): Promise<void> {
  const file = openFile(input);
  try {
    await readPart(file, scan, reading, { from });
    if (file.size === from) scan.filled(0, true);
    file.verify();
  } finally {
    file.close();
  }
}

export interface ByteRange {
  /** The byte of the file at which the scan is. */
  readonly from: number;
  /** No record is begun at or after this byte. Default: the file's end. */
  readonly limit?: number;
  /** No byte is read at or after this one. Default: the file's end. */
  readonly to?: number;
}

/** Reads a byte range of an open file. */
export async function readPart(file: OpenFile, scan: InputScan, reading: Turns, range: ByteRange): Promise<void> {
  const { from, limit = Number.POSITIVE_INFINITY, to = file.size } = range;
  let position = from;
  let told = from;
  while (position < to && !scan.stopped) {
    const room = scan.room();
    // Whole blocks up to the limit, then just enough to finish the last record.
    const wanted = position < limit ? limit - position : FEW_BYTES;
    const bytes = readSync(file.fd, room, 0, Math.min(room.length, wanted, to - position), position);
    // It was cut off meanwhile: so it has changed, and `verify` says so.
    if (bytes === 0) break;
    position += bytes;
    scan.filled(bytes, position === file.size, limit);
    if (position - told < TURN_BYTES) continue;
    await reading.turn(position - told);
    told = position;
  }
  await reading.turn(position - told);
}

async function readStream(input: Input, scan: InputScan, { turn, signal, onRaw }: Turns): Promise<void> {
  if (input.compression === "parquet") scan.isUtf8();
  let raw = 0;
  let left = TURN_BYTES;
  const count = (bytes: Uint8Array) => {
    raw += bytes.length;
    onRaw?.(bytes);
  };
  // Loaded when needed: it brings HTTP and decompression along, which other files do not need.
  const { openStream } = await import("../input/stream.js");
  for await (const block of openStream(input, { onRaw: count, ...(signal && { signal }) })) {
    scan.put(block);
    left -= block.length;
    if (left > 0) continue;
    left = TURN_BYTES;
    await turn(raw);
    raw = 0;
  }
  scan.finish();
  await turn(raw);
}
