/**
 * A zone is two arrays: when its offset from UTC changes, and the offsets between. They are built once; converting is
 * a binary search. Times are in seconds: an instant since 1970-01-01T00:00:00Z, a wall time since 1970-01-01T00:00:00
 * as if its clock showed UTC. Both may have a fraction.
 */
import { UsageError } from "../base/errors.js";
import { type Transitions, transitionsOf } from "./transitions.js";
import { fixedOffset, offsetText, properCase, whyNotAZone } from "./zone-name.js";

export interface Zone extends Transitions {
  /** `Europe/Paris`, `+05:30`, or `UTC`. */
  readonly name: string;
  /** Whether its times are labelled `Z`. Other zones show their offset, even where that is `+00:00`. */
  readonly utc: boolean;
}

/** IANA zones that were asked for, by their proper names. */
const zones = new Map<string, Zone>();

/**
 * The zone of a name: an IANA name in any case, or a fixed offset `±HH:MM`, `±HHMM` or `±HH` of up to 18 hours.
 * `UTC`, `Etc/UTC` and `Z` are UTC. The first call for an IANA name takes some 20 ms, all others next to nothing.
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
  return zone.offsets[stretchAt(zone, epochSeconds)]!;
}

/** Which of the zone's offsets holds at an instant: how many changes have been. */
function stretchAt(zone: Zone, epochSeconds: number): number {
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

/** When the offset that holds at an instant began to, in epoch seconds; -Infinity where it always has. */
export function changeBefore(zone: Zone, epochSeconds: number): number {
  const stretch = stretchAt(zone, epochSeconds);
  return stretch === 0 ? Number.NEGATIVE_INFINITY : zone.transitions[stretch - 1]!;
}

/** When the offset that holds at an instant ends, in epoch seconds; Infinity where it never does. */
export function changeAfter(zone: Zone, epochSeconds: number): number {
  return zone.transitions[stretchAt(zone, epochSeconds)] ?? Number.POSITIVE_INFINITY;
}

/** What a wall time means. */
export interface WallTime {
  /** Epoch seconds. */
  readonly instant: number;
  /** How often the clock shows that time: it is `repeated` where clocks go back, `skipped` where they go forward. */
  readonly kind: "once" | "repeated" | "skipped";
}

/** No offset is as much as this. */
const DAY = 86_400;

/**
 * The instant of a wall time, as Temporal's `compatible` has it: a repeated one is the earlier, and a skipped one
 * counts on by the offset from before the change. Both are what the offset before the change says.
 */
export function instantOf(zone: Zone, wallSeconds: number): WallTime {
  const { transitions, offsets } = zone;
  let found: number | undefined;
  let skipped = wallSeconds;
  // The clock shows a time in the stretches of an offset that hold it; these are within a day of it.
  for (let stretch = stretchAt(zone, wallSeconds - DAY); ; stretch++) {
    const start = stretch === 0 ? -Infinity : transitions[stretch - 1]!;
    if (start > wallSeconds + DAY) break;
    const end = stretch === transitions.length ? Infinity : transitions[stretch]!;
    const instant = wallSeconds - offsets[stretch]!;
    if (instant >= start && instant < end) {
      if (found !== undefined) return { instant: found, kind: "repeated" };
      found = instant;
    }
    // A skipped time is past the end of the stretch before the change, and before the start of the one after.
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
