/**
 * A day's values of NEM12. At DAY they lie as { mantissa × 1440: f64, with its sign; power × 1440: u8, of ten that makes
 * 10⁻¹⁸ kWh of it; flag × 1440: u8, the letter of its quality }. `src/scan/nem/day-row.ts` is the other side.
 */
import { checkTotal, commit } from "./commit";
import { scale, scaledHigh, scaledLow } from "./energy";
import { DAY } from "./memory";
import { DAY_HASHES, DAY_READ } from "./state";

const MOST: usize = 1440;
const POWERS: usize = DAY + 8 * MOST;
const FLAGS: usize = POWERS + MOST;
/** Digits that are exact in a double. */
const EXACT: u32 = 15;
const NO_READING: u8 = 78;
/** A higher one says that the mantissa is not that of the value, but a hash. */
const MOST_POWER: u8 = 33;

/**
 * Reads values, each with a comma behind it, from number `k` on, up to one that is odd. How many there are then is at DAY_READ.
 * @param unit power of ten that makes 10⁻¹⁸ kWh of a value without decimals
 * @returns the position after the last one
 */
export function readDay(p: usize, end: usize, k: u32, count: u32, unit: u32): usize {
  if (unit > 18) count = k;
  for (; k < count; k++) {
    let at = p;
    const negative = load<u8>(at) == 45;
    at += usize(negative);
    const first = at;
    let value: u64 = 0;
    let digit = u32(load<u8>(at)) - 48;
    while (digit <= 9) {
      value = value * 10 + u64(digit);
      digit = u32(load<u8>(++at)) - 48;
    }
    let digits = u32(at - first);
    let decimals: u32 = 0;
    if (digits && load<u8>(at) == 46) {
      const point = ++at;
      digit = u32(load<u8>(at)) - 48;
      while (digit <= 9) {
        value = value * 10 + u64(digit);
        digit = u32(load<u8>(++at)) - 48;
      }
      decimals = u32(at - point);
      digits = decimals ? digits + decimals : 0;
    }
    if (load<u8>(at) != 44 || digits == 0 || digits > EXACT || at >= end) break;
    store<f64>(DAY + (usize(k) << 3), negative ? -f64(value) : f64(value));
    store<u8>(POWERS + usize(k), u8(unit - decimals));
    p = at + 1;
  }
  store<u32>(DAY_READ, k);
  return p;
}

/** Puts two hashes of the readings and one of their flags at DAY_HASHES. @param flagged whether flags differ, or some are N */
export function hashDay(count: u32, flagged: bool): void {
  let a: u64 = u64(count) * 0x9e3779b97f4a7c15;
  let flags: u64 = 0;
  for (let k: usize = 0; k < usize(count); k++) {
    const flag = load<u8>(FLAGS + k);
    if (flagged) flags = (flags ^ u64(flag)) * 0x9e3779b97f4a7c15 + u64(k);
    // The same energy may be written in several ways; so its size is hashed, and what no size can be.
    let low: u64 = 0;
    let high: u64 = u64.MAX_VALUE;
    if (!flagged || flag != NO_READING) {
      const value = load<f64>(DAY + (k << 3));
      const power = load<u8>(POWERS + k);
      if (power <= MOST_POWER) {
        scale(u64(abs(value)), power);
        low = scaledLow;
        high = scaledHigh;
        if (value < 0) high = ~high;
      } else low = reinterpret<u64>(value);
    }
    a = (a ^ low) * 0xbf58476d1ce4e5b9 + high;
    a = (a ^ (a >> 29)) * 0x94d049bb133111eb;
    a ^= a >> 32;
  }
  store<u64>(DAY_HASHES, a);
  store<u32>(DAY_HASHES, flagged ? u32(flags >> 32) : u32(load<u8>(FLAGS)), 8);
}

/** Counts a day whose intervals each lie in one slot, and all have a reading. @param from epoch second of the first @param length of each, in seconds */
export function countDay(source: u32, from: f64, length: u32, count: u32, width: u32, negate: bool): void {
  let second = i64(from);
  let slot = second / i64(width) - i64(second % i64(width) < 0);
  let next = (slot + 1) * i64(width);
  for (let k: usize = 0; k < usize(count); k++) {
    if (second >= next) {
      slot++;
      next += i64(width);
    }
    const value = load<f64>(DAY + (k << 3));
    scale(u64(abs(value)), load<u8>(POWERS + k));
    // What lies between the first and the last cannot widen the time that readings take.
    commit(k == 0 || k == usize(count) - 1, source, 0, slot, f64(second), scaledLow, scaledHigh, (value < 0) != negate);
    second += i64(length);
  }
  checkTotal();
}
