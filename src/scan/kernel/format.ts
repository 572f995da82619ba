/**
 * Timestamps by a format: the directives of strptime, or an epoch (`src/time/read-format.ts` is the slow path's reader).
 * At FORMAT the caller has put { kind: u32, steps: u32 }, then two bytes a step: a part, and its argument. Names of months
 * are taken by their first three letters, blanks are spaces; what is written otherwise is for the slow path.
 */
import { daysFromCivil, daysInMonth, two } from "./calendar";
import { firstBytes } from "./masks";
import { FORMAT, FORMAT_MEMO } from "./memory";
import { fraction, isWall, noteStamp, at } from "./stamp";

/** Kinds: 0 none, 1 directives, 2 and more an epoch in units of 10⁰, 10⁻³, 10⁻⁶ s. */
const EPOCH: u32 = 2;

/** The parts, as in `src/time/timestamp-format.ts`. */
const LITERAL: u32 = 0;
const BLANKS: u32 = 1;
const MONTH_NAME: u32 = 2;
const HALF: u32 = 3;
const OFFSET: u32 = 4;
const YEAR: u32 = 5;
const SHORT_YEAR: u32 = 6;
const MONTH: u32 = 7;
const DAY: u32 = 8;
const HOUR: u32 = 9;
const HOUR_12: u32 = 10;
const MINUTE: u32 = 11;
const SECOND: u32 = 12;

const PIVOT: u32 = 69;
const SECONDS_OF_DAY: i64 = 86400;
/** Epochs from 1970 on, to 2100. */
const EPOCH_END: u64 = 4102444800;

/** Three letters of each month, in lower case, little-endian. */
const MONTHS = memory.data<u32>([
  0x6e616a, 0x626566, 0x72616d, 0x727061, 0x79616d, 0x6e756a, 0x6c756a, 0x677561, 0x706573, 0x74636f, 0x766f6e, 0x636564,
]);

/** The last date, and its days since 1970. */
let memoDate: u32 = 0;
let memoDays: i64 = 0;

/**
 * What was read last, for each of a record's timestamps: { text: 32 bytes, its length with the byte that follows it, 0 for
 * none: u32, wall: u32, at: i64, fraction: u32 }.
 */
const MEMO_BYTES: usize = 64;

/** To be called when the format may be another. */
export function forgetText(): void {
  store<u32>(FORMAT_MEMO, 0, 32);
  store<u32>(FORMAT_MEMO + MEMO_BYTES, 0, 32);
}

/**
 * Reads the timestamp at `p` into the stamp, unless it is as the last one was.
 * @param which 0: the record's own timestamp, 1: the end of its interval
 * @returns the position after it, or 0
 */
export function readFormat(p: usize, which: usize): usize {
  const memo = FORMAT_MEMO + which * MEMO_BYTES;
  let length = <usize>load<u32>(memo, 32);
  if (length) {
    const first = v128.and(v128.xor(v128.load(p), v128.load(memo)), firstBytes(length));
    const rest = v128.and(v128.xor(v128.load(p, 16), v128.load(memo, 16)), firstBytes(length > 16 ? length - 16 : 0));
    if (!v128.any_true(v128.or(first, rest))) {
      noteStamp(load<i64>(memo, 40), load<u32>(memo, 36) != 0, load<u32>(memo, 48) != 0);
      return p + length - 1;
    }
    store<u32>(memo, 0, 32);
  }
  const kind = load<u32>(FORMAT);
  const next = kind >= EPOCH ? parseEpoch(p, kind - EPOCH) : parseParts(p);
  length = next - p + 1;
  if (next && length <= 32) {
    v128.store(memo, v128.load(p));
    v128.store(memo, v128.load(p, 16), 16);
    store<u32>(memo, u32(length), 32);
    store<u32>(memo, u32(isWall), 36);
    store<i64>(memo, at, 40);
    store<u32>(memo, u32(fraction), 48);
  }
  return next;
}

/** @param size 0 s, 1 ms, 2 µs */
function parseEpoch(p: usize, size: u32): usize {
  const from = p;
  let digit = u32(load<u8>(p)) - 48;
  // A first zero is the only digit.
  if (digit > 9 || digit == 0) return 0;
  let value: u64 = 0;
  while (digit <= 9) {
    value = value * 10 + u64(digit);
    digit = u32(load<u8>(++p)) - 48;
  }
  if (p - from > 18) return 0;
  let rest = false;
  if (size) {
    const units: u64 = size == 1 ? 1000 : 1000000;
    const whole = value / units;
    rest = whole * units != value;
    value = whole;
  }
  if (load<u8>(p) == 46) {
    const mark = ++p;
    for (let c = u32(load<u8>(p)) - 48; c <= 9; c = u32(load<u8>(++p)) - 48) if (c) rest = true;
    if (p == mark) return 0;
  }
  if (value >= EPOCH_END) return 0;
  noteStamp(i64(value), false, rest);
  return p;
}

/** The position after the number that was read last. */
let next: usize = 0;

/** One digit or two. @param both whether there must be two @returns 10000 where it is no number */
// @ts-ignore: decorator
@inline
function number(p: usize, both: u32): u32 {
  const first = u32(load<u8>(p)) - 48;
  if (first > 9) return 10000;
  const ones = u32(load<u8>(p, 1)) - 48;
  if (ones <= 9) {
    next = p + 2;
    return first * 10 + ones;
  }
  next = p + 1;
  return both ? 10000 : first;
}

function parseParts(p: usize): usize {
  const count = load<u32>(FORMAT, 4);
  let year: u32 = 0;
  let month: u32 = 0;
  let day: u32 = 0;
  let hour: u32 = 0;
  let minute: u32 = 0;
  let second: u32 = 0;
  let half: i32 = -1;
  let offset: i64 = 0;
  let wall = true;
  let rest = false;
  for (let n: u32 = 0; n < count; n++) {
    const argument = u32(load<u8>(FORMAT + 9 + 2 * usize(n)));
    switch (u32(load<u8>(FORMAT + 8 + 2 * usize(n)))) {
      case LITERAL: {
        const c = u32(load<u8>(p++));
        if ((c - 65 < 26 ? c + 32 : c) != argument) return 0;
        break;
      }
      case BLANKS:
        if (load<u8>(p) != 32) return 0;
        do p++;
        while (load<u8>(p) == 32);
        break;
      case YEAR:
        year = two(p) * 100 + two(p + 2);
        p += 4;
        break;
      case SHORT_YEAR:
        year = two(p);
        if (year > 99) return 0;
        year += year < PIVOT ? 2000 : 1900;
        p += 2;
        break;
      case MONTH:
        month = number(p, argument);
        p = next;
        break;
      case MONTH_NAME:
        month = monthAt(p);
        p += 3;
        break;
      case DAY:
        day = number(p, argument);
        p = next;
        break;
      case HOUR:
        hour = number(p, argument);
        p = next;
        break;
      case HOUR_12:
        hour = number(p, argument);
        if (hour < 1 || hour > 12) return 0;
        p = next;
        break;
      case HALF: {
        if ((load<u8>(p, 1) | 32) != 109) return 0;
        const letter = load<u8>(p) | 32;
        if (letter != 97 && letter != 112) return 0;
        half = i32(letter == 112);
        p += 2;
        break;
      }
      case MINUTE:
        minute = number(p, argument);
        p = next;
        break;
      case SECOND:
        second = number(p, argument);
        p = next;
        break;
      case OFFSET: {
        const sign = load<u8>(p++);
        wall = false;
        if ((sign | 32) == 122) break;
        if (sign != 43 && sign != 45) return 0;
        const hours = two(p);
        p += 2;
        const from = p + usize(load<u8>(p) == 58);
        let minutes = two(from);
        if (minutes < 10000) p = from + 2;
        else minutes = 0;
        if (minutes > 59 || hours * 60 + minutes > 18 * 60) return 0;
        offset = i64(hours * 3600 + minutes * 60);
        if (sign == 45) offset = -offset;
        break;
      }
      default: {
        const from = p;
        for (let c = u32(load<u8>(p)) - 48; c <= 9; c = u32(load<u8>(++p)) - 48) if (c) rest = true;
        if (p == from) return 0;
      }
    }
  }
  if (hour > 23 || minute > 59 || second > 59) return 0;
  if (half >= 0) hour = (hour % 12) + 12 * u32(half);
  if (year < 1900 || year > 2199 || month - 1 > 11 || day - 1 > 30) return 0;
  const date = (year << 9) | (month << 5) | day;
  if (date != memoDate) {
    if (day > daysInMonth(year, month)) return 0;
    memoDate = date;
    memoDays = daysFromCivil(year, month, day);
  }
  noteStamp(memoDays * SECONDS_OF_DAY + i64(hour * 3600 + minute * 60 + second) - offset, wall, rest);
  return p;
}

/** The month of whose name just the first three letters stand at `p`; 0 where that is not so. */
function monthAt(p: usize): u32 {
  const name = (load<u32>(p) & 0xffffff) | 0x202020;
  const after = u32(load<u8>(p, 3)) | 32;
  if (after - 97 < 26) return 0;
  for (let n: u32 = 0; n < 12; n++) if (load<u32>(MONTHS + usize(n << 2)) == name) return n + 1;
  return 0;
}
