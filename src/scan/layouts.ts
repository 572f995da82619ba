/**
 * The layouts of an input's records: learnt from good records on the slow path, then run by the kernel over the records
 * that follow. A layout is a program of steps (`layout-program.ts`).
 */
import type { Context } from "./context.js";
import type { Kernel } from "./kernel.js";
import { LAYOUT_BYTES, LAYOUTS, MAX_LAYOUTS } from "./kernel.js";
import { linesOf, othersOf, programOf } from "./layout-program.js";
import { MAX_RECORD } from "./plan.js";
import { type Header, tokensOfCsv, tokensOfJson } from "./tokens.js";

/** Values of a record, as the kernel has room for them. */
const MOST_VALUES = 60;
/** Attempts at learning that are always allowed. Further ones must be earned by records that the kernel counts. */
const FREE_ATTEMPTS = 64;
/** Layouts are sorted again when one has more than twice the hits of the first, plus this many. */
const OFTEN = 1000;
const READINGS_PER_ATTEMPT = 256;

export class Layouts {
  private count = 0;
  /** Lines in a record of each layout, and the readings that it has besides its first one. */
  private lines = new Uint32Array(MAX_LAYOUTS);
  private others = new Uint32Array(MAX_LAYOUTS);
  /** Each layout's hits when lines were last counted. */
  private readonly lastHits = new Uint32Array(MAX_LAYOUTS);
  /** Each layout's hits before the layouts were last installed. */
  private earlierHits: number[] = [];
  private attempts = 0;
  private taken = 0;

  constructor(
    private readonly kernel: Kernel,
    /** The most frequent first. */
    readonly programs: Uint8Array[] = [],
  ) {
    this.install();
  }

  /** Lets the kernel count the records that fit, from `p` up to `limit`; returns where it stopped. */
  run(context: Context, p: number, end: number, limit: number): number {
    if (this.count === 0) return p;
    const { kernel, lastHits } = this;
    // At most as far as the longest record: a longer one is bad, however well it fits.
    const stopped = kernel.scan(p, Math.min(end, p + MAX_RECORD), Math.min(limit, end));
    if (stopped > p) {
      let lines = 0;
      let others = 0;
      let outOfOrder = false;
      for (let i = 0; i < this.count; i++) {
        const hits = kernel.layoutHits(i);
        lines += ((hits - lastHits[i]) >>> 0) * this.lines[i];
        others += ((hits - lastHits[i]) >>> 0) * this.others[i];
        lastHits[i] = hits;
        if (hits > 2 * lastHits[0] + OFTEN) outOfOrder = true;
      }
      context.kernelCounted(p, stopped, lines, others);
      if (outOfOrder) {
        this.sort();
        this.install();
      }
    }
    return stopped;
  }

  /** Empty layouts for the same kernel, for records with another separator. */
  fresh(): Layouts {
    return new Layouts(this.kernel);
  }

  /** Hands the layouts to the kernel, which holds those of one input at a time. */
  install(): void {
    this.programs.forEach((bytes, i) => this.kernel.bytes.set(bytes, LAYOUTS + i * LAYOUT_BYTES));
    this.count = this.programs.length;
    this.lines = Uint32Array.from(this.programs, linesOf);
    this.others = Uint32Array.from(this.programs, othersOf);
    this.lastHits.fill(0);
    this.kernel.setLayouts(this.count);
  }

  /** Learns the layout of the good record in [from, to), whose fields are set; the next one begins at `next`. */
  learnJson(context: Context, from: number, to: number, next: number): void {
    if (!this.mayLearn(context)) return;
    this.add(programOf(context, tokensOfJson(context.kernel.bytes, from, to, context.fields), from, next, 0));
  }

  /** The same for the row in [from, next). */
  learnCsv(context: Context, header: Header, from: number, next: number): void {
    if (!this.mayLearn(context)) return;
    this.add(programOf(context, tokensOfCsv(context.kernel.bytes, from, next, header), from, next, header.separator));
  }

  private mayLearn(context: Context): boolean {
    // The kernel takes every number for a value.
    const { fields, validator, plan } = context;
    if (validator.value.missesNumbers || plan.sourceJoined) return false;
    if (fields.isSeveral && (!fields.isTable || fields.isDay || fields.values.length > MOST_VALUES)) return false;
    // It would take any value for that of a field that records are selected by.
    if (fields.only.some((field) => field < fields.literalFrom)) return false;
    if (plan.lookFor !== undefined || !validator.teaches || !validator.isForKernel) return false;
    this.taken = context.readings;
    if (this.attempts >= FREE_ATTEMPTS + this.taken / READINGS_PER_ATTEMPT) return false;
    this.attempts++;
    return true;
  }

  private add(program: Uint8Array | undefined): void {
    if (program === undefined || this.programs.some((known) => Buffer.compare(known, program) === 0)) return;
    this.sort();
    if (this.programs.length === MAX_LAYOUTS) {
      this.programs.pop();
      this.earlierHits.pop();
    }
    this.programs.push(program);
    this.install();
  }

  /** Sorts the layouts, the most frequent first. */
  private sort(): void {
    const all = this.programs.map((program, i) => ({
      program,
      hits: (this.earlierHits[i] ?? 0) + this.kernel.layoutHits(i),
    }));
    all.sort((a, b) => b.hits - a.hits);
    this.programs.splice(0, all.length, ...all.map(({ program }) => program));
    this.earlierHits = all.map(({ hits }) => hits);
  }
}
