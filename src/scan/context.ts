/** The progress of one input's scan: its position, the records and lines counted so far, and the bad records. */

import type { Message } from "../base/message.js";
import type { Mixed } from "./channels.js";
import { CONSUMPTION } from "./export-filter.js";
import { type Fields, Kind, VALUE } from "./fields.js";
import type { Kernel } from "./kernel.js";
import { takeWallIntervals } from "./kernel-plan.js";
import { LEFT_OUT } from "./left-out.js";
import { type BadRecord, EXCERPT_BYTES, MAX_RECORD, ScanFailure, type ScanPlan } from "./plan.js";
import type { PlanReader } from "./plan-reader.js";
import type { Reason } from "./reasons.js";
import type { RecordValidator } from "./record-validator.js";
import type { ResumePoint } from "./resume-point.js";

/** Bytes of the first record that are looked at. */
const EXAMPLE_BYTES = 2048;

export class Context {
  /** The first bytes of the first good record. */
  example: Uint8Array | undefined;
  /** The names in the header, where there is one, and the byte that separates them. */
  columns: { names: readonly string[]; separator: number } | undefined;
  /** The column that has codes of import and of export, of a table that has one. */
  mixed: Mixed | undefined;
  /** The number of the known table that it was recognised as, counted from 1; 0 where it was not. */
  known = 0;
  /** The header's line, counted from 1; 0 where there is none. */
  headerLine = 0;
  /** The encoding that the text was in, if not UTF-8. */
  encoding: string | undefined;
  /** Records so far that took the slow path. */
  slow = 0;
  /** Records so far whose fields were read, and which of those to select by any of them had, as bits. */
  checked = 0;
  present = 0;
  /** The position of the record that the plan looks for, counted from 0. */
  foundAt: { record: number; line: number } | undefined;
  /** Bad records so far. */
  bad = 0;
  /** Records so far that are neither readings nor bad, less the further readings and bad values of each record. */
  private others = 0;
  /** Records that formats which tell kinds of them left out, by kind. */
  kinds: Record<string, number> = {};
  /** The number of the record whose several values are validated; -1 otherwise. */
  private current = -1;
  /** Its position and first bytes, once one of its values is bad. */
  private shared: Excerpt | undefined;
  /** The kernel's count of readings when this input began. */
  private readingsBefore: number;
  /** The offset in the input that address 0 stands for; may be negative. */
  private base: number;
  /** Lines that end before address `countedTo`. */
  private lines = 0;
  private countedTo: number;
  /** Whether lines are counted from the start of the input. */
  private fromFirst: boolean;

  constructor(
    readonly kernel: Kernel,
    private reader: PlanReader,
    private readonly readerOf: (known: number) => PlanReader,
    private readonly onBad: (bad: BadRecord | Reason) => void,
    /** Of so many bad records words and bytes are wanted, of others only the reason. */
    private readonly inWords: number,
    offset: number,
    /** Called before a record is counted as left out. */
    private readonly onLeftOut: (() => void) | undefined,
  ) {
    this.countedTo = kernel.window;
    this.base = offset - this.countedTo;
    this.fromFirst = offset === 0;
    this.readingsBefore = kernel.readings;
    this.forgetDirections();
  }

  get plan(): ScanPlan {
    return this.reader.plan;
  }

  get fields(): Fields {
    return this.reader.fields;
  }

  get validator(): RecordValidator {
    return this.reader.validator;
  }

  /** Reads the input as a known table, whose number is counted from 1. */
  readAs(known: number): void {
    this.known = known;
    this.reader = this.readerOf(known);
    this.forgetDirections();
  }

  /** Whether the input's readings are consumption, export or both, as bits. Where nothing tells export, all is consumption. */
  get directions(): number {
    return this.validator.exports?.directions ?? (this.readings > 0 ? CONSUMPTION : 0);
  }

  private forgetDirections(): void {
    const { exports } = this.validator;
    if (exports !== undefined) exports.directions = 0;
  }

  /** Readings of this input so far. */
  get readings(): number {
    return this.kernel.readings - this.readingsBefore;
  }

  /** Records of this input so far: readings, bad ones, and those that were left out. */
  get records(): number {
    return this.current >= 0 ? this.current : this.readings + this.bad + this.others;
  }

  offsetOf(address: number): number {
    return this.base + address;
  }

  addressOf(offset: number): number {
    return offset - this.base;
  }

  /** Restarts the counts at another byte of the input, which will be at the start of the window. */
  goTo(offset: number): void {
    this.countedTo = this.kernel.window;
    this.base = offset - this.countedTo;
    this.fromFirst = false;
    this.lines = 0;
    this.readingsBefore = this.kernel.readings;
    this.bad = 0;
    this.others = 0;
    this.kinds = {};
    this.slow = 0;
    this.checked = 0;
    this.present = 0;
    this.forgetDirections();
  }

  /** The number of lines that end before an address in the window. */
  linesBefore(address: number): number {
    if (address <= this.countedTo) return this.lines - this.kernel.countLines(address, this.countedTo);
    this.lines += this.kernel.countLines(this.countedTo, address);
    this.countedTo = address;
    return this.lines;
  }

  /**
   * To be called when the kernel has counted the records in [from, to), in which `lines` lines end.
   * @param others readings that they have besides the first of each
   */
  kernelCounted(from: number, to: number, lines: number, others: number): void {
    this.others -= others;
    this.validator.order.once += takeWallIntervals(this.kernel.view);
    this.lines += this.kernel.countLines(this.countedTo, from) + lines;
    this.countedTo = to;
  }

  /** To be called before the bytes from `address` on move to `to`. */
  moved(address: number, to: number): void {
    this.lines = this.linesBefore(address);
    this.base += address - to;
    this.countedTo = to;
  }

  /**
   * Reports a bad record whose bytes are in the window.
   * @param message called only if it is wanted
   * @param field the missing or wrong field, if there is one
   */
  reject(code: Reason, message: () => Message, start: number, end: number, field?: () => string | undefined): void {
    if (this.bad < this.inWords) {
      const excerpt = this.shared ?? this.excerptOf(start, end);
      if (this.current >= 0) this.shared = excerpt;
      this.rejectExcerpt(code, message(), excerpt, end - start, field?.());
    } else {
      this.onBad(code);
      this.bad++;
    }
  }

  /**
   * Validates the record in [start, next), whose fields are set, and counts it.
   * @param reject called if it is bad, or for each of its values that is
   * @returns whether it is good
   */
  takeRecord(start: number, next: number, reject: (code: Reason, start: number, next: number) => void): boolean {
    const { fields, validator } = this;
    const verdict = validator.begin();
    this.checked++;
    this.present |= validator.filter.present;
    if (fields.isSeveral) return this.takeValues(verdict, start, next, reject);
    const code = this.take(verdict ?? validator.takeValue(), start, next);
    if (code !== undefined && code !== LEFT_OUT) reject(code, start, next);
    return code === undefined;
  }

  /** The same for a record with several values. */
  private takeValues(
    verdict: Reason | typeof LEFT_OUT | undefined,
    start: number,
    next: number,
    reject: (code: Reason, start: number, next: number) => void,
  ): boolean {
    const { fields, validator } = this;
    const number = this.records;
    this.current = number;
    let good = true;
    let lacksUnit = false;
    const note = (code: Reason | typeof LEFT_OUT | undefined) => {
      if (code !== undefined) good = false;
      // All its values have the record's one unit.
      if (code === "missing_unit" && lacksUnit) return;
      lacksUnit ||= code === "missing_unit";
      if (code !== undefined && code !== LEFT_OUT) reject(code, start, next);
    };
    const code = verdict ?? validator.source.check();
    if (code !== undefined) note(this.take(code, start, next));
    else {
      for (let n = 0; n < validator.valuesIn(fields.values.length); n++) {
        if (!fields.isDay && !fields.has(n)) continue;
        validator.select(n);
        note(this.take(validator.takeValue(), start, next));
      }
      for (const name of fields.lacking) {
        fields.kind[VALUE] = Kind.absent;
        fields.names[VALUE] = name;
        note("missing_value");
      }
    }
    this.current = -1;
    this.shared = undefined;
    this.others += number + 1 - this.records;
    return good;
  }

  /** @param code the verdict on a record, or on one of its values */
  private take(
    code: Reason | typeof LEFT_OUT | undefined,
    start: number,
    next: number,
  ): Reason | typeof LEFT_OUT | undefined {
    if (code === LEFT_OUT) {
      this.onLeftOut?.();
      this.others++;
      return code;
    }
    if (code === undefined && this.example === undefined)
      this.example = this.kernel.bytes.slice(start, Math.min(next, start + EXAMPLE_BYTES));
    if (this.validator.found) {
      this.validator.found = false;
      this.foundAt ??= { record: this.records - 1, line: this.linesBefore(start) };
    }
    return code;
  }

  /** Counts records, or readings of one, that are left out. */
  leaveOut(kind: string, count: number): void {
    this.onLeftOut?.();
    this.others += count;
    this.kinds[kind] = (this.kinds[kind] ?? 0) + count;
    const { leftOut } = this.validator;
    leftOut[kind] = (leftOut[kind] ?? 0) + count;
  }

  /** A record's position and first bytes, for use after they have left the window. */
  excerptOf(start: number, end: number): Excerpt {
    return {
      record: this.records,
      line: this.linesBefore(start),
      offset: this.offsetOf(start),
      text: this.kernel.bytes.slice(start, end - start > MAX_RECORD ? start + EXCERPT_BYTES : end),
    };
  }

  rejectExcerpt(code: Reason, message: Message, excerpt: Excerpt, bytes: number, field?: string): void {
    if (this.bad < this.inWords) this.onBad({ ...excerpt, code, field, message, bytes });
    else this.onBad(code);
    this.bad++;
  }

  fail(address: number, code: string, message: Message): ScanFailure {
    return this.failAt({ offset: this.offsetOf(address), line: this.linesBefore(address) }, code, message);
  }

  /** The same at an earlier position. */
  failAt({ offset, line }: Pick<Excerpt, "offset" | "line">, code: string, message: Message): ScanFailure {
    return new ScanFailure(offset, line, code, message, this.fromFirst);
  }
}

/** A record's position in what was scanned, counted from 0, and its first bytes. */
export interface Excerpt {
  record: number;
  line: number;
  offset: number;
  text: Uint8Array;
}

/** A data format. Bytes are offered as they arrive; those not consumed are offered again, followed by more. */
export interface Format {
  /**
   * Scans `[start, end)` of the kernel's window.
   * @param final whether the input ends at `end`
   * @param limit records that begin at or after this address are not read
   * @returns the address up to which everything has been consumed
   * @throws ScanFailure
   */
  scan(start: number, end: number, final: boolean, limit: number): number;
  /** Whether the scan has reached the limit, or the end of the array that it began in. */
  readonly stopped: boolean;
  /** How to read the rest from here; `undefined` if the rest cannot be split into parts. */
  resumePoint(): ResumePoint | undefined;
  /** Tells the format that the next bytes follow a record. */
  recordEnded(): void;
}
