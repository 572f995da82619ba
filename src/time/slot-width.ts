/** Chooses the width of slots so that no hour or day of a zone begins or ends inside a slot. */
import type { Zone } from "./zone.js";

/** The width of a store's slots in seconds. */
export const QUARTER = 900;

export interface Fit {
  /** Seconds. */
  readonly width: 3600 | 900;
  /**
   * Epoch or wall seconds, a multiple of a day: from here on, slots of `width` lose nothing; earlier slots are one second
   * wide. -Infinity if all time fits, Infinity if none does.
   */
  readonly from: number;
}

const DAY = 86_400;

/** Instants and wall times are less than a day apart; two days are on the safe side. */
const MARGIN = 2 * DAY;

/** Hourly or more frequent readings from before 2000-01-01 are rare. */
const LATE = 946_684_800;

/**
 * The slots that fit all of some zones: hours if they fit from some year on, since fewer slots take less memory; otherwise
 * quarter hours. If hours fit only since some year after 2000, and quarter hours have fitted for longer (America/Caracas
 * was at -04:30 from 2007 to 2016), quarter hours are better than many slots of one second.
 */
export function fitOf(zones: readonly Zone[]): Fit {
  const hour = fitsFrom(zones, 3600);
  const quarter = fitsFrom(zones, 900);
  return hour <= Math.max(quarter, LATE) ? { width: 3600, from: hour } : { width: 900, from: quarter };
}

/** The fit of quarter hours, which stores use, in all of some zones. */
export function quarterFitOf(zones: readonly Zone[]): Fit {
  return { width: 900, from: fitsFrom(zones, 900) };
}

/**
 * The first instant between `from` and `to` (epoch seconds, inclusive) at which a zone's offset is not a multiple of a
 * quarter hour, or changes inside a quarter hour of UTC; `undefined` if there is none.
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

/** The instant (epoch seconds) after which all offsets and changes are multiples of a width. */
function lastMisfit({ transitions, offsets }: Zone, width: number): number {
  if (offsets[transitions.length]! % width !== 0) return Infinity;
  for (let i = transitions.length - 1; i >= 0; i--) {
    if (transitions[i]! % width !== 0 || offsets[i]! % width !== 0) return transitions[i]!;
  }
  return -Infinity;
}
