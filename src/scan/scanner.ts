/**
 * One thread's scan: inputs, or parts of them, one after another, through the window into the kernel's cells. The
 * caller reads the bytes: it puts them where `room` says, then calls `filled`.
 */
import type { Field } from "../quality/field-names.js";
import { Context, type Format, type ResumePoint } from "./context.js";
import { CsvFormat } from "./csv.js";
import { detect } from "./detect.js";
import { exampleOf } from "./example.js";
import { Fields } from "./fields.js";
import { JsonFormat } from "./json.js";
import { Kernel, WINDOW_BYTES } from "./kernel.js";
import { Layouts } from "./layouts.js";
import type { BadRecord, ScanPlan } from "./plan.js";
import type { Reason } from "./reasons.js";
import { RecordValidator } from "./record-validator.js";
import { RowOrder } from "./row-order.js";

/** Bytes read at a time: small enough for the processor's cache. */
const BLOCK = 512 * 1024;

/** The counts of a scan. */
export interface ScanResult {
  records: number;
  readings: number;
  /** Records that took the slow path. */
  slow: number;
  /** The line of the table's header, counted from 1; 0 where there is none. */
  headerLine: number;
  /** Lines that ended. */
  lines: number;
  /** Offset in the input up to which everything has been consumed. */
  end: number;
}

export class Scanner {
  readonly kernel: Kernel;
  readonly validator: RecordValidator;
  /** Call `settle` at the end of each input, or `take` at the end of each part of one. */
  readonly order: RowOrder;
  readonly fields: Fields;

  /** Of so many bad records of each input, or part of one, words and bytes are wanted, of others only the reason. */
  inWords = Number.POSITIVE_INFINITY;

  constructor(readonly plan: ScanPlan) {
    this.kernel = new Kernel(plan);
    this.fields = new Fields(plan);
    this.order = new RowOrder(this.kernel, plan);
    this.validator = new RecordValidator(this.kernel, plan, this.fields, this.order);
  }

  /** Forgets everything counted, and reuses the memory. */
  reset(): void {
    this.kernel.reset();
    this.order.reset();
    this.validator.rounded = 0;
    this.validator.leftOut = {};
  }

  /** Begins an input. @param onLeftOut called before a record is counted as left out */
  begin(onBad: (bad: BadRecord | Reason) => void, onLeftOut?: () => void): InputScan {
    this.kernel.unnamed = 0;
    this.order.clear();
    return new InputScan(this.context(onBad, 0, onLeftOut), new Layouts(this.kernel));
  }

  /**
   * Begins in the middle of an input, at a record or, depending on the resume point's state, between two.
   * @param unnamed the kernel's number of the source that records without one are counted under
   */
  beginAt(offset: number, resumePoint: ResumePoint, onBad: (bad: BadRecord | Reason) => void, unnamed = 0): InputScan {
    this.kernel.unnamed = unnamed;
    const context = this.context(onBad, offset);
    const layouts = new Layouts(this.kernel, [...resumePoint.programs]);
    const format =
      resumePoint.format === "csv"
        ? new CsvFormat(context, layouts, resumePoint.header)
        : new JsonFormat(context, layouts, resumePoint);
    return new InputScan(context, layouts, format);
  }

  private context(onBad: (bad: BadRecord | Reason) => void, offset: number, onLeftOut?: () => void): Context {
    return new Context(this.kernel, this.plan, this.fields, this.validator, onBad, this.inWords, offset, onLeftOut);
  }
}

export class InputScan {
  private detected: boolean;
  /** Addresses of the bytes in the window that are not consumed yet. */
  private start: number;
  private end: number;
  private block = BLOCK;
  /** How many bytes were left over after the last scan: rescanning pays only once there are many more. */
  private seen = 0;

  constructor(
    private readonly context: Context,
    private readonly layouts: Layouts,
    private format?: Format,
  ) {
    this.detected = format !== undefined;
    this.start = context.kernel.window;
    this.end = this.start;
  }

  /** Moves the bytes left over to the front of the window, and returns where the next bytes go: at least one byte. */
  room(): Uint8Array {
    const { kernel } = this.context;
    const window = kernel.window;
    if (this.start > window) {
      this.context.moved(this.start, window);
      kernel.bytes.copyWithin(window, this.start, this.end);
      this.end -= this.start - window;
      this.start = window;
    }
    // A record longer than a block is rescanned from its start each time, so the block size doubles.
    const left = this.end - this.start;
    this.block =
      left > this.block / 2 ? Math.min(this.block * 2, WINDOW_BYTES - left) : left === 0 ? BLOCK : this.block;
    const room = kernel.bytes.subarray(this.end, Math.min(this.end + this.block, window + WINDOW_BYTES));
    if (room.length === 0) throw new Error("the window is full");
    return room;
  }

  /**
   * Scans the bytes in the window.
   * @param bytes how many were put into `room()`; 0 with `final`
   * @param limit records that begin at or after this byte of the input are not read
   * @throws ScanFailure
   */
  filled(bytes: number, final: boolean, limit = Number.POSITIVE_INFINITY): void {
    this.end += bytes;
    const { kernel } = this.context;
    kernel.noteWindow(this.end - kernel.window);
    // Bytes may arrive in small pieces, and a long record is rescanned from its start each time.
    const full = this.end === kernel.window + WINDOW_BYTES;
    if (!final && !full && this.end - this.start < 2 * this.seen) return;
    this.scan(final, limit);
    this.seen = this.end - this.start;
  }

  /** Scans the next bytes of the input. @throws ScanFailure */
  put(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const room = this.room();
      const count = Math.min(room.length, bytes.length - from);
      room.set(count === bytes.length ? bytes : bytes.subarray(from, from + count));
      from += count;
      this.filled(count, false);
    }
  }

  /** Scans what is left: the input has ended. @throws ScanFailure */
  finish(): void {
    this.room();
    this.filled(0, true);
  }

  private scan(final: boolean, limit: number): void {
    if (!this.detected) {
      const found = detect(this.context, this.layouts, this.start, this.end, final);
      this.start = found.start;
      if (found.format === undefined) return;
      this.detected = true;
      this.format = found.format;
    }
    if (this.format !== undefined)
      this.start = this.format.scan(this.start, this.end, final, this.context.addressOf(limit));
  }

  /** Continues at another byte of the input, right after a record. Counts of records and lines restart at 0. */
  goTo(offset: number): void {
    this.context.goTo(offset);
    this.layouts.install();
    this.format?.recordEnded();
    this.start = this.context.kernel.window;
    this.end = this.start;
  }

  /** Whether the scan has reached the limit, or the end of the array that it began in. */
  get stopped(): boolean {
    return this.format?.stopped ?? false;
  }

  /** How to read the rest; `undefined` if that is not known yet, or the rest cannot be split into parts. */
  get resumePoint(): ResumePoint | undefined {
    return this.format?.resumePoint();
  }

  /** Offset in the input up to which everything has been consumed. */
  get position(): number {
    return this.context.offsetOf(this.start);
  }

  /** The position of the record that the plan looks for, if it has been seen. */
  get foundAt(): { record: number; line: number } | undefined {
    return this.context.foundAt;
  }

  /** Records so far that are no readings. */
  get otherRecords(): number {
    return this.context.records - this.context.readings;
  }

  /** Whether the input was empty but for blanks and a byte-order mark. Valid at its end only. */
  get empty(): boolean {
    return this.format === undefined;
  }

  /** The fields of the first good record. */
  get example(): Field[] {
    return exampleOf(this.context);
  }

  result(): ScanResult {
    const { context } = this;
    return {
      records: context.records,
      readings: context.readings,
      slow: context.slow,
      headerLine: context.headerLine,
      lines: context.linesBefore(this.start),
      end: this.position,
    };
  }
}
