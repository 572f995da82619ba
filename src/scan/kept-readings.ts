/**
 * Readings that cover time and are counted in cells only once all inputs are known: some may be rows of totals
 * (`quality/total-rows.ts`). In columns, which threads can hand over.
 */
import { type Intervals, LOOKING_FOR_TOTALS } from "../quality/total-rows.js";
import type { Decimal } from "../tally/decimal.js";
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
}

/** Bits of `marks` above the power, which is at most 33. */
const POWER = 63;
const NEGATIVE = 64;
const ROUNDED = 128;
const BIG = 256;

/** Bytes of a reading, with those that the search for totals takes, and of a large value. */
const BYTES = 46 + LOOKING_FOR_TOTALS;
const BIG_BYTES = 48;
const FEWEST = 1024;

export class KeptReadings {
  length = 0;
  private columns = allocate(FEWEST);
  private big: bigint[] = [];

  /** Bytes that it takes, or will. */
  get bytes(): number {
    return this.length === 0 ? 0 : this.columns.source.length * BYTES + this.big.length * BIG_BYTES;
  }

  /** @param second of its timestamp */
  add(source: number, second: number, interval: Readonly<Interval>, value: Readonly<Decimal>): void {
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
    columns.marks[length] = (big === undefined ? power : BIG) | (negative ? NEGATIVE : 0) | (rounded ? ROUNDED : 0);
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
    this.length += length;
  }

  /** All of them. Can be sent to another thread. */
  all(): KeptColumns {
    const { columns, length, big } = this;
    const part = Object.entries(columns).map(([name, column]) => [name, column.subarray(0, length)]);
    return { ...(Object.fromEntries(part) as unknown as Columns), big };
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

  clear(): void {
    if (this.length === 0) return;
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

type Columns = Omit<KeptColumns, "big">;

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
