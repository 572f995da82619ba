/** Parquet files: unpacked into lines of JSON, in a thread of its own. */
import { Worker } from "node:worker_threads";
import { RunError } from "../base/errors.js";
import { sizeText } from "../base/size.js";
import type { ParquetSource, ParquetStep } from "./parquet-worker.js";

/** Bytes of a file that comes as a stream, and is held until its end, where its description is. */
const MOST_STREAMED = 256 * 1024 * 1024;
/** Of the thread's heap, in MiB; what is in it besides is at most a row group. */
const HEAP = 1024;

/**
 * The rows of a Parquet file, each a line of JSON with its columns of plain values; lists, maps and times of a day are left out.
 * @param name for messages
 * @throws RunError `input_damaged` if it cannot be read
 */
export async function* parquetLines(source: ParquetSource, name: string): AsyncGenerator<Uint8Array> {
  const worker = new Worker(new URL("./parquet-worker.js", import.meta.url), {
    ...{ execArgv: [], workerData: source, resourceLimits: { maxOldGenerationSizeMb: HEAP } },
    ...("bytes" in source && { transferList: [source.bytes] }),
  });
  try {
    for (;;) {
      const { block, error } = await stepOf(worker);
      if (error !== undefined) throw unreadable(name, error);
      if (block === undefined) return;
      yield block;
    }
  } finally {
    await worker.terminate();
  }
}

/** As `parquetLines`, of a stream, which is held in memory. @throws RunError `input_too_large` if it is longer than 256 MiB */
export async function* streamedParquet(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > MOST_STREAMED)
      throw new RunError(
        "input_too_large",
        `${name}: a Parquet file that is not on the disk may have ${sizeText(MOST_STREAMED)}; save it, and name the file`,
      );
    pieces.push(piece);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces.splice(0)) {
    whole.set(piece, at);
    at += piece.length;
  }
  yield* parquetLines({ bytes: whole.buffer }, name);
}

function stepOf(worker: Worker): Promise<ParquetStep> {
  return new Promise((resolve) => {
    const failed = ({ code, message }: Error & { code?: string }) =>
      done({ error: code === "ERR_WORKER_OUT_OF_MEMORY" ? "it unpacks to more than fits in memory" : message });
    const done = (step: ParquetStep) => {
      worker.off("message", done).off("error", failed);
      resolve(step);
    };
    worker.once("message", done).once("error", failed);
    worker.postMessage(undefined);
  });
}

function unreadable(name: string, reason: string): RunError {
  return new RunError("input_damaged", `${name}: the Parquet file cannot be read: ${reason}`);
}
