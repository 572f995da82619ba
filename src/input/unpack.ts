/** Decompresses bytes if they are compressed, judging by the first bytes, never by the name. */
import { RunError } from "../base/errors.js";
import { compressionOf, MAGIC_BYTES } from "./compression.js";
import { gunzip } from "./gzip.js";
import { streamedParquet } from "./parquet.js";
import { unzstd } from "./zstd.js";

/**
 * Decompresses gzip or zstd, once, makes lines of JSON of a Parquet file, and passes other bytes through. If the consumer stops early, this waits for the
 * source's pending read: a source that may stay silent must be ended by other means.
 * @param name for messages
 * @throws RunError if compressed data is damaged, ends early, or is followed by something else
 */
export async function* unpack(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]();
  try {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < MAGIC_BYTES) {
      const { done, value } = await source.next();
      if (done === true) break;
      head = head.length === 0 ? value : Buffer.concat([head, value]);
    }
    const all = from(head, source);
    const compression = compressionOf(head);
    if (compression === "gzip") yield* gunzip(all, name);
    else if (compression === "zstd") yield* unzstd(all, name);
    else if (compression === "zip") throw archived(name);
    else if (compression === "parquet") yield* streamedParquet(all, name);
    else yield* all;
  } finally {
    await source.return?.(undefined);
  }
}

/** An archive is read from its end on, so it has to be a file. */
function archived(name: string): RunError {
  return new RunError(
    "input_archive",
    `${name}: it is a zip archive that is not a file by itself; save or unpack it, and name the file`,
  );
}

async function* from(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (;;) {
    const { done, value } = await rest.next();
    if (done === true) return;
    yield value;
  }
}
