/** Decimals without an exponent and of at most 19 digits → 128 bits of 10⁻¹⁸ kWh; all others are for the slow path. */
import { highOf, powerOfTen } from "./energy";
import { UNIT_POWER } from "./state";

/** The last decimal's digits as one number, and the power of ten that makes 10⁻¹⁸ kWh of it. */
export let mantissa: u64 = 0;
export let power: u32 = 0;
/** |value| of the last decimal. */
export let low: u64 = 0;
export let high: u64 = 0;
export let negative: bool = false;

/** @returns the position after the number, or 0 where it is not one that is taken here */
// @ts-ignore: decorator
@inline
export function readDecimal(p: usize, comma: u8): usize {
  negative = load<u8>(p) == 45;
  p += usize(negative);
  const first = p;
  let digit = u32(load<u8>(p++)) - 48;
  if (digit > 9) return 0;
  mantissa = u64(digit);
  if (digit == 0) {
    if (u32(load<u8>(p)) - 48 <= 9) return 0;
  } else {
    digit = u32(load<u8>(p)) - 48;
    while (digit <= 9) {
      mantissa = mantissa * 10 + u64(digit);
      digit = u32(load<u8>(++p)) - 48;
    }
  }
  const unit = load<u32>(UNIT_POWER);
  const whole = u32(p - first);
  // At most 10¹⁵ kWh: as many digits before the point as are surely below it.
  if (whole > min<u32>(15, 33 - unit)) return 0;
  power = unit;
  if (load<u8>(p) == comma) {
    const from = ++p;
    digit = u32(load<u8>(p)) - 48;
    while (digit <= 9) {
      mantissa = mantissa * 10 + u64(digit);
      digit = u32(load<u8>(++p)) - 48;
    }
    const decimals = u32(p - from);
    if (decimals == 0 || whole + decimals > 19 || decimals > unit) return 0;
    power -= decimals;
  }
  const scale = powerOfTen(min<u32>(power, 18));
  low = mantissa * scale;
  // Mostly the product fits 64 bits: the numbers of their leading zeros tell.
  high = clz(mantissa) + clz(scale) >= 64 ? 0 : highOf(mantissa, scale);
  if (power > 18) {
    const more = powerOfTen(power - 18);
    high = high * more + highOf(low, more);
    low *= more;
  }
  return p;
}

/** Steps over a number by JSON's grammar. @returns the position after it, or 0 */
export function skipNumber(p: usize): usize {
  if (load<u8>(p) == 45) p++;
  if (load<u8>(p) == 48) p++;
  else {
    p = digits(p);
    if (p == 0) return 0;
  }
  if (load<u8>(p) == 46) {
    p = digits(p + 1);
    if (p == 0) return 0;
  }
  if ((load<u8>(p) | 32) == 101) {
    const sign = load<u8>(++p);
    if (sign == 43 || sign == 45) p++;
    p = digits(p);
  }
  return p;
}

/** At least one digit. */
function digits(p: usize): usize {
  const from = p;
  while (u32(load<u8>(p)) - 48 <= 9) p++;
  return p == from ? 0 : p;
}
