/** Arithmetic of 128 bits for packed cells: products with powers of ten, and LEB128 of values that no double holds. */
import { negate } from "../tally/cell.js";

const LIMB = 0x1_0000_0000;

/** Powers of ten, 0 to 18, as a low and a high limb, and as doubles, which hold them exactly up to 10²². */
const POWER_LOW = new Uint32Array(19);
const POWER_HIGH = new Uint32Array(19);
const POWER = new Float64Array(19);
for (let e = 0; e < 19; e++) {
  POWER_LOW[e] = Number((10n ** BigInt(e)) & 0xffff_ffffn);
  POWER_HIGH[e] = Number((10n ** BigInt(e)) >> 32n);
  POWER[e] = 10 ** e;
}

/** High limb of a product of two limbs. */
function highOf(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const left = a1 * b0 + ((a0 * b0) >>> 16);
  const right = a0 * b1 + (left & 0xffff);
  return a1 * b1 + (left >>> 16) + (right >>> 16);
}

/** Writes `value` (an integer, |value| < 2⁵³) × 10^`exponent` (0 … 18) into four limbs. */
export function exactProduct(value: number, exponent: number, into: Uint32Array): void {
  const b0 = POWER_LOW[exponent];
  const b1 = POWER_HIGH[exponent];
  const a0 = value >>> 0;
  const a1 = Math.floor(value / LIMB);
  into[0] = Math.imul(a0, b0);
  into[1] = highOf(a0, b0) + Math.imul(a0, b1) + Math.imul(a1, b0);
  if (Math.abs(value) * POWER[exponent] < 9e18) {
    const sign = value < 0 ? 0xffff_ffff : 0;
    into[2] = sign;
    into[3] = sign;
    return;
  }
  const magnitude = Math.abs(value);
  const m0 = magnitude >>> 0;
  const m1 = Math.floor(magnitude / LIMB);
  const middle = highOf(m0, b0) + (Math.imul(m0, b1) >>> 0) + (Math.imul(m1, b0) >>> 0);
  const top = highOf(m0, b1) + highOf(m1, b0) + (Math.imul(m1, b1) >>> 0) + Math.floor(middle / LIMB);
  into[0] = Math.imul(m0, b0);
  into[1] = middle;
  into[2] = top;
  into[3] = highOf(m1, b1) + Math.floor(top / LIMB);
  if (value < 0) negate(into);
}

/**
 * The integer whose product with 10^`exponent` is the four limbs at `at`; NaN if there is none below 2⁵². The quotient in
 * doubles is off by at most one, so the product differs from the limbs by less than 2⁶³: if their low 64 bits agree, all
 * do.
 */
export function quotientOf(limbs: Uint32Array, at: number, exponent: number): number {
  const high = limbs[at + 3] | 0;
  const rest = limbs[at + 2];
  const upper = high === -1 ? rest - LIMB : high * LIMB + rest;
  const approximate = upper * LIMB * LIMB + (limbs[at + 1] * LIMB + limbs[at]);
  const value = Math.round(approximate / POWER[exponent]);
  if (!(Math.abs(value) < 2 ** 52)) return Number.NaN;
  const b0 = POWER_LOW[exponent];
  const a0 = value >>> 0;
  if (Math.imul(a0, b0) >>> 0 !== limbs[at]) return Number.NaN;
  // Below 2⁸⁰ doubles are off by less than 2²⁸, so a difference of a multiple of 2³² shows.
  if (upper < 65_536 && upper >= -65_536)
    return Math.abs(approximate - value * POWER[exponent]) < 2 ** 31 ? value : Number.NaN;
  const a1 = Math.floor(value / LIMB);
  const middle = highOf(a0, b0) + Math.imul(a0, POWER_HIGH[exponent]) + Math.imul(a1, b0);
  return middle >>> 0 === limbs[at + 1] ? value : Number.NaN;
}

const rest = new Uint32Array(4);

/** Writes the four limbs at `at` as LEB128, zigzag if `signed`; returns the position after it: at most 19 bytes. */
export function writeWide(into: Uint8Array, pos: number, limbs: Uint32Array, at: number, signed: boolean): number {
  rest.set(limbs.subarray(at, at + 4));
  if (signed) {
    // Zigzag: (n << 1) ^ (n >> 127).
    const sign = rest[3] >>> 31 === 1 ? 0xffff_ffff : 0;
    for (let i = 3; i > 0; i--) rest[i] = ((rest[i] << 1) | (rest[i - 1] >>> 31)) ^ sign;
    rest[0] = (rest[0] << 1) ^ sign;
  }
  while ((rest[1] | rest[2] | rest[3]) !== 0 || rest[0] >= 128) {
    into[pos++] = (rest[0] & 127) | 128;
    for (let i = 0; i < 3; i++) rest[i] = (rest[i] >>> 7) | (rest[i + 1] << 25);
    rest[3] >>>= 7;
  }
  into[pos++] = rest[0];
  return pos;
}

/** Reads what `writeWide` wrote into four limbs; returns the position after it, past the end if bytes are missing. */
export function readWide(bytes: Uint8Array, pos: number, into: Uint32Array, signed: boolean): number {
  into.fill(0);
  for (let shift = 0; shift < 133; shift += 7) {
    const byte = bytes[pos++] ?? 0;
    const limb = shift >> 5;
    const bits = byte & 127;
    if (limb < 4) into[limb] |= bits << (shift & 31);
    if ((shift & 31) > 25 && limb < 3) into[limb + 1] |= bits >>> (32 - (shift & 31));
    if (byte < 128) break;
  }
  if (signed) {
    const sign = into[0] & 1 ? 0xffff_ffff : 0;
    for (let i = 0; i < 3; i++) into[i] = ((into[i] >>> 1) | (into[i + 1] << 31)) ^ sign;
    into[3] = (into[3] >>> 1) ^ sign;
  }
  return pos;
}
