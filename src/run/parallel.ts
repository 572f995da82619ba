/**
 * Files through several threads. Large ones are read in parts whose starts are guessed and checked; where a guess was
 * wrong, or there are too many bad records to keep, the run is to begin again on one thread.
 */
import { Worker } from "node:worker_threads";
import { RunError } from "../domain/errors.js";
import type { Warning } from "../domain/suspicion.js";
import { withIds } from "../domain/tally.js";
import { openFile } from "../input/file.js";
import type { FileInput } from "../input/input.js";
import { kernelCode } from "../scan/kernel.js";
import type { BadRecord } from "../scan/plan.js";
import type { Runs } from "../scan/row-columns.js";
import { type InputScan, type Scanned, Scanner } from "../scan/scanner.js";
import { renumber, settleCut } from "./cut-order.js";
import type { Plan } from "./plan.js";
import { readFile, readPart } from "./read.js";
import { startSample, warningsOf } from "./sample.js";
import {
  type Counted,
  failureOf,
  finish,
  heapBudget,
  type InputResult,
  readOneByOne,
  type Scan,
  type ScanContext,
  tooMuchMemory,
} from "./scanned.js";
import { MAIN, Shared, Stop } from "./shared.js";
import { Spiller } from "./spill.js";
import { type Failure, fitTogether, PART_BYTES, partsOf, type Task, type TaskResult } from "./tasks.js";
import { Thread } from "./thread.js";
import type { Delivery, Order } from "./worker.js";

/** A file of fewer bytes is read whole. */
const LARGE = 2 * PART_BYTES;
const HEAD_BYTES = 512 * 1024;

/** What came of one stretch of a file. */
interface Piece extends Scanned {
  /** Numbers of records and lines count from the piece's first. */
  readonly bad: readonly BadRecord[];
  readonly warnings: readonly Warning[];
  readonly order: Runs | undefined;
  readonly failure: Failure | undefined;
}

/** The beginning of a large file: as much as it takes to know how it is written, and for the sample. */
interface Head extends Piece {
  readonly scan: InputScan;
  /** Bad records that the same scan finds when it goes on after the parts. */
  readonly tailBad: readonly BadRecord[];
  /** The file's first readings, and what they look like once they have been looked at. */
  readonly sample: Float64Array;
  readonly warnings: Warning[];
  /** Whether the rest is cut in parts. */
  readonly cut: boolean;
}

/** @returns `undefined` if the run is to begin again on one thread */
export async function scanInParallel(
  inputs: readonly FileInput[],
  plan: Pick<Plan, "scan">,
  context: ScanContext,
): Promise<Scan | undefined> {
  const totalBytes = inputs.reduce((sum, input) => sum + input.size, 0);
  const workers = startWorkers(context.workers - 1, inputs, totalBytes);
  try {
    return await scanWith(workers, inputs, plan, context, totalBytes);
  } finally {
    // Nothing waits for that: a worker that has delivered ends by itself.
    for (const worker of workers) void worker.terminate();
  }
}

function startWorkers(most: number, inputs: readonly FileInput[], totalBytes: number): Worker[] {
  const tasks = inputs.length + Math.floor(totalBytes / PART_BYTES);
  return Array.from(
    { length: Math.min(most, tasks - 1) },
    () => new Worker(new URL("./worker.js", import.meta.url), { execArgv: [] }),
  );
}

async function scanWith(
  workers: Worker[],
  inputs: readonly FileInput[],
  plan: Pick<Plan, "scan">,
  context: ScanContext,
  totalBytes: number,
): Promise<Scan | undefined> {
  const { spill, emit, signal } = context;
  const budget = heapBudget(context);
  const shared = Shared.for(workers.length + 1, budget);
  const scanner = new Scanner(plan.scan);
  const spiller = spill && new Spiller(spill, `${MAIN}`);
  const thread = new Thread(scanner, shared, { number: MAIN, totalBytes, spiller }, () => {
    emit({ kind: "progress", bytes: shared.bytes, totalBytes, readings: shared.readings, rejected: shared.bad });
  });
  const stop = () => shared.stopFor(Stop.aborted);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    signal?.throwIfAborted();
    const heads: (Head | undefined)[] = [];
    const tasks: Task[] = [];
    for (const [index, input] of inputs.entries()) {
      const head =
        input.compression === "none" && input.size > LARGE && workers.length > 0
          ? await readHead(input, thread)
          : undefined;
      heads.push(head);
      if (head?.cut && scanner.kernel.unnamed > 0) thread.keepUnnamed(index, scanner.kernel.unnamed);
      if (head === undefined) tasks.push({ index, input, part: undefined });
      else if (head.cut && head.scan.shape !== undefined)
        tasks.push(...partsOf(index, input, head.end, head.scan.shape));
    }
    const deliveries = workers.map((worker, n) =>
      deliver(worker, {
        plan: plan.scan,
        code: kernelCode(),
        tasks,
        memory: shared.memory,
        budget,
        number: n + 1,
        totalBytes,
        spill,
      }),
    );
    // A worker that fails is heard at once, and told of when the others are done.
    const delivering = Promise.allSettled(deliveries);
    const { unnamed } = thread;
    const look = (settled: boolean) =>
      heads.forEach((head, index) => {
        if (unnamed.has(index) === settled)
          head?.warnings.push(...warningsOf(head.sample, scanner.kernel, inputs[index].name));
      });
    look(false);
    const own = await thread.run(tasks);
    const delivered = (await delivering).map((settled) => {
      if (settled.status === "rejected") throw settled.reason;
      return settled.value;
    });
    const failure = own.find((result) => result.failure?.ofRun)?.failure;
    if (failure !== undefined) throw new RunError(failure.code, failure.message);
    const results = [...own, ...delivered.flatMap((delivery) => delivery.results)].sort((a, b) => a.task - b.task);
    signal?.throwIfAborted();
    if (shared.stop() === Stop.memory) throw tooMuchMemory(context);
    if (shared.stop() !== Stop.none) return undefined;

    for (const [index, source] of unnamed)
      if (delivered.some((each) => each.unnamed.get(index)?.read)) scanner.kernel.markRead(source);
    for (const delivery of delivered) renumber(delivery, unnamed, scanner.kernel);
    const pieces: Piece[][] = [];
    for (const [index, input] of inputs.entries()) {
      const parts = results.filter(({ task }) => tasks[task].index === index);
      if (!fitTogether(parts)) return undefined;
      const head = heads[index];
      pieces.push(head === undefined ? parts : [head, ...parts, ...(await readTail(input, head, parts, thread))]);
      if (head !== undefined) await settleCut(input, pieces[index], thread);
    }
    signal?.throwIfAborted();
    if (shared.stop() === Stop.memory) throw tooMuchMemory(context);
    if (shared.stop() !== Stop.none) return undefined;

    look(true);
    inputs.forEach((input, index) => conclude(input, pieces[index], context));
    return finish(
      inputs.map((input, index) => resultOf(input, pieces[index])),
      allAlike([thread.counted(), ...delivered.map((each) => named(each, unnamed, scanner))], context, shared.spilled),
      context,
    );
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** What a worker has counted, once the ends of all inputs have told whose the records are. @param here the numbers of its sources in the kernel */
function named(counted: Counted, here: ReadonlyMap<number, number>, { kernel }: Scanner): Counted {
  const { part, spilled, unnamed } = counted;
  const ids = new Map<number, Uint8Array>();
  for (const [index, { source }] of unnamed) ids.set(source, kernel.idOf(here.get(index) ?? 0));
  if (ids.size === 0) return counted;
  return { ...counted, part: part && withIds(part, ids), spilled: spilled && withIds(spilled, ids) };
}

/** Where some cells lie on the disk, all do. */
function allAlike(counted: readonly Counted[], { spill }: ScanContext, spilled: boolean): readonly Counted[] {
  if (!spilled || spill === undefined) return counted;
  return counted.map((each, n) => {
    const { part } = each;
    if (part === undefined) return each;
    return { ...each, part: undefined, spilled: new Spiller(spill, `handed${n}`).last(part) };
  });
}

async function readHead(input: FileInput, thread: Thread): Promise<Head> {
  const bad: BadRecord[] = [];
  const tailBad: BadRecord[] = [];
  let keep = thread.keepBad(bad);
  const { scanner } = thread;
  const { kernel } = scanner;
  startSample(kernel);
  const scan = scanner.begin((record) => keep(record));
  const file = openFile(input);
  let failure: Failure | undefined;
  try {
    failure = await thread.attempt(async () => {
      // Block after block, until the sample is full and the scan stands where parts can begin.
      for (let from = 0; from < file.size; from += HEAD_BYTES) {
        await readPart(file, scan, thread.reading, { from, to: Math.min(from + HEAD_BYTES, file.size) });
        if (kernel.sampleLeft === 0 && scan.shape !== undefined) break;
      }
    });
  } finally {
    file.close();
  }
  keep = thread.keepBad(tailBad);
  // The sample is looked at later, when the other threads have something to do.
  const sample = kernel.takeSample();
  const scanned = scan.result();
  const order = scanner.order.take();
  const cut = failure === undefined && scan.shape !== undefined && scanned.end < input.size;
  return { ...scanned, scan, bad, tailBad, sample, warnings: [], order, failure, cut };
}

/** What follows the array that a file's parts were in. */
async function readTail(input: FileInput, head: Head, parts: readonly TaskResult[], thread: Thread): Promise<Piece[]> {
  const last = parts.at(-1);
  if (last === undefined || !last.arrayEnded) return [];
  // The scan of the head tells of bad records where it began to.
  const bad = head.tailBad;
  head.scan.goTo(last.end);
  const failure = await thread.attempt(() => readFile(input, head.scan, thread.reading, last.end));
  return [{ ...head.scan.result(), bad, warnings: [], order: thread.scanner.order.take(), failure }];
}

function sumOf(pieces: readonly Piece[], what: "records" | "readings" | "lines" | "slow"): number {
  return pieces.reduce((sum, piece) => sum + piece[what], 0);
}

/** Tells a file's bad records, with numbers that count from its first, and throws nothing. */
function conclude(input: FileInput, pieces: readonly Piece[], { rejections, emit }: ScanContext): void {
  let records = 0;
  let lines = 0;
  for (const piece of pieces) {
    for (const bad of piece.bad)
      rejections.add(input.name, { ...bad, record: bad.record + records, line: bad.line + lines });
    records += piece.records;
    lines += piece.lines;
  }
  emit({ kind: "detail", message: readOneByOne(input.name, records, sumOf(pieces, "slow")) });
}

function resultOf(input: FileInput, pieces: readonly Piece[]): InputResult {
  let lines = 0;
  let failure: RunError | undefined;
  for (const piece of pieces) {
    if (piece.failure !== undefined) failure ??= failureOf(input.name, piece.failure, lines);
    lines += piece.lines;
  }
  return {
    records: sumOf(pieces, "records"),
    readings: sumOf(pieces, "readings"),
    sha256: undefined,
    warnings: pieces.flatMap((piece) => piece.warnings),
    failure,
  };
}

function deliver(worker: Worker, order: Order): Promise<Delivery> {
  return new Promise((resolve, reject) => {
    worker.once("message", (message: Delivery | Failure) => {
      if ("code" in message) reject(new RunError(message.code, message.message));
      else resolve(message);
    });
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a worker thread ended early, with status ${code}`)));
    worker.postMessage(order);
  });
}
