/** Reads the contents of any input, from start to end. */
import { openFile, readFile } from "./file.js";
import { readAddress } from "./http.js";
import type { FileInput, Input, StreamInput } from "./input.js";
import { parquetLines } from "./parquet.js";
import { openPipe, readStream } from "./pipe.js";
import { type Dataset, inUtf8, unpack, unpackAll } from "./unpack.js";

/** The most bytes of a block. */
const LARGEST_BLOCK = 1024 * 1024;

export interface StreamOptions {
  readonly signal?: AbortSignal;
  /** Called with the bytes as stored or sent, before decompression: for hashes and progress. */
  readonly onRaw?: (bytes: Uint8Array) => void;
  /** Called before the first block if the blocks are UTF-8, whatever encoding was said: rows of Parquet files and workbooks. */
  readonly onUtf8?: () => void;
  /** Milliseconds without a byte from a server after which the download fails. Default 60,000. */
  readonly stallTimeout?: number;
}

/**
 * Reads the decompressed bytes of an input, in blocks of at most 1 MiB, which are not reused. A stream can be opened once,
 * a file any number of times.
 * @throws RunError if the input cannot be read to its end, is damaged or cut off, or changes in the meantime; the signal's
 * reason if it is aborted
 */
export function openStream(input: Input, options: StreamOptions = {}): AsyncGenerator<Uint8Array> {
  const { onRaw, onUtf8 = () => {}, stallTimeout } = options;
  return untilAborted(options.signal, (stop) => {
    const stored = raw(input, stop, onRaw, stallTimeout);
    const inOrder = onRaw !== undefined;
    if (input.compression === "workbook") return inUtf8(workbookFile(input, stored, stop, inOrder), onUtf8);
    if (input.compression === "parquet") return inUtf8(parquetFile(input, stored, inOrder), onUtf8);
    return unpack(stored, input.name, onUtf8);
  });
}

/** As `openStream`, of a stream; an archive has several datasets. @throws as `openStream`, and as `unpackAll` */
export function openDatasets(input: StreamInput, options: StreamOptions = {}): AsyncGenerator<Dataset> {
  const { onRaw, onUtf8, stallTimeout } = options;
  return untilAborted(options.signal, (stop) =>
    unpackAll(raw(input, stop, onRaw, stallTimeout), input.name, stop, onUtf8),
  );
}

async function* untilAborted<T>(
  signal: AbortSignal | undefined,
  open: (stop: AbortSignal) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  signal?.throwIfAborted();
  // Ends pending reads, also if the consumer stops early.
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const items = open(stop.signal);
  try {
    for (;;) {
      const { done, value } = await items.next();
      signal?.throwIfAborted();
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
    stop.abort();
    await items.return(undefined);
  }
}

/** Reads from the end on; so for hashes and progress, all bytes are read in their order first. */
async function* parquetFile(
  input: FileInput,
  stored: AsyncIterable<Uint8Array>,
  inOrder: boolean,
): AsyncGenerator<Uint8Array> {
  if (inOrder) for await (const _ of stored);
  const file = openFile(input);
  try {
    yield* parquetLines({ path: input.path }, input.name);
    file.verify();
  } finally {
    file.close();
  }
}

/** As `parquetFile`. */
async function* workbookFile(
  input: FileInput,
  stored: AsyncIterable<Uint8Array>,
  stop: AbortSignal,
  inOrder: boolean,
): AsyncGenerator<Uint8Array> {
  if (inOrder) for await (const _ of stored);
  const { workbookRows } = await import("./zip/members.js");
  yield* workbookRows(input, stop);
}

async function* raw(
  input: Input,
  signal: AbortSignal,
  onRaw: StreamOptions["onRaw"],
  stallTimeout: number | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const bytes of source(input, signal, stallTimeout)) {
    onRaw?.(bytes);
    for (let at = 0; at < bytes.length; at += LARGEST_BLOCK) yield bytes.subarray(at, at + LARGEST_BLOCK);
  }
}

function source(input: Input, signal: AbortSignal, stallTimeout: number | undefined): AsyncIterable<Uint8Array> {
  if (input.kind === "file") return readFile(input, signal);
  const { name, from } = input;
  if ("stdin" in from) return readStream(from.stdin, name, signal);
  if ("pipe" in from) return readStream(openPipe(from.pipe, name), name, signal);
  return readAddress(from.address, name, { signal, ...(stallTimeout === undefined ? {} : { stallTimeout }) });
}
