/** Text up to where it ends, 16 bytes at a time. What has to be looked at closely (escapes, quotes) is for the slow path. */

/** A JSON string: ends at its quote. */
export const TEXT_JSON: u32 = 0;
/** A CSV cell without quotes: ends at the separator or the line end. */
export const TEXT_CELL: u32 = 1;
/** A CSV cell in quotes: ends at the first quote; a doubled one will not fit what follows. */
export const TEXT_QUOTED: u32 = 2;

/** Digits, outside of quotes: end where there is another byte. */
export const TEXT_INTEGER: u32 = 3;

/** Whether the last text had bytes above 127. */
export let wide: bool = false;

/**
 * Finds the end of the text at `p`. An id may have any bytes, if it is known already; text that is stepped over must be
 * plain ASCII, and so must an id that is new.
 * @returns the position of the byte that ends it, or 0
 */
// @ts-ignore: decorator
@inline
export function textEnd(p: usize, mode: u32, separator: u8, limit: usize): usize {
  wide = false;
  while (p < limit) {
    const bytes = v128.load(p);
    let stop: v128;
    let bad: v128;
    if (mode == TEXT_JSON) {
      stop = i8x16.eq(bytes, i8x16.splat(34));
      bad = v128.or(i8x16.eq(bytes, i8x16.splat(92)), i8x16.lt_u(bytes, i8x16.splat(32)));
    } else if (mode == TEXT_CELL) {
      const line = v128.or(i8x16.eq(bytes, i8x16.splat(10)), i8x16.eq(bytes, i8x16.splat(13)));
      stop = v128.or(i8x16.eq(bytes, i8x16.splat(separator)), line);
      bad = v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(0)));
    } else {
      stop = i8x16.eq(bytes, i8x16.splat(34));
      // Nor line ends, so that all records of a layout have as many lines.
      bad = v128.or(i8x16.eq(bytes, i8x16.splat(0)), i8x16.eq(bytes, i8x16.splat(10)));
    }
    const stops = i8x16.bitmask(stop);
    const before = stops ? ((stops & -stops) - 1) & 0xffff : 0xffff;
    if (i8x16.bitmask(bad) & before) return 0;
    if (i8x16.bitmask(bytes) & before) wide = true;
    if (stops) return p + usize(ctz(stops));
    p += 16;
  }
  return 0;
}
