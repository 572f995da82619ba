/**
 * Reads ISO 8601 timestamps from bytes: `readIso` for every record, without allocating anything; `explainInstant` for
 * the few that it refuses. A timestamp is a calendar date (extended or basic format); `T`, `t` or a space; a time of day in
 * the same format, with a fraction of any length; and `Z`, an offset, or nothing. `read-instant.ts` reads
 * some forms beside it.
 */

/** The result of reading a timestamp; reused for the next one. */
export interface Stamp {
  /** Whole seconds since 1970-01-01T00:00:00 of the date and time as written; second 60 counts as 59. */
  wall: number;
  /** Whether there is a fraction other than zero. */
  fraction: boolean;
  /** The fraction in nanoseconds, truncated; at least 1 if there is one. */
  nanos: number;
  /** Seconds east of UTC; NaN if there is no offset. */
  offset: number;
}

export const FIRST_YEAR = 1900;
export const LAST_YEAR = 2199;
export const MAX_OFFSET = 18 * 3600;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days of a month (1 to 12) of the Gregorian calendar. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : DAYS[month - 1];
}

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant's `days_from_civil`). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468;
}

/** Two digits at `at` as a number; -1 if they are not digits. */
export function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - 48;
  const ones = bytes[at + 1] - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/**
 * Reads the timestamp that fills `bytes[start, end)` into `stamp`, if it is ISO 8601 to the letter.
 * @returns false if it is not valid; `explainInstant` says why
 */
export function readIso(bytes: Uint8Array, start: number, end: number, stamp: Stamp): boolean {
  let p = start;
  if (end - p < 13) return false;
  const century = two(bytes, p);
  const yearOfCentury = two(bytes, p + 2);
  const year = century * 100 + yearOfCentury;
  const extended = bytes[p + 4] === 45;
  p += extended ? 5 : 4;
  const month = two(bytes, p);
  p += 2;
  if (extended && bytes[p++] !== 45) return false;
  const day = two(bytes, p);
  p += 2;
  if (century < 0 || yearOfCentury < 0 || year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12)
    return false;
  if (day < 1 || (day > 28 && day > daysInMonth(year, month))) return false;
  const between = bytes[p++];
  if (between !== 84 && between !== 116 && between !== 32) return false;

  let left = end - p;
  if (left < 4) return false;
  const hour = two(bytes, p);
  p += 2;
  if (extended && bytes[p++] !== 58) return false;
  if (end - p < 2) return false;
  const minute = two(bytes, p);
  p += 2;
  let second = 0;
  let fraction = false;
  let nanos = 0;
  left = end - p;
  let seconds = false;
  if (extended) {
    if (left > 0 && bytes[p] === 58) {
      p++;
      seconds = true;
    }
  } else seconds = left > 0 && bytes[p] >= 48 && bytes[p] <= 57;
  if (seconds) {
    if (end - p < 2) return false;
    second = two(bytes, p);
    p += 2;
    if (p < end && (bytes[p] === 46 || bytes[p] === 44)) {
      const from = ++p;
      for (; p < end; p++) {
        const c = bytes[p];
        if (c < 48 || c > 57) break;
        if (c !== 48) fraction = true;
        if (p < from + 9) nanos = nanos * 10 + c - 48;
      }
      if (p === from) return false;
      if (fraction) nanos = Math.max(1, nanos * 10 ** Math.max(0, 9 - (p - from)));
    }
  }
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  if (hour === 24 && (minute !== 0 || second !== 0 || fraction)) return false;

  let offset = Number.NaN;
  if (p < end) {
    const sign = bytes[p++];
    if (sign === 90 || sign === 122) offset = 0;
    else if (sign === 43 || sign === 45) {
      if (end - p < 2) return false;
      const hours = two(bytes, p);
      p += 2;
      let minutes = 0;
      if (p < end) {
        if (bytes[p] === 58) p++;
        if (end - p !== 2) return false;
        minutes = two(bytes, p);
        p += 2;
      }
      if (hours < 0 || minutes < 0 || minutes > 59) return false;
      offset = hours * 3600 + minutes * 60;
      if (offset > MAX_OFFSET) return false;
      if (sign === 45) offset = -offset;
    } else return false;
    if (p !== end) return false;
  }
  stamp.wall = daysFromCivil(year, month, day) * 86400 + hour * 3600 + minute * 60 + (second === 60 ? 59 : second);
  stamp.fraction = fraction;
  stamp.nanos = nanos;
  stamp.offset = offset;
  return true;
}

const MONTHS = "January February March April May June July August September October November December".split(" ");
const EXAMPLE = "2024-01-31T13:00:00Z";

/** Why `readIso` refuses a text: what it looks like, and what to write instead. */
export function explainInstant(text: string): string {
  if (text === "") return `empty; a timestamp looks like ${EXAMPLE}`;
  if (/^\s|\s$/.test(text)) return `has blanks around it; a timestamp looks like ${EXAMPLE}`;
  const number = /^([+-]?)(\d+)(\.\d*)?$/.exec(text);
  if (number && (number[3] !== undefined || number[1] !== "" || !/^(19|2\d)\d{6}$/.test(text)))
    return explainNumber(number[2], number[1] === "");
  if (/^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}/.test(text) || /^\d{1,2}-\d{1,2}-\d{4}/.test(text))
    return `looks like day and month before the year; write the year first, as in ${EXAMPLE}`;
  if (/^\d{4}[/.]\d{1,2}[/.]\d{1,2}/.test(text))
    return `the date has ${text[4] === "/" ? "slashes" : "points"}; write it with hyphens, as in ${EXAMPLE}`;
  if (/^\d{4}-?W\d/i.test(text)) return `looks like a week date; write month and day, as in ${EXAMPLE}`;
  if (/^\d{4}-\d{3}(?!\d)/.test(text)) return `looks like a day of the year; write month and day, as in ${EXAMPLE}`;
  if (/^\d{4}-(\d-\d{1,2}|\d{2}-\d)(?!\d)/.test(text)) return `month and day have two digits each, as in ${EXAMPLE}`;
  if (/^\d{4}-\d{2}$/.test(text))
    return `a month alone does not say when; add the day and the time, as ${text}-01T00:00:00Z`;
  if (/^\d{1,2}:\d{2}/.test(text)) return `a time without its date; a timestamp looks like ${EXAMPLE}`;
  const date = /^(\d{4})(-?)(\d{2})\2(\d{2})(?!\d)(.*)$/s.exec(text) ?? /^(\d{4})()(\d{2})(\d{2})(.*)$/s.exec(text);
  if (!date) return `not an ISO 8601 date and time; it looks like ${EXAMPLE}`;
  const [, yearText, hyphen, monthText, dayText, rest] = date;
  const year = Number(yearText);
  const month = Number(monthText);
  const day = Number(dayText);
  if (year < FIRST_YEAR || year > LAST_YEAR) return `year ${yearText}: years are ${FIRST_YEAR} to ${LAST_YEAR}`;
  if (month < 1 || month > 12) return `month ${monthText}: months are 01 to 12`;
  const last = daysInMonth(year, month);
  if (day > last) return `${MONTHS[month - 1]} ${year} has ${last} days`;
  if (day < 1) return `day ${dayText}: days are 01 to ${last}`;
  if (rest === "")
    return `a date alone does not say when; add the time, as ${yearText}${hyphen}${monthText}${hyphen}${dayText}T00${hyphen && ":"}00${hyphen && ":"}00Z`;
  return explainTime(rest, hyphen !== "");
}

/** The likely meaning of a number, by its digits. */
function explainNumber(whole: string, positive: boolean): string {
  const together =
    /^((?:19|20|21)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))((?:[01]\d|2[0-4])[0-5]\d(?:[0-5]\d|60)?)$/.exec(whole);
  if (positive && together)
    return `looks like date and time run together; write T between them, as in ${together[1]}T${together[2]}`;
  const unit = {
    9: "seconds",
    10: "seconds",
    12: "milliseconds",
    13: "milliseconds",
    15: "microseconds",
    16: "microseconds",
    18: "nanoseconds",
    19: "nanoseconds",
  }[whole.length];
  if (unit !== undefined) return `looks like ${unit} since 1970; write it in ISO 8601, such as ${EXAMPLE}`;
  if (positive && whole.length === 5)
    return `looks like a spreadsheet's day number; write it in ISO 8601, such as ${EXAMPLE}`;
  if (positive && /^(19|20|21)\d\d$/.test(whole))
    return `a year alone does not say when; a timestamp looks like ${EXAMPLE}`;
  return `a number does not say when; write it in ISO 8601, such as ${EXAMPLE}`;
}

/** Why the text after a good date is not a time. */
function explainTime(rest: string, extended: boolean): string {
  const sample = extended ? "13:45:00" : "134500";
  if (!/^[Tt ]/.test(rest)) return `${quoted(rest[0])} between date and time; write T, or one space`;
  if (/^[Tt ]\s/.test(rest)) return "more than one blank between date and time; write T, or one space";
  if (rest.length === 1) return `the time is missing; write it as ${sample}`;
  if (/\d\s*[ap]\.?m\b/i.test(rest)) return `a 12-hour clock; write hours as 00 to 23, as in ${sample}`;
  if (/^.\d:/.test(rest)) return `the hour has two digits, as in 0${rest.slice(1, 40)}`;
  const time = /^(\d{2})(:?)(\d{2})(?:(:?)(\d{2}))?/.exec(rest.slice(1));
  if (!time) return `the time ${quoted(rest.slice(1))} is not hours and minutes; write it as ${sample}`;
  const [all, hour, colon, minute, colon2, second] = time;
  if ((colon === ":") !== extended || (second !== undefined && (colon2 === ":") !== extended))
    return "date and time have different formats; write 2024-01-31T13:45:00 or 20240131T134500";
  if (Number(hour) > 24) return `hour ${hour}: hours are 00 to 23, and 24:00 for the day's end`;
  if (Number(minute) > 59) return `minute ${minute}: minutes are 00 to 59`;
  if (second !== undefined && Number(second) > 60)
    return `second ${second}: seconds are 00 to 59, and 60 for a leap second`;
  let offset = rest.slice(1 + all.length);
  if (/^[.,]/.test(offset)) {
    if (second === undefined) return "a fraction of a minute; write seconds, as in 13:45:30";
    const digits = /^[.,](\d*)/.exec(offset) as RegExpExecArray;
    if (digits[1] === "") return "no digits after the decimal mark of the seconds";
    offset = offset.slice(digits[0].length);
    if (hour === "24" && /[1-9]/.test(digits[1])) return "past 24:00, the day's end";
  }
  if (hour === "24" && (minute !== "00" || (second !== undefined && second !== "00")))
    return "past 24:00, the day's end";
  return explainOffset(offset, second === undefined);
}

/** Why the text after a good time is not an offset. */
function explainOffset(offset: string, noSeconds: boolean): string {
  const parts = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(offset);
  if (parts) {
    if (Number(parts[3] ?? 0) > 59) return `offset ${offset}: its minutes are 00 to 59`;
    return `offset ${offset}: offsets are up to 18:00`;
  }
  const name = offset.trim();
  if (/^(utc|gmt)$/i.test(name)) return `${quoted(offset)} after the time; write Z`;
  if (/^\s+([+-]|z$)/i.test(offset)) return "a blank before the offset; write it directly after the time";
  if (/\[.*\]$/.test(offset))
    return `a zone name in the timestamp; leave out ${quoted(offset.slice(offset.indexOf("[")))}`;
  if (noSeconds && /^:\d?(?!\d)/.test(offset)) return "seconds have two digits, as in 13:45:00";
  if (/^[\u2010-\u2015\u2212]\d/.test(offset))
    return `a dash in place of the minus sign; write -${quoted(offset.slice(1)).slice(1, -1)}`;
  if (/^[+-]\d{2}:?\d{2}:?\d{2}/.test(offset)) return `offset ${offset.slice(0, 12)}: offsets are hours and minutes`;
  return `${quoted(offset)} after the time; write Z, an offset such as +01:00, or nothing`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
