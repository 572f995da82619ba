/**
 * Memory that nobody holds any more, and that is to be given back now. The collector goes by the size of JavaScript's
 * objects, and behind small ones there may be megabytes of bytes that were read, or a kernel's gigabytes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collect = (options?: { type: "minor" }) => void;

let collect: Collect | undefined;

function collector(): Collect {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as Collect;
  }
  return collect;
}

/** Bytes of objects that have outlived one collection, and behind them, that may gather. */
const GATHERED = 6e6;

/** Bytes of objects, and behind them, after the last collection of everything. */
let left = 0;

function heapBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** Collects what was read lately, a millisecond's work, and everything where that leaves much. */
export function collectLatest(): void {
  collector()({ type: "minor" });
  if (heapBytes() < left + GATHERED) return;
  collector()();
  left = heapBytes();
}

/** Bytes of a run's memory below which this thread's short-lived objects are kept in little of it: it costs some speed. */
const LITTLE_MEMORY = 512e6;

/** To be called when the run begins, and whenever a worker has started, which sets it back. @param memory bytes */
export function limitYoungObjects(memory: number): void {
  if (memory < LITTLE_MEMORY) setFlagsFromString("--semi-space-growth-factor=1");
}

/** Collects everything, the memory of kernels too. */
export async function collectAll(): Promise<void> {
  // Memory that threads can share goes when what refers to it has gone, in the background.
  for (let n = 0; n < 3; n++) {
    collector()();
    await sleep(10);
  }
}
