/**
 * A 300 row of NEM12, a day's values, with the 400 rows that follow it and say how good some of them are. Its values lie in
 * the kernel's memory, which reads them but for odd ones, and counts most of them.
 */
import { DECIMAL_OK, DECIMAL_TOO_LARGE, type Decimal, readDecimal } from "../../tally/decimal.js";
import type { Kernel } from "../kernel.js";
import type { Reason } from "../reasons.js";
import { cellEnd, dayAt, digitsAt, lineIn, numberIn, qualityAt, textIn } from "./cells.js";
import type { DataStream } from "./stream-row.js";

const POINT = 46;
const MINUS = 45;
const BLANK = 32;
const NO_READING = 78; // N
/** Addresses of `kernel/memory.ts` and `kernel/state.ts`. */
const DAY = 0x13000;
const DAY_READ = 0x400 + 228;
const DAY_HASHES = 0x400 + 248;
const MOST_INTERVALS = 1440;
const MOST_POWER = 33;
const NO_VALUE = 255;
/** In the place of a power, of a value that `big` has. */
const IS_BIG = 253;

export class DayRow {
  /** Set by `read`. */
  source = 0;
  day = 0;
  update = 0;
  intervals = 0;
  /** Of each interval, the value is mantissa × 10^power × 10⁻¹⁸ kWh; or in 10⁻¹⁸ kWh as `big` has it: then the mantissa is a hash. */
  readonly mantissa: Float64Array;
  readonly power: Uint8Array;
  readonly big = new Map<number, bigint>();
  /** Intervals whose value was rounded at the 18th place of a kWh. */
  readonly rounded: number[] = [];
  /** The letter of each interval's quality. */
  readonly flag: Uint8Array;
  /** Whether some interval has no reading, or another flag than the others. */
  flagged = false;
  hash = 0;
  hash2 = 0;
  flags = 0;
  /** What is wrong, for people: where, and what stands there. */
  error = "";
  private readonly decimal: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };
  /** The first value that cannot be read, and why. */
  private wrong = -1;
  private wrongText = "";
  private wrongCode: Reason = "bad_value";

  constructor(private readonly kernel: Kernel) {
    const { buffer } = kernel.bytes;
    this.mantissa = new Float64Array(buffer, DAY, MOST_INTERVALS);
    this.power = new Uint8Array(buffer, DAY + 8 * MOST_INTERVALS, MOST_INTERVALS);
    this.flag = new Uint8Array(buffer, DAY + 9 * MOST_INTERVALS, MOST_INTERVALS);
  }

  /**
   * Reads the row in [start, end), and the 400 rows from there to `blockEnd`.
   * @returns why it is bad
   */
  read(bytes: Uint8Array, start: number, end: number, blockEnd: number, stream: DataStream): Reason | undefined {
    const first = cellEnd(bytes, start, end) + 1;
    const dateEnd = cellEnd(bytes, first, end);
    this.intervals = stream.intervals;
    this.flagged = false;
    if (this.big.size > 0) this.big.clear();
    if (this.rounded.length > 0) this.rounded.length = 0;
    if (!this.readDate(bytes, first, dateEnd)) return "bad_timestamp";
    const after = this.readValues(bytes, dateEnd + 1, end, stream.unitPower ?? 0);
    const quality = after < 0 ? 0 : qualityAt(bytes, after, end);
    if (quality === 0) return this.wrongLength(bytes, dateEnd + 1, end, stream);
    this.flag.fill(quality, 0, this.intervals);
    let p = after;
    for (let cell = 0; cell < 3; cell++) p = Math.min(cellEnd(bytes, p, end) + 1, end);
    if (!this.readUpdate(bytes, p, cellEnd(bytes, p, end))) return "bad_timestamp";
    if (end < blockEnd && !this.readFlags(bytes, end, blockEnd)) return "bad_row";
    if (quality === NO_READING) this.flagged = true;
    return this.checkValues();
  }

  private readDate(bytes: Uint8Array, p: number, end: number): boolean {
    const day = end - p === 8 ? dayAt(bytes, p) : undefined;
    if (day === undefined) {
      this.error = `the date of the 300 row is ${textIn(bytes, p, end)}, not a day as 20240131`;
      return false;
    }
    this.day = day;
    return true;
  }

  /** @returns the position after the comma of the last value; -1 where the row ends before it */
  private readValues(bytes: Uint8Array, p: number, end: number, unitPower: number): number {
    const { intervals, kernel } = this;
    this.wrong = -1;
    for (let k = 0; ; k++) {
      p = kernel.exports.readDay(p, end, k, intervals, unitPower);
      k = kernel.view.getUint32(DAY_READ, true);
      if (k === intervals) return p;
      const to = cellEnd(bytes, p, end);
      if (to >= end) return -1;
      this.readSlowly(bytes, p, to, unitPower, k);
      p = to + 1;
    }
  }

  /** A value that is long, or odd, or not there. */
  private readSlowly(bytes: Uint8Array, start: number, end: number, unitPower: number, k: number): void {
    const { decimal } = this;
    let p = start;
    while (p < end && bytes[p] === BLANK) p++;
    while (end > p && bytes[end - 1] === BLANK) end--;
    const negative = bytes[p] === MINUS;
    let from = negative ? p + 1 : p;
    while (from + 1 < end && bytes[from] === 48 && bytes[from + 1] >= 48 && bytes[from + 1] <= 57) from++;
    const code = bytes[from] === MINUS ? -1 : readDecimal(bytes, from, end, POINT, unitPower, decimal);
    this.mantissa[k] = 0;
    this.power[k] = 0;
    if (code !== DECIMAL_OK) {
      this.power[k] = NO_VALUE;
      if (this.wrong >= 0) return;
      this.wrong = k;
      this.wrongText = textIn(bytes, start, end);
      this.wrongCode = code === DECIMAL_TOO_LARGE ? "value_too_large" : "bad_value";
    } else if (decimal.big !== undefined) this.setBig(k, decimal.big, negative);
    else {
      this.mantissa[k] = negative ? -decimal.mantissa : decimal.mantissa;
      this.power[k] = decimal.power;
    }
  }

  /** The same energy is written down in one way only. */
  private setBig(k: number, size: bigint, negative: boolean): void {
    if (this.decimal.rounded) this.rounded.push(k);
    let value = size;
    let power = 0;
    for (; value !== 0n && value % 10n === 0n && power < MOST_POWER; power++) value /= 10n;
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      this.big.set(k, negative ? -size : size);
      this.mantissa[k] = bigHash(negative ? -size : size);
      this.power[k] = IS_BIG;
      return;
    }
    this.mantissa[k] = negative ? -Number(value) : Number(value);
    this.power[k] = power;
  }

  /** Values are only bad where there are readings. */
  private checkValues(): Reason | undefined {
    if (this.wrong < 0) return undefined;
    for (let k = this.wrong; k < this.intervals; k++) {
      if (this.power[k] !== NO_VALUE || this.flag[k] === NO_READING) continue;
      const which = k === this.wrong ? ` is ${this.wrongText}` : "";
      this.error = `value ${k + 1} of ${this.intervals} in the 300 row${which}: ${this.wrongCode === "value_too_large" ? "more than 1e15 kWh" : "not a number, as 1.5"}`;
      return k === this.wrong ? this.wrongCode : "bad_value";
    }
    return undefined;
  }

  private readUpdate(bytes: Uint8Array, p: number, end: number): boolean {
    while (end > p && (bytes[end - 1] === BLANK || bytes[end - 1] === 13)) end--;
    this.update = 0;
    if (p >= end) return true;
    const length = end - p;
    if (length === 14 || length === 12) {
      const day = dayAt(bytes, p);
      const time = digitsAt(bytes, p + 8, length - 8);
      const seconds = length === 14 ? time : time * 100;
      if (day !== undefined && time >= 0 && seconds % 100 < 60 && seconds % 10_000 < 6000 && seconds <= 240_000) {
        this.update = day * 1e6 + seconds + 1e13;
        return true;
      }
    }
    this.error = `the UpdateDateTime of the 300 row is ${textIn(bytes, p, end)}, not a time as 20240131235959`;
    return false;
  }

  /** The 400 rows: `400,FIRST,LAST,QUALITY,…`. */
  private readFlags(bytes: Uint8Array, start: number, blockEnd: number): boolean {
    for (let p = start; p < blockEnd; ) {
      const line = lineIn(bytes, p, blockEnd);
      if (bytes[p] === 52) {
        const from = cellEnd(bytes, p, line) + 1;
        const fromEnd = cellEnd(bytes, from, line);
        const toEnd = cellEnd(bytes, fromEnd + 1, line);
        const first = numberIn(bytes, from, fromEnd);
        const last = numberIn(bytes, fromEnd + 1, toEnd);
        const quality = qualityAt(bytes, toEnd + 1, line);
        if (quality === 0 || first < 1 || last < first || last > this.intervals) {
          this.error = `the 400 row ${textIn(bytes, p, line)} does not name intervals of 1 to ${this.intervals} and their quality`;
          return false;
        }
        this.flag.fill(quality, first - 1, last);
        this.flagged = true;
      }
      p = line + 1;
    }
    return true;
  }

  /** Why there is no quality method after the values. */
  private wrongLength(bytes: Uint8Array, p: number, end: number, { intervals, minutes }: DataStream): Reason {
    let found = 0;
    for (let at = p; at < end && qualityAt(bytes, at, end) === 0; at = cellEnd(bytes, at, end) + 1) found++;
    this.error = `the 300 row has ${found} values before its quality method, and a day of ${minutes}-minute intervals has ${intervals}`;
    return "wrong_values";
  }

  /** Sets the hashes of the readings and of their flags. */
  digest(): void {
    const { exports, view } = this.kernel;
    exports.hashDay(this.intervals, this.flagged);
    this.hash = view.getUint32(DAY_HASHES, true);
    this.hash2 = view.getUint32(DAY_HASHES + 4, true);
    this.flags = view.getUint32(DAY_HASHES + 8, true);
  }
}

/** Some odd number of 128 bits. */
const MIXER = 0x9e3779b97f4a7c15f39cc0605cedc835n;

/** 52 bits, each of which depends on all of the value's. */
function bigHash(value: bigint): number {
  return Number(BigInt.asIntN(52, BigInt.asUintN(128, value * MIXER) >> 76n));
}
