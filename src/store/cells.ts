/**
 * The cells of one UTC day, 96 quarter hours, packed: what a store keeps for one source and day (or for all sources).
 * Exact for every energy of 128 bits and every count up to 2⁵³−1; ordinary data takes about two bytes per reading.
 *
 *     byte 0   version 1, or 2 if any quarter is covered (high half), flags (low half)
 *     byte 1   power of ten that all energies were divided by; 255: none, and they are wide
 *     …        the quarters used: nothing (all 96) | first, step, number | a bit for each, 12 bytes
 *     …        their energies: LEB128, zigzag if any is negative
 *     …        their readings: LEB128, absent if all are 1
 *     …        in version 2, how many readings cover each, which began before it: LEB128
 */
import { StoreError } from "../base/errors.js";
import { addEnergy, type CellColumns, isNegative, negate } from "../tally/cell.js";
import { asColumns, clearDay, DAY_CELLS, type DayCells, newDay, newScaled, type ScaledCells } from "./day-cells.js";
import { exactProduct, quotientOf, readWide, writeWide } from "./wide.js";

const VERSION = 1;
const VERSION_COVERED = 2;
const ALL_USED = 1;
const STEPPED = 2;
const SIGNED = 4;
const COUNTED = 8;
const WIDE = 255;
/** Powers of ten that are tried, likeliest first: readings in Wh (whole kWh included), then finer ones. */
const EXPONENTS = [15, 12, 9, 6, 3, 0];
/** The most bytes that a packed day takes: two, the mask, 96 energies of 19 bytes, 96 counts of 8 twice. */
export const LONGEST = 2 + 12 + DAY_CELLS * (19 + 8 + 8);

const own = newScaled();

/** Packs a day; `undefined` if no quarter is used. Counts are integers, none negative. */
export function packDay(day: DayCells): Uint8Array | undefined {
  const bytes = new Uint8Array(LONGEST);
  const end = packInto(day, bytes, 0);
  return end === 0 ? undefined : bytes.slice(0, end);
}

/**
 * Packs a day into a buffer with room for `LONGEST` bytes from `pos` on.
 * @returns the position after it: the same if no quarter is used
 */
export function packInto({ energy, count, covers }: DayCells, into: Uint8Array, pos: number): number {
  let n = 0;
  for (let q = 0; q < DAY_CELLS; q++) {
    if (count[q] === 0 && covers[q] === 0) continue;
    own.quarter[n] = q;
    own.covers[n] = covers[q];
    own.count[n++] = count[q];
  }
  for (const exponent of EXPONENTS) if (scale(energy, n, exponent)) return packScaled(own, n, exponent, into, pos);
  let signed = false;
  for (let i = 0; i < n && !signed; i++) signed = isNegative(energy, own.quarter[i] * 4);
  const head = pos;
  pos = writeHead(own.quarter, n, WIDE, signed, into, pos);
  for (let i = 0; i < n; i++) pos = writeWide(into, pos, energy, own.quarter[i] * 4, signed);
  return writeCounts(own, n, into, head, pos);
}

/**
 * Packs the first `n` of cells that are scaled already. It changes them.
 * @param exponent the values are integers of 10^(`exponent` − 18) kWh: the largest of 15, 12, 9, 6, 3, 0 that fits all of them
 */
export function packScaled(cells: ScaledCells, n: number, exponent: number, into: Uint8Array, pos: number): number {
  if (n === 0) return pos;
  const { quarter, value } = cells;
  const shortest = shorten(value, n, exponent);
  let signed = false;
  for (let i = 0; i < n && !signed; i++) signed = value[i] < 0;
  const head = pos;
  pos = writeHead(quarter, n, shortest, signed, into, pos);
  if (signed) for (let i = 0; i < n; i++) pos = writeNumber(into, pos, zigzag(value[i]));
  else for (let i = 0; i < n; i++) pos = writeNumber(into, pos, value[i]);
  return writeCounts(cells, n, into, head, pos);
}

/** Whether any of the first numbers is another one. */
function isOther(numbers: Float64Array, n: number, than: number): boolean {
  for (let i = 0; i < n; i++) if (numbers[i] !== than) return true;
  return false;
}

function writeHead(
  quarter: Uint8Array,
  n: number,
  exponent: number,
  signed: boolean,
  into: Uint8Array,
  pos: number,
): number {
  const head = pos;
  pos += 2;
  let flags = signed ? SIGNED : 0;
  const step = n === 1 ? 1 : quarter[1] - quarter[0];
  if (n === DAY_CELLS) flags |= ALL_USED;
  else if (isStepped(quarter, n, step)) {
    flags |= STEPPED;
    into[pos++] = quarter[0];
    into[pos++] = step;
    into[pos++] = n;
  } else {
    into.fill(0, pos, pos + 12);
    for (let i = 0; i < n; i++) into[pos + (quarter[i] >> 3)] |= 1 << (quarter[i] & 7);
    pos += 12;
  }
  into[head] = (VERSION << 4) | flags;
  into[head + 1] = exponent;
  return pos;
}

/** Writes what has to be said of readings. @param head of the day, which says so */
function writeCounts({ count, covers }: ScaledCells, n: number, into: Uint8Array, head: number, pos: number): number {
  const covered = isOther(covers, n, 0);
  if (covered) into[head] = (VERSION_COVERED << 4) | (into[head] & 15);
  if (isOther(count, n, 1)) {
    into[head] |= COUNTED;
    for (let i = 0; i < n; i++) pos = writeNumber(into, pos, count[i]);
  }
  if (covered) for (let i = 0; i < n; i++) pos = writeNumber(into, pos, covers[i]);
  return pos;
}

const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);

function isStepped(quarter: Uint8Array, n: number, step: number): boolean {
  for (let i = 1; i < n; i++) if (quarter[i] - quarter[i - 1] !== step) return false;
  return true;
}

/** Divides the energies of the first `n` used quarters by a power of ten; `false` if that is not exact. */
function scale(energy: Uint32Array, n: number, exponent: number): boolean {
  for (let i = 0; i < n; i++) {
    const value = quotientOf(energy, own.quarter[i] * 4, exponent);
    if (Number.isNaN(value)) return false;
    own.value[i] = value;
  }
  return true;
}

/** Divides by further tens that all values have in common; returns the new exponent. */
function shorten(value: Float64Array, n: number, exponent: number): number {
  for (; exponent < 18; exponent++) {
    for (let i = 0; i < n; i++) if (value[i] % 10 !== 0) return exponent;
    for (let i = 0; i < n; i++) value[i] /= 10;
  }
  return exponent;
}

function writeNumber(into: Uint8Array, pos: number, value: number): number {
  while (value >= 0x8000_0000) {
    into[pos++] = (value % 128) | 128;
    value = Math.floor(value / 128);
  }
  let rest = value | 0;
  while (rest >= 128) {
    into[pos++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  into[pos++] = rest;
  return pos;
}

const unpacked = newDay();

/** A day's cells: valid until the next call. @throws StoreError as `addDay` */
export function unpackDay(bytes: Uint8Array): CellColumns {
  clearDay(unpacked);
  addDay(bytes, unpacked);
  return asColumns(unpacked);
}

const used = new Uint8Array(DAY_CELLS);
const limbs = new Uint32Array(4);
let read = 0;

/**
 * Adds packed cells to a day, or subtracts them.
 * @returns how many quarters it has
 * @throws StoreError `store_damaged` for bytes that `packDay` never made
 */
export function addDay(bytes: Uint8Array, to: DayCells, sign: 1 | -1 = 1): number {
  const n = readHead(bytes);
  const { energy, count, covers } = to;
  for (let i = 0; i < n; i++) {
    readEnergy(bytes);
    if (sign < 0) negate(limbs);
    addEnergy(energy, used[i] * 4, limbs, 0);
  }
  if (bytes[0] & COUNTED) for (let i = 0; i < n; i++) count[used[i]] += sign * readNumber(bytes);
  else for (let i = 0; i < n; i++) count[used[i]] += sign;
  if (isCovered(bytes)) for (let i = 0; i < n; i++) covers[used[i]] += sign * readNumber(bytes);
  if (read !== bytes.length) throw damaged();
  return n;
}

/** The sum of a source's days. */
export interface DaySum {
  /** Four words, as in a cell. */
  readonly energy: Uint32Array;
  readings: number;
  /** Slots of the first and last quarter hour with readings, or covered; ±Infinity before there is any. */
  first: number;
  last: number;
}

/** Energies below this add up exactly in a double, all of a day. */
const SMALL = 2 ** 46;

/** Adds a whole day: several times as fast as by quarter hours. @throws StoreError as `addDay` */
export function sumDay(bytes: Uint8Array, day: number, sum: DaySum): void {
  const n = readHead(bytes);
  const exponent = bytes[1];
  const signed = (bytes[0] & SIGNED) !== 0;
  let small = 0;
  for (let i = 0; i < n; i++) {
    const begin = read;
    if (exponent !== WIDE) {
      const value = readNumber(bytes);
      if (value < SMALL) {
        small += signed ? unzigzag(value) : value;
        continue;
      }
      read = begin;
    }
    readEnergy(bytes);
    addEnergy(sum.energy, 0, limbs, 0);
  }
  if (small !== 0) {
    exactProduct(small, exponent, limbs);
    addEnergy(sum.energy, 0, limbs, 0);
  }
  if (bytes[0] & COUNTED) for (let i = 0; i < n; i++) sum.readings += readNumber(bytes);
  else sum.readings += n;
  if (isCovered(bytes)) for (let i = 0; i < n; i++) readNumber(bytes);
  if (read !== bytes.length) throw damaged();
  sum.first = Math.min(sum.first, day * DAY_CELLS + used[0]);
  sum.last = Math.max(sum.last, day * DAY_CELLS + used[n - 1]);
}

const isCovered = (bytes: Uint8Array) => bytes[0] >> 4 === VERSION_COVERED;

/** Reads which quarters are `used`, up to the energies. @returns how many */
function readHead(bytes: Uint8Array): number {
  const flags = bytes[0] & 15;
  const exponent = bytes[1];
  const version = bytes[0] >> 4;
  if (bytes.length < 3 || (version !== VERSION && version !== VERSION_COVERED) || (exponent > 18 && exponent !== WIDE))
    throw damaged();
  let n = 0;
  read = 2;
  if (flags & ALL_USED) for (; n < DAY_CELLS; n++) used[n] = n;
  else if (flags & STEPPED) {
    const first = bytes[2];
    const step = bytes[3];
    const number = bytes[4];
    if (number === 0 || first + step * (number - 1) >= DAY_CELLS) throw damaged();
    for (; n < number; n++) used[n] = first + n * step;
    read = 5;
  } else {
    for (let q = 0; q < DAY_CELLS; q++) if (bytes[2 + (q >> 3)] & (1 << (q & 7))) used[n++] = q;
    if (n === 0) throw damaged();
    read = 14;
  }
  return n;
}

/** Reads the next energy into `limbs`. */
function readEnergy(bytes: Uint8Array): void {
  const signed = (bytes[0] & SIGNED) !== 0;
  if (bytes[1] === WIDE) {
    read = readWide(bytes, read, limbs, signed);
    return;
  }
  const value = readNumber(bytes);
  exactProduct(signed ? unzigzag(value) : value, bytes[1], limbs);
}

const unzigzag = (value: number) => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

function readNumber(bytes: Uint8Array): number {
  let byte = bytes[read++];
  if (byte < 128) return byte;
  let value = byte & 127;
  for (let unit = 128; ; unit *= 128) {
    byte = bytes[read++];
    if (byte === undefined) throw damaged();
    value += (byte & 127) * unit;
    if (byte < 128) return value;
  }
}

function damaged(): StoreError {
  return new StoreError(
    "store_damaged",
    "the store holds cells that cannot be read: it is damaged, or was written by a newer version of Electro; restore a backup",
  );
}
