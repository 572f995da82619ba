/** Counting one reading: the only place where sums, counts and extents change. */
import { addToCell, CELL, coverCell, placeInPage, subtractFromCell } from "./cell";
import { cellOf, pageOf } from "./cells";
import { kWh } from "./energy";
import { sample } from "./sample";
import { sieve, sieveHash } from "./sieve";
import { entryOf } from "./sources";
import {
  ABSOLUTE,
  BY_SOURCE,
  EXTENT,
  EXTENT_RANK,
  DEFERRED_CELL,
  READINGS,
  SAMPLE_LEFT,
  SIEVE_BELOW,
  TOO_MUCH,
} from "./state";

/** Planes 0 to 2 have wide slots and remember extents: instants, wall times, wall times on a border. */
const WIDE_PLANES: u32 = 3;
/** Of this "plane" a reading is counted, but its energy is left at DEFERRED_CELL, for whoever says later where it belongs. */
const DEFERRED: u32 = 7;
/** 10²⁰ kWh in 10⁻¹⁸ kWh is 10³⁸; its high 64 bits. 10³⁸ = 0x4b3b4ca85a86c47a × 2⁶⁴ + 0x098a224000000000. */
const LIMIT_HIGH: u64 = 0x4b3b4ca85a86c47a;
const LIMIT_LOW: u64 = 0x098a224000000000;

/**
 * @param fresh whether the extents may not hold the instant yet
 * @param second epoch or wall seconds
 * @param low @param high |value|, 128 bits, at most 10³³
 */
// @ts-ignore: decorator
@inline
export function commit(fresh: bool, source: u32, plane: u32, slot: i64, second: f64, low: u64, high: u64, negative: bool): void {
  store<u64>(READINGS, load<u64>(READINGS) + 1);
  const entry = entryOf(source);
  store<u32>(entry, 1, 12);
  addAbsolute(low, high);

  let cell: usize;
  const owner: u32 = load<u32>(BY_SOURCE) ? source : 0;
  if (plane < WIDE_PLANES) {
    cell = cellOf(owner, plane, i32(slot));
    if (fresh) widen(plane, second, load<u32>(READINGS));
  } else if (plane == DEFERRED) {
    cell = DEFERRED_CELL;
    memory.fill(cell, 0, CELL);
  } else {
    cell = pageOf(owner, plane, i32(slot >> 4)) + placeInPage(i32(slot));
  }
  if (negative) subtractFromCell(cell, low, high);
  else addToCell(cell, low, high, 1);
  if (load<u32>(SAMPLE_LEFT)) sample(source, second, kWh(low, high, negative));
  const hash = sieveHash(load<u32>(entry, 8), slot);
  if (hash < load<u32>(SIEVE_BELOW) && plane != DEFERRED) sieve(hash, source, second, low, high, negative);
}

/** Adds to Σ|value|. */
// @ts-ignore: decorator
@inline
export function addAbsolute(low: u64, high: u64): void {
  const sumLow = load<u64>(ABSOLUTE) + low;
  store<u64>(ABSOLUTE, sumLow);
  store<u64>(ABSOLUTE, load<u64>(ABSOLUTE, 8) + high + u64(sumLow < low), 8);
}

/** Puts readings that were counted already, of plane DEFERRED, into their cell. @param low @param high of their sum, two's complement */
export function placeDeferred(source: u32, plane: u32, slot: i64, second: f64, low: u64, high: u64, readings: u64): void {
  store<u32>(entryOf(source), 1, 12);
  const owner: u32 = load<u32>(BY_SOURCE) ? source : 0;
  const wide = plane < WIDE_PLANES;
  const cell = wide ? cellOf(owner, plane, i32(slot)) : pageOf(owner, plane, i32(slot >> 4)) + placeInPage(i32(slot));
  // Which of them it was is not remembered.
  if (wide) widen(plane, second, 0);
  addToCell(cell, low, high, readings);
}

/** Adds energy to a cell, two's complement, of a reading that is counted; with `covers` as one that covers it. */
export function placePart(source: u32, plane: u32, slot: i64, low: u64, high: u64, covers: u32): void {
  const owner: u32 = load<u32>(BY_SOURCE) ? source : 0;
  const cell =
    plane < WIDE_PLANES ? cellOf(owner, plane, i32(slot)) : pageOf(owner, plane, i32(slot >> 4)) + placeInPage(i32(slot));
  addToCell(cell, low, high, 0);
  coverCell(cell, covers);
}

/** @param reading which one it is, counted from 1; 0 where that is not known */
function widen(plane: u32, second: f64, reading: u32): void {
  const extent = EXTENT + (plane > 0 ? 16 : 0);
  const rank = EXTENT_RANK + (plane > 0 ? 8 : 0);
  if (second < load<f64>(extent)) {
    store<f64>(extent, second);
    store<u32>(rank, reading);
  }
  if (second > load<f64>(extent, 8)) {
    store<f64>(extent, second, 8);
    store<u32>(rank, reading, 4);
  }
}

/** To be called at least once in 10⁵ readings, so that Σ|value| cannot wrap before it is found too large. */
export function checkTotal(): void {
  const high = load<u64>(ABSOLUTE, 8);
  if (high > LIMIT_HIGH || (high == LIMIT_HIGH && load<u64>(ABSOLUTE) >= LIMIT_LOW)) {
    store<u32>(TOO_MUCH, 1);
    store<u64>(ABSOLUTE, 0, 8);
  }
}
