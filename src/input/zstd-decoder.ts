/**
 * Decompresses zstd on versions of Node that cannot: with the reference implementation, compiled to WebAssembly, in a
 * worker thread. That code does not free the memory of a stream that is damaged or abandoned; ending the thread does.
 */
import { Worker } from "node:worker_threads";
import { damaged } from "./broken.js";
import type { Order, Step } from "./zstd-worker.js";

/** An idle worker, retained because starting one takes longer than decompressing a small file. */
let spare: Worker | undefined;

/**
 * @param chunks pieces of complete frames, cut anywhere, but no piece spans two frames; those that have come together
 * @param name for messages
 * @throws RunError if the data is damaged
 */
export async function* decodeInWorker(
  chunks: AsyncIterable<readonly Uint8Array[]>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const worker = spare ?? new Worker(new URL("./zstd-worker.js", import.meta.url), { execArgv: [] });
  spare = undefined;
  worker.ref();
  let finished = false;
  try {
    let last = false;
    for (let more = false; !finished; ) {
      let pieces: readonly Uint8Array[] = [];
      if (!more && !last) {
        const { done, value } = await source.next();
        if (done === true) last = true;
        else pieces = value;
      }
      const step = await stepOf(worker, { pieces, last });
      if (step.error !== undefined) throw damaged(name, "zstd", step.error);
      yield* step.blocks;
      more = step.more;
      finished = step.done;
    }
  } finally {
    if (finished && spare === undefined) {
      worker.unref();
      spare = worker;
    } else {
      await worker.terminate();
    }
    await source.return?.(undefined);
  }
}

function stepOf(worker: Worker, order: Order): Promise<Step> {
  return new Promise((resolve, reject) => {
    const done = (step: Step) => {
      worker.off("error", reject);
      resolve(step);
    };
    worker.once("message", done);
    worker.once("error", reject);
    worker.postMessage(order);
  });
}
