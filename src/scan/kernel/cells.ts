/**
 * Cells by source, plane and slot. They lie in pages of 16 neighbouring slots. A hash table with linear probing finds a
 * page: { source: u32, block: i32, plane: u32, page: u32 }, empty where page is 0; it is also the list of all pages.
 * A plane is a way of counting time (see src/tally/tally.ts).
 */
import { addPage, placeInPage } from "./cell";
import { fits, giveBack, newPage, releasePage, releasePages, reserve } from "./pages";
import { entryOf, isOpen } from "./sources";
import { FULL } from "./state";

let capacity: u32 = 256;
let table: usize = 0;
let count: u32 = 0;
/** The pages of open provisional sources, { source: u32, block: i32, plane: u32 } each, in the order in which they came. */
const NOTE = 12;
let notes: usize = 0;
let noteRoom: u32 = 0;
let noteCount: u32 = 0;

export function startCells(): void {
  capacity = 256;
  count = 0;
  notes = 0;
  noteRoom = 0;
  noteCount = 0;
  table = reserve(capacity * 16);
}

export function pageCount(): u32 {
  return count;
}

/** Forgets all cells, which somebody else has taken over; their memory is used again. */
export function clearCells(): void {
  releasePages();
  memory.fill(table, 0, capacity * 16);
  count = 0;
  noteCount = 0;
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
  if (load<i32>(entry, 16) == key) return <usize>load<u32>(entry, 20) + placeInPage(slot);
  const page = pageOf(source, plane, block);
  store<i32>(entry, key, 16);
  store<u32>(entry, u32(page), 20);
  return page + placeInPage(slot);
}

/** The page of a block, a new one where there was none. */
export function pageOf(source: u32, plane: u32, block: i32): usize {
  const place = placeOf(source, plane, block);
  const there = load<u32>(place, 12);
  if (there != 0) return there;
  if ((count + 1) * 2 > capacity) {
    // Where that is too much, more pages than that do for the one record that is being counted.
    if (fits(capacity * 2 * 16) || (count + 1) * 8 > capacity * 7) {
      enlarge();
      return pageOf(source, plane, block);
    }
    store<u32>(FULL, 1);
  }
  count++;
  const page = newPage();
  if (isOpen(source)) note(source, block, plane);
  write(place, source, block, plane, u32(page));
  return page;
}

function note(source: u32, block: i32, plane: u32): void {
  if (noteCount == noteRoom) {
    const bigger = reserve(max<u32>(noteRoom * 2, 64) * NOTE);
    memory.copy(bigger, notes, noteCount * NOTE);
    giveBack(notes);
    notes = bigger;
    noteRoom = max<u32>(noteRoom * 2, 64);
  }
  const at = notes + noteCount++ * NOTE;
  store<u32>(at, source);
  store<i32>(at, block, 4);
  store<u32>(at, plane, 8);
}

/** Where the notes of a source begin that was opened last. */
function notesOf(source: u32): u32 {
  let first = noteCount;
  while (first > 0 && load<u32>(notes + (first - 1) * NOTE) == source) first--;
  return first;
}

/** The pages of an open source, the last that was opened, stay its own for good. */
export function forgetNotes(source: u32): void {
  noteCount = notesOf(source);
}

/** The pages of an open source, the last that was opened, become another's, or are added to the other's. */
export function movePages(from: u32, to: u32): void {
  let at = notesOf(from);
  const end = noteCount;
  noteCount = at;
  const open = isOpen(to);
  for (; at < end; at++) {
    const block = load<i32>(notes + at * NOTE, 4);
    const plane = load<u32>(notes + at * NOTE, 8);
    const old = placeOf(from, plane, block);
    const page = load<u32>(old, 12);
    remove(old);
    const place = placeOf(to, plane, block);
    const there = <usize>load<u32>(place, 12);
    if (there == 0) {
      write(place, to, block, plane, page);
      if (open) note(to, block, plane);
    } else {
      addPage(there, <usize>page);
      releasePage(<usize>page);
      count--;
    }
  }
}

/** Where in the table a page is, or would be. */
function placeOf(source: u32, plane: u32, block: i32): usize {
  const mask = capacity - 1;
  let i = hashOf(source, block, plane) & mask;
  let at = table + (i << 4);
  while (load<u32>(at, 12) != 0) {
    if (load<u32>(at) == source && load<i32>(at, 4) == block && load<u32>(at, 8) == plane) break;
    i = (i + 1) & mask;
    at = table + (i << 4);
  }
  return at;
}

/** Takes an entry out of the table; those that were put further on since it was there move up. */
function remove(at: usize): void {
  const mask = capacity - 1;
  let hole = u32((at - table) >> 4);
  for (let i = (hole + 1) & mask; ; i = (i + 1) & mask) {
    const next = table + (i << 4);
    if (load<u32>(next, 12) == 0) break;
    // Loaded without its sign: the compiler (0.28) folds `u64(u32(load<i32>()))` into a load that keeps the sign.
    const home = hashOf(load<u32>(next), load<u32>(next, 4), load<u32>(next, 8)) & mask;
    if (((i - home) & mask) < ((i - hole) & mask)) continue;
    memory.copy(table + (hole << 4), next, 16);
    hole = i;
  }
  memory.fill(table + (hole << 4), 0, 16);
}

function write(at: usize, source: u32, block: i32, plane: u32, page: u32): void {
  store<u32>(at, source);
  store<i32>(at, block, 4);
  store<u32>(at, plane, 8);
  store<u32>(at, page, 12);
}

function enlarge(): void {
  const old = table;
  const oldCapacity = capacity;
  capacity *= 2;
  table = reserve(capacity * 16);
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
  }  giveBack(old);
}
