/** The worker thread of `zstd-decoder.ts`: for each message, perhaps with a piece of a stream, one step of unpacking. */
import { parentPort } from "node:worker_threads";
import { ZSTDDecoder } from "zstddec/stream";

export interface Step {
  /** What was unpacked, perhaps nothing; absent when the stream has come to its end. */
  readonly block?: Uint8Array;
  /** Whether the piece that lay ready was taken. */
  readonly pulled: boolean;
  /** Why the stream cannot be unpacked. */
  readonly error?: string;
}

const decoder = new ZSTDDecoder();
await decoder.init();

let ready: Uint8Array | undefined;
let blocks: Generator<Uint8Array> | undefined;

function* pieces(): Generator<Uint8Array> {
  while (ready !== undefined) {
    const piece = ready;
    ready = undefined;
    yield piece;
  }
}

parentPort?.on("message", (piece: Uint8Array | undefined) => {
  ready ??= piece;
  blocks ??= decoder.decodeStreaming(pieces());
  const before = ready;
  try {
    const { done, value } = blocks.next();
    const pulled = ready !== before;
    if (done === true) blocks = undefined;
    if (done === true) parentPort?.postMessage({ pulled } satisfies Step);
    else parentPort?.postMessage({ block: value, pulled } satisfies Step, [value.buffer as ArrayBuffer]);
  } catch (error) {
    parentPort?.postMessage({ pulled: false, error: (error as Error).message } satisfies Step);
  }
});
