/**
 * Detects data that is probably not energy per interval. Checks examine a sample, and only lead to warnings, since their
 * findings are likely, never certain. Each check is a pure function.
 */

import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { dateAt, hourLabel } from "../time/period.js";
import { offsetAt, type Zone } from "../time/zone.js";

/** Some readings of one input, in reading order. */
export interface Sample {
  readonly length: number;
  /** The number of each reading's source. */
  readonly source: Uint32Array;
  /** Epoch seconds, or wall seconds if timestamps have no offset. */
  readonly second: Float64Array;
  /** Approximate energies. */
  readonly kWh: Float64Array;
}

/** Maps the number of a source to its id; `""` for the unnamed source. */
type NameOf = (source: number) => string;

const HOUR = 3600;
const DAY = 86_400;

const FEWEST_VALUES = 20;
const FEWEST_RISES = 3;
/** No load rises for so long without falling: the climb from the morning to the evening peak is shorter. */
const LONG = 18 * HOUR;
/** A steadily rising load rises by more than a hundredth per hour, so it would have risen from zero in less than this. */
const OLD = 4 * DAY;

/**
 * Warns of sources whose values look like cumulative meter readings, the energy counted since the meter was installed.
 * @param input the input's name in messages
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
    `${input}: ${subject(found, nameOf)} ${one ? "seems" : "seem"} to have cumulative meter readings, ` +
    `not the energy of intervals: ${one ? "its" : "their"} sums would be wrong. ` +
    `${one ? "Its" : "The first one's"} ${kWh.length} values never fall, from ${rounded(kWh[0]!)} to ${rounded(kWh.at(-1)!)} kWh; ` +
    "give the difference from each reading to the next instead";
  return { code: "register", message };
}

/** Whether the values of each source with many readings fall somewhere, as energies usually do. This needs no sorting. */
function fallsEverywhere({ length, source, second, kWh }: Sample): boolean {
  const count: number[] = [];
  /** The previous value of each source, in reading order; `Infinity` once it has fallen. */
  const before: number[] = [];
  const time: number[] = [];
  let candidates = 0;
  for (let i = 0; i < length; i++) {
    const s = source[i]!;
    const value = before[s];
    if (value === Number.POSITIVE_INFINITY) continue;
    count[s] = (count[s] ?? 0) + 1;
    if (count[s] === FEWEST_VALUES) candidates++;
    // Compare in order of time, whichever of the two was read first.
    const later = second[i]! - time[s]!;
    const falls = value !== undefined && (later < 0 ? kWh[i]! > value : kWh[i]! < value);
    if (falls && count[s]! >= FEWEST_VALUES) candidates--;
    before[s] = falls ? Number.POSITIVE_INFINITY : kWh[i]!;
    time[s] = second[i]!;
  }
  return candidates === 0;
}

/** Removes the digits that floating-point arithmetic adds. */
function rounded(kWh: number): number {
  return Number(kWh.toPrecision(12));
}

/**
 * Cumulative readings never fall, and grow slowly compared with their size. The same is true of a rising load for hours,
 * and of a constant load for longer. So a source is taken for a register only if it rises several times and
 * - either is high: at its pace of growth it would have taken days to reach its first value;
 * - or grows for most of a day or longer, in each quarter of that time, and not mainly in one step. This also detects
 *   a register that starts at 0.
 * A new register seen for a few hours is not detected, since it looks just like the morning of a solar plant.
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
  const isHigh = span * (kWh[0]! / growth) >= OLD;
  const keepsGrowing = span >= LONG && quarters.size === 4 && largest <= growth / 2;
  return isHigh || keepsGrowing;
}

/** How far apart equal times of day may be: clocks change by an hour, and meters are off by some minutes. */
const SAME_TIME = 1.5 * HOUR;
const FEWEST_DAYS = 3;
/** The share of sources that must have daily readings. */
const NEARLY_ALL = 0.9;

/**
 * Warns if nearly all sources have one reading a day, always at the same time: then one hour of each day gets all energy.
 * @param input the input's name in messages
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

/** Whether the sample is long enough for a few readings that are a day apart. */
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
 * The number of days of ascending times if there is one time per day, always the same time of day; otherwise 0. 1 means
 * nothing: there is only one time.
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
 * Warns if the last reading is exactly at the start of a day, alone on that day: it probably marks the end of the last
 * interval of the previous day. To be used only if timestamps are taken to mark starts.
 * @param first instant of the first reading, in epoch seconds
 * @param last instant of the last reading, with its fraction of a second
 * @param daily whether `dailyWarning` gave a warning: daily readings at midnight do not indicate end timestamps
 */
export function endStampsWarning(zone: Zone, first: number, last: number, daily: boolean): Warning | undefined {
  const startsDay = Number.isInteger(last) && dateAt(zone, last - 1) < dateAt(zone, last);
  if (daily || first === last || !startsDay) return undefined;
  const label = hourLabel(zone, last, offsetAt(zone, last));
  const message = say`the last timestamp is exactly ${label}, alone on its day: did you mean ${option("stamps", "end")}? It is for timestamps that mark the end of their interval`;
  return { code: "end_stamps", message };
}

/** The readings of one source, ordered by time, then by reading order. */
interface Series {
  readonly source: number;
  readonly second: Float64Array;
  readonly kWh: Float64Array;
}

/** The series of all sources in a sample, in order of first occurrence. */
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

/** A series sorted by time; most are sorted already. */
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

/** The sources that a warning is about, as the subject of a sentence. */
function subject(series: readonly Series[], nameOf: NameOf): string {
  const name = nameOf(series[0]!.source);
  const first = name === "" ? "the source without an id" : `source ${JSON.stringify(name)}`;
  if (series.length === 1) return first;
  return `${first} and ${series.length - 1} ${series.length === 2 ? "other" : "others"}`;
}
