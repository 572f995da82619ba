/** Finds deliveries that came twice, or overlap, by some of the readings: all those of a few sources and hours. */
import { say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { instantLabel } from "../time/period.js";
import type { Zone } from "../time/zone.js";

/**
 * The readings whose hash is below a bound. A source's readings of one hour (or quarter hour) have the same hash, whichever
 * thread counted them, and others another.
 */
export interface Sieved {
  readonly below: number;
  readonly hash: Uint32Array;
  /** The number of each reading's source, where it was counted. */
  readonly source: Uint32Array;
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
/** More than an hour has, and with a hash still a whole number. */
const SECONDS = 2 ** 20;
/** For each hour of which only some readings came twice, so many must have come twice as a whole. */
const WHOLE = 4;

interface Hour {
  /** By time and value, how many readings. */
  readonly readings: Map<string, number>;
  /** Whose it is: the source's number in one of the sieves. */
  readonly sieve: number;
  readonly source: number;
  first: number;
  last: number;
}

/**
 * A delivery that came twice brings all of an hour's readings again, with the same times and values. Readings that are
 * alike by chance, such as pulses within one second, do so for some hours only, and not for all of their readings.
 * A zero is like any other zero, so it tells nothing.
 * @param nameOf the id of a source, by the number of its sieve and its own there; `""` for the unnamed source
 */
export function duplicatesIn(
  all: readonly Sieved[],
  nameOf: (sieve: number, source: number) => string,
): Duplicates | undefined {
  const below = Math.min(...all.map((sieved) => sieved.below));
  if (timesAlike(all, below) < FEWEST_HOURS) return undefined;
  const hours = new Map<number, Hour>();
  all.forEach(({ hash, source, second, kWh }, sieve) => {
    for (let n = 0; n < hash.length; n++) {
      if (hash[n] >= below || kWh[n] === 0) continue;
      const hour = hours.get(hash[n]) ?? { readings: new Map(), sieve, source: source[n], first: second[n], last: 0 };
      hours.set(hash[n], hour);
      const reading = `${second[n]} ${kWh[n]}`;
      hour.readings.set(reading, (hour.readings.get(reading) ?? 0) + 1);
      hour.first = Math.min(hour.first, second[n]);
      hour.last = Math.max(hour.last, second[n]);
    }
  });
  const whole: Hour[] = [];
  let partial = 0;
  let readings = 0;
  let extra = 0;
  for (const hour of hours.values()) {
    const times = new Set(hour.readings.values());
    for (const count of hour.readings.values()) readings += count;
    const [count = 1] = times;
    if (times.size > 1) partial++;
    else if (count > 1) {
      whole.push(hour);
      extra += hour.readings.size * (count - 1);
    }
  }
  if (whole.length < FEWEST_HOURS || whole.length < WHOLE * partial) return undefined;
  const found = new Map<string, { first: number; last: number }>();
  for (const { sieve, source, first, last } of whole) {
    const name = nameOf(sieve, source);
    const range = found.get(name) ?? { first, last };
    found.set(name, { first: Math.min(range.first, first), last: Math.max(range.last, last) });
  }
  const [source] = [...found.keys()].sort();
  const { first, last } = found.get(source) as { first: number; last: number };
  return { share: extra / readings, source, first, last, others: found.size - 1 };
}

/** How many readings have the source and the second of another: mostly none, and then there is nothing more to do. */
function timesAlike(all: readonly Sieved[], below: number): number {
  const keys = new Float64Array(all.reduce((sum, { hash }) => sum + hash.length, 0));
  let length = 0;
  for (const { hash, second } of all)
    for (let n = 0; n < hash.length; n++)
      if (hash[n] < below) keys[length++] = hash[n] * SECONDS + (Math.floor(second[n]) % SECONDS);
  const sorted = keys.subarray(0, length).sort();
  let alike = 0;
  for (let n = 1; n < length; n++) if (sorted[n] === sorted[n - 1]) alike++;
  return alike;
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
