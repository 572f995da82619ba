/** What the scan of one input keeps beside the cells: where it is, how many records and lines lie behind, and the bad ones. */
import type { Message } from "../base/message.js";
import type { Fields } from "./fields.js";
import type { Kernel } from "./kernel.js";
import { type BadRecord, KEPT_BYTES, MAX_RECORD, ScanFailure, type ScanPlan } from "./plan.js";
import type { BadCode, RecordValidator } from "./record-validator.js";
import type { Header } from "./tokens.js";

export class Context {
  /** Records so far that were not counted by the kernel's layouts. */
  slow = 0;
  /** Where the record stands that the plan looks for; numbers count from 0. */
  place: { record: number; line: number } | undefined;
  /** Bad records so far. */
  bad = 0;
  /** Readings that the kernel had counted before this input. */
  private readingsBefore: number;
  /** Position in the input of address 0. */
  private base: number;
  /** Lines that end before address `counted`. */
  private lines = 0;
  private counted: number;
  /** Whether lines are counted from the input's first. */
  private fromFirst: boolean;

  constructor(
    readonly kernel: Kernel,
    readonly plan: ScanPlan,
    readonly fields: Fields,
    readonly validator: RecordValidator,
    private readonly onBad: (bad: BadRecord) => void,
    offset: number,
  ) {
    this.counted = kernel.window;
    this.base = offset - this.counted;
    this.fromFirst = offset === 0;
    this.readingsBefore = kernel.readings;
  }

  /** Readings of this input so far. */
  get readings(): number {
    return this.kernel.readings - this.readingsBefore;
  }

  /** Records of this input so far, good and bad. */
  get records(): number {
    return this.readings + this.bad;
  }

  offsetOf(address: number): number {
    return this.base + address;
  }

  addressOf(offset: number): number {
    return offset - this.base;
  }

  /** Counts anew from another byte of the input, whose bytes will begin at the window's start. */
  goTo(offset: number): void {
    this.counted = this.kernel.window;
    this.base = offset - this.counted;
    this.fromFirst = false;
    this.lines = 0;
    this.readingsBefore = this.kernel.readings;
    this.bad = 0;
    this.slow = 0;
  }

  /** Lines that end before an address that is not before the last one asked for. */
  linesBefore(address: number): number {
    if (address > this.counted) {
      this.lines += this.kernel.countLines(this.counted, address);
      this.counted = address;
      return this.lines;
    }
    return this.lines - this.kernel.countLines(address, this.counted);
  }

  /** The kernel has counted the records in [from, to), in which `lines` lines end. */
  ran(from: number, to: number, lines: number): void {
    this.lines += this.kernel.countLines(this.counted, from) + lines;
    this.counted = to;
  }

  /** To be called before the bytes from `address` on are moved to `to`. */
  moved(address: number, to: number): void {
    this.lines = this.linesBefore(address);
    this.base += address - to;
    this.counted = to;
  }

  /** A bad record whose bytes are in the window. @param field that is missing or wrong, where it is one */
  reject(code: string, message: Message, start: number, end: number, field?: string): void {
    this.rejectKept(code, message, this.keep(start, end), end - start, field);
  }

  /** Judges the record at `start`, whose fields are set: counts it, or says why it is bad. */
  take(start: number): BadCode | undefined {
    const code = this.validator.take();
    if (this.validator.found) {
      this.validator.found = false;
      this.place ??= { record: this.records - 1, line: this.linesBefore(start) };
    }
    return code;
  }

  /** The place of a record, and its first bytes, for when they are not in the window any more. */
  keep(start: number, end: number): Excerpt {
    return {
      record: this.records,
      line: this.linesBefore(start),
      offset: this.offsetOf(start),
      text: this.kernel.bytes.slice(start, end - start > MAX_RECORD ? start + KEPT_BYTES : end),
    };
  }

  rejectKept(code: string, message: Message, kept: Excerpt, bytes: number, field?: string): void {
    this.onBad({ ...kept, code, field, message, bytes });
    this.bad++;
  }

  fail(address: number, code: string, message: Message): ScanFailure {
    return this.failAt({ offset: this.offsetOf(address), line: this.linesBefore(address) }, code, message);
  }

  /** The same at a place of before. */
  failAt({ offset, line }: Pick<Excerpt, "offset" | "line">, code: string, message: Message): ScanFailure {
    return new ScanFailure(offset, line, code, message, this.fromFirst);
  }
}

export interface Excerpt {
  record: number;
  line: number;
  offset: number;
  text: Uint8Array;
}

/** How a dataset is written. Bytes are offered as they come; what is not taken yet is offered again, with more after it. */
export interface Format {
  /**
   * Scans `[start, end)` of the kernel's window.
   * @param final whether nothing comes after `end`
   * @param limit no record is begun at this address or after it
   * @returns the address up to which everything is done with
   * @throws ScanFailure
   */
  scan(start: number, end: number, final: boolean, limit: number): number;
  /** Whether the limit, or the end of the array that the scan began in, has been reached. */
  readonly stopped: boolean;
  /** How the rest is to be read from where the scan stands; `undefined` where that cannot be cut in parts. */
  resumePoint(): ResumePoint | undefined;
  /** What comes next follows a record. */
  recordEnded(): void;
}

/** What it takes to go on reading in the middle of an input. Can be sent to a worker. */
export type ResumePoint =
  | {
      readonly format: "json";
      /** At the top level before a record, in an array before a comma, or in one before a record. */
      readonly state: "top" | "first" | "comma" | "value";
      /** The bytes between the end of a record and the start of the next, where some have been seen. */
      readonly separator: Uint8Array | undefined;
      readonly programs: readonly Uint8Array[];
      /** Tokens of the pointer to the array; none where nothing lies around it that could say whose its records are. */
      readonly pointer: readonly string[];
    }
  | { readonly format: "csv"; readonly header: Header; readonly programs: readonly Uint8Array[] };
