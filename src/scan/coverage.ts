/**
 * What the intervals of readings cover, source by source, and where they overlap. Those that follow each other are one range:
 * the kernel has the one that a source's intervals are adding to, this file has the others.
 */
import { type Covered, joinRanges, type Overlap } from "../quality/overlapping.js";
import type { Exports } from "./kernel-exports.js";

/** Ranges that are kept before they are joined: some megabytes. */
const LOG = 1 << 17;
const WORDS = 3;

export class Coverage {
  /** Other ranges: flat triples of source, first and last second. */
  private log: number[] = [];
  private limit = LOG * WORDS;
  private readonly overlaps = new Map<number, Overlap>();

  constructor(private readonly exports: Exports) {}

  /** Adds an interval. @param from @param to epoch seconds, with their fraction */
  add(source: number, from: number, to: number): void {
    const { exports } = this;
    if (exports.extendRange(source, from, to) !== 0) return;
    this.keep(source, exports.rangeFrom(source), exports.rangeTo(source));
    exports.setRange(source, from, to);
  }

  /** Makes what a provisional source covers another one's. */
  settle(source: number, into: number): void {
    const { exports } = this;
    if (source >= exports.rangeCount()) return;
    for (let n = 0; n < this.log.length; n += WORDS) if (this.log[n] === source) this.log[n] = into;
    const overlap = this.overlaps.get(source);
    if (overlap !== undefined) {
      this.overlaps.delete(source);
      this.note(into, overlap.first, overlap.seconds);
    }
    const first = exports.rangeFrom(source);
    const last = exports.rangeTo(source);
    if (first === last) return;
    exports.setRange(source, 0, 0);
    this.add(into, first, last);
  }

  /** All of it; `undefined` where no reading has an interval. Can be sent to another thread. */
  covered(): Covered | undefined {
    const { exports } = this;
    for (let source = 0; source < exports.rangeCount(); source++) {
      const first = exports.rangeFrom(source);
      const last = exports.rangeTo(source);
      if (first === last) continue;
      this.log.push(source, first, last);
      exports.setRange(source, 0, 0);
    }
    const ranges = this.joined();
    return ranges.source.length === 0 ? undefined : { ...ranges, overlaps: [...this.overlaps.values()] };
  }

  /** Forgets all; the kernel has forgotten its part. */
  reset(): void {
    this.log = [];
    this.overlaps.clear();
  }

  private keep(source: number, from: number, to: number): void {
    this.log.push(source, from, to);
    if (this.log.length < this.limit) return;
    const { source: sources, from: first, to: last } = this.joined();
    this.log = [];
    for (let n = 0; n < sources.length; n++) this.log.push(sources[n]!, first[n]!, last[n]!);
    this.limit = Math.max(LOG * WORDS, 2 * this.log.length);
  }

  private joined() {
    const length = this.log.length / WORDS;
    const ranges = { source: new Uint32Array(length), from: new Float64Array(length), to: new Float64Array(length) };
    for (let n = 0; n < length; n++) {
      ranges.source[n] = this.log[n * WORDS]!;
      ranges.from[n] = this.log[n * WORDS + 1]!;
      ranges.to[n] = this.log[n * WORDS + 2]!;
    }
    return joinRanges(ranges, (source, at, seconds) => this.note(source, at, seconds));
  }

  private note(source: number, at: number, seconds: number): void {
    const before = this.overlaps.get(source);
    const first = Math.min(before?.first ?? at, at);
    this.overlaps.set(source, { source, first, seconds: seconds + (before?.seconds ?? 0) });
  }
}
