/** What a timestamp came to, before it is known which slot that is in. */

/** Epoch or wall seconds, and whether it is a wall time. */
export let at: i64 = 0;
export let isWall: bool = false;
/** A fraction other than zero follows. */
export let fraction: bool = false;

// @ts-ignore: decorator
@inline
export function noteStamp(second: i64, wall: bool, rest: bool): void {
  at = second;
  isWall = wall;
  fraction = rest;
}
