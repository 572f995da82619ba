/** Reads timestamps by a format, from bytes, without allocating anything. */
import { daysFromCivil, daysInMonth, FIRST_YEAR, LAST_YEAR, MAX_OFFSET, type Stamp, two } from "./instant.js";
import { lowerCase, Part, type TimestampFormat } from "./timestamp-format.js";

const DAY = 86_400;
/** The seconds that timestamps may have. */
const FIRST_SECOND = daysFromCivil(FIRST_YEAR, 1, 1) * DAY;
const END_SECOND = daysFromCivil(LAST_YEAR + 1, 1, 1) * DAY;
const NANOS = 1e9;
/** Digits of a fraction that become nanoseconds. */
const NANO_DIGITS = 9;
/** Above every second that a timestamp may have. */
const TOO_MANY = 1e12;
/** Digits of an exponent; a longer one is out of every range. */
const EXPONENT_DIGITS = 6;
/** The two-digit years below this one are of the 21st century, as strptime has it. */
const PIVOT = 69;

export const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
const MONTH_BYTES = MONTHS.map((name) => new TextEncoder().encode(name.toLowerCase()));
/** Letters of a month's short name. */
const SHORT = 3;

/** Why a text was refused, besides that it does not go on as a step says. */
export const Refusal = { step: 0, rest: 1, day: 2, year: 3, dayEnd: 4 } as const;

export class FormatReader {
  /** Of the last text that was refused: why, at which step, and at which byte. */
  refusal: number = Refusal.step;
  failedStep = 0;
  failedAt = 0;
  /** The position after what was read last. */
  private next = 0;
  /** The last date, and its first second. */
  private date = 0;
  private dateSecond = 0;

  constructor(readonly format: TimestampFormat) {}

  /**
   * Reads the timestamp that fills `bytes[start, end)` into `stamp`.
   * @returns false if it does not fit; `explain-format.ts` says why
   */
  read(bytes: Uint8Array, start: number, end: number, stamp: Stamp): boolean {
    const { format } = this;
    if (format.epoch !== undefined) return readEpoch(bytes, start, end, format.epoch, stamp);
    const { steps } = format;
    let p = start;
    let year = 0;
    let month = 0;
    let day = 0;
    let hour = 0;
    let minute = 0;
    let second = 0;
    let half = -1;
    stamp.fraction = false;
    stamp.nanos = 0;
    stamp.offset = Number.NaN;
    for (let step = 0; step < steps.length; step += 2) {
      const part = steps[step];
      let value = 0;
      switch (part) {
        case Part.literal:
          value = p < end && lowerCase(bytes[p]) === steps[step + 1] ? 0 : -1;
          this.next = p + 1;
          break;
        case Part.blanks:
          value = this.blanks(bytes, p, end);
          break;
        case Part.year:
          value =
            end - p < 4
              ? -1
              : two(bytes, p) < 0 || two(bytes, p + 2) < 0
                ? -1
                : two(bytes, p) * 100 + two(bytes, p + 2);
          year = value;
          this.next = p + 4;
          break;
        case Part.shortYear:
          value = end - p < 2 ? -1 : two(bytes, p);
          year = value < PIVOT ? 2000 + value : 1900 + value;
          this.next = p + 2;
          break;
        case Part.month:
          month = value = this.number(bytes, p, end, steps[step + 1], 1, 12);
          break;
        case Part.monthName:
          month = value = this.monthName(bytes, p, end);
          break;
        case Part.day:
          day = value = this.number(bytes, p, end, steps[step + 1], 1, 31);
          break;
        case Part.hour:
          hour = value = this.number(bytes, p, end, steps[step + 1], 0, 24);
          break;
        case Part.hour12:
          hour = value = this.number(bytes, p, end, steps[step + 1], 1, 12);
          break;
        case Part.half:
          half = value = this.half(bytes, p, end);
          break;
        case Part.minute:
          minute = value = this.number(bytes, p, end, steps[step + 1], 0, 59);
          break;
        case Part.second:
          second = value = this.number(bytes, p, end, steps[step + 1], 0, 60);
          break;
        case Part.fraction:
          value = this.fraction(bytes, p, end, stamp);
          break;
        default:
          value = this.offset(bytes, p, end, stamp);
      }
      if (value < 0) return this.refuse(Refusal.step, step, p);
      p = this.next;
    }
    if (p < end) return this.refuse(Refusal.rest, steps.length, p);
    if (year < FIRST_YEAR || year > LAST_YEAR) return this.refuse(Refusal.year, year, start);
    if (day > 28 && day > daysInMonth(year, month)) return this.refuse(Refusal.day, (year << 4) | month, start);
    if (hour === 24 && (minute !== 0 || second !== 0 || stamp.fraction)) return this.refuse(Refusal.dayEnd, 0, start);
    if (half >= 0) hour = (hour % 12) + 12 * half;
    const date = (year << 9) | (month << 5) | day;
    if (date !== this.date) {
      this.date = date;
      this.dateSecond = daysFromCivil(year, month, day) * DAY;
    }
    stamp.wall = this.dateSecond + hour * 3600 + minute * 60 + (second === 60 ? 59 : second);
    return true;
  }

  private refuse(refusal: number, step: number, at: number): boolean {
    this.refusal = refusal;
    this.failedStep = step;
    this.failedAt = at;
    return false;
  }

  /** One digit or two. @param both whether there must be two */
  private number(bytes: Uint8Array, p: number, end: number, both: number, least: number, most: number): number {
    let value = p < end ? bytes[p] - 48 : -1;
    if (value < 0 || value > 9) return -1;
    const ones = p + 1 < end ? bytes[p + 1] - 48 : -1;
    const isTwo = ones >= 0 && ones <= 9;
    if (isTwo) value = value * 10 + ones;
    else if (both !== 0) return -1;
    this.next = p + (isTwo ? 2 : 1);
    return value >= least && value <= most ? value : -1;
  }

  private blanks(bytes: Uint8Array, p: number, end: number): number {
    const from = p;
    for (let size = blankAt(bytes, p, end); size > 0; size = blankAt(bytes, p, end)) p += size;
    this.next = p;
    return p > from ? 0 : -1;
  }

  /** A month's number, by its name or the first three letters of that. */
  private monthName(bytes: Uint8Array, p: number, end: number): number {
    for (let month = 0; month < 12; month++) {
      const name = MONTH_BYTES[month];
      let length = 0;
      while (length < name.length && p + length < end && lowerCase(bytes[p + length]) === name[length]) length++;
      if (length < SHORT) continue;
      this.next = p + (length === name.length ? length : SHORT);
      return month + 1;
    }
    return -1;
  }

  private half(bytes: Uint8Array, p: number, end: number): number {
    if (end - p < 2 || (bytes[p + 1] | 32) !== 109) return -1;
    this.next = p + 2;
    const first = bytes[p] | 32;
    return first === 97 ? 0 : first === 112 ? 1 : -1;
  }

  private fraction(bytes: Uint8Array, p: number, end: number, stamp: Stamp): number {
    const from = p;
    for (; p < end; p++) {
      const digit = bytes[p] - 48;
      if (digit < 0 || digit > 9) break;
      if (digit !== 0) stamp.fraction = true;
      if (p < from + NANO_DIGITS) stamp.nanos = stamp.nanos * 10 + digit;
    }
    if (stamp.fraction) stamp.nanos = Math.max(1, stamp.nanos * 10 ** Math.max(0, NANO_DIGITS - (p - from)));
    this.next = p;
    return p > from ? 0 : -1;
  }

  private offset(bytes: Uint8Array, p: number, end: number, stamp: Stamp): number {
    const sign = p < end ? bytes[p++] : 0;
    stamp.offset = 0;
    this.next = p;
    if (sign === 90 || sign === 122) return 0;
    if ((sign !== 43 && sign !== 45) || end - p < 2) return -1;
    const hours = two(bytes, p);
    p += 2;
    let minutes = 0;
    const from = p < end && bytes[p] === 58 ? p + 1 : p;
    if (end - from >= 2 && two(bytes, from) >= 0) {
      minutes = two(bytes, from);
      p = from + 2;
    }
    const seconds = hours * 3600 + minutes * 60;
    if (hours < 0 || minutes > 59 || seconds > MAX_OFFSET) return -1;
    stamp.offset = sign === 45 ? 0 - seconds : seconds;
    this.next = p;
    return 0;
  }
}

/** The size of the blank at `p`: a space, a tab, or one that does not break; 0 if there is none. */
function blankAt(bytes: Uint8Array, p: number, end: number): number {
  if (p >= end) return 0;
  const c = bytes[p];
  if (c === 32 || c === 9) return 1;
  if (c === 0xc2 && p + 1 < end && bytes[p + 1] === 0xa0) return 2;
  return c === 0xe2 && p + 2 < end && bytes[p + 1] === 0x80 && bytes[p + 2] === 0xaf ? 3 : 0;
}

/**
 * Reads a number, in JSON's grammar, of units since 1970. Each digit goes to the seconds or to their fraction, so nothing is
 * rounded.
 */
function readEpoch(bytes: Uint8Array, start: number, end: number, power: number, stamp: Stamp): boolean {
  let p = start;
  const negative = p < end && bytes[p] === 45;
  if (negative) p++;
  const from = p;
  while (p < end && isDigit(bytes[p])) p++;
  const whole = p - from;
  if (whole === 0 || (whole > 1 && bytes[from] === 48)) return false;
  if (p < end && bytes[p] === 46) {
    const mark = p++;
    while (p < end && isDigit(bytes[p])) p++;
    if (p === mark + 1) return false;
  }
  const stop = p;
  let exponent = 0;
  if (p < end) {
    if ((bytes[p++] | 32) !== 101) return false;
    const down = bytes[p] === 45;
    if (p < end && (down || bytes[p] === 43)) p++;
    const first = p;
    for (; p < end && isDigit(bytes[p]); p++) if (p < first + EXPONENT_DIGITS) exponent = exponent * 10 + bytes[p] - 48;
    if (p === first || p !== end || p > first + EXPONENT_DIGITS) return false;
    if (down) exponent = -exponent;
  }
  /** How many of the digits are before the decimal point of the seconds. */
  const point = whole + exponent - power;
  let seconds = 0;
  let nanos = 0;
  let past = false;
  /** Whether the nanoseconds are cut. */
  let more = false;
  let n = 0;
  for (let q = from; q < stop; q++) {
    if (bytes[q] === 46) continue;
    const digit = bytes[q] - 48;
    const place = n++ - point;
    if (place < 0) {
      seconds = seconds * 10 + digit;
      if (seconds > TOO_MANY) return false;
    } else if (digit !== 0) {
      past = true;
      if (place < NANO_DIGITS) nanos += digit * 10 ** (NANO_DIGITS - 1 - place);
      else more = true;
    }
  }
  for (; n < point && seconds !== 0; n++) {
    seconds *= 10;
    if (seconds > TOO_MANY) return false;
  }
  if (negative) {
    seconds = past ? -seconds - 1 : 0 - seconds;
    if (past) nanos = NANOS - nanos - (more ? 1 : 0);
  }
  if (seconds < FIRST_SECOND || seconds >= END_SECOND) return false;
  stamp.wall = seconds;
  stamp.fraction = past;
  stamp.nanos = past ? Math.max(1, nanos) : 0;
  stamp.offset = 0;
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}
