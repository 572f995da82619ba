/**
 * Scans files on several threads. Large ones are read in parts whose starts are guessed and checked. If a guess was wrong,
 * or there are too many bad records to keep in memory, the run must begin again on one thread.
 */
import { Worker } from "node:worker_threads";
import { RunError } from "../base/errors.js";
import { yieldToEventLoop } from "../base/event-loop.js";
import type { Warning } from "../base/warning.js";
import { openFile } from "../input/file.js";
import type { FileInput } from "../input/input.js";
import type { InputScan } from "../scan/input-scan.js";
import { kernelCode } from "../scan/kernel-code.js";
import type { BadRecords } from "../scan/plan.js";
import type { Runs } from "../scan/row-columns.js";
import type { Scanner } from "../scan/scanner.js";
import { pageListOf } from "../tally/page-list.js";
import type { DeliveredInput } from "./aside.js";
import { limitYoungObjects } from "./collect.js";
import { named, numbersHere, renumber, settleCut } from "./cut-order.js";
import { scanDelivered } from "./delivered.js";
import { conclude, resultOf, type Segment } from "./file-segments.js";
import type { Room, Shares } from "./memory.js";
import type { Plan } from "./plan.js";
import { readFile, readPart } from "./read.js";
import { startSample, warningsOf } from "./sample.js";
import { MAIN, Shared, Stop } from "./shared.js";
import { Spiller } from "./spill.js";
import {
  type Failure,
  fitTogether,
  Lots,
  Outcomes,
  PART_BYTES,
  partsOf,
  type TaskNotes,
  type TaskResult,
} from "./tasks.js";
import { Thread } from "./thread.js";
import { type Counted, finish, type InputResult, type Scan, type ScanContext } from "./totals.js";
import type { Message, Order } from "./worker.js";

/** A file with fewer bytes is read as a whole. */
const LARGE = 2 * PART_BYTES;
const HEAD_BYTES = 512 * 1024;
/** Inputs that are processed before yielding to the event loop. */
const INPUTS_A_TURN = 256;
/** MiB of JavaScript's heap for a thread's short-lived objects: more would not make it faster. */
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 4 };

/** The beginning of a large file: enough to learn its format, and for the sample. */
interface Head extends Segment {
  readonly scan: InputScan;
  /** Bad records that the same scan finds when it continues after the parts. */
  readonly tailBad: BadRecords;
  /** The file's first readings, and the warnings about them once they have been examined. */
  readonly sample: Float64Array;
  readonly warnings: Warning[];
  /** Whether the rest is read in parts. */
  readonly cut: boolean;
}

/**
 * @param shares of the threads that are to scan, including this one
 * @param scanner this thread's
 * @returns `undefined` if the run must begin again on one thread
 */
export async function scanInParallel(
  inputs: readonly FileInput[],
  plan: Pick<Plan, "scan">,
  context: ScanContext,
  { workers: threads, thread: share, perSource }: Shares,
  scanner: Scanner,
): Promise<Scan | undefined> {
  const totalBytes = inputs.reduce((sum, input) => sum + input.size, 0);
  const options = { execArgv: [], resourceLimits: WORKER_LIMITS };
  const workers = Array.from(
    { length: threads - 1 },
    () => new Worker(new URL("./worker.js", import.meta.url), options),
  );
  for (const worker of workers) worker.once("online", () => limitYoungObjects(context.memory));
  let scan: Scan | undefined;
  try {
    scan = await scanWith(workers, inputs, plan, context, totalBytes, { share, perSource }, scanner);
  } finally {
    // A worker that has delivered cells ends by itself. Otherwise its memory is needed for what comes next.
    const ended = workers.map((worker) => worker.terminate());
    if (scan === undefined || scan.spilled.length > 0) await Promise.all(ended);
  }
  return scan;
}

async function scanWith(
  workers: Worker[],
  inputs: readonly FileInput[],
  plan: Pick<Plan, "scan">,
  context: ScanContext,
  totalBytes: number,
  room: Room,
  scanner: Scanner,
): Promise<Scan | undefined> {
  const { spill, emit, signal } = context;
  const shared = Shared.for(workers.length + 1);
  const spiller = spill && new Spiller(spill, `${MAIN}`);
  const thread = new Thread(scanner, shared, { number: MAIN, threads: "beside", totalBytes, spiller, room }, () => {
    emit({ kind: "progress", bytes: shared.bytes, totalBytes, readings: shared.readings, rejected: shared.bad });
  });
  const stop = () => shared.stopFor(Stop.aborted);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    signal?.throwIfAborted();
    const heads = new Map<number, Head>();
    const lots = new Lots();
    /** The first task of each input; after the last input, the number of tasks. */
    const firstTask = new Uint32Array(inputs.length + 1);
    for (const [index, input] of inputs.entries()) {
      if (index % INPUTS_A_TURN === 0) await yieldToEventLoop(signal);
      const isWhole = input.compression !== "none" || input.hasExchanges || plan.scan.encoding !== undefined;
      if (isWhole || input.size <= LARGE || workers.length === 0) lots.add({ index, input, part: undefined });
      else {
        const head = await readHead(input, index, thread);
        heads.set(index, head);
        if (head.cut && scanner.kernel.unnamed > 0) thread.pinUnnamed(index, scanner.kernel.unnamed);
        if (head.cut && head.scan.resumePoint !== undefined)
          for (const part of partsOf(index, input, head.end, head.scan.resumePoint)) lots.add(part);
      }
      firstTask[index + 1] = lots.count;
    }
    lots.close();
    const outcomes = Outcomes.for(lots.count);
    const notes = new Map<number, TaskNotes>();
    const note = (told: readonly TaskNotes[]) => {
      for (const one of told) notes.set(one.task, one);
    };
    /** What each worker knows about the order of rows in parts of files. */
    const orders: Runs[][] = workers.map(() => []);
    const noteOf = (n: number) => (told: readonly TaskNotes[]) => {
      note(told);
      for (const { order } of told) if (order !== undefined) orders[n].push(order);
    };
    const deliveries = workers.map((worker, n) =>
      deliver(worker, noteOf(n), {
        plan: plan.scan,
        inWords: scanner.inWords,
        code: kernelCode(),
        lots: lots.all,
        outcomes: outcomes.memory,
        memory: shared.memory,
        room,
        number: n + 1,
        totalBytes,
        spill,
      }),
    );
    // A worker's failure is noticed at once, and reported when the others are done.
    const delivering = Promise.allSettled(deliveries);
    const { unnamed } = thread;
    const look = (settled: boolean) => {
      for (const [index, head] of heads)
        if (unnamed.has(index) === settled) {
          scanner.readAs(head.known);
          head.warnings.push(...warningsOf(head.sample, scanner, head.scan, inputs[index].name));
        }
    };
    look(false);
    const failure = await thread.run(lots.all, outcomes, note);
    const delivered = (await delivering).map((settled) => {
      if (settled.status === "rejected") throw settled.reason;
      return settled.value;
    });
    if (failure !== undefined) throw new RunError(failure.code, failure.message);
    signal?.throwIfAborted();
    if (shared.stop() !== Stop.none) return undefined;

    for (const [index, source] of unnamed)
      if (delivered.some((each) => each.unnamed.get(index)?.read)) scanner.kernel.markRead(source);
    delivered.forEach((counted, n) => {
      renumber(orders[n], counted, unnamed, scanner.kernel);
    });
    const resultOfTask = (task: number) => outcomes.of(task, notes.get(task));
    const cut = new Map<number, Segment[]>();
    for (const [index, head] of heads) {
      const parts: TaskResult[] = [];
      for (let task = firstTask[index]; task < firstTask[index + 1]; task++) parts.push(resultOfTask(task));
      if (!fitTogether(parts)) return undefined;
      scanner.endOf(index);
      scanner.readAs(head.known);
      const segments = [head, ...parts, ...(await readTail(inputs[index], head, parts, thread))];
      cut.set(index, segments);
      await settleCut(inputs[index], segments, thread);
    }
    signal?.throwIfAborted();
    if (shared.stop() !== Stop.none) return undefined;

    look(true);
    const results: InputResult[] = [];
    const later = new Map<number, DeliveredInput & { bad: BadRecords }>();
    for (const [index, input] of inputs.entries()) {
      if (index % INPUTS_A_TURN === 0) await yieldToEventLoop(signal);
      const segments = cut.get(index) ?? [resultOfTask(firstTask[index])];
      const kind = segments[0].delivered;
      if (kind !== undefined) {
        const bad: BadRecords = { told: [], more: {} };
        later.set(index, { input, kind, kept: [], bad, onBad: thread.collectBad(bad) });
      } else conclude(input, segments, scanner, context);
      results.push(resultOf(input, segments, scanner.readAs(segments[0].known).plan));
    }
    const again = await scanDelivered(
      [...later.values()],
      results.reduce((all, { directions }) => all | directions, 0),
      thread,
    );
    for (const counted of delivered)
      if (counted.kept !== undefined)
        scanner.kernel.kept.append(counted.kept, numbersHere(counted, unnamed, scanner.kernel));
    await thread.placeKept();
    signal?.throwIfAborted();
    if (shared.stop() !== Stop.none) return undefined;
    for (const [k, [index, { bad, kind }]] of [...later].entries()) {
      const segments = [{ ...again[k], delivered: kind, bad, order: undefined }];
      conclude(inputs[index], segments, scanner, context);
      results[index] = resultOf(inputs[index], segments, scanner.readAs(0).plan);
    }
    return finish(
      results,
      allAlike([thread.counted(), ...delivered.map((each) => named(each, unnamed, scanner))], context, shared.spilled),
      context,
      scanner.deliveries,
    );
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** If some cells are on the disk, all go there. */
function allAlike(counted: readonly Counted[], { spill }: ScanContext, spilled: boolean): readonly Counted[] {
  if (!spilled || spill === undefined) return counted;
  return counted.map((each, n) => {
    const { part } = each;
    if (part === undefined) return each;
    return { ...each, part: undefined, spilled: new Spiller(spill, `handed${n}`).last(pageListOf(part), part) };
  });
}

async function readHead(input: FileInput, index: number, thread: Thread): Promise<Head> {
  const bad: BadRecords = { told: [], more: {} };
  const tailBad: BadRecords = { told: [], more: {} };
  let onBad = thread.collectBad(bad);
  const { scanner } = thread;
  const { kernel } = scanner;
  startSample(kernel);
  const scan = scanner.begin((one) => onBad(one), undefined, { input: index });
  const file = openFile(input);
  let failure: Failure | undefined;
  try {
    failure = await thread.attempt(async () => {
      // Block by block, until the sample is full and the scan is where parts can begin.
      for (let from = 0; from < file.size; from += HEAD_BYTES) {
        await readPart(file, scan, thread.reading, { from, to: Math.min(from + HEAD_BYTES, file.size) });
        if (scan.stopped || (kernel.sampleLeft === 0 && scan.resumePoint !== undefined)) break;
      }
    });
  } finally {
    file.close();
  }
  onBad = thread.collectBad(tailBad);
  // The sample is examined later, when the other threads are busy.
  const sample = kernel.takeSample();
  const scanned = scan.result();
  const order = scanner.order.take();
  const cut = failure === undefined && scan.resumePoint !== undefined && scanned.end < input.size;
  return { ...scanned, scan, bad, tailBad, sample, warnings: [], order, failure, cut };
}

/** What follows the array that a file's parts were in. */
async function readTail(
  input: FileInput,
  head: Head,
  parts: readonly TaskResult[],
  thread: Thread,
): Promise<Segment[]> {
  const last = parts.at(-1);
  if (last === undefined || !last.arrayEnded) return [];
  // The scan of the head continues, and so reports bad records there.
  const bad = head.tailBad;
  head.scan.goTo(last.end);
  const failure = await thread.attempt(() => readFile(input, head.scan, thread.reading, last.end));
  return [{ ...head.scan.result(), bad, warnings: [], order: thread.scanner.order.take(), failure }];
}

/** @param note receives the worker's notes about its tasks */
function deliver(worker: Worker, note: (told: readonly TaskNotes[]) => void, order: Order): Promise<Counted> {
  return new Promise((resolve, reject) => {
    worker.on("message", (message: Message) => {
      if ("notes" in message) note(message.notes);
      else if ("code" in message) reject(new RunError(message.code, message.message));
      else resolve(message);
    });
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a worker thread ended early, with status ${code}`)));
    worker.postMessage(order);
  });
}
