/** Finds deliveries that came twice, or overlap, by some of the readings: all those of a few sources and hours. */
import { say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { instantLabel } from "../time/period.js";
import type { Zone } from "../time/zone.js";

/**
 * The readings whose hash is below a bound. A source's readings of one hour (or quarter hour) have the same hash, whichever
 * thread counted them.
 */
export interface Sieved {
  readonly below: number;
  readonly hash: Uint32Array;
  /** The source's id; `""` for the unnamed source. */
  readonly source: readonly string[];
  /** Epoch seconds, or wall seconds if timestamps have no offset. */
  readonly second: Float64Array;
  /** Approximate energies. */
  readonly kWh: Float64Array;
}

/** Readings that came twice, and the share of all readings that they make up. */
export interface Duplicates {
  readonly share: number;
  /** Of the first source, by its id, that has any. */
  readonly source: string;
  readonly first: number;
  readonly last: number;
  /** The number of other sources that have some. */
  readonly others: number;
}

/** Hours that must have come twice: fewer may be chance. */
const FEWEST_HOURS = 10;
/** Characters of an id in a message. */
const MOST_OF_ID = 100;
/** For each hour of which only some readings came twice, so many must have come twice as a whole. */
const WHOLE = 4;

/**
 * A delivery that came twice brings all of an hour's readings again, with the same times and values. Readings that are
 * alike by chance, such as pulses within one second, do so for some hours only, and not for all of their readings.
 * A zero is like any other zero, so it tells nothing.
 */
export function duplicatesIn(all: readonly Sieved[]): Duplicates | undefined {
  const below = Math.min(...all.map((each) => each.below));
  /** By source and hash, the number of each time and value. */
  const hours = new Map<string, Map<string, number>>();
  for (const { hash, source, second, kWh } of all)
    for (let n = 0; n < hash.length; n++) {
      if (hash[n] >= below || kWh[n] === 0) continue;
      const name = `${hash[n]} ${source[n]}`;
      const hour = hours.get(name) ?? new Map<string, number>();
      hours.set(name, hour);
      const reading = `${second[n]} ${kWh[n]}`;
      hour.set(reading, (hour.get(reading) ?? 0) + 1);
    }
  let whole = 0;
  let partial = 0;
  let readings = 0;
  let extra = 0;
  const found = new Map<string, { first: number; last: number }>();
  for (const [name, hour] of hours) {
    const times = new Set(hour.values());
    for (const count of hour.values()) readings += count;
    if (times.size > 1) partial++;
    const [count] = times;
    if (times.size > 1 || count === 1) continue;
    whole++;
    extra += hour.size * (count - 1);
    const source = name.slice(name.indexOf(" ") + 1);
    const range = found.get(source) ?? { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
    found.set(source, range);
    for (const reading of hour.keys()) {
      range.first = Math.min(range.first, Number.parseFloat(reading));
      range.last = Math.max(range.last, Number.parseFloat(reading));
    }
  }
  if (whole < FEWEST_HOURS || whole < WHOLE * partial) return undefined;
  const [source] = [...found.keys()].sort();
  const { first, last } = found.get(source) as { first: number; last: number };
  return { share: extra / readings, source, first, last, others: found.size - 1 };
}

/** @param zone whose time the message tells */
export function duplicatesWarning({ share, source, first, last, others }: Duplicates, zone: Zone): Warning {
  const name = source === "" ? "the source without an id" : `source ${JSON.stringify(source.slice(0, MOST_OF_ID))}`;
  const more = others === 0 ? "" : `, and of ${others} other ${others === 1 ? "source" : "sources"}`;
  const percent = share < 0.01 ? "fewer than 1" : `about ${Math.round(100 * share)}`;
  return {
    code: "duplicates",
    message: say`${percent} in 100 readings came before, with the same source, time and value, such as those of ${name} between ${instantLabel(zone, first) as string} and ${instantLabel(zone, last) as string}${more}. All of them count. Did a delivery come twice, or do deliveries overlap?`,
  };
}
