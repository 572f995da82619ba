/** Scanners at rest, by how they read: most bodies of a service are read in one and the same way. */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { RunError } from "../../base/errors.js";
import { type BodyLimits, BodyScanner } from "./body-scan.js";
import type { Job, Planned } from "./work.js";

/** Bytes that scanners at rest may hold together. */
const HELD = 64 * 1024 * 1024;
/** Turns of all bodies to one look at what has come for others: that takes a while itself. */
const TURNS = 8;
/** Milliseconds after which a body that waits for others looks whether it may go on. */
const WAIT_MS = 10;

export class ScannerPool {
  private readonly resting = new Map<string, BodyScanner[]>();
  private count = 0;
  private turns = 0;
  /** Bytes that those at rest hold. */
  private held = 0;
  /** In the order in which they were taken, and what for. */
  private readonly busy = new Map<BodyScanner, Job["kind"]>();

  constructor(
    private readonly limits: BodyLimits,
    /** How many are kept. */
    private readonly most: number,
  ) {}

  /** To be handed back, whatever comes of the body. */
  take({ plan, key }: Planned, kind: Job["kind"]): BodyScanner {
    let scanner = this.resting.get(key)?.pop();
    if (scanner === undefined) scanner = new BodyScanner(plan.scan, this.limits);
    else this.leave(scanner);
    this.busy.set(scanner, kind);
    return scanner;
  }

  /** Takes a scanner back, to be used for another body: memory that was used before is faster than new one. */
  rest({ key }: Planned, scanner: BodyScanner): void {
    this.busy.delete(scanner);
    if (scanner.grownBytes > HELD) return;
    const same = this.resting.get(key) ?? [];
    // Last in the map: the one used last.
    this.resting.delete(key);
    this.resting.set(key, same);
    same.push(scanner);
    this.count++;
    this.held += scanner.grownBytes;
    while (this.count > this.most || this.held > HELD) this.drop();
  }

  /**
   * Lets others have their turn, and resolves when the body of a scanner may go on: where those that are being read take
   * more memory together than one may, the first that is to be kept goes on, and the others wait. The sums of one that is
   * to be answered stay for as long as its client takes, so those go on only when they are the first of all.
   * @param waits told when it begins and ends to wait for others
   * @throws RunError `busy` after some time
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

  private leave(scanner: BodyScanner): void {
    this.count--;
    this.held -= scanner.grownBytes;
  }

  /** Gives up one of those that were used longest ago. */
  private drop(): void {
    for (const [key, some] of this.resting) {
      const scanner = some.shift();
      if (scanner !== undefined) this.leave(scanner);
      if (some.length === 0) this.resting.delete(key);
      return;
    }
  }
}
