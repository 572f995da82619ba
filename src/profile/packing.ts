/**
 * Columns of cells in few bytes, for pages that hold their data. In a column are
 * - the power p: all its energies are multiples of 10ᵖ × 10⁻¹⁸ kWh;
 * - the counts of readings as runs: how many cells have how many readings each, until there are no more cells; 0 stands for
 *   none, 1 for a cell that is only covered, n + 1 for n readings;
 * - for each cell with readings, in order, its energy / 10ᵖ minus that of the cell a day before (0 where that is none).
 * All of these are varints (LEB128), and differences, modulo 2¹²⁸, are zigzag: 0, −1, 1, −2 …
 */
import { addEnergy, type CellColumns, COVERED, energyOf, isNegative, newColumns } from "../tally/cell.js";
import { approximate } from "./load.js";

/** 10⁻¹⁸ kWh are the last digit that a sum can have. */
const LAST_PLACE = 18;
const UNITS = 1e18;
const TWO_32 = 2 ** 32;
/** Below this, an integer comes out of doubles exact although these were rounded a few times. */
const SMALL = 2 ** 45;
/** Groups of 7 bits that a double holds exactly. */
const FEW_GROUPS = 7;
/** Groups of a number of 128 bits. */
const GROUPS = 19;
/** A power of ten that can be multiplied with 32 bits in doubles. */
const STEP = 6;

/** The largest power that an energy and all before it are multiples of. Start with `undefined`: of zeros, any is. */
export function commonPower(power: number | undefined, energy: bigint): number | undefined {
  if (energy === 0n) return power;
  let common = power ?? LAST_PLACE;
  while (common > 0 && energy % 10n ** BigInt(common) !== 0n) common--;
  return common;
}

/** Packs a column, cell by cell. */
export class ColumnPacker {
  private readonly values = new Bytes();
  private readonly counts = new Bytes();
  private readonly unit: number;
  private readonly exact: bigint;
  /** The values of a day's cells. */
  private readonly before: (number | bigint)[];
  private at = 0;
  private count = 0;
  private run = 0;

  /** @param day the number of cells that are a day @param power that all energies are multiples of */
  constructor(
    day: number,
    private readonly power: number,
  ) {
    this.unit = 10 ** power / UNITS;
    this.exact = 10n ** BigInt(power);
    this.before = Array.from({ length: day }, () => 0);
  }

  /** Adds the cell with the energy at `energy[at…at+3]`. */
  add(energy: Uint32Array, at: number, count: number): void {
    if (count !== this.count) this.endRun(count);
    this.run++;
    const value = count === 0 ? 0 : this.valueOf(energy, at);
    if (count !== 0) this.values.difference(value, this.before[this.at]!);
    this.before[this.at] = value;
    this.at = (this.at + 1) % this.before.length;
  }

  /** The packed column. */
  finish(): Uint8Array {
    this.endRun(0);
    const power = new Bytes();
    power.number(this.power);
    const parts = [power.taken(), this.counts.taken(), this.values.taken()];
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let end = 0;
    for (const part of parts) {
      bytes.set(part, end);
      end += part.length;
    }
    return bytes;
  }

  private valueOf(energy: Uint32Array, at: number): number | bigint {
    const value = Math.round(approximate(energy, at) / this.unit);
    return Math.abs(value) < SMALL ? value : energyOf(energy, at) / this.exact;
  }

  private endRun(next: number): void {
    if (this.run > 0) {
      this.counts.number(this.run);
      this.counts.number(this.count === 0 ? 0 : Math.floor(this.count) + 1);
    }
    this.run = 0;
    this.count = next;
  }
}

/** Bytes that grow. */
class Bytes {
  private bytes = new Uint8Array(64);
  private length = 0;

  taken(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  number(value: number): void {
    this.room();
    for (; value >= 128; value = Math.floor(value / 128)) this.bytes[this.length++] = (value % 128) | 128;
    this.bytes[this.length++] = value;
  }

  difference(value: number | bigint, before: number | bigint): void {
    if (typeof value === "number" && typeof before === "number") {
      const difference = value - before;
      this.number(difference < 0 ? -2 * difference - 1 : 2 * difference);
      return;
    }
    const difference = BigInt.asIntN(128, BigInt(value) - BigInt(before));
    this.room();
    let rest = difference < 0n ? -2n * difference - 1n : 2n * difference;
    for (; rest >= 128n; rest >>= 7n) this.bytes[this.length++] = Number(rest & 127n) | 128;
    this.bytes[this.length++] = Number(rest);
  }

  private room(): void {
    if (this.length + GROUPS <= this.bytes.length) return;
    const longer = new Uint8Array(2 * this.bytes.length);
    longer.set(this.bytes);
    this.bytes = longer;
  }
}

/**
 * The cells of a packed column.
 * @param length their number @param day the number of cells that are a day
 * @throws Error if the bytes are no such column
 */
export function unpackColumn(bytes: Uint8Array, length: number, day: number): CellColumns {
  const reader = new Reader(bytes);
  const cells = newColumns(length);
  const { energy, count } = cells;
  const power = reader.number();
  if (power > LAST_PLACE) throw damaged();
  for (let cell = 0; cell < length; ) {
    const end = cell + reader.number();
    if (end <= cell || end > length) throw damaged();
    const code = reader.number();
    count.fill(code === 1 ? COVERED : Math.max(0, code - 1), cell, end);
    cell = end;
  }
  for (let cell = 0; cell < length; cell++) {
    if (count[cell] === 0) continue;
    reader.difference(energy, 4 * cell);
    if (cell >= day) addEnergy(energy, 4 * cell, energy, 4 * (cell - day));
  }
  if (!reader.done) throw damaged();
  if (power > 0) scale(cells, power);
  return cells;
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.at === this.bytes.length;
  }

  number(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 56; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw damaged();
  }

  /** Reads a difference into the four words from `at` on, which are 0. */
  difference(words: Uint32Array, at: number): void {
    let value = 0;
    let factor = 1;
    for (let group = 0; group < FEW_GROUPS; group++, factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte >= 128) continue;
      const signed = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      // Words take numbers modulo 2³².
      words[at] = signed;
      words[at + 1] = Math.floor(signed / TWO_32);
      words[at + 2] = signed < 0 ? -1 : 0;
      words[at + 3] = signed < 0 ? -1 : 0;
      return;
    }
    this.long(words, at, value);
  }

  /** The rest of a difference that is too large for a double. @param low its first groups */
  private long(words: Uint32Array, at: number, low: number): void {
    words[at] = low;
    words[at + 1] = Math.floor(low / TWO_32);
    for (let group = FEW_GROUPS; ; group++) {
      if (group === GROUPS) throw damaged();
      const byte = this.byte();
      const word = at + ((7 * group) >> 5);
      const shift = (7 * group) & 31;
      words[word]! |= (byte & 127) << shift;
      if (shift > 25 && word < at + 3) words[word + 1]! |= (byte & 127) >>> (32 - shift);
      if (byte < 128) break;
    }
    const flip = (words[at]! & 1) === 0 ? 0 : -1;
    for (let i = 0; i < 4; i++) {
      const above = i < 3 ? words[at + i + 1]! << 31 : 0;
      words[at + i] = ((words[at + i]! >>> 1) | above) ^ flip;
    }
  }

  private byte(): number {
    if (this.at >= this.bytes.length) throw damaged();
    return this.bytes[this.at++]!;
  }
}

/** Multiplies the numbers of cells with readings with a power of ten. */
function scale({ energy, count }: CellColumns, power: number): void {
  const factors: number[] = [];
  for (let left = power; left > 0; left -= STEP) factors.push(10 ** Math.min(left, STEP));
  for (let cell = 0; cell < count.length; cell++) {
    if (count[cell] === 0) continue;
    const at = 4 * cell;
    const negative = isNegative(energy, at);
    if (negative) negateAt(energy, at);
    for (const factor of factors) {
      let product = energy[at]! * factor;
      energy[at] = product;
      product = energy[at + 1]! * factor + Math.floor(product / TWO_32);
      energy[at + 1] = product;
      product = energy[at + 2]! * factor + Math.floor(product / TWO_32);
      energy[at + 2] = product;
      energy[at + 3] = energy[at + 3]! * factor + Math.floor(product / TWO_32);
    }
    if (negative) negateAt(energy, at);
  }
}

function negateAt(words: Uint32Array, at: number): void {
  let carry = 1;
  for (let i = at; i < at + 4; i++) {
    const word = (~words[i]! >>> 0) + carry;
    words[i] = word;
    carry = word >= TWO_32 ? 1 : 0;
  }
}

function damaged(): Error {
  return new Error("the data of this page are damaged");
}
