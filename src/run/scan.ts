/** All inputs through the scanner. */
import { setImmediate as breathe } from "node:timers/promises";
import { RunError } from "../domain/errors.js";
import { sha256 } from "../input/hash.js";
import type { FileInput, Input } from "../input/input.js";
import { MOST_HEAP } from "../scan/kernel.js";
import { ScanFailure } from "../scan/plan.js";
import { Scanner } from "../scan/scanner.js";
import type { Plan } from "./plan.js";
import { readInput } from "./read.js";
import { sampleWarnings, startSample } from "./sample.js";
import {
  failureOf,
  finish,
  heapBudget,
  type InputResult,
  readOneByOne,
  type Scan,
  type ScanContext,
  tooMuchMemory,
} from "./scanned.js";
import { Spiller } from "./spill.js";

/**
 * @throws RunError for the first input that cannot be read, after all others have been, so that their bad records are told
 */
export async function scanInputs(
  inputs: readonly Input[],
  plan: Pick<Plan, "scan">,
  context: ScanContext,
): Promise<Scan> {
  if (context.workers > 1 && inputs.every(isFile) && worthThreads(inputs)) {
    const { scanInParallel } = await import("./parallel.js");
    const scan = await scanInParallel(inputs, plan, context);
    if (scan !== undefined) return scan;
  }
  return scanOneByOne(inputs, plan, context);
}

/** Fewer bytes are read before another thread would have started. */
const WORTH_THREADS = 8 * 1024 * 1024;

function isFile(input: Input): input is FileInput {
  return input.kind === "file";
}

function worthThreads(inputs: readonly FileInput[]): boolean {
  if (inputs.length === 1 && inputs[0].compression !== "none") return false;
  return inputs.reduce((sum, input) => sum + input.size, 0) >= WORTH_THREADS;
}

/** Everything on this thread, in order; bad records are told as they are found. */
async function scanOneByOne(inputs: readonly Input[], plan: Pick<Plan, "scan">, context: ScanContext): Promise<Scan> {
  const { rejections, emit, signal, spill } = context;
  const spiller = spill && new Spiller(spill, "alone");
  const budget = Math.min(heapBudget(context), MOST_HEAP);
  context.scanner?.reset();
  const scanner = context.scanner ?? new Scanner(plan.scan);
  const { kernel, judge } = scanner;
  const sizes = inputs.map((input) => input.size);
  const totalBytes = sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
  let read = 0;
  /** What ends the run, rather than the reading of one input. */
  let ended: unknown;
  const relieve = () => {
    if (spiller === undefined) throw tooMuchMemory(context);
    spiller.write(kernel.part());
    kernel.clear();
    if (totalBytes !== undefined) spiller.foresee(read, totalBytes - read);
    // Sources cannot be laid down.
    if (kernel.heapBytes > budget / 2) throw tooMuchMemory(context);
  };
  const turn = async (bytes: number) => {
    read += bytes;
    emit({ kind: "progress", bytes: read, totalBytes, readings: kernel.readings, rejected: rejections.count });
    try {
      if (kernel.heapBytes > budget) relieve();
    } catch (error) {
      ended = error;
      throw error;
    }
    await breathe();
    signal?.throwIfAborted();
  };
  const results: InputResult[] = [];
  for (const input of inputs) {
    signal?.throwIfAborted();
    startSample(kernel);
    const hash = context.hashInputs && input.kind === "stream" ? sha256() : undefined;
    const scan = scanner.begin((bad) => rejections.add(input.name, bad));
    let failure: RunError | undefined;
    try {
      await readInput(input, scan, { turn, signal, onRaw: hash?.update });
      if (scanner.order.settle(input.name)) await turn(0);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ScanFailure)
        failure = failureOf(input.name, { code: error.code, message: error.message, at: error }, 0);
      else if (error instanceof RunError && error !== ended) failure = error;
      else throw error;
    }
    const { records, readings, slow } = scan.result();
    emit({ kind: "detail", message: readOneByOne(input.name, records, slow) });
    results.push({ records, readings, sha256: hash?.digest(), warnings: sampleWarnings(kernel, input.name), failure });
  }
  const part = kernel.part();
  const cells = spiller?.used ? { part: undefined, spilled: spiller.last(part) } : { part, spilled: undefined };
  const repeated = scanner.order.report();
  return finish(
    results,
    [{ ...cells, rounded: judge.rounded, absolute: kernel.absolute, unnamed: new Map(), repeated }],
    context,
  );
}
