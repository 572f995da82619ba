/**
 * Readings that are kept until all inputs are known: they are left in a block, { source: u32, power: u16, negative: u16,
 * second: f64, mantissa: f64 }, which the caller empties.
 */
import { addAbsolute } from "./commit";
import { kWh } from "./energy";
import { KEPT } from "./memory";
import { sample } from "./sample";
import { entryOf } from "./sources";
import { KEEPS, KEPT_TAKEN, READINGS, SAMPLE_LEFT } from "./state";

const ENTRY: usize = 24;
const MOST: u32 = 2700;
/** What is kept. */
const REGISTERS: u32 = 2;
const MOST_MANTISSA: u64 = 0x1fffffffffffff;

/** Whether a value can be kept; else it is for the slow path. */
// @ts-ignore: decorator
@inline
export function canKeep(mantissa: u64, negative: bool): bool {
  return mantissa <= MOST_MANTISSA && !(negative && load<u32>(KEEPS) == REGISTERS);
}

// @ts-ignore: decorator
@inline
export function keptIsFull(): bool {
  return load<u32>(KEPT_TAKEN) == MOST;
}

/** Counts a reading, and keeps it. There must be room. */
export function keep(source: u32, second: f64, mantissa: u64, power: u32, negative: bool, low: u64, high: u64): void {
  store<u64>(READINGS, load<u64>(READINGS) + 1);
  store<u32>(entryOf(source), 1, 12);
  const taken = load<u32>(KEPT_TAKEN);
  const at = KEPT + usize(taken) * ENTRY;
  store<u32>(at, source);
  store<u16>(at, u16(mantissa == 0 ? 0 : power), 4);
  store<u16>(at, u16(negative && mantissa != 0), 6);
  store<f64>(at, second, 8);
  store<f64>(at, f64(mantissa), 16);
  store<u32>(KEPT_TAKEN, taken + 1);
  const isRegister = load<u32>(KEEPS) == REGISTERS;
  if (!isRegister) addAbsolute(low, high);
  // What a register shows is no energy.
  if (load<u32>(SAMPLE_LEFT)) sample(source, second, isRegister ? 0 : kWh(low, high, negative));
}
