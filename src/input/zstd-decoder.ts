/**
 * Decompresses zstd on versions of Node that cannot: with the reference implementation, compiled to WebAssembly, in a
 * worker thread. That code does not free the memory of a stream that is damaged or abandoned; ending the thread does.
 */
import { Worker } from "node:worker_threads";
import { damaged } from "./broken.js";
import type { Step } from "./zstd-worker.js";

/** An idle worker, retained because starting one takes longer than decompressing a small file. */
let spare: Worker | undefined;

/**
 * @param pieces of complete frames, cut anywhere, but no piece spans two frames
 * @param name for messages
 * @throws RunError if the data is damaged
 */
export async function* decodeInWorker(pieces: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const source = pieces[Symbol.asyncIterator]();
  const worker = spare ?? new Worker(new URL("./zstd-worker.js", import.meta.url), { execArgv: [] });
  spare = undefined;
  worker.ref();
  let finished = false;
  try {
    // The decoder takes at most one piece per block, and cannot wait for it, so one is always ready.
    let ready = false;
    /** Whether the last block was empty: then the piece was consumed, or the decoder is stuck at an error. */
    let idle = false;
    for (;;) {
      let piece: Uint8Array | undefined;
      if (!ready) {
        const { done, value } = await source.next();
        piece = done === true ? undefined : value;
        ready = piece !== undefined;
      }
      const step = await stepOf(worker, piece);
      if (step.error !== undefined) throw damaged(name, "zstd", step.error);
      if (step.block === undefined) break;
      if (step.pulled) ready = false;
      else if (idle && step.block.length === 0) throw damaged(name, "zstd", "its data or a checksum is wrong");
      idle = step.block.length === 0;
      if (!idle) yield step.block;
    }
    finished = true;
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

function stepOf(worker: Worker, piece: Uint8Array | undefined): Promise<Step> {
  return new Promise((resolve, reject) => {
    const done = (step: Step) => {
      worker.off("error", reject);
      resolve(step);
    };
    worker.once("message", done);
    worker.once("error", reject);
    worker.postMessage(piece);
  });
}
