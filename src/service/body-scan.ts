/** A scanner for one body after another that are all read in the same way. */
import { RunError } from "../domain/errors.js";
import type { RepeatedTimes } from "../domain/repeats.js";
import { copyOf, type Part } from "../domain/tally.js";
import { type Sha256, sha256 } from "../input/hash.js";
import type { StreamInput } from "../input/input.js";
import { openStream } from "../input/stream.js";
import { Rejections } from "../run/rejections.js";
import { failureOf, tooMuchEnergy } from "../run/scanned.js";
import { ScanFailure, type ScanPlan } from "../scan/plan.js";
import { type InputScan, Scanner } from "../scan/scanner.js";
import type { Limits } from "./limits.js";
import { asParameters } from "./problem.js";

/** How messages call a body. */
const BODY = "body";
/** Bytes after which limits are checked and others get a turn: a millisecond's work, and some MB of sums at most. */
const TURN_BYTES = 256 * 1024;

export type BodyLimits = Pick<Limits, "unpacked" | "sources" | "heap" | "patience">;

/** What was counted. The parts are views, good until the scanner is used again. */
export interface Counted {
  readonly parts: readonly Part[];
  readonly rounded: number;
  readonly absolute: bigint;
  readonly repeated: RepeatedTimes;
  readonly rejected: Rejected;
  /** SHA-256 in hex of the bytes as they were sent, where it was wanted. */
  readonly sha256: string | undefined;
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
  ) {
    this.scanner = new Scanner(plan);
  }

  /** Bytes that it holds on to, whatever it counts. */
  get grownBytes(): number {
    return this.scanner.kernel.grownBytes;
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
  scan(bytes: Uint8Array, { copy, hashed }: { copy: boolean; hashed: boolean }): Counted {
    const scan = this.begin(hashed);
    scan.put(bytes);
    return scan.end(copy);
  }

  /** Begins a body that comes piece by piece, and is not packed. @param hashed its SHA-256 is wanted */
  begin(hashed: boolean): BodyScan {
    return new BodyScan(this, this.scanner, hashed ? sha256() : undefined);
  }

  /**
   * Scans a body as it comes, packed or not.
   * @param turn resolves when this one may go on, after others have had their turn
   * @throws RunError
   */
  async scanStream(
    input: StreamInput,
    { signal, hashed, turn }: { signal: AbortSignal; hashed: boolean; turn: () => Promise<void> },
  ): Promise<Counted> {
    const scan = this.begin(hashed);
    const onRaw = (bytes: Uint8Array) => scan.hash?.update(bytes);
    for await (const block of openStream({ ...input, name: BODY }, { onRaw, signal }))
      if (scan.count(block)) await turn();
    return scan.end(false);
  }

  /** @throws RunError */
  checkLimits(unpackedBytes: number): void {
    const { unpacked, sources, heap } = this.limits;
    if (unpackedBytes > unpacked)
      throw new RunError(
        "unpacked_too_large",
        `the body unpacks to more than ${unpacked} bytes, the most that is taken; send it in several batches`,
      );
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

/** One body on its way into the kernel. */
class BodyScan {
  private readonly first: BadRecord[] = [];
  private readonly rejections = new Rejections(undefined, ({ record, line, reason, message }) => {
    if (this.first.length < TOLD)
      this.first.push({
        record,
        line,
        code: reason,
        message: `${BODY}: record ${record} (line ${line}): ${asParameters(message)}`,
      });
  });
  private readonly scan: InputScan;
  private left = TURN_BYTES;

  constructor(
    private readonly body: BodyScanner,
    private readonly scanner: Scanner,
    readonly hash: Sha256 | undefined,
  ) {
    scanner.reset();
    this.scan = scanner.begin((bad) => this.rejections.add(BODY, bad));
  }

  /** Counts the next bytes as they were sent. @returns whether others should have a turn @throws RunError */
  put(bytes: Uint8Array): boolean {
    this.hash?.update(bytes);
    return this.count(bytes);
  }

  /** Counts the next bytes, unpacked. @returns whether others should have a turn @throws RunError */
  count(bytes: Uint8Array): boolean {
    const { scan } = this;
    try {
      for (let from = 0; from < bytes.length; ) {
        const room = scan.room();
        const count = Math.min(room.length, bytes.length - from);
        room.set(count === bytes.length ? bytes : bytes.subarray(from, from + count));
        from += count;
        scan.filled(count, false);
      }
    } catch (error) {
      throw asRunError(error);
    }
    this.left -= bytes.length;
    if (this.left > 0) return false;
    this.left = TURN_BYTES;
    this.body.checkLimits(scan.position);
    return true;
  }

  /**
   * After the last bytes.
   * @param copy the parts are no views
   * @throws RunError
   */
  end(copy: boolean): Counted {
    const { scan, scanner, rejections, first } = this;
    try {
      scan.room();
      scan.filled(0, true);
    } catch (error) {
      throw asRunError(error);
    }
    const { kernel, judge, order } = scanner;
    const { absolute } = kernel;
    order.settle(BODY);
    if (absolute === undefined) throw tooMuchEnergy();
    this.body.checkLimits(scan.position);
    const { count, byReason } = rejections;
    return {
      parts: [copy ? copyOf(kernel.part()) : kernel.part()],
      rounded: judge.rounded,
      absolute,
      repeated: order.report(),
      rejected: { count, byReason, first },
      sha256: this.hash?.digest(),
    };
  }
}

function asRunError(error: unknown): unknown {
  if (!(error instanceof ScanFailure)) return error;
  return failureOf(BODY, { code: error.code, message: error.message, at: error }, 0);
}
