/** A run's memory, which is that of its whole process: how threads share it, and how a thread stays within its share. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { RunError } from "../base/errors.js";
import { type BySurface, bySurface, option, say } from "../base/message.js";
import { type Kernel, MOST_HEAP } from "../scan/kernel.js";
import type { Scanner } from "../scan/scanner.js";
import { areRows } from "../tally/page-list.js";
import { collectLatest } from "./collect.js";
import { KeptSpill } from "./kept-spill.js";
import type { Spilled, Spiller, SpillPlan } from "./spill.js";

/** Bytes for Node, the code, and the buffers for reading and writing. */
const PROCESS = 70e6;
/** Bytes for each further thread, beside what it counts; and for an input: its path, and what is reported about it. */
const WORKER = 10e6;
const INPUT = 1000;
/** With a smaller share, a thread would write to the disk all the time: then fewer threads are better. */
const LEAST_SHARE = 16e6;
/** The part of a share that must be left for cells. With several threads it is larger, since one alone may then do better. */
const FOR_CELLS = { alone: 1 / 5, beside: 1 / 2 };
/** The part of what is left for all else that readings which are kept may take before they are written. */
const FOR_KEPT = 1 / 4;
/** How far a process may exceed its memory. */
const ALLOWED = 1.15;
/** Shares below this many bytes are small: then what was read is collected at once. */
const LITTLE = 64e6;
const UNCOLLECTED = 512e3;
/** Fewer inputs than this take a negligible amount of memory. */
const MANY_INPUTS = 10_000;
/** Bytes that a source takes outside the kernel, once cells are laid out and written. */
export const COLUMN = 165;
/** Bytes that a row of the period takes: its times, and its place on the disk. */
export const TIME_ROW = 40;
/** Bytes that a row of the period takes in total, from its times to its rows in files. */
const TIME_IN_ALL = 100;
/** Bytes that a source takes outside the kernel where only sources are counted. */
const COUNTED = 50;
/** Bytes that a page takes beside its cells when pages are laid out in memory: if they align with rows, and if not. */
const ALIGNED = 140;
const COPIED = 540;
/** Bytes that a source takes outside the kernel while cells are written; and the factor for the lists of pages that are sorted. */
const WRITTEN = 25;
const LISTED = 1.03;
/** How far a heap may exceed its share before there are too many sources: tables double, and a record is read to its end. */
const PASSED = 1.15;
/** Bytes of input in the kernel's window that do not count toward a thread's share; those of longer records do. */
const READ_AT_A_TIME = 4e6;
/** Bytes that may be counted between two turns. */
const TURN = 16e6;

/** Bytes that a store's engine takes when idle, and the least and most of a run's memory that it may use besides. */
const ENGINE = 45e6;
const LEAST_ENGINE = 64e6;
const MOST_ENGINE = 512e6;
/** Bytes that quality takes to examine a group of sources. */
export const LOOKING = 20e6;
/** About how many bytes quality takes to report what it found about a source. */
export const FOUND = 900;
/** The factor by which working on cells in memory exceeds the memory of the cells. */
const WORKED_ON = 1.4;

/** Bytes of a run's memory that the store's engine gets: it cannot work with less, and does not need more. */
export function storeMemory(memory: number): number {
  return Math.max(LEAST_ENGINE, Math.min(memory / 4, MOST_ENGINE));
}

/** Bytes of a run's memory that its store takes in total. */
export function besideStore(memory: number): number {
  return ENGINE + storeMemory(memory);
}

/** How a run's memory is divided. */
export interface Shares extends Pick<Purpose, "perSource"> {
  /** Scanning threads. */
  readonly workers: number;
  /** Bytes that each may take for sources and cells, and for laying them out. */
  readonly thread: number;
  /** Bytes of all threads together: for a thread that is alone, and for what comes after the scan. */
  readonly all: number;
}

/** What a run's memory is for. */
export interface Purpose {
  /** Bytes that the process may use. */
  readonly memory: number;
  /** Bytes of these that something other than the scan takes. Default 0. */
  readonly beside?: number | undefined;
  /** Where cells go that exceed their memory; `undefined`: they must fit into it. */
  readonly spill?: SpillPlan | undefined;
  /** Further bytes that a source takes once it is counted. Default: what it takes to sum and write it. */
  readonly perSource?: number | undefined;
  /** Bytes for each thread, regardless of the memory. */
  readonly share?: number | undefined;
}

/**
 * @param workers threads that are requested
 * @throws RunError where there are so many inputs that they alone take too much
 */
export function sharesOf(purpose: Purpose, workers: number, inputs: number): Shares {
  const { memory: whole, beside = 0, spill, share, perSource } = purpose;
  if (share !== undefined) return { workers, thread: share, all: share, perSource };
  const memory = whole - beside - inputs * INPUT;
  // Budgets too small for anything are refused where they are given; in a library, the caller's program counts too.
  if (inputs > MANY_INPUTS && memory < PROCESS + LEAST_SHARE - whole / 10)
    throw new RunError(
      "memory",
      say`${inputs} inputs take more than ${Math.round(whole / 1e6)} MB of memory; allow more with ${memoryOf(PROCESS + LEAST_SHARE + inputs * INPUT + beside)}, or read fewer at a time`,
    );
  const part = spill !== undefined ? 1 : WORKED_ON;
  const all = (threads: number) => Math.max(memory - PROCESS - (threads - 1) * WORKER, memory / 4) / part;
  let threads = workers;
  while (threads > 1 && all(threads) / threads < LEAST_SHARE) threads--;
  const least = (bytes: number) => Math.min(bytes, MOST_HEAP);
  return { workers: threads, thread: least(all(threads) / threads), all: least(all(1)), perSource };
}

/**
 * @param rows of a day
 * @param memory bytes that the process may use
 * @throws RunError if the rows of so many days alone need more
 */
export function checkRoom(days: number, rows: number, memory: number): void {
  const needed = PROCESS + days * rows * TIME_IN_ALL;
  if (needed > ALLOWED * memory)
    throw new RunError(
      "memory",
      say`the ${days} days of the period need more than ${Math.round(memory / 1e6)} MB; allow more with ${memoryOf(needed)}, or ask for fewer days with ${option("from")} and ${option("to")}`,
    );
}

/** The option that allows so many bytes, rounded up. */
function memoryOf(bytes: number): BySurface {
  const megabytes = Math.ceil(bytes / 1e6);
  return bySurface({
    library: [option("memory", megabytes * 1e6)],
    commandLine: [option("memory", `${megabytes}MB`)],
  });
}

/** What a thread may take; plain data. */
export interface Room extends Pick<Purpose, "perSource"> {
  /** Bytes of its sources and cells. */
  readonly share: number;
}

/** The sources alone take too much, or the cells, if they may not be written to the disk. */
export class OutOfMemory extends Error {}

/** Keeps what a thread counts within its share. */
export class HeapGuard {
  /** A failure of the disk, which ends the run, and not only the reading of one input. */
  failure: unknown;
  private readonly kernel: Kernel;
  private readonly share: number;
  /** Bytes that have to be left for cells. */
  private readonly forCells: number;
  private readonly perSource: number;
  /** Where readings go that are kept; `undefined`: the thread then runs out of memory. */
  readonly keptSpill: KeptSpill | undefined;
  /** Whether readings that were kept are being counted in cells: then they stay where they are. */
  isPlacing = false;
  /** Bytes read since the last collection. */
  private read = 0;

  /**
   * @param room of this thread
   * @param threads whether others scan too
   * @param spiller where cells go when they take too much; `undefined`: the thread then runs out of memory
   * @param onSpill called when cells were written
   */
  constructor(
    private readonly scanner: Scanner,
    { share, perSource }: Room,
    threads: "alone" | "beside",
    private readonly spiller: Spiller | undefined,
    private readonly onSpill: () => void,
  ) {
    const { kernel } = scanner;
    this.kernel = kernel;
    this.share = share;
    this.perSource = perSource ?? (scanner.plan.bySource ? COLUMN : COUNTED);
    this.forCells = share * FOR_CELLS[threads];
    this.keptSpill = threads === "alone" && spiller !== undefined ? new KeptSpill(spiller.plan) : undefined;
    this.setLimit();
    kernel.onWidened = () => this.setLimit();
    kernel.onFull = () => {
      for (const _ of this.spill());
    };
  }

  /**
   * Call this between blocks: it writes cells before they take too much, and yields while there are many.
   * @param bytes of input that were read since the last call
   * @throws OutOfMemory
   * @throws RunError where the disk refuses
   */
  async relieve(bytes: number): Promise<void> {
    const { kernel, share } = this;
    this.read += bytes;
    if (share < LITTLE && this.read > UNCOLLECTED) {
      collectLatest();
      this.read = 0;
    }
    if (this.keptSpill !== undefined && !this.isPlacing && kernel.kept.bytes > (share - this.forCells) * FOR_KEPT) {
      try {
        this.keptSpill.write(kernel.kept);
      } catch (error) {
        this.failure = error;
        throw error;
      }
    }
    if (this.ofSources > share || this.besideCells > share - this.forCells) throw new OutOfMemory();
    const limit = this.setLimit();
    if (this.spiller === undefined || share < 4 * TURN || kernel.heapBytes < limit - TURN) return;
    for (const _ of this.spill()) await nextTurn();
  }

  private *spill(): Generator<undefined, void> {
    const { kernel, spiller, share } = this;
    if (spiller === undefined) throw new OutOfMemory();
    try {
      yield* spiller.writing(kernel.pages());
      kernel.clear();
      this.onSpill();
    } catch (error) {
      this.failure = error;
      throw error;
    }
    const left = this.setLimit() - kernel.heapBytes;
    if (left < this.forCells || kernel.allocatedBytes > share * PASSED) throw new OutOfMemory();
  }

  /** Sets what is left for the kernel. @returns bytes */
  private setLimit(): number {
    const { kernel, share } = this;
    const spills = this.spiller !== undefined;
    const ofSources = spills ? kernel.exports.sourceCount() * WRITTEN : this.ofSources;
    const limit = Math.max(share - this.besideCells - ofSources, this.forCells) / (spills ? LISTED : 1);
    kernel.setLimit(limit);
    return limit;
  }

  /** Bytes that are neither sources nor cells: readings held for later, and the window where long records made it large. */
  private get besideCells(): number {
    const { laterBytes, windowBytes } = this.kernel;
    return laterBytes + Math.max(0, windowBytes - READ_AT_A_TIME);
  }

  /** Bytes that the sources take outside the kernel. */
  private get ofSources(): number {
    return this.kernel.exports.sourceCount() * this.perSource;
  }

  /**
   * Everything, on the disk; `undefined` if everything is to be laid out in memory.
   * @param all whether other threads have written cells, so that this one must too
   */
  finish(all: boolean): Spilled | undefined {
    const { kernel, spiller } = this;
    if (spiller === undefined) return undefined;
    const pages = kernel.pages();
    if (!all && !spiller.used) {
      const width = { slots: this.scanner.plan.instants.width, rows: spiller.rowSeconds };
      const laidOut = pages.pages.length * (areRows(pages, width) ? ALIGNED : COPIED) + this.ofSources;
      if (kernel.heapBytes + this.besideCells + laidOut <= this.share) return undefined;
    }
    this.onSpill();
    return spiller.last(pages, kernel.sources());
  }
}
