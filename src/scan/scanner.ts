/**
 * One thread's scan: inputs, one after another, through the window into the kernel's cells. Bytes come from whoever
 * reads them: `room` says where to put them, `filled` that they are there.
 */
import { Context, type Format } from "./context.js";
import { detect } from "./detect.js";
import { Fields } from "./fields.js";
import { Judge } from "./judge.js";
import { Kernel, WINDOW_BYTES } from "./kernel.js";
import { Layouts } from "./layouts.js";
import type { BadRecord, ScanPlan } from "./plan.js";

/** Bytes read at a time: small enough for the processor's cache. */
const BLOCK = 512 * 1024;



/** What the scan of one input came to. */
export interface Scanned {
  records: number;
  readings: number;
  /** Records that no layout fitted. */
  slow: number;
}

export class Scanner {
  readonly kernel: Kernel;
  readonly judge: Judge;
  private readonly fields: Fields;

  constructor(readonly plan: ScanPlan) {
    this.kernel = new Kernel(plan);
    this.fields = new Fields(plan);
    this.judge = new Judge(this.kernel, plan, this.fields);
  }

  /** Begins an input. */
  begin(onBad: (bad: BadRecord) => void): InputScan {
    return new InputScan(new Context(this.kernel, this.plan, this.fields, this.judge, onBad, 0), new Layouts(this.kernel));
  }
}

export class InputScan {
  private format: Format | undefined;
  private detected = false;
  /** What is in the window and not done with. */
  private start: number;
  private end: number;
  private block = BLOCK;

  constructor(
    private readonly context: Context,
    private readonly layouts: Layouts,
  ) {
    this.start = context.kernel.window;
    this.end = this.start;
  }

  /** Where the next bytes go: at least one byte, at most `block`. What is left over is moved to the window's front first. */
  room(): Uint8Array {
    const { kernel } = this.context;
    const window = kernel.window;
    if (this.start > window) {
      this.context.moved(this.start, window);
      kernel.bytes.copyWithin(window, this.start, this.end);
      this.end -= this.start - window;
      this.start = window;
    }
    // A record that is longer than a block is read again from its start each time: so twice as much each time.
    const left = this.end - this.start;
    this.block = left > this.block / 2 ? Math.min(this.block * 2, WINDOW_BYTES - left) : left === 0 ? BLOCK : this.block;
    return kernel.bytes.subarray(this.end, Math.min(this.end + this.block, window + WINDOW_BYTES));
  }

  /**
   * Scans what is there now.
   * @param bytes how many were put into `room()`; 0 with `final`
   * @throws ScanFailure
   */
  filled(bytes: number, final: boolean): void {
    this.end += bytes;
    if (!this.detected) {
      const found = detect(this.context, this.layouts, this.start, this.end, final);
      if (found === undefined) return;
      this.detected = true;
      this.format = found.format;
      this.start = found.start;
    }
    if (this.format !== undefined) this.start = this.format.scan(this.start, this.end, final);
    else this.start = this.end;
  }

  /** Readings and bad records so far. */
  get readings(): number {
    return this.context.readings;
  }

  get bad(): number {
    return this.context.bad;
  }

  result(): Scanned {
    const { context } = this;
    return { records: context.records, readings: context.readings, slow: context.slow };
  }
}
