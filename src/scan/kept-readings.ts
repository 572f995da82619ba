/**
 * Readings that are counted in cells only once all inputs are known: what counts is a function of all of them (`tally/way.ts`),
 * or some may be rows of totals (`quality/total-rows.ts`). In columns, which threads can hand over.
 */
import { type Intervals, LOOKING_FOR_TOTALS } from "../quality/total-rows.js";
import type { Decimal } from "../tally/decimal.js";
import type { Display } from "../tally/register-sink.js";
import type { Interval } from "../time/interval.js";

/** Plain data: columns of equal length, but for `big`. */
export interface KeptColumns extends Intervals {
  /** Of the timestamp; half a second stands for any fraction. */
  readonly second: Float64Array;
  /** As `Decimal` has it; of a value that is large, its index in `big`. */
  readonly mantissa: Float64Array;
  /** The decimal's power, and bits. */
  readonly marks: Uint16Array;
  /** |values| in 10⁻¹⁸ kWh. */
  readonly big: readonly bigint[];
  readonly stretches: readonly Stretch[];
}

/** Readings that were delivered one after another. */
export interface Stretch {
  /** Of the first one in the columns. */
  readonly first: number;
  /** Of the input they are from, among those of the run, and the byte of it before them: later readings have larger ones. */
  readonly input: number;
  readonly offset: number;
  /** The number of the known table that they were read as; 0: by the run's plan. */
  readonly known: number;
}

/** Bits of `marks` above the power, which is at most 33. */
export const POWER = 63;
const NEGATIVE = 64;
const ROUNDED = 128;
export const BIG = 256;
const OLD_END = 512;
const NEW_START = 1024;

/** Bytes of a reading, with those that ordering them and the search for totals takes; of one at a whole second; of a large value. */
const BYTES = 46 + LOOKING_FOR_TOTALS;
const PLAIN_BYTES = 22 + 8;
const BIG_BYTES = 48;
const FEWEST = 1024;
/** Readings that are moved in a step. */
const STEP = 1 << 17;

/** Where the kernel leaves readings, how many at most, and where it says how many: `kernel/kept.ts`. */
const BLOCK = 0x70000;
const BLOCK_ENTRY = 24;
export const MOST_TAKEN = 2700;
const TAKEN = 0x400 + 260;

export class KeptReadings {
  length = 0;
  /** Moments on whole seconds need no columns for anything else. */
  private columns: Columns = allocate(FEWEST, true);
  private isPlain = true;
  private big: bigint[] = [];
  private stretches: Stretch[] = [];
  private next: Stretch = { first: 0, input: 0, offset: 0, known: 0 };
  private isBegun = false;

  /** What follows comes from there. */
  begin(from: Omit<Stretch, "first">): void {
    this.next = { ...from, first: 0 };
    this.isBegun = false;
  }

  /** Bytes that it takes, or will. */
  get bytes(): number {
    if (this.length === 0) return 0;
    return this.columns.source.length * (this.isPlain ? PLAIN_BYTES : BYTES) + this.big.length * BIG_BYTES;
  }

  /** @param second of its timestamp */
  add(
    source: number,
    second: number,
    interval: Readonly<Interval>,
    value: Readonly<Decimal>,
    display: Display = "reading",
  ): void {
    const { from, fromNanos, to, toNanos } = interval;
    if (this.isPlain && (fromNanos !== 0 || toNanos !== 0 || from !== to || second !== from)) this.widen();
    this.makeRoom(1);
    const { columns, length } = this;
    columns.source[length] = source;
    columns.from[length] = from;
    if (!this.isPlain) {
      columns.fromNanos[length] = fromNanos;
      columns.to[length] = to;
      columns.toNanos[length] = toNanos;
      columns.second[length] = second;
    }
    const { big, mantissa, power, negative, rounded } = value;
    columns.mantissa[length] = big === undefined ? mantissa : this.big.push(big) - 1;
    const shown = display === "reading" ? 0 : display === "old_end" ? OLD_END : NEW_START;
    columns.marks[length] =
      (big === undefined ? power : BIG) | (negative ? NEGATIVE : 0) | (rounded ? ROUNDED : 0) | shown;
    this.length++;
  }

  /** Takes the readings that the kernel has left. @param view of its memory @returns how many there were */
  take(view: DataView): number {
    const taken = view.getUint32(TAKEN, true);
    if (taken === 0) return 0;
    view.setUint32(TAKEN, 0, true);
    this.makeRoom(taken);
    const { columns, isPlain } = this;
    for (let n = 0, at = BLOCK, to = this.length; n < taken; n++, at += BLOCK_ENTRY, to++) {
      columns.source[to] = view.getUint32(at, true);
      columns.marks[to] = view.getUint16(at + 4, true) | (view.getUint16(at + 6, true) === 0 ? 0 : NEGATIVE);
      const second = view.getFloat64(at + 8, true);
      columns.from[to] = second;
      columns.mantissa[to] = view.getFloat64(at + 16, true);
      if (isPlain) continue;
      columns.to[to] = second;
      columns.second[to] = second;
    }
    this.length += taken;
    return taken;
  }

  /** Adds those of another thread. @param numbers of its sources here */
  append(other: KeptColumns, numbers: (source: number) => number): void {
    const { length } = other.source;
    if (this.isPlain && other.to.length > 0) this.widen();
    this.isBegun = true;
    this.makeRoom(length);
    const { columns, big } = this;
    for (const name of ["from", "mantissa", "marks"] as const) columns[name].set(other[name], this.length);
    if (!this.isPlain) {
      if (other.to.length > 0)
        for (const name of ["fromNanos", "to", "toNanos", "second"] as const)
          columns[name].set(other[name], this.length);
      else for (const name of ["to", "second"] as const) columns[name].set(other.from, this.length);
    }
    let number = -1;
    let here = 0;
    for (let n = 0; n < length; n++) {
      if (other.source[n] !== number) {
        number = other.source[n]!;
        here = numbers(number);
      }
      columns.source[this.length + n] = here;
      if ((other.marks[n]! & BIG) !== 0) columns.mantissa[this.length + n]! += big.length;
    }
    for (const value of other.big) big.push(value);
    for (const stretch of other.stretches) this.stretches.push({ ...stretch, first: this.length + stretch.first });
    this.isBegun = false;
    this.length += length;
  }

  /** All of them. Can be sent to another thread. Of moments on whole seconds, there are no columns of nanoseconds and ends. */
  all(): KeptColumns {
    const { columns, length, big, stretches } = this;
    const part = Object.entries(columns).map(([name, column]) => [name, column.subarray(0, length)]);
    return { ...(Object.fromEntries(part) as unknown as Columns), big, stretches };
  }

  /** Reads one of them. @returns the second of its timestamp */
  read(n: number, interval: Interval, value: Decimal): number {
    const { columns, big, isPlain } = this;
    const from = columns.from[n]!;
    interval.from = from;
    interval.fromNanos = isPlain ? 0 : columns.fromNanos[n]!;
    interval.to = isPlain ? from : columns.to[n]!;
    interval.toNanos = isPlain ? 0 : columns.toNanos[n]!;
    const marks = columns.marks[n]!;
    const isBig = (marks & BIG) !== 0;
    value.big = isBig ? big[columns.mantissa[n]!] : undefined;
    value.mantissa = isBig ? 0 : columns.mantissa[n]!;
    value.power = marks & POWER;
    value.negative = (marks & NEGATIVE) !== 0;
    value.rounded = (marks & ROUNDED) !== 0;
    return isPlain ? from : columns.second[n]!;
  }

  /** Whether two of them begin at one instant. */
  beginTogether(a: number, b: number): boolean {
    const { from, fromNanos } = this.columns;
    return from[a] === from[b] && (this.isPlain || fromNanos[a] === fromNanos[b]);
  }

  /** Moves all of them, but for the numbers of their sources. @param place where each goes */
  *move(place: Uint32Array): Generator<undefined, void> {
    const { length } = this;
    for (const name of Object.keys(this.columns) as (keyof Columns)[]) {
      const before = this.columns[name];
      if (before.length === 0 || name === "source") continue;
      const after = new (before.constructor as new (length: number) => typeof before)(length);
      for (let from = 0; from < length; from += STEP) {
        moveSome(before, after, place, from, Math.min(from + STEP, length));
        yield;
      }
      (this.columns as Record<keyof Columns, typeof before>)[name] = after;
    }
  }

  /** Arranges some of them, from `first` on. @param order which of these comes first, and so on */
  arrange(first: number, order: Uint32Array): void {
    for (const column of Object.values(this.columns) as Columns["from"][]) {
      if (column.length === 0) continue;
      const before = column.slice(first, first + order.length);
      for (let n = 0; n < order.length; n++) column[first + n] = before[order[n]!]!;
    }
  }

  /** What the display is that one of them shows. */
  displayOf(n: number): Display {
    const marks = this.columns.marks[n]!;
    return (marks & OLD_END) !== 0 ? "old_end" : (marks & NEW_START) !== 0 ? "new_start" : "reading";
  }

  clear(): void {
    this.isBegun = false;
    if (this.length === 0) return;
    this.stretches = [];
    this.length = 0;
    this.columns = allocate(FEWEST, true);
    this.isPlain = true;
    this.big = [];
  }

  private makeRoom(more: number): void {
    if (!this.isBegun) {
      this.stretches.push({ ...this.next, first: this.length });
      this.isBegun = true;
    }
    const { length } = this.columns.source;
    if (this.length + more <= length) return;
    const grown = allocate(Math.max(2 * length, this.length + more), this.isPlain);
    for (const name of Object.keys(grown) as (keyof Columns)[]) grown[name].set(this.columns[name]);
    this.columns = grown;
  }

  /** Gives all of them all columns. */
  private widen(): void {
    const { columns, length } = this;
    const wide = allocate(columns.source.length, false);
    for (const name of ["source", "from", "mantissa", "marks"] as const) wide[name].set(columns[name]);
    for (const name of ["to", "second"] as const) wide[name].set(columns.from.subarray(0, length));
    this.columns = wide;
    this.isPlain = false;
  }
}

function moveSome(
  before: ArrayLike<number>,
  after: { [n: number]: number },
  place: Uint32Array,
  from: number,
  to: number,
): void {
  for (let n = from; n < to; n++) after[place[n]!] = before[n]!;
}

type Columns = { -readonly [Name in keyof Omit<KeptColumns, "big" | "stretches">]: KeptColumns[Name] };

function allocate(length: number, isPlain: boolean): Columns {
  const others = isPlain ? 0 : length;
  return {
    source: new Uint32Array(length),
    from: new Float64Array(length),
    fromNanos: new Uint32Array(others),
    to: new Float64Array(others),
    toNanos: new Uint32Array(others),
    second: new Float64Array(others),
    mantissa: new Float64Array(length),
    marks: new Uint16Array(length),
  };
}
