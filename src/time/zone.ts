/**
 * A zone is two arrays: when its offset from UTC changes, and the offsets in between. They are built once; a conversion is
 * a binary search. Times are in seconds: instants since 1970-01-01T00:00:00Z, wall times since 1970-01-01T00:00:00 as if
 * the clock showed UTC. Both may have a fraction.
 */
import { UsageError } from "../base/errors.js";
import { type Transitions, transitionsOf } from "./transitions.js";
import { fixedOffset, offsetText, properCase, whyNotAZone } from "./zone-name.js";

export interface Zone extends Transitions {
  /** `Europe/Paris`, `+05:30`, or `UTC`. */
  readonly name: string;
  /** Whether its times are labelled `Z`. Other zones show their offset, even if it is `+00:00`. */
  readonly utc: boolean;
}

/** A cache of IANA zones, by their proper names. */
const zones = new Map<string, Zone>();

/**
 * The zone with a name: an IANA name in any case, or a fixed offset `±HH:MM`, `±HHMM` or `±HH` of up to 18 hours. `UTC`,
 * `Etc/UTC` and `Z` are UTC. The first call for an IANA name takes about 20 ms; later ones are served from a cache.
 * @throws UsageError `unknown_zone`
 */
export function zoneOf(name: string): Zone {
  if (/^(utc|etc\/utc|z)$/i.test(name)) return fixed("UTC", true, 0);
  const offset = fixedOffset(name);
  if (offset !== undefined) return fixed(offsetText(offset), false, offset);
  const proper = properCase(name);
  let zone = zones.get(proper);
  if (zone === undefined) {
    const problem = whyNotAZone(name);
    if (problem !== undefined) throw new UsageError("unknown_zone", problem);
    zone = { name: proper, utc: false, ...transitionsOf(proper) };
    zones.set(proper, zone);
  }
  return zone;
}

function fixed(name: string, utc: boolean, offset: number): Zone {
  return { name, utc, transitions: new Float64Array(0), offsets: Int32Array.of(offset) };
}

/** The seconds by which the zone's clock is ahead of UTC at an instant. */
export function offsetAt(zone: Zone, epochSeconds: number): number {
  return zone.offsets[offsetIndexAt(zone, epochSeconds)]!;
}

/** The index of the offset that applies at an instant. */
function offsetIndexAt(zone: Zone, epochSeconds: number): number {
  const { transitions } = zone;
  let low = 0;
  let high = transitions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (transitions[middle]! <= epochSeconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** When the offset at an instant began to apply, in epoch seconds; -Infinity if there was no earlier change. */
export function changeBefore(zone: Zone, epochSeconds: number): number {
  const index = offsetIndexAt(zone, epochSeconds);
  return index === 0 ? Number.NEGATIVE_INFINITY : zone.transitions[index - 1]!;
}

/** When the offset at an instant ceases to apply, in epoch seconds; Infinity if there is no later change. */
export function changeAfter(zone: Zone, epochSeconds: number): number {
  return zone.transitions[offsetIndexAt(zone, epochSeconds)] ?? Number.POSITIVE_INFINITY;
}

/** The meaning of a wall time. */
export interface WallTime {
  /** Epoch seconds. */
  readonly instant: number;
  /** How often the clock shows that time: `repeated` if clocks go back, `skipped` if they go forward. */
  readonly kind: "once" | "repeated" | "skipped";
}

/** Larger than any offset. */
const DAY = 86_400;

/**
 * The instant of a wall time, like Temporal's `compatible`: both repeated and skipped times are converted with the offset
 * from before the change. So a repeated time is the earlier of the two.
 */
export function instantOf(zone: Zone, wallSeconds: number): WallTime {
  const { transitions, offsets } = zone;
  let found: number | undefined;
  let skipped = wallSeconds;
  // Check the offsets that apply within a day of the wall time.
  for (let index = offsetIndexAt(zone, wallSeconds - DAY); ; index++) {
    const start = index === 0 ? -Infinity : transitions[index - 1]!;
    if (start > wallSeconds + DAY) break;
    const end = index === transitions.length ? Infinity : transitions[index]!;
    const instant = wallSeconds - offsets[index]!;
    if (instant >= start && instant < end) {
      if (found !== undefined) return { instant: found, kind: "repeated" };
      found = instant;
    }
    // A skipped time is after the end of the range before the change, and before the start of the next one.
    if (instant >= end) skipped = instant;
    if (end === Infinity) break;
  }
  return found === undefined ? { instant: skipped, kind: "skipped" } : { instant: found, kind: "once" };
}

/** The wall times that the zone's clock skips, ascending: pairs of a start and an end (exclusive), in wall seconds. */
export function gapsOf(zone: Zone): Float64Array {
  const gaps: number[] = [];
  zone.transitions.forEach((transition, i) => {
    const before = zone.offsets[i]!;
    const after = zone.offsets[i + 1]!;
    if (after > before) gaps.push(transition + before, transition + after);
  });
  return Float64Array.from(gaps);
}
