/** Decompresses bytes if they are compressed, judging by the first bytes, never by the name. */
import { RunError } from "../base/errors.js";
import type { WarningText } from "../base/warning.js";
import { compressionOf, MAGIC_BYTES } from "./compression.js";
import { skippedWarnings } from "./endings.js";
import { gunzip } from "./gzip.js";
import { hold } from "./hold.js";
import { streamedParquet } from "./parquet.js";
import { WorkbookReader } from "./workbook/workbook.js";
import { readDirectory } from "./zip/directory.js";
import { readMember } from "./zip/member.js";
import { memorySource } from "./zip/source.js";
import { unzstd } from "./zstd.js";

/** What a stream holds: itself, or a member of an archive. */
export interface Dataset {
  readonly name: string;
  /** Its unpacked bytes. To be read before the next dataset is asked for. */
  readonly blocks: AsyncIterable<Uint8Array>;
  /** Of the archive, with its first member. */
  readonly warnings: readonly WarningText[];
}

/**
 * As `unpack`; of a zip archive, which is held in memory, each member that a folder would give.
 * @throws RunError like `unpack`, or if the archive is larger than 256 MiB, damaged, or without files to read
 */
export async function* unpackAll(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal,
  onUtf8 = () => {},
): AsyncGenerator<Dataset> {
  const source = bytes[Symbol.asyncIterator]();
  try {
    const head = await headOf(source);
    const all = from(head, source);
    if (compressionOf(head) !== "zip") {
      yield { name, blocks: unpack(all, name, onUtf8), warnings: [] };
      return;
    }
    const archive = memorySource(await hold(all, name, "a zip archive"));
    const { members, skipped, workbook } = await readDirectory(archive, name, signal);
    const turn = async () => signal.throwIfAborted();
    if (workbook !== undefined) {
      const reader = new WorkbookReader(archive, workbook, name, turn);
      yield { name, blocks: inUtf8(reader.rows(), onUtf8), warnings: await reader.warnings() };
      return;
    }
    for (const [n, member] of members.entries()) {
      const own = `${name}:${member.name}`;
      const blocks = unpack(readMember(archive, member, own, turn), own, onUtf8);
      yield { name: own, blocks, warnings: n === 0 ? skippedWarnings(name, skipped, "in an archive") : [] };
    }
  } finally {
    await source.return?.(undefined);
  }
}

/** The first bytes, enough to tell what it is. */
async function headOf(source: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < MAGIC_BYTES) {
    const { done, value } = await source.next();
    if (done === true) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return head;
}

/**
 * Decompresses gzip or zstd, once, makes lines of JSON of a Parquet file, and passes other bytes through. If the consumer stops early, this waits for the
 * source's pending read: a source that may stay silent must be ended by other means.
 * @param name for messages
 * @param onUtf8 called before the first block if the blocks are UTF-8, whatever encoding was said
 * @throws RunError if compressed data is damaged, ends early, or is followed by something else
 */
export async function* unpack(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  onUtf8 = () => {},
): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]();
  try {
    const head = await headOf(source);
    const all = from(head, source);
    const compression = compressionOf(head);
    if (compression === "gzip") yield* gunzip(all, name);
    else if (compression === "zstd") yield* unzstd(all, name);
    else if (compression === "zip") throw nested(name);
    else if (compression === "parquet") {
      onUtf8();
      yield* streamedParquet(all, name);
    } else yield* all;
  } finally {
    await source.return?.(undefined);
  }
}

/** Blocks that are UTF-8, whatever encoding was said. */
export async function* inUtf8(blocks: AsyncIterable<Uint8Array>, onUtf8: () => void): AsyncGenerator<Uint8Array> {
  onUtf8();
  yield* blocks;
}

/** Archives in archives could go on for ever. */
function nested(name: string): RunError {
  return new RunError("input_archive", `${name}: it is an archive inside of an archive; unpack the outer one`);
}

async function* from(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (;;) {
    const { done, value } = await rest.next();
    if (done === true) return;
    yield value;
  }
}
