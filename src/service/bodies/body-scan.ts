/** A scanner for request bodies that share the same read options, one after another. */

import type { Warning } from "../../base/warning.js";
import { type Sha256, sha256 } from "../../input/hash.js";
import type { StreamInput } from "../../input/input.js";
import { openDatasets } from "../../input/stream.js";
import type { Dataset } from "../../input/unpack.js";
import { BatchRejects } from "../../pipeline/batch-rejects.js";
import { KeptPacker } from "../../pipeline/kept-packer.js";
import { overallOf } from "../../pipeline/overall.js";
import { Rejections } from "../../pipeline/rejections.js";
import { SAMPLE, sampleWarnings, startSample } from "../../pipeline/sample.js";
import { failureOf, tooMuchEnergy } from "../../pipeline/totals.js";
import { unselected } from "../../pipeline/unselected.js";
import { type Delivered, PASSES, type Pass } from "../../scan/deliveries.js";
import { hasExport } from "../../scan/export-filter.js";
import type { InputScan } from "../../scan/input-scan.js";
import { flagsOf } from "../../scan/left-out.js";
import { placeKept } from "../../scan/place-kept.js";
import { type BadRecord, ScanFailure, type ScanPlan } from "../../scan/plan.js";
import type { Reason } from "../../scan/reasons.js";
import { Scanner } from "../../scan/scanner.js";
import { sievedIn } from "../../scan/sieved.js";
import { copyOf, idOf } from "../../tally/tally.js";
import type { Limits } from "../http/limits.js";
import { BodyEnds } from "./body-ends.js";
import type { Counted, Wanted } from "./counted.js";
import { emptyBody, tooManyCells, tooManySources, unpacksToTooMuch } from "./refusals.js";

/** The name of a body in messages. */
export const BODY = "body";
/** Bytes after which limits are checked and other bodies get a turn: about 1 ms of work, and at most a few MB of sums. */
const TURN_BYTES = 256 * 1024;

export type BodyLimits = Pick<Limits, "unpacked" | "sources" | "heap" | "idleTimeout">;

export class BodyScanner {
  private readonly scanner: Scanner;

  constructor(
    plan: ScanPlan,
    private readonly limits: BodyLimits,
  ) {
    this.scanner = new Scanner(plan);
    // One reading may cover thousands of slots: whole blocks would take far too much before their end.
    const { kernel } = this.scanner;
    kernel.setLimit(limits.heap);
    kernel.onFull = () => {
      throw tooManyCells(this.scanner.kernel.kept.length > 0);
    };
  }

  /** Bytes that it retains while idle. */
  get grownBytes(): number {
    return this.scanner.kernel.grownBytes;
  }

  /** Bytes that its sums take now. */
  get heapBytes(): number {
    return this.scanner.kernel.heapBytes;
  }

  /**
   * Scans a small body at once.
   * @param copy whether the parts are copies instead of views
   * @throws RunError
   */
  scan(bytes: Uint8Array, wanted: Wanted, { copy }: { copy: boolean }): Counted {
    const scan = this.begin(wanted);
    scan.put(bytes);
    for (const _ of scan.finish());
    return scan.end(copy);
  }

  /** Begins an uncompressed body that arrives piece by piece. */
  begin(wanted: Wanted): BodyScan {
    return new BodyScan(this, this.scanner, wanted);
  }

  /**
   * Scans a body as it arrives, compressed or not.
   * @param turn gives other bodies a turn, and resolves when this one may go on
   * @throws RunError
   */
  async scanStream(
    input: StreamInput,
    wanted: Wanted,
    { signal, turn }: { signal: AbortSignal; turn: () => Promise<void> },
  ): Promise<Counted> {
    const scan = this.begin(wanted);
    const onUtf8 = () => scan.isUtf8();
    const onRaw = (bytes: Uint8Array) => scan.hash?.update(bytes);
    for await (const dataset of openDatasets({ ...input, name: BODY }, { onRaw, onUtf8, signal })) {
      scan.enter(dataset);
      for await (const block of dataset.blocks) if (scan.count(block)) await turn();
    }
    for (const _ of scan.finish()) await turn();
    return scan.end(false);
  }

  /** @throws RunError */
  checkLimits(unpackedBytes: number): void {
    const { unpacked, sources, heap } = this.limits;
    if (unpackedBytes > unpacked) throw unpacksToTooMuch(unpacked);
    if (this.scanner.kernel.exports.sourceCount() - 1 > sources) throw tooManySources(sources);
    if (this.heapBytes > heap) throw tooManyCells(this.scanner.kernel.kept.length > 0);
  }
}

/** The scan of one body. */
class BodyScan {
  readonly hash: Sha256 | undefined;
  private readonly rejects: BatchRejects;
  private readonly rejections: Rejections;
  private scan: InputScan;
  /** The dataset's name: the body's, or that of a member of the archive that the body is. */
  private name = BODY;
  /** Of the members before: how many there are, and their bytes, readings and warnings. */
  /** Datasets that are read again, and their bytes. */
  private readonly later: { readonly name: string; readonly kind: Delivered; readonly kept: readonly Uint8Array[] }[] =
    [];
  private before = {
    members: 0,
    bytes: 0,
    readings: 0,
    directions: 0,
    warnings: [] as Warning[],
    readAs: new Set<string>(),
  };
  private untilTurn = TURN_BYTES;
  private readonly packer: KeptPacker;
  private readonly ends = new BodyEnds();

  constructor(
    private readonly body: BodyScanner,
    private readonly scanner: Scanner,
    private readonly wanted: Wanted,
  ) {
    this.hash = wanted.hash ? sha256() : undefined;
    this.rejects = new BatchRejects(wanted.lines);
    this.rejections = new Rejections({ surface: "http" }, (reject) => this.rejects.add(reject), this.rejects.keeps);
    scanner.reset();
    scanner.inWords = this.rejections.inWords;
    this.packer = new KeptPacker(scanner);
    scanner.onKept = this.packer.add;
    this.scan = this.begin();
  }

  /** @param kind and pass of a dataset that is read again */
  private begin(kind?: Delivered, pass: Pass = "count"): InputScan {
    const { scanner, wanted } = this;
    if (wanted.warnings && pass === "count") startSample(scanner.kernel);
    const onBad = (bad: BadRecord | Reason) => {
      this.ends.update(scanner.kernel, this.scan.otherRecords);
      this.rejections.add(this.name, bad);
    };
    const onLeftOut = () => this.ends.update(scanner.kernel, this.scan.otherRecords);
    return kind === undefined ? scanner.begin(onBad, onLeftOut) : scanner.revisit(kind, pass, onBad, onLeftOut);
  }

  /** The bytes to come are UTF-8, whatever encoding was said. */
  isUtf8(): void {
    this.scan.isUtf8();
  }

  /** Goes on with the first or next member of an archive, or with the body itself. @throws RunError */
  enter({ name, warnings }: Pick<Dataset, "name" | "warnings">): void {
    if (name === BODY) return;
    if (this.before.members > 0) {
      this.leave();
      this.scan = this.begin();
    }
    this.before.members++;
    this.before.warnings.push(...warnings);
    this.name = name;
  }

  /** Ends the scan of a dataset. @throws RunError */
  private leave(): void {
    const { scan, before, name } = this;
    try {
      scan.finish();
    } catch (error) {
      throw asRunError(error, name);
    }
    before.bytes += scan.position;
    const lacking = unselected(name, this.scanner.plan, [scan.result()]);
    if (lacking !== undefined) throw lacking;
    if (scan.delivered === undefined) this.conclude();
    else this.later.push({ name, kind: scan.delivered, kept: scan.kept });
  }

  /** Goes on after the last bytes: with what is read again. Others may have a turn at each step. @throws RunError */
  *finish(): Generator<undefined, void> {
    this.leave();
    yield* this.readAgain();
    yield* placeKept(this.scanner);
  }

  private *readAgain(): Generator<undefined, void> {
    const { scanner, later, body, before } = this;
    const beside = before.directions;
    for (const pass of PASSES) {
      if (pass === "count") scanner.deliveries.beforeCounting(scanner.plan.exports, beside);
      for (const { name, kind, kept } of later) {
        this.name = name;
        this.scan = this.begin(kind, pass);
        this.scan.isUtf8();
        try {
          // What Green Button says is known from the first pass.
          for (const bytes of kind === "green_button" && pass === "count" ? [] : kept) {
            this.scan.put(bytes);
            scanner.noteHeld(before.bytes);
            body.checkLimits(before.bytes);
            yield;
          }
          this.scan.finish();
        } catch (error) {
          throw asRunError(error, name);
        }
        if (pass === "count") this.conclude();
      }
    }
    scanner.noteHeld(0);
  }

  /** Notes what was found in a dataset that has been read. */
  private conclude(): void {
    const { scan, scanner, wanted, before, name } = this;
    scanner.order.settle(name);
    const { readings, directions, known } = scan.result();
    before.readings += readings;
    before.directions |= directions;
    const profile = scanner.nameOf(known);
    if (profile !== undefined) before.readAs.add(profile);
    if (wanted.warnings) before.warnings.push(...sampleWarnings(scanner, scan, name));
  }

  /** Counts the next bytes of an uncompressed body. @returns whether others should have a turn @throws RunError */
  put(bytes: Uint8Array): boolean {
    this.hash?.update(bytes);
    return this.count(bytes);
  }

  /** Counts the next decompressed bytes. @returns whether others should have a turn @throws RunError */
  count(bytes: Uint8Array): boolean {
    const { scan } = this;
    try {
      scan.put(bytes);
    } catch (error) {
      throw asRunError(error, this.name);
    }
    this.untilTurn -= bytes.length;
    if (this.untilTurn > 0) return false;
    this.untilTurn = TURN_BYTES;
    this.body.checkLimits(this.before.bytes + scan.position);
    return true;
  }

  /**
   * Ends the scan, once it is finished.
   * @param copy whether the parts are copies instead of views
   * @throws RunError
   */
  end(copy: boolean): Counted {
    const { scan, scanner, rejections, rejects, wanted, ends, before } = this;
    if (scan.empty && before.members === 0) throw emptyBody();
    const { kernel, rounded, leftOut, repeated } = scanner;
    const { absolute } = kernel;
    ends.update(kernel, scan.otherRecords);
    if (absolute === undefined) throw tooMuchEnergy();
    this.body.checkLimits(before.bytes);
    const { readings, warnings, members, readAs } = before;
    const { count, byReason } = rejections;
    const lines = rejects.parts();
    const part = copy ? copyOf(kernel.part()) : kernel.part();
    return {
      readings,
      delivered: this.later.length > 0,
      hasExport: hasExport(before.directions | scanner.deliveries.directions),
      parts: [part],
      ...{ rounded, leftOut, repeated, absolute, qualityFlags: flagsOf(scanner.flags), readAs: [...readAs] },
      kept: this.packer.take(),
      registers: scanner.registers.findings(),
      overall: overallOf(
        wanted.warnings ? [sievedIn(kernel)] : [],
        (_, source) => idOf(part, source),
        BODY,
        readings > SAMPLE || members > 1,
      ),
      rejected: { count, byReason, first: rejects.first, stored: rejects.count, lines },
      sha256: this.hash?.digest(),
      warnings,
      // Numbers of records begin anew in each member.
      ends: members > 1 ? [] : ends.records(),
    };
  }
}

function asRunError(error: unknown, name: string): unknown {
  if (!(error instanceof ScanFailure)) return error;
  return failureOf(name, { code: error.code, message: error.said, at: error }, 0);
}
