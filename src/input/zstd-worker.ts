/** The worker thread of `zstd-decoder.ts`. Each message, perhaps with a piece of a stream, triggers one decompression step. */
import { parentPort } from "node:worker_threads";
import { ZSTDDecoder } from "zstddec/stream";

export interface Step {
  /** Decompressed bytes, perhaps none; absent at the end of the stream. */
  readonly block?: Uint8Array;
  /** Whether the decoder took the piece that was ready. */
  readonly pulled: boolean;
  /** Why the stream cannot be decompressed. */
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
