/** What the intervals of readings cover, source by source, and where they overlap. Those that follow each other are one range. */
import { type Covered, joinRanges, type Overlap } from "../quality/overlapping.js";

/** Ranges that are kept before they are joined: some megabytes. */
const LOG = 1 << 17;
const WORDS = 3;

export class Coverage {
  /** By source: the range that its intervals are adding to; NaN before there is any. */
  private from = new Float64Array(64).fill(Number.NaN);
  private to = new Float64Array(64);
  /** Other ranges: flat triples of source, first and last second. */
  private log: number[] = [];
  private limit = LOG * WORDS;
  private readonly overlaps = new Map<number, Overlap>();

  /** Adds an interval. @param from @param to epoch seconds, with their fraction */
  add(source: number, from: number, to: number): void {
    if (source >= this.from.length) this.grow(source);
    const first = this.from[source];
    if (from === this.to[source] && !Number.isNaN(first)) this.to[source] = to;
    else if (to === first) this.from[source] = from;
    else {
      if (!Number.isNaN(first)) this.keep(source, first, this.to[source]);
      this.from[source] = from;
      this.to[source] = to;
    }
  }

  /** Makes what a provisional source covers another one's. */
  settle(source: number, into: number): void {
    if (source >= this.from.length) return;
    for (let n = 0; n < this.log.length; n += WORDS) if (this.log[n] === source) this.log[n] = into;
    const overlap = this.overlaps.get(source);
    if (overlap !== undefined) {
      this.overlaps.delete(source);
      this.note(into, overlap.first, overlap.seconds);
    }
    const first = this.from[source];
    if (Number.isNaN(first)) return;
    this.from[source] = Number.NaN;
    this.add(into, first, this.to[source]);
  }

  /** All of it; `undefined` where no reading has an interval. Can be sent to another thread. */
  covered(): Covered | undefined {
    for (let source = 0; source < this.from.length; source++) {
      const first = this.from[source];
      if (!Number.isNaN(first)) this.log.push(source, first, this.to[source]);
    }
    this.from.fill(Number.NaN);
    const ranges = this.joined();
    return ranges.source.length === 0 ? undefined : { ...ranges, overlaps: [...this.overlaps.values()] };
  }

  reset(): void {
    this.from.fill(Number.NaN);
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

  private grow(source: number): void {
    const length = Math.max(2 * this.from.length, source + 1);
    const from = new Float64Array(length).fill(Number.NaN);
    from.set(this.from);
    this.from = from;
    const to = new Float64Array(length);
    to.set(this.to);
    this.to = to;
  }
}
