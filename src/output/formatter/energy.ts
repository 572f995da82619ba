/** Writes an energy in decimal, as `formatEnergy` of src/tally/energy.ts does. */
import { GIGA, writeNine, writeNumber, writeThree } from "./number";

/** One kWh in 10⁻¹⁸ kWh. */
const KWH: u64 = 1000000000000000000;
const ZERO: u8 = 48;
const POINT: u8 = 46;
const MINUS: u8 = 45;

/** The rest of a number while groups of nine digits are split off. */
let low: u64 = 0;
let high: u64 = 0;

/** Divides the rest by 10⁹ and returns the remainder. */
function split(): u64 {
  const upper = ((high % GIGA) << 32) | (low >> 32);
  const lower = ((upper % GIGA) << 32) | (low & 0xffffffff);
  high /= GIGA;
  low = ((upper / GIGA) << 32) | (lower / GIGA);
  return lower % GIGA;
}

/**
 * Writes the 128 bits at `at` in kWh, rounded to `decimals` places, half to even; returns the position after them.
 * A plain decimal with no trailing zeros and no `-0`.
 */
export function writeEnergy(pos: usize, at: usize, decimals: u32): usize {
  low = load<u64>(at);
  high = load<u64>(at, 8);
  const negative = i64(high) < 0;
  if (negative) {
    low = 0 - low;
    high = ~high + u64(low == 0);
  }
  // The number is `huge` × 10¹⁸ + `whole` kWh and `fraction` × 10⁻¹⁸.
  let huge: u64 = 0;
  let whole: u64;
  let fraction: u64;
  if (high == 0) {
    whole = low / KWH;
    fraction = low - whole * KWH;
  } else {
    fraction = split();
    fraction += split() * GIGA;
    if (high != 0 || low >= KWH) {
      whole = split();
      whole += split() * GIGA;
      huge = low;
    } else whole = low;
  }
  if (decimals < 18) {
    let unit: u64 = 1;
    for (let place = decimals; place < 18; place++) unit *= 10;
    const units = fraction / unit;
    const twice = (fraction - units * unit) << 1;
    // Without decimals, half to even depends on the whole kWh.
    const odd = (decimals == 0 ? whole : units) & 1;
    fraction = units * unit;
    if (twice > unit || (twice == unit && odd == 1)) fraction += unit;
    if (fraction == KWH) {
      fraction = 0;
      whole++;
      if (whole == KWH) {
        whole = 0;
        huge++;
      }
    }
  }

  if (negative && (huge | whole | fraction) != 0) store<u8>(pos++, MINUS);
  if (huge == 0) pos = writeNumber(pos, whole);
  else {
    pos = writeNumber(pos, huge);
    writeNine(pos, u32(whole / GIGA));
    writeNine(pos + 9, u32(whole % GIGA));
    pos += 18;
  }
  return fraction == 0 ? pos : writeFraction(pos, fraction);
}

/** A point and up to 18 digits. */
function writeFraction(pos: usize, fraction: u64): usize {
  const upper = u32(fraction / GIGA);
  const lower = u32(fraction % GIGA);
  store<u8>(pos++, POINT);
  // Most sums have three places.
  if (lower == 0 && upper % 1000000 == 0) {
    writeThree(pos, upper / 1000000);
    pos += 3;
  } else {
    writeNine(pos, upper);
    writeNine(pos + 9, lower);
    pos += 18;
  }
  while (load<u8>(pos - 1) == ZERO) pos--;
  return pos;
}
