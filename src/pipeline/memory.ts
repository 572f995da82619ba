/** A run's memory, which is that of its whole process: how it is shared out, and how a thread keeps within its share. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { RunError } from "../base/errors.js";
import { type BySurface, bySurface, option, say } from "../base/message.js";
import { type Kernel, MOST_HEAP } from "../scan/kernel.js";
import type { Scanner } from "../scan/scanner.js";
import { areHours } from "../tally/page-list.js";
import { collectLatest } from "./collect.js";
import type { Spilled, Spiller, SpillPlan } from "./spill.js";

/** Bytes that Node, the code, and what is read and written at a time take. */
const PROCESS = 70e6;
/** Bytes of a thread more, beside what it counts; and of an input: its path, and what is told of it. */
const WORKER = 10e6;
const INPUT = 1000;
/** A thread with a lesser share would write to the disk all the time: then fewer threads are better. */
const LEAST_SHARE = 16e6;
/** The part of a share that has to be left for cells: of one thread that is alone, and of several, which one may do better than. */
const FOR_CELLS = { alone: 1 / 5, beside: 1 / 2 };
/** How far a process may pass its memory. */
const ALLOWED = 1.15;
/** Bytes of a share that is little: then what was read is not left for the collector to find. */
const LITTLE = 64e6;
const UNCOLLECTED = 512e3;
/** Fewer inputs than that take no memory worth speaking of. */
const MANY_INPUTS = 10_000;
/** Bytes that a source takes beside the kernel's, once cells are laid out and written: in columns, and where only sources are counted. */
export const COLUMN = 165;
/** Bytes that an hour of the period takes: its times, and where it lies on the disk. */
export const HOUR_ROW = 40;
/** What an hour of the period takes in all, from its times to its rows in files. */
const HOUR_IN_ALL = 100;
const COUNTED = 50;
/** Bytes that a page takes beside its cells when pages are laid out in memory: where they line up with hour rows, and where not. */
const ALIGNED = 140;
const COPIED = 540;
/** Bytes that a source takes beside the kernel while cells are written, and a page of cells in the lists that are sorted. */
const WRITTEN = 25;
const LISTED = 1.03;
/** How far a heap may pass its share before the sources are too many: where tables double, and at the end of a record. */
const PASSED = 1.15;
/** Bytes of input in the kernel's window that a thread's share does not count: a record that is longer takes from it. */
const READ_AT_A_TIME = 4e6;
/** Bytes that may be counted between two turns. */
const TURN = 16e6;

/** Bytes that a store's engine takes before it does anything, and what of a run's memory it may use besides. */
const ENGINE = 45e6;
const LEAST_ENGINE = 64e6;
const MOST_ENGINE = 512e6;
/** Bytes that quality takes to look at some sources. */
export const LOOKING = 20e6;
/** Bytes that quality takes of a source to say what was found, about. */
export const FOUND = 900;
/** How much of the memory of cells is taken again to work on them in memory. */
const WORKED_ON = 1.4;

/** Bytes of a run's that the store's engine gets: less than it can work with would be of no use, more is of none. */
export function storeMemory(memory: number): number {
  return Math.max(LEAST_ENGINE, Math.min(memory / 4, MOST_ENGINE));
}

/** Bytes of a run's that its store takes in all. */
export function besideStore(memory: number): number {
  return ENGINE + storeMemory(memory);
}

/** How a run's memory is shared out. */
export interface Shares extends Pick<Purpose, "perSource"> {
  /** Scanning threads. */
  readonly workers: number;
  /** Bytes of sources and cells that each may take, and what they are laid out in. */
  readonly thread: number;
  /** Bytes of all threads: for one that is alone, and for what comes after the scan. */
  readonly all: number;
}

/** What a run's memory is for. */
export interface Purpose {
  /** Bytes that the process may use. */
  readonly memory: number;
  /** Bytes of these that something else takes besides the scan. Default 0. */
  readonly beside?: number | undefined;
  /** Where cells go that take more than they may; `undefined`: they are worked on in memory, or are too many. */
  readonly spill?: SpillPlan | undefined;
  /** Bytes that a source takes besides once it is counted. Default: what it takes to sum and write it. */
  readonly perSource?: number | undefined;
  /** Bytes for each thread, whatever the memory is. */
  readonly share?: number | undefined;
}

/**
 * @param workers threads that are asked for
 * @throws RunError where there are so many inputs that they alone take too much
 */
export function sharesOf(purpose: Purpose, workers: number, inputs: number): Shares {
  const { memory: whole, beside = 0, spill, share, perSource } = purpose;
  if (share !== undefined) return { workers, thread: share, all: share, perSource };
  const memory = whole - beside - inputs * INPUT;
  // Budgets too little for anything are refused where they are given; a library's count beside its program.
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
 * @param memory bytes that the process may use
 * @throws RunError where the hours of a period of so many days alone need more
 */
export function checkRoom(days: number, memory: number): void {
  const needed = PROCESS + days * 24 * HOUR_IN_ALL;
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

/** The sources alone, or the cells where they may not be written to the disk, take more than they may. */
export class OutOfMemory extends Error {}

/** Keeps what a thread counts within its share. */
export class HeapGuard {
  /** What the disk has refused, which ends the run, rather than the reading of one input. */
  failure: unknown;
  private readonly kernel: Kernel;
  private readonly share: number;
  /** Bytes that have to be left for cells. */
  private readonly forCells: number;
  private readonly perSource: number;
  /** Bytes that were read since the last collection. */
  private read = 0;

  /**
   * @param room of this thread
   * @param threads whether others scan, too
   * @param spiller where cells go when they take too much; `undefined`: then the thread runs out of memory
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
    this.setLimit();
    kernel.onWidened = () => this.setLimit();
    kernel.onFull = () => {
      for (const _ of this.spill());
    };
  }

  /**
   * To be called between blocks: writes cells before they take too much, with turns for others where there are many.
   * @param bytes of input that were read since the last time
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

  /** What is left for the kernel. @returns bytes */
  private setLimit(): number {
    const { kernel, share } = this;
    const spills = this.spiller !== undefined;
    const ofSources = spills ? kernel.exports.sourceCount() * WRITTEN : this.ofSources;
    const limit = Math.max(share - this.besideCells - ofSources, this.forCells) / (spills ? LISTED : 1);
    kernel.setLimit(limit);
    return limit;
  }

  /** Bytes that are neither sources nor cells: what is kept to be placed, and the window that long records made large. */
  private get besideCells(): number {
    const { keptBytes, windowBytes } = this.kernel;
    return keptBytes + Math.max(0, windowBytes - READ_AT_A_TIME);
  }

  /** Bytes that the sources take beside the kernel. */
  private get ofSources(): number {
    return this.kernel.exports.sourceCount() * this.perSource;
  }

  /**
   * What lies on the disk, all of it; `undefined` where all is to be laid out in memory.
   * @param all whether other threads have written cells, so that this one has to
   */
  finish(all: boolean): Spilled | undefined {
    const { kernel, spiller } = this;
    if (spiller === undefined) return undefined;
    const pages = kernel.pages();
    if (!all && !spiller.used) {
      const { width } = this.scanner.plan.instants;
      const laidOut = pages.pages.length * (areHours(pages, width) ? ALIGNED : COPIED) + this.ofSources;
      if (kernel.heapBytes + this.besideCells + laidOut <= this.share) return undefined;
    }
    this.onSpill();
    return spiller.last(pages, kernel.sources());
  }
}
