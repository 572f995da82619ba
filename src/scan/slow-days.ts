/** The days whose timestamps the kernel leaves to the slow path: one bit per day, in two bitmaps in its memory. */
import type { ScanPlan } from "./plan.js";

/** Address of the bitmaps, for timestamps with an offset and for wall times; as in `kernel/memory.ts` and `kernel/instant.ts`. */
const SLOW_DAYS = 0xc000;
const MAP_BYTES = 13760;
/** The day of a bitmap's first bit: 1899-12-31. */
const FIRST_DAY = -25568;
/** Days in a bitmap. */
const DAYS = 109600;
const DAY = 86_400;

/** Marks the days whose slots are one second wide, and those on which clocks change. @param bytes the kernel's memory */
export function markSlowDays(bytes: Uint8Array, { instants, walls }: ScanPlan): void {
  const { gaps, repeats } = walls;
  mark(bytes, 0, FIRST_DAY * DAY, instants.from);
  mark(bytes, 1, FIRST_DAY * DAY, walls.from);
  for (let i = 0; i < gaps.length; i += 2) mark(bytes, 1, gaps[i], gaps[i + 1]);
  for (let i = 0; i < repeats.begin.length; i++) mark(bytes, 1, repeats.begin[i], repeats.end[i]);
}

/** Whether the kernel leaves a second to the slow path. @param second wall second if `wall`, else epoch second */
export function isSlow(bytes: Uint8Array, wall: boolean, second: number): boolean {
  const bit = Math.floor(second / DAY) - FIRST_DAY;
  return (bytes[SLOW_DAYS + (wall ? MAP_BYTES : 0) + (bit >> 3)] & (1 << (bit & 7))) !== 0;
}

/** Marks the days that the seconds in [from, to) touch. */
function mark(bytes: Uint8Array, map: number, from: number, to: number): void {
  const last = Math.min(Math.ceil(to / DAY) - FIRST_DAY, DAYS);
  for (let bit = Math.max(Math.floor(from / DAY) - FIRST_DAY, 0); bit < last; bit++)
    bytes[SLOW_DAYS + map * MAP_BYTES + (bit >> 3)] |= 1 << (bit & 7);
}
