/**
 * Areas of the heap that are used again: pages of cells are cut from them, and so are tables that grow. An area begins
 * with { next: u32 address, bytes: u32 } and is zeroed but for that while it is free. Where the heap's limit is reached
 * this says so, and takes a little more all the same: whoever scans is to make room before the next record.
 */
import { PAGE } from "./cell";
import { allocate, room } from "./memory";
import { FULL } from "./state";

const HEAD: usize = 16;
/** Bytes of an area that is too small to be kept. */
const CRUMB: usize = HEAD + PAGE;
/** Pages that are taken at once: more where many are there already, so that one meter takes little and a million waste little. */
const FIRST_PAGES: u32 = 16;
const MOST_PAGES: u32 = 4096;

/** Areas that pages were cut from, the last one first; free ones, by their addresses. */
let cut: usize = 0;
let free: usize = 0;
let freeSum: usize = 0;
let slab: usize = 0;
let slabLeft: u32 = 0;
let slabPages: u32 = FIRST_PAGES;
/** Single pages that are to be used again, each holding the address of the next; zeroed but for that. */
let spare: usize = 0;
let spareCount: u32 = 0;

export function startPages(): void {
  cut = 0;
  free = 0;
  freeSum = 0;
  slab = 0;
  slabLeft = 0;
  slabPages = FIRST_PAGES;
  spare = 0;
  spareCount = 0;
}

/** Bytes of the heap that hold nothing. */
export function freeBytes(): usize {
  return freeSum + usize(spareCount + slabLeft) * PAGE;
}

/** Zeroed bytes, aligned to 16, for a table or for ids. */
export function reserve(size: usize): usize {
  const bytes = HEAD + ((size + 15) & ~15);
  const found = take(bytes);
  if (found != 0) return found + HEAD;
  if (bytes > room()) store<u32>(FULL, 1);
  const area = allocate(bytes);
  store<u32>(area, u32(bytes), 4);
  return area + HEAD;
}

/** Whether `reserve` would find so many bytes below the heap's limit. */
export function fits(size: usize): bool {
  const bytes = HEAD + ((size + 15) & ~15);
  if (bytes <= room()) return true;
  for (let area = free; area != 0; area = <usize>load<u32>(area)) if (<usize>load<u32>(area, 4) >= bytes) return true;
  return false;
}

/** Gives up what `reserve` gave. */
export function giveBack(at: usize): void {
  if (at != 0) release(at - HEAD);
}

/** A zeroed page. */
export function newPage(): usize {
  if (spare != 0) {
    const used = spare;
    spare = <usize>load<u32>(used);
    store<u32>(used, 0);
    spareCount--;
    return used;
  }
  if (slabLeft == 0) newSlab();
  const page = slab;
  slab += PAGE;
  slabLeft--;
  return page;
}

/** A single page that is to be used again. */
export function releasePage(page: usize): void {
  memory.fill(page, 0, PAGE);
  store<u32>(page, u32(spare));
  spare = page;
  spareCount++;
}

/** Gives up all pages. */
export function releasePages(): void {
  while (cut != 0) {
    const area = cut;
    cut = <usize>load<u32>(area);
    release(area);
  }
  slab = 0;
  slabLeft = 0;
  spare = 0;
  spareCount = 0;
}

function newSlab(): void {
  const wanted = HEAD + usize(slabPages) * PAGE;
  slabPages = min<u32>(slabPages * 2, MOST_PAGES);
  let area: usize = free == 0 ? 0 : take(min(wanted, largest()));
  if (area == 0) {
    const left = room();
    if (left < CRUMB) store<u32>(FULL, 1);
    const bytes = max(min(wanted, left), HEAD + usize(FIRST_PAGES) * PAGE) & ~15;
    area = allocate(bytes);
    store<u32>(area, u32(bytes), 4);
  }
  slabLeft = (load<u32>(area, 4) - u32(HEAD)) / u32(PAGE);
  slab = area + HEAD;
  store<u32>(area, u32(cut));
  cut = area;
}

function largest(): usize {
  let most: usize = 0;
  for (let area = free; area != 0; area = <usize>load<u32>(area)) most = max(most, <usize>load<u32>(area, 4));
  return most;
}

/** The first free area of so many bytes, cut where it is much larger; 0 where there is none. */
function take(bytes: usize): usize {
  let before: usize = 0;
  for (let area = free; area != 0; area = <usize>load<u32>(area)) {
    const size = <usize>load<u32>(area, 4);
    if (size < bytes) {
      before = area;
      continue;
    }
    let next = load<u32>(area);
    if (size - bytes >= CRUMB) {
      const rest = area + bytes;
      store<u32>(rest, next);
      store<u32>(rest, u32(size - bytes), 4);
      store<u32>(area, u32(bytes), 4);
      next = u32(rest);
    }
    if (before == 0) free = next;
    else store<u32>(before, next);
    store<u32>(area, 0);
    freeSum -= <usize>load<u32>(area, 4);
    return area;
  }
  return 0;
}

/** Frees an area, joined with its neighbours. */
function release(area: usize): void {
  let size = <usize>load<u32>(area, 4);
  freeSum += size;
  memory.fill(area + HEAD, 0, size - HEAD);
  let before: usize = 0;
  let next = free;
  while (next != 0 && next < area) {
    before = next;
    next = <usize>load<u32>(next);
  }
  if (next != 0 && area + size == next) {
    size += <usize>load<u32>(next, 4);
    const after = load<u32>(next);
    memory.fill(next, 0, HEAD);
    next = after;
  }
  if (before != 0 && before + <usize>load<u32>(before, 4) == area) {
    store<u32>(before, u32(next));
    store<u32>(before, load<u32>(before, 4) + u32(size), 4);
    memory.fill(area, 0, HEAD);
    return;
  }
  store<u32>(area, u32(next));
  store<u32>(area, u32(size), 4);
  if (before == 0) free = area;
  else store<u32>(before, u32(area));
}
