/**
 * Intervals of readings that lie in one slot (a period begins and ends with slots, so in none that it cuts); others are for the slow path, which divides them. So are those that do not follow
 * the one of the same source before, or come before it: the slow path alone keeps more than one range of a source.
 * At OFFSETS it has put { day + 30,000: u32, seconds east of UTC: i32 } for days of wall times on which no clock is changed.
 */
import { floorDiv } from "./calendar";
import { OFFSETS } from "./memory";
import { findSpan, spanHigh } from "./span";
import { at, fraction, isWall } from "./stamp";
import { INTERVAL, INTERVAL_SECONDS, STAMPS_END, WALL_INTERVALS } from "./state";

const FIXED: u32 = 1;
const DAY: i64 = 86400;
const FIRST_DAY: i64 = 30000;

/** Epoch seconds: where the record's interval begins and ends, and the end of the slot that it begins in. */
export let begin: i64 = 0;
export let end: i64 = 0;
let slotEnd: i64 = 0;
/** The epoch second of the timestamp. */
export let stamp: i64 = 0;
/** The timestamp as it was written, and how far from that its epoch second is. */
let written: i64 = 0;
let offset: i64 = 0;
let wasWall: bool = false;

/** Takes the stamp for the record's timestamp. @returns whether that is for the fast path */
export function placeInterval(): bool {
  if (fraction) return false;
  written = at;
  wasWall = isWall;
  offset = 0;
  if (isWall) {
    const day = floorDiv(at, DAY);
    const entry = OFFSETS + (usize(day & 1023) << 3);
    if (load<u32>(entry) != u32(day + FIRST_DAY)) return false;
    offset = load<i32>(entry, 4);
  }
  stamp = at - offset;
  begin = stamp;
  if (load<u32>(INTERVAL) == FIXED) {
    const length = i64(load<u32>(INTERVAL_SECONDS));
    if (load<u32>(STAMPS_END)) begin -= length;
    end = begin + length;
  }
  if (!findSpan(begin, false)) return false;
  slotEnd = spanHigh;
  return load<u32>(INTERVAL) != FIXED || end <= slotEnd;
}

/** Takes a stamp for the end of the record's interval, once its timestamp is known. @returns whether that is for the fast path */
export function placeEnd(at: i64, isWall: bool, fraction: bool): bool {
  if (fraction || isWall != wasWall) return false;
  // On another day another offset may apply.
  if (isWall && at > (floorDiv(written, DAY) + 1) * DAY) return false;
  end = at - offset;
  return end > begin && end <= slotEnd;
}

/** Counts a reading with the interval. */
export function countInterval(): void {
  if (wasWall) store<u64>(WALL_INTERVALS, load<u64>(WALL_INTERVALS) + 1);
}
