/**
 * Layouts: how a record's bytes are arranged, as a program of steps. A step is 48 bytes:
 *
 *    0  what it is, u32          4  length of the literal before it, u32
 *    8  what it needs to know    16  the literal, padded with zeros        32  a mask of as many bytes of 255
 *
 * Each step first compares its literal (at most 16 bytes, in one go), then reads what follows. A record that fits all
 * steps is counted at the end; at the first byte that does not fit, nothing of it has been.
 */
import { columnsOf } from "./columns";
import { commit } from "./commit";
import { high, low, mantissa, negative, power, readDecimal, skipNumber } from "./decimal";
import { readFormat } from "./format";
import { counted, fresh, isFraction, plane, readEnd, readFormatted, readInstant, second, slot } from "./instant";
import { begin, countInterval, end as intervalEnd, placeEnd } from "./interval";
import { JOINED, LAYOUTS, PARTS, VALUES } from "./memory";
import { canKeep, keep } from "./kept";
import { extendRange, extendsRange } from "./ranges";
import { expected, findSource, follow, lengthOf, source, surprise } from "./sources";
import { at, fraction, isWall } from "./stamp";
import { INTERVAL, KEEPS, UNNAMED } from "./state";
import { TEXT_CELL, TEXT_INTEGER, textEnd, wide } from "./text";

const STEP: usize = 48;
export const LAYOUT_BYTES: usize = 4096;

/** What a step can be; the numbers are known to src/scan/layouts.ts. */
/** Need: how many values the record has, 0 for one that is of no column. */
const END: u32 = 0;
const LITERAL: u32 = 1;
/** Needs: the form of instant.ts; then whether date and time are two parts: 1, or 2 for those of an interval's end. */
const INSTANT: u32 = 2;
/** Needs: the decimal mark's byte; which of several values it is, and 1 if it is one of several. */
const DECIMAL: u32 = 3;
/** Need: the mode of text.ts, the separator's byte. */
const SOURCE: u32 = 4;
const SKIP_TEXT: u32 = 5;
const SOURCE_INTEGER: u32 = 6;
const SKIP_NUMBER: u32 = 7;
const SKIP_WORD: u32 = 8;
/** A timestamp by a format, needs as of INSTANT but for the form; the end of an interval, of either kind. */
const FORMATTED: u32 = 9;
const END_INSTANT: u32 = 10;
const END_FORMATTED: u32 = 11;
/** A date or a time that is a part of a timestamp. Need: the mode of text.ts, the separator's byte; which of the four parts. */
const PART: u32 = 12;

/** Where the needs tell that date and time are two parts. */
const NEED_JOINED: usize = 15;
/** Bytes of the longest part. */
const MOST_PART: usize = 48;
/** Kinds of INTERVAL. */
const UP_TO_END: u32 = 2;
/** { low: u64, high: u64, negative: u32 } */
const VALUE: usize = 24;

/**
 * Runs a layout over the record at `p`.
 * @returns the position after it, or 0 where it does not fit or ends after `end`
 */
export function runLayout(layout: u32, p: usize, end: usize): usize {
  let step = LAYOUTS + usize(layout) * LAYOUT_BYTES;
  let id: usize = 0;
  let idLength: u32 = 0;
  let idWide: bool = false;
  let idMode: u32 = 0;
  let number: i32 = load<i32>(UNNAMED);
  let endAt: i64 = 0;
  let endIsWall = false;
  let endHasFraction = false;
  while (true) {
    if (v128.any_true(v128.and(v128.xor(v128.load(p), v128.load(step, 16)), v128.load(step, 32)))) return 0;
    p += load<u32>(step, 4);
    switch (load<u32>(step)) {
      case LITERAL:
        break;
      case INSTANT: {
        const joined = load<u8>(step, NEED_JOINED);
        if (joined) {
          if (readInstant(join(joined), step) != joinedEnd) return 0;
          break;
        }
        p = readInstant(p, step);
        if (p == 0) return 0;
        break;
      }
      case DECIMAL: {
        p = readDecimal(p, load<u8>(step, 8));
        if (p == 0) return 0;
        if (load<u8>(step, 10) == 0) break;
        const value = VALUES + usize(load<u8>(step, 9)) * VALUE;
        store<u64>(value, low);
        store<u64>(value, high, 8);
        store<u32>(value, u32(negative), 16);
        break;
      }
      case FORMATTED: {
        const joined = load<u8>(step, NEED_JOINED);
        if (joined) {
          if (readFormatted(join(joined)) != joinedEnd) return 0;
          break;
        }
        p = readFormatted(p);
        if (p == 0) return 0;
        break;
      }
      case END_INSTANT:
      case END_FORMATTED: {
        const joined = load<u8>(step, NEED_JOINED);
        const from = joined ? join(joined) : p;
        const next = load<u32>(step) == END_INSTANT ? readEnd(from, step) : readFormat(from, 1);
        if (joined) {
          if (next != joinedEnd) return 0;
        } else if (next == 0) return 0;
        else p = next;
        endAt = at;
        endIsWall = isWall;
        endHasFraction = fraction;
        break;
      }
      case PART: {
        const from = p;
        p = textEnd(p, load<u8>(step, 8), load<u8>(step, 9), end);
        if (p == 0 || p - from > MOST_PART) return 0;
        const part = PARTS + (usize(load<u8>(step, 10)) << 3);
        store<u32>(part, u32(from));
        store<u32>(part, u32(p - from), 4);
        break;
      }
      case SOURCE: {
        idMode = load<u8>(step, 8);
        number = i32(expected(p, idMode, load<u8>(step, 9)));
        if (number) {
          p += lengthOf(number);
          break;
        }
        number = -1;
        id = p;
        p = textEnd(p, idMode, load<u8>(step, 9), end);
        // An empty id may mean another field's.
        if (p == 0 || p == id) return 0;
        // Blanks around a cell do not count.
        if (idMode == TEXT_CELL && (isBlank(load<u8>(id)) || isBlank(load<u8>(p - 1)))) return 0;
        idLength = u32(p - id);
        idWide = wide;
        break;
      }
      case SKIP_TEXT:
        p = textEnd(p, load<u8>(step, 8), load<u8>(step, 9), end);
        if (p == 0 || wide) return 0;
        break;
      case SOURCE_INTEGER: {
        idMode = TEXT_INTEGER;
        number = -1;
        id = p;
        if (u32(load<u8>(p)) - 49 > 8) return 0;
        do p++;
        while (u32(load<u8>(p)) - 48 <= 9);
        idLength = u32(p - id);
        break;
      }
      case SKIP_NUMBER:
        p = skipNumber(p);
        if (p == 0) return 0;
        break;
      case SKIP_WORD:
        p = skipWord(p);
        if (p == 0) return 0;
        break;
      case END: {
        if (p > end) return 0;
        const values = <u32>load<u8>(step, 8);
        const interval = load<u32>(INTERVAL);
        const keeps = load<u32>(KEEPS) != 0;
        if (keeps && !canKeep(mantissa, negative)) return 0;
        if (interval == UP_TO_END && !placeEnd(endAt, endIsWall, endHasFraction)) return 0;
        if (number < 0) {
          number = findSource(id, idLength);
          if (number < 0) {
            if (idWide || values) return 0;
            number = i32(source(id, idLength));
          }
          if (values) {
            if (!countValues(u32(number), values, interval)) return 0;
          } else if (interval && !keeps && !extendRange(u32(number), f64(begin), f64(intervalEnd))) return 0;
          surprise(u32(number), idMode);
        } else {
          if (values) {
            if (!countValues(u32(number), values, interval)) return 0;
          } else if (interval && !keeps && !extendRange(u32(number), f64(begin), f64(intervalEnd))) return 0;
          follow(u32(number));
        }
        if (values == 0) {
          if (interval) countInterval();
          if (keeps) keep(u32(number), f64(second), mantissa, power, negative, low, high);
          else commit(fresh, u32(number), plane, slot, f64(second) + (isFraction ? 0.5 : 0), low, high, negative);
        }
        counted();
        return p;
      }
      default:
        unreachable();
    }
    step += STEP;
  }
  return 0;
}

/**
 * Counts several values, each for the source of its column.
 * @returns false where one of the sources is not known yet, or the interval does not follow the one before: then nothing was counted
 */
function countValues(row: u32, values: u32, interval: u32): bool {
  const columns = columnsOf(row);
  if (columns == 0) return false;
  for (let n: u32 = 0; n < values; n++) {
    const number = load<u32>(columns + (n << 2));
    if (number == 0) return false;
    if (interval && !extendsRange(number - 1, f64(begin), f64(intervalEnd))) return false;
  }
  const stamp = f64(second) + (isFraction ? 0.5 : 0);
  for (let n: u32 = 0; n < values; n++) {
    const number = load<u32>(columns + (n << 2)) - 1;
    const value = VALUES + usize(n) * VALUE;
    if (interval) {
      extendRange(number, f64(begin), f64(intervalEnd));
      countInterval();
    }
    commit(fresh, number, plane, slot, stamp, load<u64>(value), load<u64>(value, 8), load<u32>(value, 16) != 0);
  }
  return true;
}

let joinedEnd: usize = 0;

/** Puts two parts, joined by a blank, where a timestamp is read from. @param pair 1 or 2 @returns where it begins */
function join(pair: u32): usize {
  const parts = PARTS + (usize(pair - 1) << 4);
  let to = copyPart(parts, JOINED);
  store<u8>(to, 32);
  to = copyPart(parts + 8, to + 1);
  // Text that ends.
  store<u8>(to, 10);
  joinedEnd = to;
  return JOINED;
}

function copyPart(part: usize, to: usize): usize {
  const from = <usize>load<u32>(part);
  const length = <usize>load<u32>(part, 4);
  for (let n: usize = 0; n < length; n += 16) v128.store(to + n, v128.load(from + n));
  return to + length;
}

/** `true`, `false` or `null`. */
function skipWord(p: usize): usize {
  const four = load<u32>(p);
  if (four == 0x65757274 || four == 0x6c6c756e) return p + 4;
  return four == 0x736c6166 && load<u8>(p, 4) == 101 ? p + 5 : 0;
}

// @ts-ignore: decorator
@inline
function isBlank(c: u8): bool {
  return c == 32 || c == 9;
}
