/**
 * The memory map, and a bump allocator for what grows. Nothing is freed but all of it at once; pages.ts uses areas of it again.
 *
 *   0x00400  STATE      counters, shared with the caller (see state.ts)
 *   0x01000  MEMO       the last timestamps seen: two of ISO 8601, two by a format
 *   0x01100  PARTS      where date and time lie that are two fields; and their texts, joined
 *   0x01200  FORMAT     how timestamps are written, if not by ISO 8601
 *   0x01400  VALUES     the values of a record with several, 64 × 24 bytes
 *   0x02000  LAYOUTS    programs, 8 of 4 KiB (see steps.ts)
 *   0x0a000  OFFSETS    of days of wall times: 1,024 × 8 bytes (see interval.ts)
 *   0x0c000  SLOW_DAYS  one bit a day from 1900 to 2199, one map for instants with an offset and one for wall times
 *   0x13000  DAY        a day's values (see day.ts)
 *   0x1c000  constants, placed there by the compiler (memoryBase in asconfig.json)
 *   0x20000  SAMPLE     the first readings of an input: 8,000 × 24 bytes
 *   0x50000  SIEVE      readings of a few sources and slots: 2,700 × 24 bytes
 *   0x60000  SCRATCH    an id on its way in: 64 KiB, or on the heap where it is longer
 *   0x70000  KEPT       readings that are kept, until the caller takes them: 2,700 × 24 bytes
 *   0x80000  WINDOW     input bytes: 24 MiB for the longest record and a block, 17 MiB for an id that long, and slack for wide loads
 *   above    heap       sources, pages of cells
 */
export const STATE: usize = 0x400;
export const MEMO: usize = 0x1000;
export const FORMAT_MEMO: usize = 0x1080;
export const PARTS: usize = 0x1100;
export const JOINED: usize = 0x1120;
export const FORMAT: usize = 0x1200;
export const VALUES: usize = 0x1400;
export const LAYOUTS: usize = 0x2000;
export const OFFSETS: usize = 0xa000;
export const SLOW_DAYS: usize = 0xc000;
export const DAY: usize = 0x13000;
export const SAMPLE: usize = 0x20000;
export const SIEVE: usize = 0x50000;
export const SCRATCH: usize = 0x60000;
export const KEPT: usize = 0x70000;
export const WINDOW: usize = 0x80000;
const HEAP: usize = WINDOW + 42 * 1024 * 1024;

let top: usize = HEAP;
/** Bytes of heap that are not to be passed. */
let limit: usize = usize.MAX_VALUE;

/** Gives up all that was allocated, as if nothing ever had been. */
export function release(): void {
  memory.fill(HEAP, 0, top - HEAP);
  top = HEAP;
}

/** Bytes of heap that were allocated. */
export function allocated(): f64 {
  return f64(top - HEAP);
}

export function setLimit(bytes: f64): void {
  limit = bytes < 4294967295.0 ? usize(bytes) : usize.MAX_VALUE;
}

/** Bytes that may still be allocated. */
export function room(): usize {
  return top - HEAP < limit ? limit - (top - HEAP) : 0;
}

/** Zeroed bytes, aligned to 16. Traps where the 4 GiB of an instance are used up: the caller's budget stops before. */
export function allocate(size: usize): usize {
  const at = top;
  const next = u64(at) + ((u64(size) + 15) & ~15);
  const have = u64(memory.size()) << 16;
  if (next > have) {
    const pages = u32((next - have + 0xffff) >> 16);
    // Grow by an eighth at least, so that growing stays rare; by just what is needed where that does not fit.
    const generous = max(pages, u32(memory.size()) >> 3);
    if (memory.grow(generous) < 0 && memory.grow(pages) < 0) unreachable();
  }
  top = usize(next);
  return at;
}
