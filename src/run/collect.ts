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

/** Bytes that may gather behind objects that have outlived one collection. */
const GATHERED = 6e6;

/** Bytes behind objects after the last collection of everything. */
let behind = 0;

/** Collects what was read lately, a millisecond's work, and everything where that leaves much. */
export function collectLatest(): void {
  collector()({ type: "minor" });
  if (getHeapStatistics().external_memory < behind + GATHERED) return;
  collector()();
  behind = getHeapStatistics().external_memory;
}

/** Collects everything, the memory of kernels too. */
export async function collectAll(): Promise<void> {
  // Memory that threads can share goes when what refers to it has gone, in the background.
  for (let n = 0; n < 3; n++) {
    collector()();
    await sleep(10);
  }
}
