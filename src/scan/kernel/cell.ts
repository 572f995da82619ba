/**
 * The cell as it lies in a page (`src/tally/cell.ts` is the other side): { energy: 128 bits two's complement in 10⁻¹⁸ kWh,
 * readings that begin in it: u48, readings that cover it: u16 }.
 */

/** Bytes of a cell, and of a page: 16 cells. */
export const CELL: usize = 24;
export const PAGE: usize = 16 * CELL;

/** Where in its page the cell of a slot begins. */
// @ts-ignore: decorator
@inline
export function placeInPage(slot: i32): usize {
  return usize(slot & 15) * CELL;
}

/** Adds to a cell. @param low @param high of the energy, two's complement */
// @ts-ignore: decorator
@inline
export function addToCell(cell: usize, low: u64, high: u64, readings: u64): void {
  const sum = load<u64>(cell) + low;
  store<u64>(cell, sum);
  store<u64>(cell, load<u64>(cell, 8) + high + u64(sum < low), 8);
  store<u64>(cell, load<u64>(cell, 16) + readings, 16);
}

/** Takes energy from a cell, which has one reading more then. */
// @ts-ignore: decorator
@inline
export function subtractFromCell(cell: usize, low: u64, high: u64): void {
  const before = load<u64>(cell);
  store<u64>(cell, before - low);
  store<u64>(cell, load<u64>(cell, 8) - high - u64(before < low), 8);
  store<u64>(cell, load<u64>(cell, 16) + 1, 16);
}

/** Counts readings that cover a cell; beyond 65,535 they are that many. */
export function coverCell(cell: usize, covers: u32): void {
  store<u16>(cell, u16(min<u32>(0xffff, u32(load<u16>(cell, 22)) + covers)), 22);
}

/** Adds the cells of a page to those of another. */
export function addPage(to: usize, from: usize): void {
  for (let cell: usize = 0; cell < PAGE; cell += CELL) {
    const readings = load<u64>(from + cell, 16) & 0xffffffffffff;
    addToCell(to + cell, load<u64>(from + cell), load<u64>(from + cell, 8), readings);
    coverCell(to + cell, load<u16>(from + cell, 22));
  }
}
