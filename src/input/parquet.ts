/** Parquet files: unpacked into lines of JSON, in a thread of its own. */
import { Worker } from "node:worker_threads";
import { RunError } from "../base/errors.js";
import { hold } from "./hold.js";
import type { ParquetSource, ParquetStep } from "./parquet-worker.js";

/** Milliseconds without a row, which a file takes that is made to. */
const MOST_SILENCE = 120_000;
/** An idle worker, retained because starting one takes longer than unpacking a small file. */
let spare: Worker | undefined;
/** Of the thread's heap, in MiB; what is in it besides is at most a page and a dictionary of each column. */
const HEAP = 1024;

/**
 * The rows of a Parquet file, each a line of JSON with its columns of plain values; lists, maps and times of a day are left out.
 * @param name for messages
 * @throws RunError `input_damaged` if it cannot be read
 */
export async function* parquetLines(source: ParquetSource, name: string): AsyncGenerator<Uint8Array> {
  const limits = { maxOldGenerationSizeMb: HEAP };
  const worker =
    spare ?? new Worker(new URL("./parquet-worker.js", import.meta.url), { execArgv: [], resourceLimits: limits });
  spare = undefined;
  worker.ref();
  let finished = false;
  try {
    for (let step = stepOf(worker, source); !finished; ) {
      const { block, error, lost } = await step;
      finished = block === undefined && lost !== true;
      if (error !== undefined) throw unreadable(name, error);
      if (block === undefined) break;
      // The next one is made while this one is read.
      step = stepOf(worker, undefined);
      yield block;
    }
  } finally {
    if (finished && spare === undefined) {
      worker.unref();
      spare = worker;
    } else {
      await worker.terminate();
    }
  }
}

/** As `parquetLines`, of a stream, which is held in memory. @throws RunError `input_too_large` if it is longer than 256 MiB */
export async function* streamedParquet(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const whole = await hold(bytes, name, "a Parquet file");
  // They are UTF-8, whatever the encoding of other text.
  yield Uint8Array.of(0xef, 0xbb, 0xbf);
  yield* parquetLines({ bytes: whole.buffer }, name);
}

/** @param source to begin with; without it, the worker goes on @returns `lost`: the worker is of no more use */
function stepOf(worker: Worker, source: ParquetSource | undefined): Promise<ParquetStep & { lost?: true }> {
  return new Promise((resolve) => {
    const failed = ({ code, message }: Error & { code?: string }) =>
      done({
        error: code === "ERR_WORKER_OUT_OF_MEMORY" ? "it unpacks to more than fits in memory" : message,
        lost: true,
      });
    const done = (step: ParquetStep & { lost?: true }) => {
      clearTimeout(timer);
      worker.off("message", done).off("error", failed);
      resolve(step);
    };
    const timer = setTimeout(
      () =>
        done({
          error: `its next rows did not come in ${MOST_SILENCE / 1000} s; write it with smaller row groups`,
          lost: true,
        }),
      MOST_SILENCE,
    );
    // Who reads no further must not wait for it.
    timer.unref();
    worker.once("message", done).once("error", failed);
    worker.postMessage(source, source !== undefined && "bytes" in source ? [source.bytes] : []);
  });
}

function unreadable(name: string, reason: string): RunError {
  return new RunError("input_damaged", `${name}: the Parquet file cannot be read: ${reason}`);
}
