/**
 * Energy as text: a signed 128-bit integer of 10⁻¹⁸ kWh (−2¹²⁷ … 2¹²⁷−1, which is ±1.7e20 kWh) as a decimal of kWh. In
 * tables of millions it is four words of a cell (`cell.ts`); elsewhere it is a bigint. Nothing here rounds unless told to,
 * and the function on words creates no objects.
 */
import { energyOf, isNegative, negate } from "./cell.js";

/** Decimal places of energy in kWh. */
const PLACES = 18;
/** The number is split into groups of nine decimal digits: the most that a 32-bit integer holds. */
const GROUP = 1_000_000_000;
const TWO_32 = 4_294_967_296;
/** The longest text: a minus sign, 21 digits, a point, 18 digits. */
export const ENERGY_TEXT_BYTES = 41;

const ZERO = 48;
const POINT = 46;
const MINUS = 45;

const POWERS = Uint32Array.from({ length: 10 }, (_, exponent) => 10 ** exponent);
/** "000", "001" … "999". */
const DIGITS = new Uint8Array(3000);
for (let n = 0; n < 1000; n++) {
  DIGITS[3 * n] = ZERO + Math.floor(n / 100);
  DIGITS[3 * n + 1] = ZERO + (Math.floor(n / 10) % 10);
  DIGITS[3 * n + 2] = ZERO + (n % 10);
}

/** What is left of the number while groups are split off it. */
const rest = new Uint32Array(4);
/** Groups of nine digits, the least significant first; the first two are the fraction. */
const groups = new Uint32Array(5);

/** `value` (10⁻¹⁸ kWh, −2¹²⁷ … 2¹²⁷−1) as `formatEnergy` writes it. RangeError outside that range. */
export function energyText(value: bigint, decimals?: number): string {
  if (BigInt.asIntN(128, value) !== value) throw new RangeError(`energy of more than 128 bits: ${value}`);
  const limbs = Uint32Array.from([0n, 32n, 64n, 96n], (shift) => Number(BigInt.asUintN(32, value >> shift)));
  const text = new Uint8Array(ENERGY_TEXT_BYTES);
  return String.fromCharCode(...text.subarray(0, formatEnergy(limbs, 0, decimals, text, 0)));
}

/**
 * Writes the energy at `limbs[at…at+3]` in kWh, as ASCII, from `into[pos]` on, and returns the position after it: at
 * most 41 bytes. A plain decimal with no exponent, no trailing zeros and no `-0`. `decimals` (0 … 18) rounds it to
 * that many places, half to even; undefined: all digits.
 */
export function formatEnergy(
  limbs: Uint32Array,
  at: number,
  decimals: number | undefined,
  into: Uint8Array,
  pos: number,
): number {
  const negative = isNegative(limbs, at);
  load(limbs, at, negative);
  let top = 3;
  while (top >= 0 && rest[top] === 0) top--;
  for (let g = 0; g < 5; g++) {
    groups[g] = top < 0 ? 0 : splitGroup(top);
    while (top >= 0 && rest[top] === 0) top--;
  }
  if (decimals !== undefined && decimals < PLACES) round(decimals);
  const low = groups[0];
  const high = groups[1];
  if (negative && (low | high | groups[2] | groups[3] | groups[4]) !== 0) into[pos++] = MINUS;
  pos = writeWhole(into, pos);
  if ((low | high) === 0) return pos;
  into[pos++] = POINT;
  pos = writeGroup(into, pos, high);
  if (low !== 0) pos = writeGroup(into, pos, low);
  while (into[pos - 1] === ZERO) pos--;
  return pos;
}

/** Takes the magnitude of a number into `rest`; that of −2¹²⁷ fits, since `rest` is unsigned. */
function load(limbs: Uint32Array, at: number, negative: boolean): void {
  rest[0] = limbs[at];
  rest[1] = limbs[at + 1];
  rest[2] = limbs[at + 2];
  rest[3] = limbs[at + 3];
  if (negative) negate(rest);
}

/**
 * Divides `rest` (whose highest limb that is not zero is `rest[top]`) by 10⁹ and returns the remainder. The quotient of
 * each step is estimated in floating point, where it is off by at most one, since 62 bits are rounded to 53 and the
 * quotient has 32. The low 32 bits of the remainder are then enough, and show in which direction it is off.
 */
function splitGroup(top: number): number {
  let remainder = 0;
  for (let i = top; i >= 0; i--) {
    const limb = rest[i];
    let quotient = Math.floor((remainder * TWO_32 + limb) * 1e-9);
    remainder = (limb - Math.imul(quotient, GROUP)) | 0;
    if (remainder < 0) {
      remainder += GROUP;
      quotient--;
    } else if (remainder >= GROUP) {
      remainder -= GROUP;
      quotient++;
    }
    rest[i] = quotient;
  }
  return remainder;
}

/** Rounds `groups` to 0 … 17 decimal places, half to even. */
function round(decimals: number): void {
  // The group that is cut, and how many of its digits are dropped. If all are, the next group decides what is even.
  const cut = decimals >= 9 ? 0 : 1;
  const unit = POWERS[decimals >= 9 ? PLACES - decimals : 9 - decimals];
  const dropped = groups[cut] % unit;
  const kept = groups[cut] - dropped;
  const last = unit === GROUP ? groups[cut + 1] : kept / unit;
  const below = cut === 1 && groups[0] !== 0;
  const twice = 2 * dropped;
  const up = twice > unit || (twice === unit && (below || last % 2 === 1));
  groups[cut] = kept;
  if (cut === 1) groups[0] = 0;
  if (!up) return;
  let g = cut;
  let value = kept + unit;
  while (value >= GROUP) {
    groups[g++] = value - GROUP;
    value = groups[g] + 1;
  }
  groups[g] = value;
}

/** Writes the whole kWh of `groups`. */
function writeWhole(into: Uint8Array, pos: number): number {
  let g = 4;
  while (g > 2 && groups[g] === 0) g--;
  pos = writeNumber(into, pos, groups[g]);
  while (--g >= 2) pos = writeGroup(into, pos, groups[g]);
  return pos;
}

/** Writes 0 … 10⁹−1 with all nine digits. */
function writeGroup(into: Uint8Array, pos: number, group: number): number {
  const millions = (group / 1_000_000) | 0;
  const below = group - millions * 1_000_000;
  const thousands = (below / 1000) | 0;
  pos = writeThree(into, pos, millions);
  pos = writeThree(into, pos, thousands);
  return writeThree(into, pos, below - thousands * 1000);
}

function writeThree(into: Uint8Array, pos: number, value: number): number {
  const digit = 3 * value;
  into[pos] = DIGITS[digit];
  into[pos + 1] = DIGITS[digit + 1];
  into[pos + 2] = DIGITS[digit + 2];
  return pos + 3;
}

/** Writes 0 … 10⁹−1 without leading zeros, as ASCII, and returns the position after it. */
function writeNumber(into: Uint8Array, pos: number, value: number): number {
  if (value < 10) {
    into[pos] = ZERO + value;
    return pos + 1;
  }
  let width = 2;
  while (width < 9 && value >= POWERS[width]) width++;
  let left = value;
  for (let i = pos + width - 1; i >= pos; i--) {
    const tens = (left / 10) | 0;
    into[i] = ZERO + (left - 10 * tens);
    left = tens;
  }
  return pos + width;
}

/** Rounds an energy to 0 … 18 decimal places of a kWh, half to even, as `formatEnergy` does. */
export function roundEnergy(words: Uint32Array, at: number, decimals: number): void {
  if (decimals >= PLACES) return;
  const unit = 10n ** BigInt(PLACES - decimals);
  const energy = energyOf(words, at);
  const magnitude = energy < 0n ? -energy : energy;
  const twice = 2n * (magnitude % unit);
  let kept = magnitude / unit;
  if (twice > unit || (twice === unit && kept % 2n === 1n)) kept++;
  const rounded = energy < 0n ? -kept * unit : kept * unit;
  for (let word = 0; word < 4; word++) words[at + word] = Number(BigInt.asUintN(32, rounded >> BigInt(32 * word)));
}
