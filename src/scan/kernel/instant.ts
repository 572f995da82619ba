/**
 * Timestamps of fixed form → a slot. Neighbouring records mostly share all of it, or the minute, or the slot, so these
 * are kept: head (down to the minute) and tail (what follows) as the bytes they were, the slot as the seconds it spans.
 */
import { MEMO, SLOW_DAYS } from "./memory";
import { firstBytes } from "./masks";
import { STAMPS_END, WIDTH } from "./state";

/** What the last timestamp came to. */
export let second: i64 = 0;
export let slot: i64 = 0;
export let plane: u32 = 0;
/** A fraction other than zero follows `second`. */
export let fraction: bool = false;

/** Bytes of a step that tell the form of a timestamp, from its offset 8 on. */
export const FORM_EXTENDED: usize = 8;
export const FORM_BETWEEN: usize = 9;
export const FORM_SECONDS: usize = 10;
/** Digits of the fraction, 0 for none; the mark before them. */
export const FORM_FRACTION: usize = 11;
export const FORM_MARK: usize = 12;
/** 0 none, 1 `Z` or `z`, 2 ±HH:MM, 3 ±HHMM, 4 ±HH. */
export const FORM_OFFSET: usize = 13;
/** Bytes after the minute, at most 16 for the tail to be remembered. */
export const FORM_TAIL: usize = 14;

/** Whether no reading of the last timestamp has been counted yet. */
export let fresh: bool = true;

export function counted(): void {
  fresh = false;
}

/** At MEMO the head's bytes, at MEMO + 16 the tail's and the step's they were read with; here what they mean. */
let memoMinute: i64 = 0;
/** Whether the head is of the extended form; none of either at first. */
let memoExtended: i32 = -1;
let memoStep: usize = 0;
/** The offset's bytes and, above them, its kind. */
let memoOffsetBytes: u64 = 0;
let memoOffset: i64 = 0;
/** The slot that was found last spans [low, high) on its plane; none at first. */
let spanLow: i64 = 1;
let spanHigh: i64 = 0;
let spanSlot: i64 = 0;
let spanWall: bool = false;

const DAY: i64 = 86400;
/** 1899-12-31: the day of bit 0 of a map of slow days. */
const FIRST_DAY: i64 = -25568;
export const DAYS: i64 = 109600;
/** Bytes of one map. */
export const MAP_BYTES: usize = 13760;

// @ts-ignore: decorator
@inline
function two(at: usize): u32 {
  const tens = u32(load<u8>(at)) - 48;
  const ones = u32(load<u8>(at, 1)) - 48;
  return tens <= 9 && ones <= 9 ? tens * 10 + ones : 10000;
}

/** @returns the position after the timestamp, or 0 where it does not fit the form or is not for the fast path */
// @ts-ignore: decorator
@inline
export function readInstant(p: usize, step: usize): usize {
  const extended = load<u8>(step, FORM_EXTENDED) != 0;
  const length: usize = extended ? 16 : 13;
  const head = extended ? v128.load(p) : v128.and(v128.load(p), i64x2(-1, 0xffffffffff));
  const tailLength = <usize>load<u8>(step, FORM_TAIL);
  const tail = v128.and(v128.load(p + length), firstBytes(tailLength));
  if (!v128.any_true(v128.or(v128.xor(head, v128.load(MEMO)), v128.xor(tail, v128.load(MEMO, 16)))) && memoStep == step) {
    return p + length + tailLength;
  }
  fresh = true;
  memoStep = 0;
  if (memoExtended != i32(extended) || v128.any_true(v128.xor(head, v128.load(MEMO)))) {
    if (!readHead(p, extended, load<u8>(step, FORM_BETWEEN))) return 0;
    v128.store(MEMO, head);
    memoExtended = i32(extended);
  }
  p += length;
  let at = memoMinute;
  fraction = false;
  if (load<u8>(step, FORM_SECONDS)) {
    if (extended && load<u8>(p++) != 58) return 0;
    const seconds = two(p);
    if (seconds > 59) return 0;
    at += seconds;
    p += 2;
    const digits = <u32>load<u8>(step, FORM_FRACTION);
    if (digits) {
      if (load<u8>(p++) != load<u8>(step, FORM_MARK)) return 0;
      for (let i: u32 = 0; i < digits; i++) {
        const digit = u32(load<u8>(p++)) - 48;
        if (digit > 9) return 0;
        if (digit) fraction = true;
      }
    }
  }
  const kind = <u32>load<u8>(step, FORM_OFFSET);
  if (kind == 1) {
    if ((load<u8>(p++) | 32) != 122) return 0;
  } else if (kind) {
    const size: usize = kind == 2 ? 6 : kind == 3 ? 5 : 3;
    const bytes = (load<u64>(p) & (u64.MAX_VALUE >> ((8 - size) << 3))) | (u64(kind) << 56);
    if (bytes != memoOffsetBytes && !readOffset(p, kind, bytes)) return 0;
    at -= memoOffset;
    p += size;
  }
  if (!place(at, kind == 0)) return 0;
  if (tailLength <= 16) {
    v128.store(MEMO, tail, 16);
    memoStep = step;
  }
  return p;
}

/** The layouts have changed: a step's address does not tell the form any more. */
export function forgetForm(): void {
  memoStep = 0;
}

/** Finds the slot of a second; false where its day is not for the fast path. */
// @ts-ignore: decorator
@inline
function place(at: i64, wall: bool): bool {
  second = at;
  const border = load<u32>(STAMPS_END) != 0 && !fraction;
  const inside = border && !wall ? at - 1 : at;
  if (inside < spanLow || inside >= spanHigh || wall != spanWall) {
    if (!findSpan(inside, wall)) return false;
  }
  slot = spanSlot;
  plane = wall ? 1 + u32(border && at == spanLow) : 0;
  return true;
}

function findSpan(at: i64, wall: bool): bool {
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

// @ts-ignore: decorator
@inline
function floorDiv(a: i64, b: i64): i64 {
  const q = a / b;
  return a % b < 0 ? q - 1 : q;
}

/** A date and time down to the minute. */
function readHead(p: usize, extended: bool, between: u8): bool {
  const year = two(p) * 100 + two(p + 2);
  let q = p + 4;
  if (extended && load<u8>(q++) != 45) return false;
  const month = two(q);
  q += 2;
  if (extended && load<u8>(q++) != 45) return false;
  const day = two(q);
  q += 2;
  if (load<u8>(q++) != between) return false;
  const hour = two(q);
  q += 2;
  if (extended && load<u8>(q++) != 58) return false;
  const minute = two(q);
  if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59) return false;
  if (day > 28 && day > daysInMonth(year, month)) return false;
  memoMinute = daysFromCivil(year, month, day) * DAY + i64(hour * 3600 + minute * 60);
  return true;
}

function daysInMonth(year: u32, month: u32): u32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Days since 1970-01-01, as in src/time/instant.ts. */
function daysFromCivil(year: u32, month: u32, day: u32): i64 {
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return i64(era) * 146097 + i64(dayOfEra) - 719468;
}

function readOffset(p: usize, kind: u32, bytes: u64): bool {
  const sign = load<u8>(p);
  if (sign != 43 && sign != 45) return false;
  const hours = two(p + 1);
  let minutes: u32 = 0;
  if (kind == 2) {
    if (load<u8>(p, 3) != 58) return false;
    minutes = two(p + 4);
  } else if (kind == 3) minutes = two(p + 3);
  if (minutes > 59 || hours * 60 + minutes > 18 * 60) return false;
  const offset = i64(hours * 3600 + minutes * 60);
  memoOffset = sign == 45 ? -offset : offset;
  memoOffsetBytes = bytes;
  return true;
}
