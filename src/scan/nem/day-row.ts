/**
 * A 300 row of NEM12, a day's values, with the 400 rows that follow it and say how good some of them are. Its arrays are
 * used again for each row, and nothing is made for a value.
 */
import { DECIMAL_OK, DECIMAL_TOO_LARGE, type Decimal, readDecimal } from "../../tally/decimal.js";
import type { Reason } from "../reasons.js";
import { cellEnd, dayAt, digitsAt, lineIn, numberIn, qualityAt, textIn } from "./cells.js";
import type { DataStream } from "./stream-row.js";

const COMMA = 44;
const POINT = 46;
const MINUS = 45;
const BLANK = 32;
const NO_READING = 78; // N
/** Digits that are exact in a double. */
const EXACT = 15;
const MOST_INTERVALS = 1440;
const MOST_POWER = 33;
const NO_VALUE = 255;

export class DayRow {
  /** Set by `read`. */
  source = 0;
  day = 0;
  update = 0;
  intervals = 0;
  /** Of each interval, the value is mantissa × 10^power × 10⁻¹⁸ kWh; or in 10⁻¹⁸ kWh as `big` has it. */
  readonly mantissa = new Float64Array(MOST_INTERVALS);
  readonly power = new Uint8Array(MOST_INTERVALS);
  readonly big = new Map<number, bigint>();
  /** Intervals whose value was rounded at the 18th place of a kWh. */
  readonly rounded: number[] = [];
  /** The letter of each interval's quality. */
  readonly flag = new Uint8Array(MOST_INTERVALS);
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
    const { mantissa, power, intervals } = this;
    this.wrong = -1;
    for (let k = 0; k < intervals; k++) {
      const from = p;
      let c = bytes[p];
      const negative = c === MINUS;
      if (negative) c = bytes[++p];
      const digits = p;
      let value = 0;
      while (c >= 48 && c <= 57) {
        value = value * 10 + (c - 48);
        c = bytes[++p];
      }
      let decimals = 0;
      let count = p - digits;
      if (c === POINT && count > 0) {
        const point = ++p;
        c = bytes[p];
        while (c >= 48 && c <= 57) {
          value = value * 10 + (c - 48);
          c = bytes[++p];
        }
        decimals = p - point;
        count = decimals === 0 ? 0 : count + decimals;
      }
      if (c !== COMMA || count === 0 || count > EXACT || unitPower > 18 || p >= end) {
        p = cellEnd(bytes, from, end);
        if (p >= end) return -1;
        this.readSlowly(bytes, from, p, unitPower, k);
      } else {
        mantissa[k] = negative ? -value : value;
        power[k] = unitPower - decimals;
      }
      p++;
    }
    return p;
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
    const { mantissa, power, flag, intervals, big } = this;
    let a = Math.imul(intervals, 0x9e3779b1);
    let b = 0x7f4a7c15;
    let flags = 0;
    for (let k = 0; k < intervals; k++) {
      let low = -1;
      let high = -1;
      let unit = 255;
      if (this.flagged && flag[k] === NO_READING) unit = 254;
      else {
        let value = mantissa[k];
        unit = power[k];
        let small = value | 0;
        if (value === 0) unit = 0;
        else if (small === value) {
          for (; small % 10 === 0; unit++) small = (small / 10) | 0;
          value = small;
        } else
          while (value % 10 === 0) {
            value /= 10;
            unit++;
          }
        if (big.size > 0 && big.has(k)) value = bigHash(big.get(k) as bigint);
        low = value | 0;
        high = Math.floor(value / 4294967296);
      }
      a = Math.imul(a ^ low, 0x85ebca6b);
      a ^= a >>> 13;
      b = Math.imul(b ^ low ^ (high << 8) ^ (unit << 24), 0xc2b2ae35) + high;
      b ^= b >>> 16;
      a = Math.imul(a ^ high, 0x9e3779b1) + unit;
      if (this.flagged) flags = Math.imul(flags ^ flag[k], 0x85ebca6b) + k;
    }
    this.hash = (a ^ (a >>> 15)) >>> 0;
    this.hash2 = (b ^ (b >>> 15)) >>> 0;
    this.flags = this.flagged ? flags >>> 0 : flag[0];
  }
}

function bigHash(value: bigint): number {
  return Number(BigInt.asIntN(52, value ^ (value >> 49n)));
}
