/** The scan of one input, or of a part of one. The caller reads the bytes: it puts them where `room` says, then calls `filled`. */
import type { Field } from "../quality/field-names.js";
import type { Mixed } from "./channels.js";
import type { Context, Format } from "./context.js";
import type { Delivered } from "./deliveries.js";
import { afterMark, detect } from "./detect.js";
import { exampleOf } from "./example.js";
import { explain } from "./explain.js";
import { WINDOW_BYTES } from "./kernel.js";
import type { Layouts } from "./layouts.js";
import type { LeftOut } from "./left-out.js";
import type { ResumePoint } from "./resume-point.js";
import { markedEncoding, Transcoder } from "./transcoder.js";

/** Bytes read at a time: small enough for the processor's cache. */
const BLOCK = 512 * 1024;

/** What records have, of the fields to select by, if one of them counts. */
const EVERY_FIELD = 2 ** 30 - 1;

/** The counts of a scan. */
export interface ScanResult {
  records: number;
  readings: number;
  /** Records that took the slow path. */
  slow: number;
  /** Records whose fields were read one by one, and which of those to select by any of them had, as bits. */
  checked: number;
  present: number;
  /** Whether its readings are consumption, export or both, as bits. */
  directions: number;
  /** The line of the table's header, counted from 1; 0 where there is none. */
  headerLine: number;
  /** The number of the known table that it was recognised as, counted from 1; 0 where it was not. */
  known: number;
  /** Lines that ended. */
  lines: number;
  /** Offset in the input up to which everything has been consumed. */
  end: number;
  /** The format if it is one of those that are read again; then nothing was counted. */
  delivered: Delivered | undefined;
}

/** Bytes of an input that is read again, and does not come from a file. */
const MOST_KEPT = 256 * 1024 * 1024;
const NEWLINE = 10;

/** Bytes that tell the encoding. */
const MARK_BYTES = 4;
const NO_BYTES = new Uint8Array(0);

export class InputScan {
  private detected: boolean;
  /** Whether a byte-order mark at the beginning was passed over, if there is one. */
  private markPassed = false;
  /** Of bytes that are put: whether their encoding is known, and the first ones until it is. */
  private begun = false;
  private head: Uint8Array = NO_BYTES;
  private transcoder: Transcoder | undefined;
  /** Addresses of the bytes in the window that are not consumed yet. */
  private start: number;
  private end: number;
  private block = BLOCK;
  /** How many bytes were left over after the last scan: rescanning pays only once there are many more. */
  private seen = 0;
  /** The format if it is one of those that are read again; then nothing is counted. */
  delivered: Delivered | undefined;
  /** What was given of such an input, in pieces. */
  readonly kept: Uint8Array[] = [];
  private keptBytes = 0;

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
    const text = this.begun ? bytes : this.begin(bytes, false);
    if (text !== undefined) this.putUtf8(this.transcoder === undefined ? text : this.transcoder.put(text));
  }

  /** Says, before any bytes are put, that they are UTF-8. */
  isUtf8(): void {
    this.begun = true;
  }

  /** Tells the encoding by the first bytes. @returns those that there are so far; `undefined` if there have to be more */
  private begin(bytes: Uint8Array, final: boolean): Uint8Array | undefined {
    this.head = this.head.length === 0 ? bytes : Buffer.concat([this.head, bytes]);
    const { head, context } = this;
    if (head.length < MARK_BYTES && !final) {
      this.head = Buffer.from(head);
      return undefined;
    }
    this.begun = true;
    this.head = NO_BYTES;
    const encoding = markedEncoding(head) ?? context.plan.encoding;
    if (encoding !== undefined && encoding !== "utf-8") {
      context.encoding = encoding;
      this.transcoder = new Transcoder(encoding);
    }
    return head;
  }

  private putUtf8(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      if (this.delivered !== undefined) {
        this.keep(bytes.slice(from));
        return;
      }
      const room = this.room();
      const count = Math.min(room.length, bytes.length - from);
      room.set(count === bytes.length ? bytes : bytes.subarray(from, from + count));
      from += count;
      this.filled(count, false);
    }
  }

  private keep(bytes: Uint8Array): void {
    this.keptBytes += bytes.length;
    if (this.keptBytes > MOST_KEPT)
      throw this.context.fail(this.start, "input_too_large", explain.tooMuchKept(MOST_KEPT));
    this.kept.push(bytes);
  }

  /** Scans what is left: the input has ended. @throws ScanFailure */
  finish(): void {
    const { head } = this;
    if (!this.begun && head.length > 0) {
      this.head = NO_BYTES;
      const text = this.begin(head, true) as Uint8Array;
      this.putUtf8(this.transcoder === undefined ? text : this.transcoder.put(text));
    }
    if (this.transcoder !== undefined) this.putUtf8(this.transcoder.end());
    if (this.delivered !== undefined) return;
    this.room();
    this.filled(0, true);
  }

  private scan(final: boolean, limit: number): void {
    if (!this.detected) {
      const found = detect(this.context, this.layouts, this.start, this.end, final);
      this.start = found.start;
      this.delivered = found.delivered;
      if (found.delivered !== undefined) {
        // Lines before it are kept, so that those of the input are counted from its first.
        this.kept.push(new Uint8Array(this.context.linesBefore(this.start)).fill(NEWLINE));
        this.keep(this.context.kernel.bytes.slice(this.start, this.end));
        this.start = this.end;
      }
      if (found.format === undefined) return;
      this.detected = true;
      this.markPassed = true;
      this.format = found.format;
    }
    if (!this.markPassed && this.format !== undefined) {
      // Where the format is known, nothing has looked at the first bytes.
      if (this.end - this.start < MARK_BYTES && !final) return;
      if (this.context.offsetOf(this.start) === 0)
        this.start = afterMark(this.context.kernel.bytes, this.start, this.end);
      this.markPassed = true;
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
    return this.delivered !== undefined || (this.format?.stopped ?? false);
  }

  /** How to read the rest; `undefined` if that is not known yet, or the rest cannot be split into parts. */
  get resumePoint(): ResumePoint | undefined {
    return this.format?.resumePoint();
  }

  /** Offset in the input up to which everything has been consumed. */
  get position(): number {
    return this.context.offsetOf(this.start) + this.keptBytes;
  }

  /** The position of the record that the plan looks for, if it has been seen. */
  get foundAt(): { record: number; line: number } | undefined {
    return this.context.foundAt;
  }

  /** Records so far that are no readings. */
  get otherRecords(): number {
    return this.context.records - this.context.readings;
  }

  /** What formats that tell kinds of records left out, by kind. */
  get kinds(): LeftOut {
    return this.context.kinds;
  }

  /** Whether text without a byte-order mark is not UTF-8. */
  get isEncoded(): boolean {
    return this.context.plan.encoding !== undefined;
  }

  /** Whether the input was empty but for blanks and a byte-order mark. Valid at its end only. */
  get empty(): boolean {
    return this.format === undefined && this.delivered === undefined;
  }

  /** The fields of the first good record. */
  get example(): Field[] {
    return exampleOf(this.context);
  }

  /** The column that has codes of import and of export, of a table that has one. */
  get mixed(): Mixed | undefined {
    return this.context.mixed;
  }

  result(): ScanResult {
    const { context } = this;
    return {
      records: context.records,
      readings: context.readings,
      slow: context.slow,
      checked: context.checked,
      present: context.readings > 0 ? EVERY_FIELD : context.present,
      directions: context.directions,
      headerLine: context.headerLine,
      known: context.known,
      lines: context.linesBefore(this.start),
      end: this.position,
      delivered: this.delivered,
    };
  }
}
