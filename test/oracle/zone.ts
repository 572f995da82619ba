/** Zones as Temporal knows them, and the hour rows that follow from them. Instants are whole seconds since 1970. */
import { Temporal } from "@js-temporal/polyfill";

const DAY = 86400;

/** A clock hour on one date at one offset: the run of instants [start, end) that have the three in common. */
export interface HourRow {
  readonly start: number;
  end: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  /** Days since 1970-01-01 of the date in the zone. */
  readonly day: number;
  readonly hour: number;
}

function isUtc(zone: string): boolean {
  return /^(utc|etc\/utc|z)$/i.test(zone);
}

const offsets = new Map<string, number>();

/** Seconds east of UTC. Where they are the same at both ends of a day of UTC, they are so all day. */
export function offsetAt(zone: string, instant: number): number {
  if (isUtc(zone)) return 0;
  const day = Math.floor(instant / DAY) * DAY;
  const atStart = askOffset(zone, day);
  return atStart === askOffset(zone, day + DAY) ? atStart : askOffset(zone, instant);
}

function askOffset(zone: string, instant: number): number {
  const key = `${zone} ${instant}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    const there = Temporal.Instant.fromEpochMilliseconds(instant * 1000).toZonedDateTimeISO(zone);
    offset = there.offsetNanoseconds / 1e9;
    offsets.set(key, offset);
  }
  return offset;
}

const walls = new Map<string, { instant: number; kind: "once" | "repeated" | "skipped" }>();

/** The instant of a wall time, as Temporal's `compatible` reads it, and whether the clock shows it once. */
export function instantOf(
  zone: string,
  wallSeconds: number,
): { instant: number; kind: "once" | "repeated" | "skipped" } {
  if (isUtc(zone)) return { instant: wallSeconds, kind: "once" };
  const key = `${zone} ${wallSeconds}`;
  let found = walls.get(key);
  if (found === undefined) {
    const wall = Temporal.Instant.fromEpochMilliseconds(wallSeconds * 1000)
      .toZonedDateTimeISO("UTC")
      .toPlainDateTime();
    const at = (disambiguation: "compatible" | "earlier" | "later") => wall.toZonedDateTime(zone, { disambiguation });
    const compatible = at("compatible");
    const shown = compatible.toPlainDateTime().equals(wall);
    const single = at("earlier").epochMilliseconds === at("later").epochMilliseconds;
    found = {
      instant: compatible.epochMilliseconds / 1000,
      kind: single ? "once" : shown ? "repeated" : "skipped",
    };
    walls.set(key, found);
  }
  return found;
}

const rowsOfDay = new Map<string, HourRow[]>();

/** The hour rows whose date is in [first, last] (days since 1970-01-01), in the order of time. */
export function rowsOf(zone: string, first: number, last: number): HourRow[] {
  const rows: HourRow[] = [];
  // A zone is less than two days off UTC.
  for (let day = first - 2; day <= last + 2; day++) {
    for (const row of walkDay(zone, day)) {
      const before = rows.at(-1);
      if (before !== undefined && sameHour(before, row)) before.end = row.end;
      else rows.push({ ...row });
    }
  }
  return rows.filter((row) => row.day >= first && row.day <= last);
}

/** The row that an instant (a whole second) is in. */
export function rowAt(zone: string, instant: number): HourRow {
  const { day } = hourAt(zone, instant);
  const key = `${zone} rows of ${day}`;
  let rows = rowsOfDay.get(key);
  if (rows === undefined) {
    rows = rowsOf(zone, day, day);
    rowsOfDay.set(key, rows);
  }
  return rows.find((row) => row.start <= instant && instant < row.end)!;
}

/** Walks one day of UTC minute by minute, and second by second where a minute is not all in one clock hour. */
function walkDay(zone: string, utcDay: number): HourRow[] {
  const key = `${zone} walk of ${utcDay}`;
  const known = rowsOfDay.get(key);
  if (known !== undefined) return known;
  const rows: HourRow[] = [];
  const step = (instant: number, seconds: number) => {
    const hour = hourAt(zone, instant);
    const before = rows.at(-1);
    if (before !== undefined && sameHour(before, hour)) before.end = instant + seconds;
    else rows.push({ ...hour, start: instant, end: instant + seconds });
  };
  for (let minute = utcDay * DAY; minute < (utcDay + 1) * DAY; minute += 60) {
    if (sameHour(hourAt(zone, minute), hourAt(zone, minute + 59))) step(minute, 60);
    else for (let second = minute; second < minute + 60; second++) step(second, 1);
  }
  rowsOfDay.set(key, rows);
  return rows;
}

type ClockHour = Pick<HourRow, "day" | "hour" | "offset">;

function hourAt(zone: string, instant: number): ClockHour {
  const offset = offsetAt(zone, instant);
  const wall = instant + offset;
  const day = Math.floor(wall / DAY);
  return { day, hour: Math.floor((wall - day * DAY) / 3600), offset };
}

function sameHour(a: ClockHour, b: ClockHour): boolean {
  return a.day === b.day && a.hour === b.hour && a.offset === b.offset;
}

/** `2024-01-31T13:00:00Z` in UTC, `2024-01-31T14:00:00+01:00` elsewhere. */
export function instantText(zone: string, instant: number): string {
  const offset = offsetAt(zone, instant);
  const wall = new Date((instant + offset) * 1000).toISOString().slice(0, 19);
  return wall + (isUtc(zone) ? "Z" : offsetText(offset));
}

function offsetText(offset: number): string {
  const size = Math.abs(offset);
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const seconds = size % 60 === 0 ? "" : `:${two(size % 60)}`;
  return `${offset < 0 ? "-" : "+"}${two(size / 3600)}:${two((size % 3600) / 60)}${seconds}`;
}

export function dayText(day: number): string {
  return new Date(day * DAY * 1000).toISOString().slice(0, 10);
}

export function dayOf(text: string): number {
  return Date.parse(`${text}T00:00:00Z`) / (DAY * 1000);
}
