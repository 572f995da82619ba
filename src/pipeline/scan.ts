/** Scans all inputs. */
import { RunError } from "../base/errors.js";
import { sha256 } from "../input/hash.js";
import type { FileInput, Input } from "../input/input.js";
import type { BadRecord } from "../scan/plan.js";
import type { Reason } from "../scan/reasons.js";
import { Scanner } from "../scan/scanner.js";
import type { DeliveredInput } from "./aside.js";
import { collectAll } from "./collect.js";
import { scanDelivered } from "./delivered.js";
import { OutOfMemory, type Room, sharesOf } from "./memory.js";
import type { Plan } from "./plan.js";
import { scanStream } from "./scan-stream.js";
import { MAIN, Shared, Stop } from "./shared.js";
import { Spiller } from "./spill.js";
import { leastTasks } from "./tasks.js";
import { Thread } from "./thread.js";
import {
  failureOf,
  finish,
  type InputResult,
  readOneByOne,
  type Scan,
  type ScanContext,
  tooMuchMemory,
} from "./totals.js";
import { unselected } from "./unselected.js";

/**
 * @throws RunError for an input that cannot be read, after all others have been, so that their bad records are reported
 */
export async function scanInputs(
  inputs: readonly Input[],
  plan: Pick<Plan, "scan">,
  context: ScanContext,
): Promise<Scan> {
  const { memory, emit } = context;
  context.scanner?.reset();
  const scanner = context.scanner ?? new Scanner(plan.scan);
  scanner.inWords = context.rejections.inWords;
  scanner.onKept = context.onKept;
  const parallel =
    context.workers > 1 && inputs.every(isFile) && worthThreads(inputs, plan.scan.encoding !== undefined);
  const threads = parallel ? Math.min(context.workers, leastTasks(inputs)) : 1;
  const shares = sharesOf(context, threads, inputs.length);
  if (shares.workers < threads)
    emit({
      kind: "detail",
      message: `${Math.round(memory / 1e6)} MB of memory: the inputs are scanned by ${shares.workers} ${shares.workers === 1 ? "thread" : "threads"} instead of ${threads}`,
    });
  if (parallel && shares.workers > 1) {
    const { scanInParallel } = await import("./parallel.js");
    const scan = await scanInParallel(inputs, plan, context, shares, scanner).catch((error) => {
      if (error instanceof OutOfMemory) return undefined;
      throw error;
    });
    if (scan !== undefined) return scan;
    emit({ kind: "detail", message: "the inputs are scanned again, by one thread" });
    scanner.reset();
    // The memory of the other threads is freed now, and not at some later time.
    await collectAll();
  }
  return scanOneByOne(inputs, scanner, context, { share: shares.all, perSource: shares.perSource });
}

/** Fewer bytes than this are read before another thread would have started. */
const WORTH_THREADS = 8 * 1024 * 1024;

function isFile(input: Input): input is FileInput {
  return input.kind === "file";
}

/** @param whole whether no input can be read in parts */
function worthThreads(inputs: readonly FileInput[], whole: boolean): boolean {
  if (inputs.length === 1 && (whole || inputs[0].compression !== "none")) return false;
  return inputs.reduce((sum, input) => sum + input.size, 0) >= WORTH_THREADS;
}

/** Everything on this thread, in order; bad records are reported as they are found. */
async function scanOneByOne(
  inputs: readonly Input[],
  scanner: Scanner,
  context: ScanContext,
  room: Room,
): Promise<Scan> {
  const { rejections, emit, signal, spill } = context;
  const sizes = inputs.map((input) => input.size);
  const totalBytes = sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
  const shared = Shared.for(1);
  const spiller = spill && new Spiller(spill, "alone");
  const thread = new Thread(scanner, shared, { number: MAIN, threads: "alone", totalBytes, spiller, room }, () => {
    emit({ kind: "progress", bytes: shared.bytes, totalBytes, readings: shared.readings, rejected: rejections.count });
    if (signal?.aborted) shared.stopFor(Stop.aborted);
  });
  const results: InputResult[] = [];
  const later: (DeliveredInput & { readonly n: number })[] = [];
  for (const [n, input] of inputs.entries()) {
    signal?.throwIfAborted();
    const hash = context.hashInputs && input.kind === "stream" ? sha256() : undefined;
    const onBad = (bad: BadRecord | Reason, name: string) => rejections.add(name, bad);
    const scanning =
      input.kind === "file"
        ? thread.scanFile(input, (bad) => onBad(bad, input.name), signal)
        : scanStream(thread, input, onBad, { signal, onRaw: hash?.update });
    const scanned = await scanning.finally(() => signal?.throwIfAborted());
    if (shared.stop() === Stop.memory) throw tooMuchMemory(context, scanner.kernel.kept.length > 0);
    const { name, records, readings, slow, directions, headerLine, known, warnings, failure, aside } = scanned;
    if (failure?.ofRun) throw new RunError(failure.code, failure.message);
    for (const one of aside) later.push({ n, ...one });
    if (aside.length === 0)
      emit({ kind: "detail", message: readOneByOne(input.name, records, slow, headerLine, scanner.nameOf(known)) });
    results.push({
      ...{ name: input.name, records, readings, directions, headerLine, known, sha256: hash?.digest(), warnings },
      delivered: scanned.aside.length > 0,
      failure: failure
        ? failureOf(name, failure, 0)
        : unselected(name, scanner.plan, [{ ...scanned, delivered: aside[0]?.kind }]),
    });
  }
  const again = await scanDelivered(
    later,
    results.reduce((all, { directions }) => all | directions, 0),
    thread,
  ).finally(() => signal?.throwIfAborted());
  await thread.placeKept().finally(() => signal?.throwIfAborted());
  if (shared.stop() === Stop.memory) throw tooMuchMemory(context, scanner.kernel.kept.length > 0);
  for (const [k, { n, input }] of later.entries()) {
    const { records, readings, warnings, failure } = again[k];
    const { name } = input;
    emit({ kind: "detail", message: readOneByOne(name, records, records, 0, undefined) });
    const before = results[n];
    results[n] = {
      ...before,
      records: before.records + records,
      readings: before.readings + readings,
      warnings: [...before.warnings, ...warnings],
      failure: before.failure ?? (failure && failureOf(name, failure, 0)),
    };
  }
  return finish(results, [thread.counted()], context, scanner.deliveries);
}
