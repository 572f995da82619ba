/** Powers of ten and the one multiplication that scaling a decimal takes: 64 × 64 → 128 bits. */

/** 10⁰ to 10¹⁹. */
const POWERS = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
  10000000000000000000,
]);

// @ts-ignore: decorator
@inline
export function powerOfTen(exponent: u32): u64 {
  return load<u64>(POWERS + (exponent << 3));
}

/** The high 64 bits of a product; the low ones are `a * b`. */
// @ts-ignore: decorator
@inline
export function highOf(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const cross = aHigh * bLow + ((aLow * bLow) >> 32);
  return aHigh * bHigh + (cross >> 32) + ((aLow * bHigh + (cross & 0xffffffff)) >> 32);
}

/** What `scale` came to, 128 bits. */
export let scaledLow: u64 = 0;
export let scaledHigh: u64 = 0;

/** Multiplies a whole number below 2⁵³ by 10^`power`, 0 to 33; the product is at most 10³³. */
// @ts-ignore: decorator
@inline
export function scale(mantissa: u64, power: u32): void {
  const first = powerOfTen(min<u32>(power, 18));
  scaledLow = mantissa * first;
  scaledHigh = clz(mantissa) + clz(first) >= 64 ? 0 : highOf(mantissa, first);
  if (power <= 18) return;
  const more = powerOfTen(power - 18);
  scaledHigh = scaledHigh * more + highOf(scaledLow, more);
  scaledLow *= more;
}

/** About; from 128 bits of |value| in 10⁻¹⁸ kWh. */
export function kWh(low: u64, high: u64, negative: bool): f64 {
  const value = (f64(high) * 18446744073709551616.0 + f64(low)) / 1e18;
  return negative ? -value : value;
}
