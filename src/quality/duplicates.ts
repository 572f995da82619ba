/** Finds deliveries that came twice, or overlap, by some of the readings: all those of a few sources and hours. */
import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { instantLabel } from "../time/period.js";
import type { Zone } from "../time/zone.js";
import type { Covered } from "./overlapping.js";

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
  /** What the intervals of all readings cover, if they have any. */
  readonly covered?: Covered | undefined;
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

/** Characters of an id in a message. */
const MOST_OF_ID = 100;
/** Hours that must have come twice: fewer may be chance. */
const FEWEST_HOURS = 10;
/** For each hour of which only some times came twice, so many must have come twice as a whole. */
const WHOLE = 4;
/** The share of the times that came twice whose values came twice, too: the others were revised. */
const ALIKE = 0.7;
/** Values that must be among them: a load that is always the same is the same by chance. */
const FEWEST_VALUES = 3;

interface Hour {
  /** By time, the values. */
  readonly readings: Map<number, number[]>;
  /** Whose it is: the source's number in one of the sieves. */
  readonly sieve: number;
  readonly source: number;
}

/**
 * A delivery that came twice brings all times of an hour again, and most of them with the same value. Readings that are
 * alike by chance, such as pulses within one second, or those of several phases, are not: some hours only have some times
 * twice, or most values differ. A zero is like any other zero, so it tells nothing.
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
      const hour = hours.get(hash[n]) ?? { readings: new Map<number, number[]>(), sieve, source: source[n] };
      hours.set(hash[n], hour);
      const values = hour.readings.get(second[n]);
      if (values === undefined) hour.readings.set(second[n], [kWh[n]]);
      else values.push(kWh[n]);
    }
  });
  const whole: Hour[] = [];
  let partial = 0;
  let readings = 0;
  let extra = 0;
  let twice = 0;
  let alike = 0;
  const different = new Set<number>();
  for (const hour of hours.values()) {
    const counts = new Set<number>();
    for (const values of hour.readings.values()) {
      readings += values.length;
      counts.add(values.length);
    }
    const [count = 1] = counts;
    if (counts.size > 1) partial++;
    if (counts.size > 1 || count === 1) continue;
    whole.push(hour);
    for (const [first, ...others] of hour.readings.values()) {
      extra += others.length;
      twice++;
      if (others.some((kWh) => kWh !== first)) continue;
      alike++;
      different.add(first as number);
    }
  }
  if (whole.length < FEWEST_HOURS || whole.length < WHOLE * partial) return undefined;
  if (alike < ALIKE * twice || different.size < FEWEST_VALUES) return undefined;
  const found = new Map<string, { first: number; last: number }>();
  for (const { sieve, source, readings: times } of whole) {
    const name = nameOf(sieve, source);
    const range = found.get(name) ?? { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
    found.set(name, range);
    for (const second of times.keys()) {
      range.first = Math.min(range.first, second);
      range.last = Math.max(range.last, second);
    }
  }
  const [source] = [...found.keys()].sort();
  const { first, last } = found.get(source) as { first: number; last: number };
  return { share: extra / readings, source, first, last, others: found.size - 1 };
}

/** How many readings have the source and the second of another: mostly none, and then there is nothing more to do. */
function timesAlike(all: readonly Sieved[], below: number): number {
  const most = all.reduce((sum, { hash }) => sum + hash.length, 0);
  const hashes = new Uint32Array(most);
  const seconds = new Uint32Array(most);
  // A hash table of positions: sorting would take longer than the scan of a small body.
  const table = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 1)));
  const mask = table.length - 1;
  let length = 0;
  let alike = 0;
  for (const { hash, second } of all)
    for (let n = 0; n < hash.length; n++) {
      const key = hash[n];
      if (key >= below) continue;
      // Of one source and hour: what is cut off is the same for all.
      const time = second[n] >>> 0;
      const mixed = Math.imul(key ^ Math.imul(time, 0x85ebca6b), 0x9e3779b1);
      let at = (mixed ^ (mixed >>> 15)) & mask;
      while (table[at] !== 0 && (hashes[table[at] - 1] !== key || seconds[table[at] - 1] !== time))
        at = (at + 1) & mask;
      if (table[at] !== 0) alike++;
      else {
        hashes[length] = key;
        seconds[length++] = time;
        table[at] = length;
      }
    }
  return alike;
}

/** @param zone whose time the message tells */
export function duplicatesWarning({ share, source, first, last, others }: Duplicates, zone: Zone): Warning {
  const name = source === "" ? "the source without an id" : `source ${JSON.stringify(source.slice(0, MOST_OF_ID))}`;
  const more = others === 0 ? "" : `, and of ${others} other ${others === 1 ? "source" : "sources"}`;
  const percent = share < 0.01 ? "fewer than 1" : `about ${Math.round(100 * share)}`;
  return {
    code: "duplicates",
    message: say`${percent} in 100 readings came before, with the same source and time, and mostly the same value, such as those of ${name} between ${instantLabel(zone, first) as string} and ${instantLabel(zone, last) as string}${more}; all of them are counted. If deliveries overlap, ${option("duplicates", "once")} counts equal readings once, and ${option("duplicates", "latest")} those that were delivered last`,
  };
}
