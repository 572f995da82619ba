/**
 * Readings that are counted in cells only once all inputs are known: what counts is a function of all of them (`tally/way.ts`),
 * or some may be rows of totals (`quality/total-rows.ts`). In columns, which threads can hand over.
 */
import { type Intervals, LOOKING_FOR_TOTALS } from "../quality/total-rows.js";
import type { Decimal } from "../tally/decimal.js";
import type { Display } from "../tally/register.js";
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
const POWER = 63;
const NEGATIVE = 64;
const ROUNDED = 128;
const BIG = 256;
const OLD_END = 512;
const NEW_START = 1024;

/** Bytes of a reading, with those that the search for totals takes, and of a large value. */
const BYTES = 46 + LOOKING_FOR_TOTALS;
const BIG_BYTES = 48;
const FEWEST = 1024;

export class KeptReadings {
  length = 0;
  private columns = allocate(FEWEST);
  private big: bigint[] = [];
  private stretches: Stretch[] = [];
  private next: Stretch = { first: 0, input: 0, offset: 0, known: 0 };

  /** What follows comes from there. */
  begin(from: Omit<Stretch, "first">): void {
    this.next = { ...from, first: 0 };
    this.isBegun = false;
  }
  private isBegun = false;

  /** Bytes that it takes, or will. */
  get bytes(): number {
    return this.length === 0 ? 0 : this.columns.source.length * BYTES + this.big.length * BIG_BYTES;
  }

  /** @param second of its timestamp */
  add(
    source: number,
    second: number,
    interval: Readonly<Interval>,
    value: Readonly<Decimal>,
    display: Display = "reading",
  ): void {
    if (!this.isBegun) {
      this.stretches.push({ ...this.next, first: this.length });
      this.isBegun = true;
    }
    if (this.length === this.columns.source.length) this.grow(2 * this.length);
    const { columns, length } = this;
    columns.source[length] = source;
    columns.from[length] = interval.from;
    columns.fromNanos[length] = interval.fromNanos;
    columns.to[length] = interval.to;
    columns.toNanos[length] = interval.toNanos;
    columns.second[length] = second;
    const { big, mantissa, power, negative, rounded } = value;
    columns.mantissa[length] = big === undefined ? mantissa : this.big.push(big) - 1;
    const shown = display === "reading" ? 0 : display === "old_end" ? OLD_END : NEW_START;
    columns.marks[length] =
      (big === undefined ? power : BIG) | (negative ? NEGATIVE : 0) | (rounded ? ROUNDED : 0) | shown;
    this.length++;
  }

  /** Adds those of another thread. @param numbers of its sources here */
  append(other: KeptColumns, numbers: (source: number) => number): void {
    const { length } = other.source;
    if (this.length + length > this.columns.source.length) this.grow(this.length + length);
    const { columns, big } = this;
    for (const name of ["from", "fromNanos", "to", "toNanos", "second", "mantissa", "marks"] as const)
      columns[name].set(other[name], this.length);
    for (let n = 0; n < length; n++) {
      columns.source[this.length + n] = numbers(other.source[n]!);
      if ((other.marks[n]! & BIG) !== 0) columns.mantissa[this.length + n]! += big.length;
    }
    for (const value of other.big) big.push(value);
    for (const stretch of other.stretches) this.stretches.push({ ...stretch, first: this.length + stretch.first });
    this.isBegun = false;
    this.length += length;
  }

  /** All of them. Can be sent to another thread. */
  all(): KeptColumns {
    const { columns, length, big, stretches } = this;
    const part = Object.entries(columns).map(([name, column]) => [name, column.subarray(0, length)]);
    return { ...(Object.fromEntries(part) as unknown as Columns), big, stretches };
  }

  /** Reads one of them. @returns the second of its timestamp */
  read(n: number, interval: Interval, value: Decimal): number {
    const { columns, big } = this;
    interval.from = columns.from[n]!;
    interval.fromNanos = columns.fromNanos[n]!;
    interval.to = columns.to[n]!;
    interval.toNanos = columns.toNanos[n]!;
    const marks = columns.marks[n]!;
    const isBig = (marks & BIG) !== 0;
    value.big = isBig ? big[columns.mantissa[n]!] : undefined;
    value.mantissa = isBig ? 0 : columns.mantissa[n]!;
    value.power = marks & POWER;
    value.negative = (marks & NEGATIVE) !== 0;
    value.rounded = (marks & ROUNDED) !== 0;
    return columns.second[n]!;
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
    this.columns = allocate(FEWEST);
    this.big = [];
  }

  private grow(length: number): void {
    const grown = allocate(Math.max(length, FEWEST));
    for (const name of Object.keys(grown) as (keyof Columns)[]) grown[name].set(this.columns[name]);
    this.columns = grown;
  }
}

type Columns = Omit<KeptColumns, "big" | "stretches">;

function allocate(length: number): Columns {
  return {
    source: new Uint32Array(length),
    from: new Float64Array(length),
    fromNanos: new Uint32Array(length),
    to: new Float64Array(length),
    toNanos: new Uint32Array(length),
    second: new Float64Array(length),
    mantissa: new Float64Array(length),
    marks: new Uint16Array(length),
  };
}
