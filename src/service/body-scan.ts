/** A scanner for one body after another that are all read in the same way. */
import { setImmediate as breathe } from "node:timers/promises";
import { RunError } from "../domain/errors.js";
import { copyOf, type Part } from "../domain/tally.js";
import { sha256 } from "../input/hash.js";
import type { StreamInput } from "../input/input.js";
import { readInput } from "../run/read.js";
import { Rejections } from "../run/rejections.js";
import { failureOf, tooMuchEnergy } from "../run/scanned.js";
import { ScanFailure, type ScanPlan } from "../scan/plan.js";
import { type InputScan, Scanner } from "../scan/scanner.js";
import type { Limits } from "./limits.js";
import { asParameters } from "./problem.js";

/** How messages call a body. */
const BODY = "body";
/** A scanner whose sums have taken more memory than this is not used again: a kernel never gives any back. */
const LIGHT = 4 * 1024 * 1024;

export type BodyLimits = Pick<Limits, "unpacked" | "sources" | "heap">;

/** What was counted. The parts are views, good until the scanner is used again. */
export interface Counted {
  readonly parts: readonly Part[];
  readonly rounded: number;
  readonly absolute: bigint;
  readonly rejected: Rejected;
  /** SHA-256 in hex of the bytes as they were sent. */
  readonly sha256: string;
}

/** The bad records of a body: how many for which reason, and what is wrong with the first. */
export interface Rejected {
  readonly count: number;
  readonly byReason: Readonly<Record<string, number>>;
  readonly first: readonly BadRecord[];
}

export interface BadRecord {
  /** Counted from 1. */
  readonly record: number;
  readonly line: number;
  readonly code: string;
  /** The whole line as people read it. */
  readonly message: string;
}

/** Of a body, this many bad records are told one by one. */
const TOLD = 20;

export class BodyScanner {
  private readonly scanner: Scanner;

  constructor(
    plan: ScanPlan,
    private readonly limits: BodyLimits,
    /** Bytes that the sums of all bodies take that are being read. */
    private readonly allHeapBytes: () => number,
  ) {
    this.scanner = new Scanner(plan);
  }

  /** Whether it is worth keeping for another body. */
  get light(): boolean {
    return this.heapBytes <= LIGHT;
  }

  /** Bytes that its sums take. */
  get heapBytes(): number {
    return this.scanner.kernel.heapBytes;
  }

  /**
   * Scans a small body at once.
   * @param copy the parts are no views
   * @throws RunError
   */
  scan(bytes: Uint8Array, copy: boolean): Counted {
    const hash = sha256();
    hash.update(bytes);
    const { scan, rejections, first } = this.begin();
    try {
      let at = 0;
      do {
        const room = scan.room();
        const count = Math.min(room.length, bytes.length - at);
        room.set(bytes.subarray(at, at + count));
        at += count;
        scan.filled(count, at === bytes.length);
      } while (at < bytes.length);
    } catch (error) {
      throw asRunError(error);
    }
    return this.end(rejections, first, hash.digest(), copy);
  }

  /**
   * Scans a body as it comes, packed or not.
   * @throws RunError
   */
  async scanStream(input: StreamInput, signal: AbortSignal): Promise<Counted> {
    const hash = sha256();
    const { scan, rejections, first } = this.begin();
    const turn = async () => {
      signal.throwIfAborted();
      this.checkLimits(scan);
      await breathe();
    };
    try {
      await readInput({ ...input, name: BODY }, scan, { turn, signal, onRaw: hash.update });
      this.checkLimits(scan);
    } catch (error) {
      throw asRunError(error);
    }
    return this.end(rejections, first, hash.digest(), false);
  }

  private begin() {
    this.scanner.reset();
    const first: BadRecord[] = [];
    const rejections = new Rejections(undefined, ({ record, line, reason, message }) => {
      if (first.length < TOLD)
        first.push({
          record,
          line,
          code: reason,
          message: `${BODY}: record ${record} (line ${line}): ${asParameters(message)}`,
        });
    });
    return { scan: this.scanner.begin((bad) => rejections.add(BODY, bad)), rejections, first };
  }

  private end({ count, byReason }: Rejections, first: readonly BadRecord[], sha: string, copy: boolean): Counted {
    const { kernel, judge } = this.scanner;
    const { absolute } = kernel;
    if (absolute === undefined) throw tooMuchEnergy();
    this.checkHeap();
    return {
      parts: [copy ? copyOf(kernel.part()) : kernel.part()],
      rounded: judge.rounded,
      absolute,
      rejected: { count, byReason, first },
      sha256: sha,
    };
  }

  private checkLimits(scan: InputScan): void {
    const { unpacked } = this.limits;
    if (scan.position > unpacked)
      throw new RunError(
        "unpacked_too_large",
        `the body unpacks to more than ${unpacked} bytes, the most that is taken; send it in several batches`,
      );
    this.checkHeap();
    if (this.allHeapBytes() > this.limits.heap)
      throw new RunError("busy", "the bodies that are being read take too much memory together; try again");
  }

  private checkHeap(): void {
    const { sources, heap } = this.limits;
    if (this.scanner.kernel.exports.sourceCount() - 1 > sources)
      throw new RunError(
        "too_many_sources",
        `the body has more than ${sources} sources, the most that is taken; send them in several batches`,
      );
    if (this.heapBytes > heap)
      throw new RunError(
        "too_many_cells",
        "the body covers more quarter hours of its sources than are taken at once; send it in several batches",
      );
  }
}

function asRunError(error: unknown): unknown {
  if (!(error instanceof ScanFailure)) return error;
  return failureOf(BODY, { code: error.code, message: error.message, at: error }, 0);
}
