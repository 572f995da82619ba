/** A pool of scanners by read options: most bodies sent to a service share the same ones. */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { RunError } from "../../base/errors.js";
import { type BodyLimits, BodyScanner } from "./body-scan.js";
import type { Job, Planned } from "./work.js";

/** Bytes that all idle scanners together may retain. */
const MAX_IDLE_BYTES = 64 * 1024 * 1024;
/** The pool yields to the event loop once in so many turns, since yielding itself takes time. */
const TURNS = 8;
/** Milliseconds between a waiting body's checks whether it may go on. */
const WAIT_MS = 10;

export class ScannerPool {
  private readonly idle = new Map<string, BodyScanner[]>();
  private count = 0;
  private turns = 0;
  /** Bytes that the idle scanners retain. */
  private idleBytes = 0;
  /** Scanners in use, in the order in which they were acquired, and the kind of job of each. */
  private readonly busy = new Map<BodyScanner, Job["kind"]>();

  constructor(
    private readonly limits: BodyLimits,
    /** How many idle scanners are retained. */
    private readonly capacity: number,
  ) {}

  /** Call `release` afterwards, whatever happens. */
  acquire({ plan, key }: Planned, kind: Job["kind"]): BodyScanner {
    let scanner = this.idle.get(key)?.pop();
    if (scanner === undefined) scanner = new BodyScanner(plan.scan, this.limits);
    else this.removeIdle(scanner);
    this.busy.set(scanner, kind);
    return scanner;
  }

  /** Takes a scanner back, to be used again: memory that is already mapped is faster than new memory. */
  release({ key }: Planned, scanner: BodyScanner): void {
    this.busy.delete(scanner);
    if (scanner.grownBytes > MAX_IDLE_BYTES) return;
    const same = this.idle.get(key) ?? [];
    // Move the key to the end of the map: the most recently used.
    this.idle.delete(key);
    this.idle.set(key, same);
    same.push(scanner);
    this.count++;
    this.idleBytes += scanner.grownBytes;
    while (this.count > this.capacity || this.idleBytes > MAX_IDLE_BYTES) this.evict();
  }

  /**
   * Gives other bodies a turn, and resolves when the body of a scanner may go on. If all bodies together take more memory
   * than one may, only the first one goes on, and the others wait. The sums behind a response stay in memory for as long
   * as its client takes, so an ingested body may overtake those, but they wait until they are the first of all.
   * @param waits called when the body begins and ends to wait for others
   * @throws RunError `busy` after the idle timeout
   */
  async turn(scanner: BodyScanner, signal: AbortSignal, waits: (waiting: boolean) => void): Promise<void> {
    const { heap, idleTimeout } = this.limits;
    if (++this.turns % TURNS === 0) await nextTurn();
    if (this.heapBytes() <= heap || this.isFirst(scanner)) return;
    waits(true);
    try {
      const began = performance.now();
      while (this.heapBytes() > heap && !this.isFirst(scanner)) {
        if (performance.now() - began > idleTimeout)
          throw new RunError("busy", "the bodies that are being read take too much memory together; try again");
        await sleep(WAIT_MS, undefined, { signal });
      }
    } finally {
      waits(false);
    }
  }

  private isFirst(scanner: BodyScanner): boolean {
    const own = this.busy.get(scanner);
    for (const [one, kind] of this.busy) if (own === "sum" || kind === "ingest") return one === scanner;
    return false;
  }

  private heapBytes(): number {
    let bytes = 0;
    for (const scanner of this.busy.keys()) bytes += scanner.heapBytes;
    return bytes;
  }

  private removeIdle(scanner: BodyScanner): void {
    this.count--;
    this.idleBytes -= scanner.grownBytes;
  }

  /** Drops one of the least recently used scanners. */
  private evict(): void {
    for (const [key, some] of this.idle) {
      const scanner = some.shift();
      if (scanner !== undefined) this.removeIdle(scanner);
      if (some.length === 0) this.idle.delete(key);
      return;
    }
  }
}
