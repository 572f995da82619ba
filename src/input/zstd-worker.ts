/** The worker thread of `zstd-decoder.ts`. Each message, perhaps with pieces of a stream, triggers some decompression. */
import { parentPort } from "node:worker_threads";
import { ZSTDDecoder } from "zstddec/stream";

export interface Order {
  readonly pieces: readonly Uint8Array[];
  /** Whether no pieces follow. */
  readonly last: boolean;
}

export interface Step {
  /** Decompressed bytes. */
  readonly blocks: readonly Uint8Array[];
  /** Whether there is more to decompress before further pieces are needed. */
  readonly more: boolean;
  readonly done: boolean;
  /** Why the stream cannot be decompressed. */
  readonly error?: string;
}

/** Bytes that are decompressed before they are handed over. */
const ENOUGH = 256 * 1024;

const decoder = new ZSTDDecoder();
await decoder.init();

let queue: Uint8Array[] = [];
let taken = 0;
let ended = false;
let blocks: Generator<Uint8Array> | undefined;
/** Whether the last block was empty: then a piece was consumed, or the decoder is stuck at an error. */
let idle = false;

function* pieces(): Generator<Uint8Array> {
  while (taken < queue.length) yield queue[taken++];
}

function step(): Step {
  const out: Uint8Array[] = [];
  let bytes = 0;
  blocks ??= decoder.decodeStreaming(pieces());
  // The decoder takes at most one piece per block, and cannot wait for it, so one is always ready.
  while (ended || taken < queue.length) {
    const before = taken;
    const { done, value } = blocks.next();
    if (done === true) return { blocks: out, more: false, done: true };
    if (value.length === 0 && idle && taken === before) throw new Error("its data or a checksum is wrong");
    idle = value.length === 0;
    if (idle) continue;
    out.push(value);
    bytes += value.length;
    if (bytes >= ENOUGH) return { blocks: out, more: ended || taken < queue.length, done: false };
  }
  return { blocks: out, more: false, done: false };
}

parentPort?.on("message", ({ pieces: next, last }: Order) => {
  queue = [...queue.slice(taken), ...next];
  taken = 0;
  ended = last;
  let told: Step;
  try {
    told = step();
  } catch (error) {
    told = { blocks: [], more: false, done: false, error: (error as Error).message };
  }
  if (told.done) {
    blocks = undefined;
    queue = [];
    taken = 0;
    idle = false;
  }
  const buffers = new Set(told.blocks.map(({ buffer }) => buffer as ArrayBuffer));
  parentPort?.postMessage(told, [...buffers]);
});
