/**
 * Timestamps of fixed form → a slot. Neighbouring records mostly share all of it, or the minute, or the slot, so these
 * are kept: head (down to the minute) and tail (what follows) as the bytes they were, the slot as the seconds it spans.
 */
import { daysFromCivil, daysInMonth, two } from "./calendar";
import { readFormat } from "./format";
import { placeInterval, stamp } from "./interval";
import { firstBytes } from "./masks";
import { MEMO } from "./memory";
import { findSpan, spanLow, spanSlot } from "./span";
import { at, fraction, isWall, noteStamp } from "./stamp";
import { INTERVAL, STAMPS_END } from "./state";

/** What the last timestamp came to. */
export let second: i64 = 0;
export let slot: i64 = 0;
export let plane: u32 = 0;
/** Whether a fraction other than zero follows `second`. */
export let isFraction: bool = false;

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

/**
 * Of each of a record's two timestamps, its own and the end of its interval, what was read last:
 * { head: 16 bytes, tail: 16, step: u32, form of the head, 1 basic, 2 extended, 0 none yet: u32, its minute: i64, … }.
 */
const MEMO_BYTES: usize = 64;
/** The offset's bytes and, above them, its kind. */
let memoOffsetBytes: u64 = 0;
let memoOffset: i64 = 0;
const DAY: i64 = 86400;

/** Reads a record's timestamp. @returns the position after it, or 0 where it does not fit the form or is not for the fast path */
// @ts-ignore: decorator
@inline
export function readInstant(p: usize, step: usize): usize {
  const extended = load<u8>(step, FORM_EXTENDED) != 0;
  const length: usize = extended ? 16 : 13;
  const head = extended ? v128.load(p) : v128.and(v128.load(p), i64x2(-1, 0xffffffffff));
  const tailLength = <usize>load<u8>(step, FORM_TAIL);
  const tail = v128.and(v128.load(p + length), firstBytes(tailLength));
  if (
    !v128.any_true(v128.or(v128.xor(head, v128.load(MEMO)), v128.xor(tail, v128.load(MEMO, 16)))) &&
    load<u32>(MEMO, 32) == u32(step)
  ) {
    return p + length + tailLength;
  }
  fresh = true;
  store<u32>(MEMO, 0, 32);
  p = parse(p, step, MEMO);
  if (p == 0 || !place()) return 0;
  if (tailLength <= 16) {
    v128.store(MEMO, tail, 16);
    store<u32>(MEMO, u32(step), 32);
  }
  return p;
}

/** The same for a timestamp by a format. */
export function readFormatted(p: usize): usize {
  fresh = true;
  p = readFormat(p, 0);
  return p && place() ? p : 0;
}

/** Reads the end of an interval into the stamp. */
export function readEnd(p: usize, step: usize): usize {
  return parse(p, step, MEMO + MEMO_BYTES);
}

/** Reads a timestamp of a form into the stamp. */
// @ts-ignore: decorator
@inline
function parse(p: usize, step: usize, memo: usize): usize {
  const extended = load<u8>(step, FORM_EXTENDED) != 0;
  const head = extended ? v128.load(p) : v128.and(v128.load(p), i64x2(-1, 0xffffffffff));
  const form = 1 + u32(extended);
  if (load<u32>(memo, 36) != form || v128.any_true(v128.xor(head, v128.load(memo)))) {
    if (!readHead(p, extended, load<u8>(step, FORM_BETWEEN))) return 0;
    v128.store(memo, head);
    store<u32>(memo, form, 36);
    store<i64>(memo, minuteOfHead, 40);
  }
  p += extended ? 16 : 13;
  let second = load<i64>(memo, 40);
  let rest = false;
  if (load<u8>(step, FORM_SECONDS)) {
    if (extended && load<u8>(p++) != 58) return 0;
    const seconds = two(p);
    if (seconds > 59) return 0;
    second += seconds;
    p += 2;
    const digits = <u32>load<u8>(step, FORM_FRACTION);
    if (digits) {
      if (load<u8>(p++) != load<u8>(step, FORM_MARK)) return 0;
      for (let i: u32 = 0; i < digits; i++) {
        const digit = u32(load<u8>(p++)) - 48;
        if (digit > 9) return 0;
        if (digit) rest = true;
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
    second -= memoOffset;
    p += size;
  }
  noteStamp(second, kind == 0, rest);
  return p;
}

/** The layouts have changed: a step's address does not tell the form any more. */
export function forgetForm(): void {
  store<u32>(MEMO, 0, 32);
}

/** Finds the slot of the stamp; false where its day is not for the fast path. */
// @ts-ignore: decorator
@inline
function place(): bool {
  if (load<u32>(INTERVAL)) {
    if (!placeInterval()) return false;
    second = stamp;
    isFraction = false;
    slot = spanSlot;
    plane = 0;
    return true;
  }
  second = at;
  isFraction = fraction;
  const border = load<u32>(STAMPS_END) != 0 && !fraction;
  const inside = border && !isWall ? at - 1 : at;
  if (!findSpan(inside, isWall)) return false;
  slot = spanSlot;
  plane = isWall ? 1 + u32(border && at == spanLow) : 0;
  return true;
}

/** Of the head that was read last. */
let minuteOfHead: i64 = 0;
/** The last date, as year, month and day, and its days since 1970. */
let memoDate: u32 = 0;
let memoDays: i64 = 0;

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
  const date = (year << 9) | (month << 5) | day;
  if (date != memoDate) {
    memoDate = date;
    memoDays = daysFromCivil(year, month, day);
  }
  minuteOfHead = memoDays * DAY + i64(hour * 3600 + minute * 60);
  return true;
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
