/**
 * The cell: the energy of one source and slot, a signed 128-bit integer of 10⁻¹⁸ kWh, the number of readings that begin in
 * it, and how many readings cover it that began earlier. A cell without either is the same as none. Only this file knows the
 * layout of cells in memory and how they add up.
 *
 * A *page* holds the cells of 16 neighbouring slots, six words of 32 bits each: four of energy, the least significant first,
 * two's complement, and two of which the lower 48 bits are the readings that begin, and the others those that cover: 65,535
 * stands for that many or more. The kernel counts in pages (`scan/kernel/cell.ts` is its side).
 * *Columns* hold any number of cells, each with four such words of energy, and its readings as a double. Of those that cover
 * they only know whether there are any: `COVERED` stands for no reading but some that cover.
 * Sums past 128 bits wrap; the functions on cells create no objects.
 */

export const PAGE_SLOTS = 16;
export const CELL_WORDS = 6;
export const PAGE_WORDS = PAGE_SLOTS * CELL_WORDS;
/** The number of a page's sums. */
export const PAGE_SUMS = 5;

const TWO_32 = 0x1_0000_0000;

/**
 * The count of a cell in which no reading begins, but which some cover: so small that a sum with any number of readings is
 * that number, and that `Math.floor` of any sum of it is 0.
 */
export const COVERED = 2 ** -200;
/** Bits of a page's cell, in its last word, above those of readings; and the most that they hold. */
const COVERS_SHIFT = 16;
const READINGS_HIGH = 0xffff;
const MOST_COVERS = 65_535;

/** Cell n has its energy in the four words from `energy[4n]` on, and its readings in `count[n]`. */
export interface CellColumns {
  readonly energy: Uint32Array;
  readonly count: Float64Array;
}

/** A list twice as long. */
export function grown(list: Uint32Array): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(2 * list.length);
  longer.set(list);
  return longer;
}

/** Columns of cells without readings. */
export function newColumns(length: number): CellColumns {
  return { energy: new Uint32Array(4 * length), count: new Float64Array(length) };
}

/** Clears the cells from `from` up to `to`: they have no readings then. */
export function clearColumns({ energy, count }: CellColumns, from = 0, to = count.length): void {
  energy.fill(0, 4 * from, 4 * to);
  count.fill(0, from, to);
}

/** Clears cell `n`. */
export function clearCell({ energy, count }: CellColumns, n: number): void {
  energy[4 * n] = 0;
  energy[4 * n + 1] = 0;
  energy[4 * n + 2] = 0;
  energy[4 * n + 3] = 0;
  count[n] = 0;
}

/** `energy[at…at+3] += other[otherAt…otherAt+3]`, in place. */
export function addEnergy(energy: Uint32Array, at: number, other: Uint32Array, otherAt: number): void {
  addWords(energy, at, other[otherAt], other[otherAt + 1], other[otherAt + 2], other[otherAt + 3]);
}

/** The same with four separate words. The last one may be negative. */
export function addWords(energy: Uint32Array, at: number, w0: number, w1: number, w2: number, w3: number): void {
  const sum0 = energy[at] + w0;
  energy[at] = sum0;
  const sum1 = energy[at + 1] + w1 + (sum0 >= TWO_32 ? 1 : 0);
  energy[at + 1] = sum1;
  const sum2 = energy[at + 2] + w2 + (sum1 >= TWO_32 ? 1 : 0);
  energy[at + 2] = sum2;
  energy[at + 3] = energy[at + 3] + w3 + (sum2 >= TWO_32 ? 1 : 0);
}

/** Negates the number in the first four words, in place; −2¹²⁷ stays the same. */
export function negate(words: Uint32Array): void {
  let carry = 1;
  for (let i = 0; i < 4; i++) {
    const word = (~words[i] >>> 0) + carry;
    words[i] = word;
    carry = word >= TWO_32 ? 1 : 0;
  }
}

/** Whether the energy at `energy[at…at+3]` is below zero. */
export function isNegative(energy: Uint32Array, at: number): boolean {
  return energy[at + 3] >= 0x8000_0000;
}

/** The energy at `energy[at…at+3]` as one integer of 10⁻¹⁸ kWh. */
export function energyOf(energy: Uint32Array, at: number): bigint {
  const low = BigInt(energy[at]) | (BigInt(energy[at + 1]) << 32n);
  const high = BigInt(energy[at + 2]) | (BigInt(energy[at + 3]) << 32n);
  return BigInt.asIntN(128, low | (high << 64n));
}

/** Whether a page's cell has readings, or is covered by any. */
export function isUsed(words: Uint32Array, at: number): boolean {
  return (words[at + 4] | words[at + 5]) !== 0;
}

/** The number of readings that begin in a page's cell. */
export function readingsAt(words: Uint32Array, at: number): number {
  return words[at + 4] + (words[at + 5] & READINGS_HIGH) * TWO_32;
}

/** The number of readings that cover a page's cell, and began earlier. */
export function coversAt(words: Uint32Array, at: number): number {
  return words[at + 5] >>> COVERS_SHIFT;
}

/** The count of a page's cell in columns. */
function countAt(words: Uint32Array, at: number): number {
  return readingsAt(words, at) || (isUsed(words, at) ? COVERED : 0);
}

/** Adds a page's cell to another. */
export function addCell(into: Uint32Array, at: number, from: Uint32Array, fromAt: number): void {
  addEnergy(into, at, from, fromAt);
  addReadings(into, at, from[fromAt + 4], from[fromAt + 5]);
}

/** Adds cell `n` of some columns to a page's cell. */
export function addColumnToCell(into: Uint32Array, at: number, { energy, count }: CellColumns, n: number): void {
  addEnergy(into, at, energy, 4 * n);
  const readings = count[n];
  if (readings > 0 && readings < 1) addReadings(into, at, 0, 1 << COVERS_SHIFT);
  else addReadings(into, at, readings >>> 0, Math.floor(readings / TWO_32));
}

function addReadings(into: Uint32Array, at: number, low: number, high: number): void {
  const sum = into[at + 4] + low;
  into[at + 4] = sum;
  const before = into[at + 5];
  const covers = Math.min(MOST_COVERS, (before >>> COVERS_SHIFT) + (high >>> COVERS_SHIFT));
  const readings = (before & READINGS_HIGH) + (high & READINGS_HIGH) + (sum >= TWO_32 ? 1 : 0);
  into[at + 5] = covers * (READINGS_HIGH + 1) + readings;
}

/** Adds a page's cell to cell `n` of some columns. */
export function addCellToColumn({ energy, count }: CellColumns, n: number, words: Uint32Array, at: number): void {
  addEnergy(energy, 4 * n, words, at);
  count[n] += countAt(words, at);
}

/** Adds neighbouring cells of a page, from `at` up to `end`, to cell `n`: sums of so few words are exact in doubles. */
export function addCellsToColumn(
  { energy, count }: CellColumns,
  n: number,
  words: Uint32Array,
  at: number,
  end: number,
): void {
  let sum0 = energy[4 * n];
  let sum1 = energy[4 * n + 1];
  let sum2 = energy[4 * n + 2];
  let sum3 = energy[4 * n + 3];
  let readings = count[n];
  for (; at < end; at += CELL_WORDS) {
    sum0 += words[at];
    sum1 += words[at + 1];
    sum2 += words[at + 2];
    sum3 += words[at + 3];
    readings += countAt(words, at);
  }
  sum1 += Math.floor(sum0 / TWO_32);
  sum2 += Math.floor(sum1 / TWO_32);
  sum3 += Math.floor(sum2 / TWO_32);
  energy[4 * n] = sum0;
  energy[4 * n + 1] = sum1;
  energy[4 * n + 2] = sum2;
  energy[4 * n + 3] = sum3;
  count[n] = readings;
}

/** Sums a page word by word: four words of energy, for an `EnergySum`, and readings. @returns bit i: slot i has readings, or is covered */
export function sumPage(words: Uint32Array, page: number, sums: Float64Array, into: number): number {
  let used = 0;
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let readings = 0;
  for (let i = 0, at = page; i < PAGE_SLOTS; i++, at += CELL_WORDS) {
    if (!isUsed(words, at)) continue;
    used |= 1 << i;
    sum0 += words[at];
    sum1 += words[at + 1];
    sum2 += words[at + 2];
    sum3 += words[at + 3] | 0;
    readings += readingsAt(words, at);
  }
  sums[into] = sum0;
  sums[into + 1] = sum1;
  sums[into + 2] = sum2;
  sums[into + 3] = sum3;
  sums[into + 4] = readings;
  return used;
}

/** The number of slots with readings, which are the bits of `mask`: summed in pairs, in fours, in bytes, then in total. */
export function usedSlots(mask: number): number {
  const twos = mask - ((mask >>> 1) & 0x5555);
  const fours = (twos & 0x3333) + ((twos >>> 2) & 0x3333);
  const bytes = (fours + (fours >>> 4)) & 0x0f0f;
  return (bytes + (bytes >>> 8)) & 0x1f;
}

/** A sum over millions of cells, with rare carries. */
export class EnergySum {
  private carried = 0n;
  private readonly sums = new Float64Array(4);
  private added = 0;

  /** Adds sums of up to 1024 cells, word by word, the last one as a signed number. */
  add(sum0: number, sum1: number, sum2: number, sum3: number): void {
    const { sums } = this;
    sums[0] += sum0;
    sums[1] += sum1;
    sums[2] += sum2;
    sums[3] += sum3;
    // Up to 2²⁰ cells, they are exact in doubles.
    if (++this.added % 1024 === 0) this.carry();
  }

  addCell(words: Uint32Array, at: number): void {
    this.add(words[at], words[at + 1], words[at + 2], words[at + 3] | 0);
  }

  /** Adds cells `from` up to `to`, at most 1024. */
  addColumns({ energy }: CellColumns, from: number, to: number): void {
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let at = 4 * from; at < 4 * to; at += 4) {
      sum0 += energy[at];
      sum1 += energy[at + 1];
      sum2 += energy[at + 2];
      sum3 += energy[at + 3] | 0;
    }
    this.add(sum0, sum1, sum2, sum3);
  }

  /** 10⁻¹⁸ kWh. */
  get total(): bigint {
    this.carry();
    return this.carried;
  }

  private carry(): void {
    for (let i = 0; i < 4; i++) this.carried += BigInt(this.sums[i]) << BigInt(32 * i);
    this.sums.fill(0);
  }
}

/**
 * Sorts numbers from 0 on by their keys, by counting; the sort is stable.
 * @param numbers default: all, in order
 */
export function sortedBy(key: Uint32Array | Int32Array, numbers?: Uint32Array): Uint32Array {
  const { length } = key;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < length; n++) {
    if (key[n] < least) least = key[n];
    if (key[n] > most) most = key[n];
  }
  const sorted = new Uint32Array(length);
  if (length === 0) return sorted;
  const next = new Uint32Array(most - least + 2);
  for (let n = 0; n < length; n++) next[key[n] - least + 1]++;
  for (let k = 1; k < next.length; k++) next[k] += next[k - 1];
  for (let i = 0; i < length; i++) {
    const n = numbers === undefined ? i : numbers[i];
    sorted[next[key[n] - least]++] = n;
  }
  return sorted;
}
