/**
 * Cells: (source, plane, slot) → an exact sum and a count. They lie in pages of 16 neighbouring slots, a cell being
 * { sum: 128 bits two's complement in 10⁻¹⁸ kWh, readings: u64 }. A hash table with linear probing finds a page:
 * { source: u32, block: i32, plane: u32, page: u32 }, empty where page is 0; it is also the list of all pages.
 * A plane is a way of counting time (see src/domain/tally.ts).
 */
import { allocate } from "./memory";
import { entryOf } from "./sources";

export const CELL = 24;
const PAGE = 16 * CELL;
let capacity: u32 = 256;
let table: usize = 0;
let count: u32 = 0;
let slab: usize = 0;
let slabLeft: u32 = 0;
let slabPages: u32 = 16;
/** Pages that are to be used again, each holding the address of the next; zeroed but for that. */
let spare: usize = 0;
let spareCount: u32 = 0;

export function startCells(): void {
  capacity = 256;
  count = 0;
  slab = 0;
  slabLeft = 0;
  slabPages = 16;
  spare = 0;
  spareCount = 0;
  table = allocate(capacity * 16);
}

export function pageCount(): u32 {
  return count;
}

/** Bytes of pages that nothing is counted in. */
export function spareBytes(): u32 {
  return (spareCount + slabLeft) * PAGE;
}

/** Forgets all cells, which somebody else has taken over; their pages are used again. */
export function clearCells(): void {
  for (let at = table, end = table + capacity * 16; at < end; at += 16) {
    const page = <usize>load<u32>(at, 12);
    if (page == 0) continue;
    memory.fill(page, 0, PAGE);
    store<u32>(page, u32(spare));
    spare = page;
    spareCount++;
  }
  memory.fill(table, 0, capacity * 16);
  count = 0;
}

export function pageTable(): usize {
  return table;
}

export function pageTableSize(): u32 {
  return capacity;
}

// @ts-ignore: decorator
@inline
function hashOf(source: u32, block: i32, plane: u32): u32 {
  const h = ((u64(source) << 32) | u64(u32(block))) * 0x9e3779b97f4a7c15 + u64(plane) * 0xc2b2ae3d27d4eb4f;
  return u32((h ^ (h >> 31)) >> 13);
}

/** The cell's address in a plane of wide slots; each source remembers its last page. */
// @ts-ignore: decorator
@inline
export function cellOf(source: u32, plane: u32, slot: i32): usize {
  const block = slot >> 4;
  const key = (block << 3) | i32(plane);
  const entry = entryOf(source);
  if (load<i32>(entry, 16) == key) return <usize>load<u32>(entry, 20) + (slot & 15) * CELL;
  const page = pageOf(source, plane, block);
  store<i32>(entry, key, 16);
  store<u32>(entry, u32(page), 20);
  return page + (slot & 15) * CELL;
}

/** The page of a block, a new one where there was none. */
export function pageOf(source: u32, plane: u32, block: i32): usize {
  const mask = capacity - 1;
  let i = hashOf(source, block, plane) & mask;
  for (;;) {
    const at = table + (i << 4);
    const page = load<u32>(at, 12);
    if (page == 0) break;
    if (load<u32>(at) == source && load<i32>(at, 4) == block && load<u32>(at, 8) == plane) return page;
    i = (i + 1) & mask;
  }
  if ((count + 1) * 2 > capacity) {
    enlarge();
    return pageOf(source, plane, block);
  }
  count++;
  const page = newPage();
  write(table + (i << 4), source, block, plane, u32(page));
  return page;
}

function write(at: usize, source: u32, block: i32, plane: u32, page: u32): void {
  store<u32>(at, source);
  store<i32>(at, block, 4);
  store<u32>(at, plane, 8);
  store<u32>(at, page, 12);
}

/** Slabs grow with what is there, so that one meter takes little and a million waste little. */
function newPage(): usize {
  if (spare != 0) {
    const used = spare;
    spare = <usize>load<u32>(used);
    store<u32>(used, 0);
    spareCount--;
    return used;
  }
  if (slabLeft == 0) {
    slab = allocate(slabPages * PAGE);
    slabLeft = slabPages;
    slabPages = min<u32>(slabPages * 2, 4096);
  }
  const page = slab;
  slab += PAGE;
  slabLeft--;
  return page;
}

function enlarge(): void {
  const old = table;
  const oldCapacity = capacity;
  capacity *= 2;
  table = allocate(capacity * 16);
  const mask = capacity - 1;
  for (let i: u32 = 0; i < oldCapacity; i++) {
    const from = old + (i << 4);
    const page = load<u32>(from, 12);
    if (page == 0) continue;
    const source = load<u32>(from);
    const block = load<i32>(from, 4);
    const plane = load<u32>(from, 8);
    let j = hashOf(source, block, plane) & mask;
    while (load<u32>(table + (j << 4), 12) != 0) j = (j + 1) & mask;
    write(table + (j << 4), source, block, plane, page);
  }
}
