/** An input's content from front to back, whatever kind of input it is. */
import { readFile } from "./file.js";
import { readAddress } from "./http.js";
import type { Input } from "./input.js";
import { openPipe, readStream } from "./pipe.js";
import { unpack } from "./unpack.js";

/** Bytes; no block that is handed on is larger. */
const LARGEST_BLOCK = 1024 * 1024;

export interface StreamOptions {
  readonly signal?: AbortSignal;
  /** Called with the bytes as they are stored or sent, before they are unpacked: for hashes and progress. */
  readonly onRaw?: (bytes: Uint8Array) => void;
  /** Milliseconds without a byte from a server after which it is given up. Default 60,000. */
  readonly stallTimeout?: number;
}

/**
 * The unpacked bytes of an input, in blocks of 1 MiB at most. Blocks may be kept: none is written to again. A stream can
 * be opened once, a file as often as is wished.
 * @throws RunError if it cannot be read to its end, is damaged or cut off, or changes meanwhile; the signal's reason if
 * that is aborted
 */
export async function* openStream(input: Input, options: StreamOptions = {}): AsyncGenerator<Uint8Array> {
  const { signal, onRaw, stallTimeout } = options;
  signal?.throwIfAborted();
  // Ends what is being waited for, also when whoever reads goes away early.
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const blocks = unpack(raw(input, stop.signal, onRaw, stallTimeout), input.name);
  try {
    for (;;) {
      const { done, value } = await blocks.next();
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
    await blocks.return(undefined);
  }
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
