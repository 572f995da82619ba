/** How wide slots of time can be so that no hour or day of a zone begins or ends inside one. */
import type { Zone } from "./zone.js";

/** Seconds of a store's slot. */
export const QUARTER = 900;

export interface Fit {
  /** Seconds of a slot. */
  readonly width: 3600 | 900;
  /**
   * Epoch or wall seconds, a multiple of a day: from here on slots of `width` lose nothing; what is earlier is kept
   * by the second. -Infinity where all time fits, Infinity where none does.
   */
  readonly from: number;
}

const DAY = 86_400;

/** Instants and wall times are less than a day apart; two keep any doubt away. */
const MARGIN = 2 * DAY;

/** Readings by the hour or less hardly go back further than 2000-01-01. */
const LATE = 946_684_800;

/**
 * The slots for readings in all of some zones: of an hour where that fits from some year on, for fewer slots mean less
 * memory to touch, else of a quarter. Where the hour fits only since after 2000 and a quarter has for longer
 * (America/Caracas was at -04:30 from 2007 to 2016), the quarter is better than many readings kept by the second.
 */
export function fitOf(zones: readonly Zone[]): Fit {
  const hour = fitsFrom(zones, 3600);
  const quarter = fitsFrom(zones, 900);
  return hour <= Math.max(quarter, LATE) ? { width: 3600, from: hour } : { width: 900, from: quarter };
}

/** The slots of a quarter hour, as stores keep them, for readings in all of some zones. */
export function quarterFitOf(zones: readonly Zone[]): Fit {
  return { width: 900, from: fitsFrom(zones, 900) };
}

/**
 * The first instant, from `from` to `to` (epoch seconds, both included), at which a zone's clock is off the quarter
 * hours of UTC or changes inside one; `undefined` where none is.
 */
export function offQuarters({ transitions, offsets }: Zone, from: number, to: number): number | undefined {
  for (let i = 0; i < offsets.length; i++) {
    const start = i === 0 ? Number.NEGATIVE_INFINITY : transitions[i - 1]!;
    const end = i === transitions.length ? Number.POSITIVE_INFINITY : transitions[i]!;
    if (end < from) continue;
    if (start > to) break;
    if (start >= from && start % QUARTER !== 0) return start;
    if (end > from && offsets[i]! % QUARTER !== 0) return Math.max(start, from);
  }
  return undefined;
}

function fitsFrom(zones: readonly Zone[], width: number): number {
  const last = Math.max(-Infinity, ...zones.map((zone) => lastMisfit(zone, width)));
  return Math.ceil(last / DAY) * DAY + MARGIN;
}

/** The epoch seconds after which all offsets and changes are multiples of a width. */
function lastMisfit({ transitions, offsets }: Zone, width: number): number {
  if (offsets[transitions.length]! % width !== 0) return Infinity;
  for (let i = transitions.length - 1; i >= 0; i--) {
    if (transitions[i]! % width !== 0 || offsets[i]! % width !== 0) return transitions[i]!;
  }
  return -Infinity;
}
