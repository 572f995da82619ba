/** A scanner for one body after another that are all read in the same way. */
import { RunError } from "../../base/errors.js";
import { type Sha256, sha256 } from "../../input/hash.js";
import type { StreamInput } from "../../input/input.js";
import { openStream } from "../../input/stream.js";
import { KeptRejects } from "../../pipeline/kept-rejects.js";
import { Rejections } from "../../pipeline/rejections.js";
import { sampleWarnings, startSample } from "../../pipeline/sample.js";
import { failureOf, tooMuchEnergy } from "../../pipeline/totals.js";
import type { Warning } from "../../quality/wrong-kind.js";
import { ScanFailure, type ScanPlan } from "../../scan/plan.js";
import { type InputScan, Scanner } from "../../scan/scanner.js";
import type { BadRecord } from "../../store/store.js";
import { copyOf, type Part } from "../../tally/tally.js";
import type { RepeatedTimes } from "../../time/repeated-hours.js";
import type { Limits } from "../http/limits.js";

/** How messages call a body. */
export const BODY = "body";
/** Bytes after which limits are checked and others get a turn: a millisecond's work, and some MB of sums at most. */
const TURN_BYTES = 256 * 1024;

export type BodyLimits = Pick<Limits, "unpacked" | "sources" | "heap" | "idleTimeout">;

/** What is wanted of a body beside its sums. */
export interface Wanted {
  /** SHA-256 of its bytes. */
  readonly hash: boolean;
  /** Signs that its readings are of the wrong kind. */
  readonly warnings: boolean;
  /** Its bad records word for word. */
  readonly words: boolean;
}

/** What was counted. The parts are views, good until the scanner is used again. */
export interface Counted {
  readonly parts: readonly Part[];
  readonly rounded: number;
  readonly absolute: bigint;
  readonly repeated: RepeatedTimes;
  readonly rejected: Rejected;
  /** SHA-256 in hex of the bytes as they were sent, where it was wanted. */
  readonly sha256: string | undefined;
  readonly warnings: readonly Warning[];
  /** Which records, counted from 1, have the first and the last timestamp with an offset, then without, where known. */
  readonly ends: readonly (number | undefined)[];
}

/** The bad records of a body: how many for which reason, and what is wrong with the first. */
export interface Rejected {
  readonly count: number;
  readonly byReason: Readonly<Record<string, number>>;
  readonly first: readonly BadRecord[];
  /** How many are kept word for word, and these, as `KeptRejects` packs them. */
  readonly kept: number;
  readonly words: readonly Uint8Array[];
}

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
  scan(bytes: Uint8Array, wanted: Wanted, { copy }: { copy: boolean }): Counted {
    const scan = this.begin(wanted);
    scan.put(bytes);
    return scan.end(copy);
  }

  /** Begins a body that comes piece by piece, and is not packed. */
  begin(wanted: Wanted): BodyScan {
    return new BodyScan(this, this.scanner, wanted);
  }

  /**
   * Scans a body as it comes, packed or not.
   * @param turn resolves when this one may go on, after others have had their turn
   * @throws RunError
   */
  async scanStream(
    input: StreamInput,
    wanted: Wanted,
    { signal, turn }: { signal: AbortSignal; turn: () => Promise<void> },
  ): Promise<Counted> {
    const scan = this.begin(wanted);
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
  readonly hash: Sha256 | undefined;
  private readonly kept: KeptRejects;
  private readonly rejections: Rejections;
  private readonly scan: InputScan;
  private left = TURN_BYTES;
  /** Of each end of what was counted: which reading it is, and how many bad records came before it. */
  private readonly rank = [0, 0, 0, 0];
  private readonly badBefore = [0, 0, 0, 0];

  constructor(
    private readonly body: BodyScanner,
    private readonly scanner: Scanner,
    private readonly wanted: Wanted,
  ) {
    this.hash = wanted.hash ? sha256() : undefined;
    this.kept = new KeptRejects(wanted.words);
    this.rejections = new Rejections({ surface: "http" }, (reject) => this.kept.add(reject));
    scanner.reset();
    if (wanted.warnings) startSample(scanner.kernel);
    this.scan = scanner.begin((bad) => {
      this.lookAtEnds();
      this.rejections.add(BODY, bad);
    });
  }

  /** An end that has changed since the last bad record has as many of them before it as there are now. */
  private lookAtEnds(): void {
    const { rank, badBefore, scanner, rejections } = this;
    for (let end = 0; end < rank.length; end++) {
      const now = scanner.kernel.rankOf(end);
      if (now === rank[end]) continue;
      rank[end] = now;
      badBefore[end] = rejections.count;
    }
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
      scan.put(bytes);
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
    const { scan, scanner, rejections, kept, wanted, rank, badBefore } = this;
    try {
      scan.finish();
    } catch (error) {
      throw asRunError(error);
    }
    if (scan.empty) throw emptyBody();
    const { kernel, validator, order } = scanner;
    const { absolute } = kernel;
    order.settle(BODY);
    this.lookAtEnds();
    if (absolute === undefined) throw tooMuchEnergy();
    this.body.checkLimits(scan.position);
    const { count, byReason } = rejections;
    return {
      parts: [copy ? copyOf(kernel.part()) : kernel.part()],
      rounded: validator.rounded,
      absolute,
      repeated: order.report(),
      rejected: { count, byReason, first: kept.first, kept: kept.count, words: kept.parts() },
      sha256: this.hash?.digest(),
      warnings: wanted.warnings ? sampleWarnings(kernel, BODY) : [],
      ends: rank.map((reading, end) => (reading === 0 ? undefined : reading + (badBefore[end] as number))),
    };
  }
}

function emptyBody(): RunError {
  return new RunError(
    "empty_body",
    "there is nothing in the body, as where curl does not find the file that it is to send; a batch without readings is []",
  );
}

function asRunError(error: unknown): unknown {
  if (!(error instanceof ScanFailure)) return error;
  return failureOf(BODY, { code: error.code, message: error.said, at: error }, 0);
}
