/** What every scanning thread does: it scans inputs, or parts of them, into its own kernel, within its share of memory. */

import { readSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { RunError } from "../base/errors.js";
import type { Warning } from "../base/warning.js";
import { type OpenFile, openFile } from "../input/file.js";
import type { FileInput } from "../input/input.js";
import { guessRecord } from "../scan/cut.js";
import type { InputScan, ScanResult } from "../scan/input-scan.js";
import { placeKept } from "../scan/place-kept.js";
import { type BadRecord, type BadRecords, ScanFailure } from "../scan/plan.js";
import type { Reason } from "../scan/reasons.js";
import type { Scanner } from "../scan/scanner.js";
import { sievedIn } from "../scan/sieved.js";
import type { DeliveredInput } from "./aside.js";
import { HeapGuard, OutOfMemory, type Room } from "./memory.js";
import { readInput, readPart, type Turns } from "./read.js";
import { sampleWarnings, startSample } from "./sample.js";
import { type Shared, Stop } from "./shared.js";
import type { Spiller } from "./spill.js";
import { type Failure, type Lot, type Outcomes, type PartOfFile, type Task, type TaskNotes, tasksOf } from "./tasks.js";
import type { Counted } from "./totals.js";

/** Bytes that a guess searches: few at first, more if a record is long. And bytes before its place that it needs to see. */
const LOOKS = [16 * 1024, 2 * 1024 * 1024];
const BEFORE = 256;

/** Bytes that a collected bad record takes beside its text; and the part of a thread's share that all may take. */
const BAD_BYTES = 500;
const FOR_BAD = 1 / 4;

export interface Place {
  /** `MAIN`, or a worker's. */
  readonly number: number;
  /** Bytes that its sources and cells may take, and further bytes for each source. */
  readonly room: Room;
  /** Whether other threads scan too. */
  readonly threads: "alone" | "beside";
  /** Where cells go when they take more; `undefined`: all threads then stop. */
  readonly spiller: Spiller | undefined;
  /** Bytes of all inputs, if known. */
  readonly totalBytes: number | undefined;
}

/** The result of an input. */
export interface ScannedInput extends ScanResult {
  /** The input's, or that of the archive's member at which it failed. */
  readonly name: string;
  readonly warnings: readonly Warning[];
  /** Why it could not be read to its end. */
  readonly failure: Failure | undefined;
  /** What is to be read again: its format tells what counts once all inputs are known. */
  readonly aside: readonly DeliveredInput[];
}

export const NOTHING: ScanResult = {
  records: 0,
  readings: 0,
  slow: 0,
  checked: 0,
  present: 0,
  directions: 0,
  headerLine: 0,
  known: 0,
  lines: 0,
  end: 0,
  delivered: undefined,
};

export class Thread {
  readonly reading: Turns;
  private readonly guard: HeapGuard;
  private bytes = 0;
  private badBytes = 0;
  /** By input: the kernel's number for records whose source is only known at the input's end. */
  readonly unnamed = new Map<number, number>();

  constructor(
    readonly scanner: Scanner,
    private readonly shared: Shared,
    private readonly place: Place,
    onTurn: () => void = () => {},
  ) {
    const { room, threads, spiller, totalBytes } = place;
    this.guard = new HeapGuard(scanner, room, threads, spiller, () => {
      shared.spill();
      this.report();
      if (totalBytes !== undefined) spiller?.foresee(this.bytes, totalBytes - shared.bytes);
    });
    this.reading = {
      turn: async (bytes) => {
        this.bytes += bytes;
        this.report();
        await this.guard.relieve(bytes);
        onTurn();
        await nextTurn();
        if (shared.stop() !== Stop.none) throw new Stopped();
      },
    };
  }

  private report(): void {
    this.shared.report(this.place.number, this.bytes, this.scanner.kernel.readings);
  }

  /** Everything that was counted: in memory, unless some thread has written cells to the disk. Call this once. */
  counted(): Counted {
    const { kernel, rounded, flags, leftOut, repeated } = this.scanner;
    const spilled = this.guard.finish(this.shared.spilled);
    const kept = kernel.kept.length > 0 ? kernel.kept.all() : undefined;
    const part = spilled === undefined ? kernel.part() : undefined;
    const unnamed = new Map<number, { source: number; read: boolean }>();
    for (const [index, source] of this.unnamed)
      unnamed.set(index, { source, read: kernel.exports.hasReadings(source) === 1 });
    return {
      ...{ part, spilled, rounded, leftOut, flags, absolute: kernel.absolute, unnamed },
      ...{ repeated, sieved: sievedIn(kernel), kept, registers: this.scanner.registers.findings() },
    };
  }

  /**
   * Counts readings that were kept until all inputs are known. Call this before `counted`, on one thread.
   * @throws RunError
   */
  async placeKept(): Promise<void> {
    const failure = await this.attempt(async () => {
      const { keptSpill } = this.guard;
      this.guard.isPlacing = true;
      const { kernel } = this.scanner;
      if (keptSpill?.isUsed) {
        if (kernel.kept.length > 0) keptSpill.write(kernel.kept);
        // Of a source that was known only at an input's end, some may be in another part.
        for (const source of keptSpill.sources) if (kernel.settled(source) !== source) throw new OutOfMemory();
        for (const _ of keptSpill.parts(kernel.kept)) await this.placeAll();
      } else await this.placeAll();
    });
    if (failure !== undefined && this.shared.stop() === Stop.none) throw new RunError(failure.code, failure.message);
  }

  private async placeAll(): Promise<void> {
    for (const _ of placeKept(this.scanner)) await this.reading.turn(0);
  }

  /** Fixes the number of the source under which the kernel counts records without one, for the parts of an input. */
  pinUnnamed(index: number, source: number): void {
    this.scanner.kernel.exports.pinSource(source);
    this.unnamed.set(index, source);
  }

  /** The kernel's number for records without a source in the parts of an input. */
  private unnamedOf(index: number, { resumePoint }: PartOfFile): number {
    if (resumePoint.format !== "json" || resumePoint.pointer.length === 0) return 0;
    if (!this.unnamed.has(index)) this.pinUnnamed(index, this.scanner.kernel.exports.openSource());
    return this.unnamed.get(index) as number;
  }

  /**
   * Takes lots of tasks until none is left, or all threads are to stop.
   * @param outcomes where the tasks' numbers go
   * @param tell receives the notes about a lot's tasks, if there are any
   * @returns what ended the run, if that happened here
   */
  async run(
    lots: readonly Lot[],
    outcomes: Outcomes,
    tell: (notes: TaskNotes[]) => void,
  ): Promise<Failure | undefined> {
    for (;;) {
      const lot = this.shared.takeLot();
      if (lot >= lots.length) return undefined;
      const { first, tasks } = tasksOf(lots[lot]);
      const told: TaskNotes[] = [];
      for (const [n, task] of tasks.entries()) {
        if (this.shared.stop() !== Stop.none) return undefined;
        const notes = await this.one(first + n, task, outcomes);
        if (notes?.failure?.ofRun) return notes.failure;
        if (notes !== undefined) told.push(notes);
      }
      if (told.length > 0) tell(told);
    }
  }

  private async one(task: number, { index, input, part }: Task, outcomes: Outcomes): Promise<TaskNotes | undefined> {
    const bad: BadRecords = { told: [], more: {} };
    const onBad = this.collectBad(bad);
    if (part === undefined) {
      const { warnings, failure, aside: _, ...scanned } = await this.scanFile(input, onBad, undefined, index);
      outcomes.set(task, { ...scanned, start: 0, arrayEnded: false });
      if (bad.told.length === 0 && warnings.length === 0 && failure === undefined) return undefined;
      return { task, bad, warnings, order: undefined, failure };
    }
    let start = part.from;
    let scan: InputScan | undefined;
    const failure = await this.attempt(async () => {
      const file = openFile(input);
      try {
        if (part.guess) start = guessStart(file, part);
        scan = this.scanner.beginAt(start, part.resumePoint, onBad, this.unnamedOf(index, part), index);
        if (start < part.to) await readPart(file, scan, this.reading, { from: start, limit: part.to });
      } finally {
        file.close();
      }
    });
    const order = this.scanner.order.take();
    const scanned = scan?.result() ?? { ...NOTHING, end: start };
    outcomes.set(task, { ...scanned, start, arrayEnded: scan?.stopped === true && scanned.end < part.to });
    if (bad.told.length === 0 && order === undefined && failure === undefined) return undefined;
    return { task, bad, warnings: [], order, failure };
  }

  /** Scans a file from its beginning to its end. @param index of the input in the run; `undefined`: after the one before */
  async scanFile(
    input: FileInput,
    onBad: (bad: BadRecord | Reason) => void,
    signal?: AbortSignal | undefined,
    index?: number,
  ): Promise<ScannedInput> {
    const { scanner } = this;
    startSample(scanner.kernel);
    const scan = scanner.begin(onBad, undefined, { input: index, hasExchanges: input.hasExchanges ?? false });
    const failure = await this.attempt(async () => {
      await readInput(input, scan, { ...this.reading, signal });
      if (scanner.order.settle(input.name)) await this.reading.turn(0);
    });
    const { name } = input;
    const scanned = scan.result();
    const aside = scanned.delivered === undefined ? [] : [{ input, kind: scanned.delivered, kept: [], onBad }];
    const counted = aside.length === 0 ? scanned : { ...scanned, records: 0, readings: 0 };
    return { ...counted, name, warnings: sampleWarnings(scanner, scan, name), failure, aside };
  }

  /** Collects bad records until it is known that they are bad. */
  collectBad({ told, more }: BadRecords): (bad: BadRecord | Reason) => void {
    return (bad) => {
      this.shared.countBad(typeof bad !== "string");
      if (typeof bad === "string") {
        more[bad] = (more[bad] ?? 0) + 1;
        return;
      }
      told.push(bad);
      this.badBytes += bad.text.length + BAD_BYTES;
      if (this.badBytes > this.place.room.share * FOR_BAD) this.shared.stopFor(Stop.tooManyBad);
    };
  }

  /** Runs an action that may fail for reasons that a user can cause, and returns such a failure. */
  async attempt(action: () => Promise<void>): Promise<Failure | undefined> {
    try {
      await action();
      return undefined;
    } catch (error) {
      const ofRun = error === this.guard.failure;
      if (error instanceof OutOfMemory) this.shared.stopFor(Stop.memory);
      else if (ofRun) this.shared.stopFor(Stop.failed);
      if (error instanceof Stopped || error instanceof OutOfMemory) return { code: "stopped", message: "stopped" };
      if (error instanceof ScanFailure) return { code: error.code, message: error.said, at: placeOf(error) };
      if (error instanceof RunError) {
        const cause = this.place.threads === "alone" && error.cause !== undefined ? { cause: error.cause } : {};
        return { code: error.code, message: error.said, ofRun, ...cause };
      }
      throw error;
    }
  }
}

/** Plain data, to be sent to another thread. */
function placeOf({ line, offset, fromFirst }: ScanFailure) {
  return { line, offset, fromFirst };
}

/** All threads are to stop; the shared flag says why. */
class Stopped extends Error {}

/** The byte at which the first record of a part begins; the part's end where there is none. */
function guessStart(file: OpenFile, { from, to, resumePoint }: PartOfFile): number {
  // A record that begins right at `from` belongs to this part, and what marks its start is before it.
  const before = Math.min(from, BEFORE);
  for (const look of LOOKS) {
    const bytes = Buffer.allocUnsafe(look);
    const there = bytes.subarray(0, readSync(file.fd, bytes, 0, look, from - before));
    let found = guessRecord(there, 0, resumePoint);
    while (found >= 0 && found < before) found = guessRecord(there, found, resumePoint);
    if (found >= 0) return Math.min(from - before + found, to);
  }
  return to;
}
