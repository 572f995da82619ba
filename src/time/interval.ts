/** How long a reading's interval is, and when it ends. */
import { instantOf, offsetAt, type Zone } from "./zone.js";

/** A length of time: seconds, or to the same wall time of the next day or month. */
export interface Length {
  readonly unit: "second" | "day" | "month";
  /** How many; of days and months it is 1. */
  readonly count: number;
}

/** From the first instant to the last: epoch seconds, and nanoseconds after them. */
export interface Interval {
  from: number;
  fromNanos: number;
  to: number;
  toNanos: number;
}

/** Seconds of the longest interval. */
export const MAX_INTERVAL = 400 * 86_400;
const DAY = 86_400;
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** The length that a text means: `15m`, `1h`, `900s`, `1d`, `1mo`; else what is wrong with it. */
export function parseLength(text: string): Length | string {
  const found = /^(\d{1,9})(s|m|h|d|mo)$/.exec(text);
  if (found === null) return "is not a length of time; write it as 15m, 1h, 1d or 1mo";
  const [, digits, unit] = found;
  const count = Number(digits);
  if (unit === "d" || unit === "mo")
    return count === 1
      ? { unit: unit === "d" ? "day" : "month", count: 1 }
      : `is not one of the lengths; of days and months there are 1d and 1mo, and ${count} days are ${24 * count}h`;
  const seconds = count * (UNITS[unit as string] as number);
  if (seconds === 0) return "is no time at all; write it as 15m, 1h, 1d or 1mo";
  return seconds <= MAX_INTERVAL ? { unit: "second", count: seconds } : "is longer than 400 days";
}

/**
 * The first instant after `start` at which the zone's clock shows a wall time.
 * @param same whether `start` itself, to the second, is before it
 * @returns epoch seconds; a time that clocks skip is as `instantOf` has it
 */
export function firstAfter(zone: Zone, wall: number, start: number, same: boolean): number {
  const { instant, kind } = instantOf(zone, wall);
  if (kind !== "repeated" || instant > start || (same && instant === start)) return instant;
  // The clock is put back somewhere after the first of the two.
  const change = zone.transitions.find((transition) => transition > instant) as number;
  return wall - offsetAt(zone, change);
}

/**
 * The other end of an interval: a length after an instant, or before it.
 * @param instant epoch seconds, whole
 */
export function otherEnd(zone: Zone, { unit, count }: Length, instant: number, sign: 1 | -1): number {
  if (unit === "second") return instant + sign * count;
  const wall = instant + offsetAt(zone, instant);
  return instantOf(zone, unit === "day" ? wall + sign * DAY : wallMonths(wall, sign)).instant;
}

/** The same time of the same day of the next month, or of the one before: of its last day, where it has fewer. */
function wallMonths(wall: number, sign: 1 | -1): number {
  const date = new Date(Math.floor(wall / DAY) * DAY * 1000);
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + sign, 1);
  const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + sign + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), days) - 1;
  return first / 1000 + day * DAY + (wall - Math.floor(wall / DAY) * DAY);
}
