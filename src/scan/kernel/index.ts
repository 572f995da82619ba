/**
 * The kernel: bytes in the window → cells. It knows no format and judges nothing: a record that fits a layout is
 * counted, the first that does not stops it, with nothing of that record counted, and is the caller's.
 * Every export keeps to the memory map in memory.ts.
 */
import { clearCells, pageCount, pageTable, pageTableSize, startCells } from "./cells";
import { forgetColumns, noteColumn, startColumns } from "./columns";
import { addAbsolute, checkTotal, commit, placeDeferred, placePart } from "./commit";
import { countDay, hashDay, readDay } from "./day";
import { highOf, powerOfTen, scale, scaledHigh, scaledLow } from "./energy";
import { forgetText } from "./format";
import { forgetForm } from "./instant";
import { keptIsFull } from "./kept";
import { allocated, release, setLimit, WINDOW } from "./memory";
import { freeBytes, startPages } from "./pages";
import { hasReadings, pinSource, openSource, settled, settleSource, startProvisional } from "./provisional";
import { extendRange, rangeCount, rangeFrom, rangeTo, setRange, startRanges } from "./ranges";
import { entryOf, forgetPages, source, sourceCount, startSources } from "./sources";
import { EXTENT, EXTENT_RANK, FULL, KEPT_TAKEN, LAYOUT_COUNT, LAYOUT_HITS, READINGS, SAMPLE_LEFT, SIEVE_BELOW, UNNAMED, WALL_INTERVALS } from "./state";
import { runLayout } from "./steps";

export { CELL, PAGE } from "./cell";
export { entryOf, pageCount, pageTable, pageTableSize, source, sourceCount };
export { allocated, setLimit };
export { extendRange, forgetColumns, noteColumn, rangeCount, rangeFrom, rangeTo, setRange };
export { countDay, hashDay, readDay };
export { hasReadings, pinSource, openSource, settled, settleSource };

/** To be called before anything else, and again to count anew from nothing; layouts and options stay as they are. */
export function start(): void {
  release();
  memory.fill(READINGS, 0, EXTENT - READINGS);
  store<u64>(SAMPLE_LEFT, 0);
  store<u64>(SIEVE_BELOW, 0xffffffff);
  memory.fill(EXTENT_RANK, 0, 16);
  store<u32>(FULL, 0);
  forgetForm();
  startPages();
  startSources();
  startProvisional();
  startCells();
  startRanges();
  startColumns();
  store<u64>(WALL_INTERVALS, 0);
  store<u32>(KEPT_TAKEN, 0);
  store<u32>(UNNAMED, 0);
  for (let i: usize = 0; i < 2; i++) {
    store<f64>(EXTENT + 16 * i, f64.MAX_VALUE);
    store<f64>(EXTENT + 16 * i, -f64.MAX_VALUE, 8);
  }
}

/** Bytes of heap in use. */
export function heapBytes(): f64 {
  return allocated() - f64(freeBytes());
}

/** Forgets what was counted by source and slot; sources, totals and extents stay. */
export function clear(): void {
  clearCells();
  forgetPages();
  store<u32>(FULL, 0);
}

export function windowStart(): usize {
  return WINDOW;
}

/** Counts a reading of `mantissa` × 10^`power` × 10⁻¹⁸ kWh; `mantissa` a whole number below 2⁵³, `power` 0 to 33, the product at most 10³³. */
export function addScaled(source: u32, plane: u32, slot: f64, second: f64, mantissa: f64, power: u32, negative: bool): void {
  scale(u64(mantissa), power);
  commit(true, source, plane, i64(slot), second, scaledLow, scaledHigh, negative);
  checkTotal();
}

/** Counts a reading given as 128 bits of |value|. */
export function addLimbs(
  source: u32,
  plane: u32,
  slot: f64,
  second: f64,
  l0: u32,
  l1: u32,
  l2: u32,
  l3: u32,
  negative: bool,
): void {
  commit(true, source, plane, i64(slot), second, u64(l0) | (u64(l1) << 32), u64(l2) | (u64(l3) << 32), negative);
  checkTotal();
}

/** Puts readings that were counted before, of plane DEFERRED, into a cell; their sum is given as 128 bits, two's complement. */
export function place(
  source: u32,
  plane: u32,
  slot: f64,
  second: f64,
  l0: u32,
  l1: u32,
  l2: u32,
  l3: u32,
  readings: f64,
): void {
  const low = u64(l0) | (u64(l1) << 32);
  placeDeferred(source, plane, i64(slot), second, low, u64(l2) | (u64(l3) << 32), u64(readings));
}

/** Puts energy, as in `addScaled`, of a reading that was counted before into a cell. @param readings that begin there: 0 or 1 */
export function placeScaled(source: u32, plane: u32, slot: f64, second: f64, mantissa: f64, power: u32, negative: bool, readings: u32): void {
  scale(u64(mantissa), power);
  let low = scaledLow;
  let high = scaledHigh;
  if (negative) {
    high = ~high + u64(low == 0);
    low = ~low + 1;
  }
  placeDeferred(source, plane, i64(slot), second, low, high, readings);
}

/** Adds to Σ|value|, as in `addScaled`. */
export function addScaledSize(mantissa: f64, power: u32): void {
  scale(u64(mantissa), power);
  addAbsolute(scaledLow, scaledHigh);
  checkTotal();
}

/** The same of 128 bits. */
export function addSize(l0: u32, l1: u32, l2: u32, l3: u32): void {
  addAbsolute(u64(l0) | (u64(l1) << 32), u64(l2) | (u64(l3) << 32));
  checkTotal();
}

/** Adds a part of a reading's energy to a cell: `mantissa` × 10^`power` × 10⁻¹⁸ kWh, as in `addScaled`. @param covers 1: the reading began in another cell */
export function addPart(source: u32, plane: u32, slot: f64, mantissa: f64, power: u32, negative: bool, covers: u32): void {
  const m = u64(mantissa);
  const p = powerOfTen(power);
  let low = m * p;
  let high = highOf(m, p);
  if (negative) {
    high = ~high + u64(low == 0);
    low = ~low + 1;
  }
  placePart(source, plane, i64(slot), low, high, covers);
}

/** The same for energy given as 128 bits, two's complement. */
export function addPartLimbs(source: u32, plane: u32, slot: f64, l0: u32, l1: u32, l2: u32, l3: u32, covers: u32): void {
  placePart(source, plane, i64(slot), u64(l0) | (u64(l1) << 32), u64(l2) | (u64(l3) << 32), covers);
}

/** To be called when layouts were set, or how timestamps are read. */
export function layoutsChanged(): void {
  forgetForm();
  forgetText();
}

/**
 * Counts records from `p` on for as long as they fit a layout; each is tried in turn.
 * @returns where the first record lies that fits none, that does not end by `end`, or that begins at `limit` or after it;
 * or, once the heap or the block of kept readings is full, the next one
 */
export function scan(p: usize, end: usize, limit: usize): usize {
  const layouts = load<u32>(LAYOUT_COUNT);
  let unchecked = 0;
  while (p < limit) {
    let next: usize = 0;
    let layout: u32 = 0;
    for (; layout < layouts; layout++) {
      next = runLayout(layout, p, end);
      if (next) break;
    }
    if (next == 0) break;
    p = next;
    const hits = LAYOUT_HITS + layout * 4;
    store<u32>(hits, load<u32>(hits) + 1);
    if (++unchecked == 100000) {
      checkTotal();
      unchecked = 0;
    }
    if (load<u32>(FULL) || keptIsFull()) break;
  }
  checkTotal();
  return p;
}

/** The position of the first newline in `[from, to)`; `to` where there is none. */
export function lineEnd(from: usize, to: usize): usize {
  const newline = i8x16.splat(10);
  for (; from < to; from += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(from), newline));
    if (found) return min(from + usize(ctz(found)), to);
  }
  return to;
}

/** How many newlines lie in `[from, to)`. */
export function countLines(from: usize, to: usize): u32 {
  let lines: u32 = 0;
  const newline = i8x16.splat(10);
  while (from + 16 <= to) {
    lines += popcnt(i8x16.bitmask(i8x16.eq(v128.load(from), newline)));
    from += 16;
  }
  for (; from < to; from++) lines += u32(load<u8>(from) == 10);
  return lines;
}
