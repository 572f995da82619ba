/** Zones as Temporal knows them, and the hour rows that follow from them. Instants are whole seconds since 1970. */
import { Temporal } from "@js-temporal/polyfill";

const DAY = 86400;

/** A clock hour, or quarter of one, on one date at one offset: the run of instants [start, end) that have the three in common. */
export interface ClockRow {
  readonly start: number;
  end: number;
  /** Seconds east of UTC. */
  readonly offset: number;
  /** Days since 1970-01-01 of the date in the zone. */
  readonly day: number;
  /** Which hour or quarter hour of the clock, from midnight on. */
  readonly turn: number;
}

/** Seconds. */
export type Unit = 3600 | 900;

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

const rowsOfDay = new Map<string, ClockRow[]>();

/** The rows whose date is in [first, last] (days since 1970-01-01), in the order of time. */
export function rowsOf(zone: string, first: number, last: number, unit: Unit = 3600): ClockRow[] {
  const rows: ClockRow[] = [];
  // A zone is less than two days off UTC.
  for (let day = first - 2; day <= last + 2; day++) {
    for (const row of walkDay(zone, day, unit)) {
      const before = rows.at(-1);
      if (before !== undefined && sameTurn(before, row)) before.end = row.end;
      else rows.push({ ...row });
    }
  }
  return rows.filter((row) => row.day >= first && row.day <= last);
}

/** The row that an instant (a whole second) is in. */
export function rowAt(zone: string, instant: number, unit: Unit = 3600): ClockRow {
  const { day } = turnAt(zone, instant, unit);
  const key = `${zone} rows of ${day} by ${unit}`;
  let rows = rowsOfDay.get(key);
  if (rows === undefined) {
    rows = rowsOf(zone, day, day, unit);
    rowsOfDay.set(key, rows);
  }
  return rows.find((row) => row.start <= instant && instant < row.end)!;
}

/** Walks one day of UTC minute by minute, and second by second where a minute is not all in one clock hour. */
function walkDay(zone: string, utcDay: number, unit: Unit): ClockRow[] {
  const key = `${zone} walk of ${utcDay} by ${unit}`;
  const known = rowsOfDay.get(key);
  if (known !== undefined) return known;
  const rows: ClockRow[] = [];
  const step = (instant: number, seconds: number) => {
    const turn = turnAt(zone, instant, unit);
    const before = rows.at(-1);
    if (before !== undefined && sameTurn(before, turn)) before.end = instant + seconds;
    else rows.push({ ...turn, start: instant, end: instant + seconds });
  };
  for (let minute = utcDay * DAY; minute < (utcDay + 1) * DAY; minute += 60) {
    if (sameTurn(turnAt(zone, minute, unit), turnAt(zone, minute + 59, unit))) step(minute, 60);
    else for (let second = minute; second < minute + 60; second++) step(second, 1);
  }
  rowsOfDay.set(key, rows);
  return rows;
}

type ClockTurn = Pick<ClockRow, "day" | "turn" | "offset">;

function turnAt(zone: string, instant: number, unit: Unit): ClockTurn {
  const offset = offsetAt(zone, instant);
  const wall = instant + offset;
  const day = Math.floor(wall / DAY);
  return { day, turn: Math.floor((wall - day * DAY) / unit), offset };
}

function sameTurn(a: ClockTurn, b: ClockTurn): boolean {
  return a.day === b.day && a.turn === b.turn && a.offset === b.offset;
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

/** What a day's week (by its Monday), month or year is called. */
export function bucketText(resolution: "day" | "week" | "month" | "year", day: number): string {
  const date = Temporal.PlainDate.from(dayText(day));
  if (resolution === "week") return date.subtract({ days: date.dayOfWeek - 1 }).toString();
  if (resolution === "month") return date.toPlainYearMonth().toString();
  return resolution === "year" ? String(date.year) : date.toString();
}

export function dayOf(text: string): number {
  return Date.parse(`${text}T00:00:00Z`) / (DAY * 1000);
}

/** The second instant at which the clock shows a wall time that it shows twice. */
export function secondOf(zone: string, first: number, wall: number): number {
  for (let later = first + 900; ; later += 900) if (later + offsetAt(zone, later) === wall) return later;
}
