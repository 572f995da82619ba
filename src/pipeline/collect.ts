/**
 * Frees memory at once that is no longer referenced. The garbage collector goes by the size of JavaScript's objects, and
 * small ones may hold megabytes of bytes that were read, or a kernel's gigabytes.
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

/** Bytes that may accumulate in objects that survived one collection, and in what they hold. */
const ACCUMULATED = 6e6;

/** Bytes of objects, and of what they hold, after the last full collection. */
let left = 0;

function heapBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** Collects what was read recently, which takes a millisecond, and everything if much is left then. */
export function collectLatest(): void {
  collector()({ type: "minor" });
  if (heapBytes() < left + ACCUMULATED) return;
  collector()();
  left = heapBytes();
}

/** Below this many bytes of memory for the run, short-lived objects get little of it, which costs some speed. */
const LITTLE_MEMORY = 512e6;

/** Call this when the run begins, and whenever a worker has started, which resets it. @param memory bytes */
export function limitYoungObjects(memory: number): void {
  if (memory < LITTLE_MEMORY) setFlagsFromString("--semi-space-growth-factor=1");
}

/** Collects everything, including the memory of kernels. */
export async function collectAll(): Promise<void> {
  // Memory that threads can share is freed in the background, after what refers to it has been collected.
  for (let n = 0; n < 3; n++) {
    collector()();
    await sleep(10);
  }
}
