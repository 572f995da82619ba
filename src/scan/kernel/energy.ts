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

/** About; from 128 bits of |value| in 10⁻¹⁸ kWh. */
export function kWh(low: u64, high: u64, negative: bool): f64 {
  const value = (f64(high) * 18446744073709551616.0 + f64(low)) / 1e18;
  return negative ? -value : value;
}
