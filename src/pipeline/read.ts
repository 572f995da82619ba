/** Reads the bytes of an input, decompressed if necessary, into a scan. */
import { readSync } from "node:fs";
import { type OpenFile, openFile } from "../input/file.js";
import type { FileInput, StreamInput } from "../input/input.js";
import type { Dataset } from "../input/unpack.js";
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
 * Reads a file to its end.
 * @throws RunError where it cannot be read
 * @throws ScanFailure where its structure is broken
 */
export async function readInput(input: FileInput, scan: InputScan, reading: Turns): Promise<void> {
  // Text in another encoding is put, which is where it is told.
  if (input.compression === "none" && !scan.isEncoded) await readFile(input, scan, reading, 0);
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

async function readStream(input: FileInput, scan: InputScan, reading: Turns): Promise<void> {
  // Loaded when needed: it brings HTTP and decompression along, which other files do not need.
  const { openStream } = await import("../input/stream.js");
  const stored = new StoredBytes(reading);
  const onUtf8 = () => scan.isUtf8();
  await readBlocks(openStream(input, { ...stored.options, onUtf8 }), scan, stored, true);
}

/**
 * Reads a stream, which may be an archive of several datasets. Each is to be read, with the function that comes with it,
 * before the next one.
 * @throws RunError where it cannot be read
 */
export async function* readDatasets(
  input: StreamInput,
  reading: Turns,
): AsyncGenerator<Pick<Dataset, "name" | "warnings"> & { read(scan: InputScan): Promise<void> }> {
  const { openDatasets } = await import("../input/stream.js");
  const stored = new StoredBytes(reading);
  let current: InputScan | undefined;
  const onUtf8 = () => current?.isUtf8();
  for await (const { name, warnings, blocks } of openDatasets(input, { ...stored.options, onUtf8 })) {
    const read = (scan: InputScan) => {
      current = scan;
      return readBlocks(blocks, scan, stored, false);
    };
    yield { name, warnings, read };
  }
}

/** Counts the stored bytes between turns. */
class StoredBytes {
  private bytes = 0;

  constructor(private readonly reading: Turns) {}

  get options() {
    const { signal, onRaw } = this.reading;
    const count = (bytes: Uint8Array) => {
      this.bytes += bytes.length;
      onRaw?.(bytes);
    };
    return { onRaw: count, ...(signal && { signal }) };
  }

  turn(): Promise<void> {
    const { bytes } = this;
    this.bytes = 0;
    return this.reading.turn(bytes);
  }
}

/** @param isFile whether they can be read again @throws ScanFailure where the structure is broken, and what the blocks throw */
async function readBlocks(
  blocks: AsyncIterable<Uint8Array>,
  scan: InputScan,
  stored: StoredBytes,
  isFile: boolean,
): Promise<void> {
  let left = TURN_BYTES;
  for await (const block of blocks) {
    scan.put(block);
    // A file is opened again.
    if (scan.delivered !== undefined && isFile) break;
    left -= block.length;
    if (left > 0) continue;
    left = TURN_BYTES;
    await stored.turn();
  }
  scan.finish();
  await stored.turn();
}
