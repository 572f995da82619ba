/** The slot of a second, as the range of seconds that it spans: mostly the next timestamp is in the same one. */
import { floorDiv } from "./calendar";
import { SLOW_DAYS } from "./memory";
import { WIDTH } from "./state";

/** The slot that was found last spans [spanLow, spanHigh) on its plane; none at first. */
export let spanLow: i64 = 1;
export let spanHigh: i64 = 0;
export let spanSlot: i64 = 0;
let spanWall: bool = false;

const DAY: i64 = 86400;
/** 1899-12-31: the day of bit 0 of a map of slow days. */
const FIRST_DAY: i64 = -25568;
export const DAYS: i64 = 109600;
/** Bytes of one map. */
export const MAP_BYTES: usize = 13760;

/** Finds the slot of a second; false where its day is not for the fast path. */
// @ts-ignore: decorator
@inline
export function findSpan(at: i64, wall: bool): bool {
  return (at >= spanLow && at < spanHigh && wall == spanWall) || findOther(at, wall);
}

function findOther(at: i64, wall: bool): bool {
  const day = floorDiv(at, DAY) - FIRST_DAY;
  if (day < 0 || day >= DAYS) return false;
  const map = SLOW_DAYS + (wall ? MAP_BYTES : 0);
  if (load<u8>(map + usize(day >> 3)) & (1 << u8(day & 7))) return false;
  const width = <i64>load<u32>(WIDTH + (wall ? 4 : 0));
  spanSlot = floorDiv(at, width);
  spanLow = spanSlot * width;
  spanHigh = spanLow + width;
  spanWall = wall;
  return true;
}
