/**
 * The days of a zone, and its rows: an hour row is a clock hour on one date at one offset, and longer and shorter rows are
 * divided in the same way. A day is a number: days since 1970-01-01 in the zone's calendar.
 */
import { UsageError } from "../base/errors.js";
import { daysFromCivil, daysInMonth, FIRST_YEAR, LAST_YEAR } from "./instant.js";
import { bucketOf, firstDayOf, isShort, type Resolution, ROW_SECONDS, type Short } from "./resolution.js";
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

/** Rows in order of time. Row i covers the instants from `start[i]` to `end[i]` (exclusive), in epoch seconds. */
export interface TimeRows {
  /** What they are pieces of: one that a clock change cuts, or another date comes between, is several rows. */
  readonly resolution: Resolution;
  readonly length: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Seconds east of UTC, of longer rows than hours when they begin. */
  readonly offset: Int32Array;
  /** The date in the zone, of longer rows the first one. Not ascending if clocks go back over midnight. */
  readonly day: Int32Array;
  /** For quarter hours: the number of the clock hour that each is in. */
  readonly hour: Uint32Array | undefined;
}

/**
 * The rows of all days from `first` to `last`, inclusive. They are contiguous, unless clocks go back over midnight: then rows
 * of the old date follow rows of the new one. Quarter hours and hours are at one offset; clock changes do not cut longer rows.
 */
export function timeRowsOf(zone: Zone, resolution: Resolution, first: number, last: number): TimeRows {
  const ranges = offsetRangesOf(zone, first, last);
  const next = borderAfter(resolution);
  let length = 0;
  for (const { from, to } of ranges) for (let wall = from; wall < to; wall = next(wall)) length++;

  const start = new Float64Array(length);
  const end = new Float64Array(length);
  const offset = new Int32Array(length);
  const day = new Int32Array(length);
  const hour = resolution === "15min" ? new Uint32Array(length) : undefined;
  let row = 0;
  let hours = 0;
  for (const range of ranges) {
    for (let wall = range.from; wall < range.to; row++) {
      if (hour !== undefined) {
        if (wall === range.from || wall % HOUR === 0) hours++;
        hour[row] = hours - 1;
      }
      const border = Math.min(next(wall), range.to);
      start[row] = wall - range.offset;
      end[row] = border - range.offset;
      offset[row] = range.offset;
      day[row] = Math.floor(wall / DAY);
      wall = border;
    }
  }
  const rows = { resolution, length, start, end, offset, day, hour };
  return isShort(resolution) ? rows : joined(rows);
}

/** Joins rows of one bucket of days that only a clock change separates. */
function joined({ resolution, length, start, end, offset, day, hour }: TimeRows): TimeRows {
  let rows = 0;
  for (let row = 0; row < length; row++) {
    const last = rows - 1;
    if (row > 0 && start[row] === end[last] && bucketOf(resolution, day[row]!) === bucketOf(resolution, day[last]!)) {
      end[last] = end[row]!;
      continue;
    }
    start[rows] = start[row]!;
    end[rows] = end[row]!;
    offset[rows] = offset[row]!;
    day[rows++] = day[row]!;
  }
  const [starts, ends] = [start.subarray(0, rows), end.subarray(0, rows)];
  return {
    resolution,
    length: rows,
    start: starts,
    end: ends,
    offset: offset.subarray(0, rows),
    day: day.subarray(0, rows),
    hour,
  };
}

/** The hour rows of some days: clock hours of one date at one offset. */
export function hoursOf(zone: Zone, first: number, last: number): TimeRows {
  return timeRowsOf(zone, "hour", first, last);
}

/** A function from wall seconds to where the next row begins, if no clock change comes before. */
function borderAfter(resolution: Resolution): (wall: number) => number {
  if (isShort(resolution)) {
    const width = ROW_SECONDS[resolution];
    return (wall) => (Math.floor(wall / width) + 1) * width;
  }
  return (wall) => firstDayOf(resolution, bucketOf(resolution, Math.floor(wall / DAY)) + 1) * DAY;
}

/** The row of an instant, as in `timeRowsOf`: its start, its end (exclusive), and its date. */
export function rowOf(
  zone: Zone,
  resolution: Short,
  epochSeconds: number,
): { start: number; end: number; day: number } {
  const width = ROW_SECONDS[resolution];
  const offset = offsetAt(zone, epochSeconds);
  const wall = epochSeconds + offset;
  const start = Math.floor(wall / width) * width - offset;
  return {
    start: Math.max(start, changeBefore(zone, epochSeconds)),
    end: Math.min(start + width, changeAfter(zone, epochSeconds)),
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

/** The label of an hour row, or a quarter hour: `2024-01-31T13:00:00Z` in UTC, else `2024-01-31T14:00:00+01:00`. */
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
