/**
 * Sources: ids as bytes ↔ small numbers, in the order of their first reading. Number 0 is the unnamed source.
 * A hash table of numbers with linear probing, at most half full, over an array of entries:
 * { id: u32 address, length: u32, hash: u32, seen: u32, page memo: key i32, address u32, next: u32, modes: u32 }.
 * A provisional source has no id and is not in the table (see provisional.ts).
 */
import { firstBytes } from "./masks";
import { giveBack, reserve } from "./pages";
import { TEXT_CELL } from "./text";

const ENTRY = 32;
/** Among the modes, of a provisional source: its number goes to the next one once it is settled; or it keeps the number. */
export const OPEN: u32 = 1 << 31;
export const PINNED: u32 = 1 << 30;
/** Among the modes, of any source: readings of it went into the sieve. */
export const SIEVED: u32 = 1 << 29;
let capacity: u32 = 1024;
let table: usize = 0;
let entries: usize = 0;
let entryRoom: u32 = 512;
let count: u32 = 0;
let arena: usize = 0;
let arenaEnd: usize = 0;

export function startSources(): void {
  capacity = 1024;
  entryRoom = 512;
  count = 0;
  arena = 0;
  arenaEnd = 0;
  last = 0;
  table = reserve(capacity * 4);
  entries = reserve(entryRoom * ENTRY);
  insert(0, 0, 0);
}

export function sourceCount(): u32 {
  return count;
}

/** Address of a source's entry: what the caller reads ids from. */
// @ts-ignore: decorator
@inline
export function entryOf(source: u32): usize {
  return entries + source * ENTRY;
}

/** Whether it is a provisional source whose pages can still become another's. */
// @ts-ignore: decorator
@inline
export function isOpen(source: u32): bool {
  return (load<u32>(entryOf(source), 28) & OPEN) != 0;
}

/** To be called when cells are forgotten: no source has a last page any more, and what is handed over keeps its number. */
export function forgetPages(): void {
  for (let number: u32 = 0; number < count; number++) {
    const entry = entryOf(number);
    store<i32>(entry, i32.MIN_VALUE, 16);
    if (isOpen(number)) store<u32>(entry, (load<u32>(entry, 28) & ~OPEN) | PINNED, 28);
  }
}

// @ts-ignore: decorator
@inline
function mix(h: u64, word: u64): u64 {
  h = (h ^ word) * 0x9e3779b97f4a7c15;
  return h ^ (h >> 29);
}

/** Reads whole words: up to 7 bytes past the end are loaded and masked away. */
// @ts-ignore: decorator
@inline
function hashOf(at: usize, length: u32): u32 {
  let h: u64 = length;
  let left = length;
  while (left > 8) {
    h = mix(h, load<u64>(at));
    at += 8;
    left -= 8;
  }
  if (left > 0) h = mix(h, load<u64>(at) & (u64.MAX_VALUE >> ((8 - left) << 3)));
  return u32(h >> 32) ^ u32(h);
}

/** Ids in the arena are padded to a whole number of 16 bytes with zeros, so that short ones compare in one step. */
// @ts-ignore: decorator
@inline
function same(entry: usize, at: usize, length: u32): bool {
  if (load<u32>(entry, 4) != length) return false;
  let id = <usize>load<u32>(entry);
  let left = length;
  while (left >= 8) {
    if (load<u64>(id) != load<u64>(at)) return false;
    id += 8;
    at += 8;
    left -= 8;
  }
  return left == 0 || ((load<u64>(id) ^ load<u64>(at)) & (u64.MAX_VALUE >> ((8 - left) << 3))) == 0;
}

/** The source of the last record that fitted a layout. */
let last: u32 = 0;

/**
 * Meters mostly come in turn, so the source that followed the last one the time before is tried first.
 * @param mode how the id is written (text.ts): only a source that has been read in that mode is recognised by its bytes
 * @returns its number if its id stands at `p`, else 0
 */
// @ts-ignore: decorator
@inline
export function expected(p: usize, mode: u32, separator: u8): u32 {
  const number = load<u32>(entryOf(last), 24);
  const entry = entryOf(number);
  const length = <usize>load<u32>(entry, 4);
  if (length > 16 || !(load<u32>(entry, 28) & (1 << mode))) return 0;
  const end = load<u8>(p + length);
  if (mode == TEXT_CELL ? end != separator && end != 10 && end != 13 : end != 34) return 0;
  const id = v128.load(<usize>load<u32>(entry));
  return v128.any_true(v128.and(v128.xor(v128.load(p), id), firstBytes(length))) ? 0 : number;
}

// @ts-ignore: decorator
@inline
export function lengthOf(source: u32): u32 {
  return load<u32>(entryOf(source), 4);
}

/** Notes that a record of this source was the next one. */
// @ts-ignore: decorator
@inline
export function follow(source: u32): void {
  last = source;
}

/** Notes it of a source that was not expected, read in a mode. */
export function surprise(source: u32, mode: u32): void {
  store<u32>(entryOf(last), source, 24);
  const modes = entryOf(source) + 28;
  store<u32>(modes, load<u32>(modes) | (1 << mode));
  last = source;
}

/** The number of an id, or -1 where it has not been seen. */
// @ts-ignore: decorator
@inline
export function findSource(at: usize, length: u32): i32 {
  if (length == 0) return 0;
  return find(at, length, hashOf(at, length));
}

function find(at: usize, length: u32, hash: u32): i32 {
  const mask = capacity - 1;
  let i = hash & mask;
  let number = load<u32>(table + (i << 2));
  while (number != 0) {
    const entry = entryOf(number);
    if (load<u32>(entry, 8) == hash && same(entry, at, length)) return number;
    i = (i + 1) & mask;
    number = load<u32>(table + (i << 2));
  }
  return -1;
}

/** The number of an id, a new one where it has not been seen. */
export function source(at: usize, length: u32): u32 {
  if (length == 0) return 0;
  const hash = hashOf(at, length);
  const found = find(at, length, hash);
  return found >= 0 ? found : insert(at, length, hash);
}

function insert(at: usize, length: u32, hash: u32): u32 {
  const number = add(keep(at, length), length, hash);
  if (number > 0) {
    if (count * 2 > capacity) enlarge();
    place(number, hash);
  }
  return number;
}

/** A source of which nothing has been counted. */
export function add(id: u32, length: u32, hash: u32): u32 {
  if (count == entryRoom) {
    const bigger = reserve(entryRoom * 2 * ENTRY);
    memory.copy(bigger, entries, entryRoom * ENTRY);
    giveBack(entries);
    entries = bigger;
    entryRoom *= 2;
  }
  const number = count++;
  const entry = entryOf(number);
  store<u32>(entry, id);
  store<u32>(entry, length, 4);
  store<u32>(entry, hash, 8);
  store<i32>(entry, i32.MIN_VALUE, 16);
  return number;
}

function place(number: u32, hash: u32): void {
  const mask = capacity - 1;
  let i = hash & mask;
  while (load<u32>(table + (i << 2)) != 0) i = (i + 1) & mask;
  store<u32>(table + (i << 2), number);
}

function enlarge(): void {
  capacity *= 2;
  giveBack(table);
  table = reserve(capacity * 4);
  for (let number: u32 = 1; number < count - 1; number++) {
    const entry = entryOf(number);
    if (load<u32>(entry, 4) > 0) place(number, load<u32>(entry, 8));
  }
}

/** Copies an id into the arena, padded. */
function keep(at: usize, length: u32): u32 {
  const room = (usize(length) + 16) & ~15;
  if (arena + room > arenaEnd) {
    const size = max<usize>(room, 0x10000);
    arena = reserve(size);
    arenaEnd = arena + size;
  }
  memory.copy(arena, at, length);
  const id = arena;
  arena += room;
  return u32(id);
}
