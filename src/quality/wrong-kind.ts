/**
 * Signs that data is of another kind than readings of energy by the interval. They are looked for in a sample, and
 * lead to warnings only: what is found is likely, never certain. Each check is a pure function of what it is given.
 */
import { type Message, option, say } from "../base/message.js";
import { dateAt, hourLabel } from "../time/period.js";
import { offsetAt, type Zone } from "../time/zone.js";

/** Some readings of one input, in reading order. */
export interface Sample {
  readonly length: number;
  /** Numbers of sources. */
  readonly source: Uint32Array;
  /** Epoch seconds, or wall seconds where timestamps have no offset. */
  readonly second: Float64Array;
  /** Approximate energies. */
  readonly kWh: Float64Array;
}

export interface Warning {
  /** Stable, for machines. */
  readonly code: "register" | "daily_readings" | "end_stamps";
  /** For people: what was seen, where, and what to do. */
  readonly message: Message;
}

/** The id of a source's number; `""` for the unnamed one. */
type NameOf = (source: number) => string;

const HOUR = 3600;
const DAY = 86_400;

const FEWEST_VALUES = 20;
const FEWEST_RISES = 3;
/** No load rises this long without ever falling: a morning's climb to the evening's peak is shorter. */
const LONG = 18 * HOUR;
/** A load that rises all the time rises by more than a hundredth an hour, so from nothing in less than this. */
const OLD = 4 * DAY;

/**
 * Warns of sources whose values look like a register's stand, the energy counted since the meter was installed.
 * @param input the input's name as messages show it
 */
export function registerWarning(input: string, sample: Sample, nameOf: NameOf): Warning | undefined {
  if (fallsEverywhere(sample)) return undefined;
  const found: Series[] = [];
  for (const series of seriesOf(sample)) {
    if (isRegister(series)) found.push(series);
  }
  const first = found[0];
  if (first === undefined) return undefined;
  const { kWh } = first;
  const one = found.length === 1;
  const message =
    `${input}: ${subject(found, nameOf)} ${one ? "looks" : "look"} like a register's stand, ` +
    `not the energy of intervals: ${one ? "its" : "their"} sums would be wrong. ` +
    `${one ? "Its" : "The first one's"} ${kWh.length} values never fall, from ${rounded(kWh[0]!)} to ${rounded(kWh.at(-1)!)} kWh; ` +
    "give the difference from each reading to the next instead";
  return { code: "register", message };
}

/** Whether each source of many values falls somewhere, as nearly all energy does: so much is told without sorting them. */
function fallsEverywhere({ length, source, second, kWh }: Sample): boolean {
  const count: number[] = [];
  /** Of each source, its latest value in reading order; `Infinity` once it has fallen. */
  const before: number[] = [];
  const time: number[] = [];
  let candidates = 0;
  for (let i = 0; i < length; i++) {
    const s = source[i]!;
    const value = before[s];
    if (value === Number.POSITIVE_INFINITY) continue;
    count[s] = (count[s] ?? 0) + 1;
    if (count[s] === FEWEST_VALUES) candidates++;
    // The later one is smaller, whichever of the two was read first.
    const later = second[i]! - time[s]!;
    const falls = value !== undefined && (later < 0 ? kWh[i]! > value : kWh[i]! < value);
    if (falls && count[s]! >= FEWEST_VALUES) candidates--;
    before[s] = falls ? Number.POSITIVE_INFINITY : kWh[i]!;
    time[s] = second[i]!;
  }
  return candidates === 0;
}

/** Without the digits that come of reckoning in floats. */
function rounded(kWh: number): number {
  return Number(kWh.toPrecision(12));
}

/**
 * A stand never falls, and grows by little of itself. Intervals of a rising load do so for hours too, and those of an
 * even load for longer, so a source is taken for a register only if it rises several times and
 * - either stands high: at the pace at which it grows it would have taken days to get to where it starts;
 * - or grows for the most of a day or longer, in each quarter of that time, and not mainly in one step. This also finds
 *   a stand that starts at 0.
 * A young register that is seen for a few hours passes, for it looks just like the sun's rise on a solar plant.
 */
function isRegister({ second, kWh }: Series): boolean {
  const last = kWh.length - 1;
  if (kWh.length < FEWEST_VALUES || kWh[0]! < 0) return false;
  const span = second[last]! - second[0]!;
  const growth = kWh[last]! - kWh[0]!;
  let rises = 0;
  let largest = 0;
  const quarters = new Set<number>();
  for (let i = 1; i <= last; i++) {
    const step = kWh[i]! - kWh[i - 1]!;
    if (step < 0) return false;
    if (step === 0) continue;
    rises++;
    largest = Math.max(largest, step);
    quarters.add(Math.max(1, Math.ceil((4 * (second[i]! - second[0]!)) / span)));
  }
  if (rises < FEWEST_RISES || span === 0) return false;
  const standsHigh = span * (kWh[0]! / growth) >= OLD;
  const growsOn = span >= LONG && quarters.size === 4 && largest <= growth / 2;
  return standsHigh || growsOn;
}

/** How far apart times of day may be and still be one: clocks change by an hour, and meters are some minutes off. */
const SAME_TIME = 1.5 * HOUR;
const FEWEST_DAYS = 3;
/** The part of all sources that has to be alike. */
const NEARLY_ALL = 0.9;

/**
 * Warns where nearly every source has one reading a day, at one time of day: then one hour of each day has it all.
 * @param input the input's name as messages show it
 */
export function dailyWarning(input: string, sample: Sample, nameOf: NameOf): Warning | undefined {
  if (!spansDays(sample)) return undefined;
  const daily: Series[] = [];
  let judged = 0;
  let mostDays = 0;
  for (const series of seriesOf(sample)) {
    const days = daysIfDaily(series.second);
    if (days === 1) continue;
    judged++;
    if (days === 0) continue;
    daily.push(series);
    mostDays = Math.max(mostDays, days);
  }
  if (mostDays < FEWEST_DAYS || daily.length < NEARLY_ALL * judged) return undefined;
  const one = daily.length === 1;
  const message =
    `${input}: ${subject(daily, nameOf)} ${one ? "has" : "have"} one reading a day, always at the same time: ` +
    "one hour of each day gets it all and the others are 0. The daily sums are good, the hourly ones are not";
  return { code: "daily_readings", message };
}

/** Whether there is time enough between the first and the last reading for a few that are a day apart. */
function spansDays({ length, second }: Sample): boolean {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    if (second[i]! < first) first = second[i]!;
    if (second[i]! > last) last = second[i]!;
  }
  return last - first >= (FEWEST_DAYS - 1) * DAY - SAME_TIME;
}

/**
 * How many days ascending times are on, if they are on one day each and at one time of day, else 0. 1 tells nothing:
 * there is but one time.
 */
function daysIfDaily(second: Float64Array): number {
  const first = second[0]!;
  let days = 1;
  let lastDay = 0;
  let earliest = 0;
  let latest = 0;
  for (let i = 1; i < second.length; i++) {
    if (second[i] === second[i - 1]) continue;
    const day = Math.round((second[i]! - first) / DAY);
    const shift = second[i]! - first - day * DAY;
    earliest = Math.min(earliest, shift);
    latest = Math.max(latest, shift);
    if (day === lastDay || latest - earliest > SAME_TIME) return 0;
    lastDay = day;
    days++;
  }
  return days;
}

/**
 * Warns where the last of all readings is at the very start of a day, and so alone there: it most likely marks the end
 * of the last interval of the day before. Ask only where timestamps are taken to mark starts.
 * @param first the first reading's instant, in epoch seconds
 * @param last the last one's, with its fraction of a second
 * @param daily whether `dailyWarning` has spoken; readings once a day at midnight are no sign of this
 */
export function endStampsWarning(zone: Zone, first: number, last: number, daily: boolean): Warning | undefined {
  const startsDay = Number.isInteger(last) && dateAt(zone, last - 1) < dateAt(zone, last);
  if (daily || first === last || !startsDay) return undefined;
  const label = hourLabel(zone, last, offsetAt(zone, last));
  const message = say`the last timestamp is exactly ${label}, alone on its day: did you mean ${option("stamps", "end")}? It is for timestamps that mark the end of their interval`;
  return { code: "end_stamps", message };
}

/** The readings of one source, ascending in time, those of one time in reading order. */
interface Series {
  readonly source: number;
  readonly second: Float64Array;
  readonly kWh: Float64Array;
}

/** All sources of a sample, in the order in which they come first. */
function seriesOf(sample: Sample): Series[] {
  const { length, source } = sample;
  const numbers = new Map<number, number>();
  const counts: number[] = [];
  const of = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    let number = numbers.get(source[i]!);
    if (number === undefined) {
      number = counts.push(0) - 1;
      numbers.set(source[i]!, number);
    }
    counts[number]!++;
    of[i] = number;
  }
  const all = Array.from(numbers, ([source, number]): Series => {
    return { source, second: new Float64Array(counts[number]!), kWh: new Float64Array(counts[number]!) };
  });
  const filled = new Uint32Array(all.length);
  for (let i = 0; i < length; i++) {
    const at = filled[of[i]!]!++;
    const { second, kWh } = all[of[i]!]!;
    second[at] = sample.second[i]!;
    kWh[at] = sample.kWh[i]!;
  }
  return all.map(ascending);
}

/** Readings mostly come in the order of time. */
function ascending(series: Series): Series {
  const { source, second, kWh } = series;
  let i = 1;
  while (i < second.length && second[i]! >= second[i - 1]!) i++;
  if (i >= second.length) return series;
  const indices = Array.from(second.keys()).sort((a, b) => second[a]! - second[b]!);
  return {
    source,
    second: Float64Array.from(indices, (i) => second[i]!),
    kWh: Float64Array.from(indices, (i) => kWh[i]!),
  };
}

/** Whom a warning is about, as the subject of a sentence. */
function subject(series: readonly Series[], nameOf: NameOf): string {
  const name = nameOf(series[0]!.source);
  const first = name === "" ? "the source without an id" : `source ${JSON.stringify(name)}`;
  if (series.length === 1) return first;
  return `${first} and ${series.length - 1} ${series.length === 2 ? "other" : "others"}`;
}
