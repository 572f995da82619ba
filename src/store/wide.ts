/** Arithmetic of 128 bits for packed cells: products with powers of ten, and LEB128 of what no double holds. */

export const LIMB = 0x1_0000_0000;

/** Powers of ten, 0 to 18, as a low and a high limb. */
const POWER_LOW = new Uint32Array(19);
const POWER_HIGH = new Uint32Array(19);
for (let e = 0; e < 19; e++) {
  POWER_LOW[e] = Number((10n ** BigInt(e)) & 0xffff_ffffn);
  POWER_HIGH[e] = Number((10n ** BigInt(e)) >> 32n);
}

let productLow = 0;
let productHigh = 0;

/** 32 × 32 bits → `productLow`, `productHigh`. */
function multiply(a: number, b: number): void {
  const low = (a & 0xffff) * b;
  const high = (a >>> 16) * b;
  const sum = low + (high % 65536) * 65536;
  productLow = sum % LIMB;
  productHigh = Math.floor(high / 65536) + Math.floor(sum / LIMB);
}

/**
 * `value` (a whole number, |value| < 2⁵³) × 10^`exponent` (0 … 18) into four limbs.
 */
export function exactProduct(value: number, exponent: number, into: Uint32Array): void {
  const magnitude = Math.abs(value);
  const a0 = magnitude % LIMB;
  const a1 = Math.floor(magnitude / LIMB);
  const b0 = POWER_LOW[exponent];
  const b1 = POWER_HIGH[exponent];
  multiply(a0, b0);
  into[0] = productLow;
  let middle = productHigh;
  let top = 0;
  let carry = 0;
  if (b1 !== 0) {
    multiply(a0, b1);
    middle += productLow;
    top += productHigh;
  }
  if (a1 !== 0) {
    multiply(a1, b0);
    middle += productLow;
    top += productHigh;
    if (b1 !== 0) {
      multiply(a1, b1);
      top += productLow;
      carry = productHigh;
    }
  }
  into[1] = middle;
  top += Math.floor(middle / LIMB);
  into[2] = top;
  into[3] = carry + Math.floor(top / LIMB);
  if (value < 0) negate(into, 0);
}

function negate(limbs: Uint32Array, at: number): void {
  let carry = 1;
  for (let i = at; i < at + 4; i++) {
    const limb = (~limbs[i] >>> 0) + carry;
    limbs[i] = limb;
    carry = limb >= LIMB ? 1 : 0;
  }
}

const product = new Uint32Array(4);

/** Whether the four limbs at `at` are `value` × 10^`exponent`. */
export function isProduct(limbs: Uint32Array, at: number, value: number, exponent: number): boolean {
  exactProduct(value, exponent, product);
  return (
    limbs[at] === product[0] &&
    limbs[at + 1] === product[1] &&
    limbs[at + 2] === product[2] &&
    limbs[at + 3] === product[3]
  );
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
