/**
 * The days and hours of a zone. A day is a number: days since 1970-01-01 in the zone's calendar. An hour is a row: a clock
 * hour on one date at one offset.
 */
import { UsageError } from "../base/errors.js";
import { daysFromCivil, daysInMonth, FIRST_YEAR, LAST_YEAR } from "./instant.js";
import { changeAfter, changeBefore, offsetAt, type Zone } from "./zone.js";
import { offsetText } from "./zone-name.js";

const HOUR = 3600;
const DAY = 86_400;

/**
 * The day of a text such as `2024-01-31`.
 * @throws UsageError `bad_day` for any other format, for dates that do not exist, and for years outside 1900 to 2199
 */
export function dayOf(text: string): number {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (parts === null) throw badDay(text, "is not a day; write it as 2024-01-31");
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  if (year < FIRST_YEAR || year > LAST_YEAR) throw badDay(text, `is not in the years ${FIRST_YEAR} to ${LAST_YEAR}`);
  if (month < 1 || month > 12) throw badDay(text, "is not a day: months go from 01 to 12");
  const length = daysInMonth(year, month);
  if (day < 1 || day > length) throw badDay(text, `is not a day: ${monthName(month)} ${year} has ${length} days`);
  return daysFromCivil(year, month, day);
}

function monthName(month: number): string {
  return new Date(Date.UTC(2000, month - 1)).toLocaleString("en-US", { month: "long", timeZone: "UTC" });
}

function badDay(text: string, problem: string): UsageError {
  return new UsageError("bad_day", `${JSON.stringify(text)} ${problem}`);
}

/** A day as text, such as `2024-01-31`. */
export function dayText(day: number): string {
  return new Date(day * DAY * 1000).toISOString().slice(0, 10);
}

/** The day in a zone's calendar at an instant. */
export function dateAt(zone: Zone, epochSeconds: number): number {
  return Math.floor((epochSeconds + offsetAt(zone, epochSeconds)) / DAY);
}

/** Hour rows in order of time. Row i covers the instants from `start[i]` to `end[i]` (exclusive), in epoch seconds. */
export interface Hours {
  readonly length: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Seconds east of UTC. */
  readonly offset: Int32Array;
  /** The date in the zone. Not ascending if clocks go back over midnight. */
  readonly day: Int32Array;
}

/**
 * The hour rows of all days from `first` to `last`, inclusive. They are contiguous, unless clocks go back over midnight:
 * then rows of the old date follow rows of the new one.
 */
export function hoursOf(zone: Zone, first: number, last: number): Hours {
  const ranges = offsetRangesOf(zone, first, last);
  let length = 0;
  for (const { from, to } of ranges) length += Math.ceil(to / HOUR) - Math.floor(from / HOUR);

  const start = new Float64Array(length);
  const end = new Float64Array(length);
  const offset = new Int32Array(length);
  const day = new Int32Array(length);
  let row = 0;
  for (const range of ranges) {
    for (let wall = range.from; wall < range.to; row++) {
      const next = Math.min((Math.floor(wall / HOUR) + 1) * HOUR, range.to);
      start[row] = wall - range.offset;
      end[row] = next - range.offset;
      offset[row] = range.offset;
      day[row] = Math.floor(wall / DAY);
      wall = next;
    }
  }
  return { length, start, end, offset, day };
}

/** The hour row of an instant, as in `hoursOf`: its start, its end (exclusive), and its date. */
export function hourAt(zone: Zone, epochSeconds: number): { start: number; end: number; day: number } {
  const offset = offsetAt(zone, epochSeconds);
  const wall = epochSeconds + offset;
  const start = Math.floor(wall / HOUR) * HOUR - offset;
  return {
    start: Math.max(start, changeBefore(zone, epochSeconds)),
    end: Math.min(start + HOUR, changeAfter(zone, epochSeconds)),
    day: Math.floor(wall / DAY),
  };
}

/** The wall seconds that the clock shows at one offset: `from` to `to` (exclusive). */
interface OffsetRange {
  from: number;
  to: number;
  offset: number;
}

/** The offset ranges of some days, in order of time. Ranges may overlap where clocks go back, so a date may occur in two. */
function offsetRangesOf(zone: Zone, first: number, last: number): OffsetRange[] {
  const { transitions, offsets } = zone;
  const ranges: OffsetRange[] = [];
  offsets.forEach((offset, i) => {
    const from = Math.max(i === 0 ? -Infinity : transitions[i - 1]! + offset, first * DAY);
    const to = Math.min(i === transitions.length ? Infinity : transitions[i]! + offset, (last + 1) * DAY);
    if (from < to) ranges.push({ from, to, offset });
  });
  return ranges;
}

/** The label of an hour row: `2024-01-31T13:00:00Z` in UTC, else `2024-01-31T14:00:00+01:00`. */
export function hourLabel(zone: Zone, start: number, offset: number): string {
  const wall = new Date((start + offset) * 1000).toISOString().slice(0, 19);
  return wall + (zone.utc ? "Z" : offsetText(offset));
}

/** An instant in a zone, rounded down to the second; `null` if there is none. */
export function instantLabel(zone: Zone, second: number | undefined): string | null {
  if (second === undefined) return null;
  const whole = Math.floor(second);
  return hourLabel(zone, whole, offsetAt(zone, whole));
}

/** The dates of hour rows, without duplicates, ascending. A date that the zone skipped has no row, so it is not included. */
export function daysOf(hours: Hours): Int32Array {
  return Int32Array.from(new Set(hours.day)).sort();
}
