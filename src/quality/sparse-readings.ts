/** Detects readings that are a day or more apart: one hour has all that each of them tells. */
import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { DAY, HOUR, type NameOf, type Sample, type Series, seriesOf, subject } from "./sample.js";

/** How far apart equal times of day may be: clocks change by an hour, and meters are off by some minutes. */
const SAME_TIME = 1.5 * HOUR;
const FEWEST_DAYS = 3;
/** Values that never fall: fewer may do so by chance. */
const FEWEST_RISING = 6;
/** The share of sources that must have such readings. */
const NEARLY_ALL = 0.9;

/**
 * Warns if nearly all sources have at most one reading a day, at about the same time: then one hour gets all energy. Where
 * most readings are several days apart, that is true of days, too.
 * @param input the input's name in messages
 * @param share of the readings that are in the sample, at random
 */
export function sparseWarning(input: string, sample: Sample, nameOf: NameOf, share = 1): Warning | undefined {
  if (!spansDays(sample)) return undefined;
  const sparse: Series[] = [];
  const distances: number[] = [];
  let judged = 0;
  let mostDays = 0;
  for (const series of seriesOf(sample)) {
    const days = daysIfSparse(series.second);
    if (days?.length === 0) continue;
    judged++;
    if (days === undefined) continue;
    sparse.push(series);
    distances.push(...days);
    mostDays = Math.max(mostDays, days.length + 1);
  }
  if (mostDays < FEWEST_DAYS || sparse.length < NEARLY_ALL * judged) return undefined;
  distances.sort((a, b) => a - b);
  const mean = distances.reduce((sum, days) => sum + days, 0) / distances.length;
  const apart = share === 1 ? distances[distances.length >> 1]! : Math.max(1, Math.round(mean * share));
  const rising = sparse.every(
    ({ kWh }) => kWh.at(-1)! > kWh[0]! && kWh.every((value, n) => n === 0 || value >= kWh[n - 1]!),
  );
  const enough = sparse.reduce((sum, { kWh }) => sum + kWh.length, 0) >= FEWEST_RISING;
  const doubt =
    rising && enough ? ". If they are what meters show, which never falls, give the differences instead" : "";
  const has = `${input}: ${subject(sparse, nameOf)} ${sparse.length === 1 ? "has" : "have"} one reading`;
  const monthly = apart >= 28 && apart <= 31;
  const each = monthly ? "a month" : `in ${apart} days, as a rule`;
  if (apart > 1)
    return {
      code: "sparse_readings",
      message: say`${has} ${each}: one hour of one day gets it all and the others are 0. Only the sums of longer times are good, not those of hours and days${monthly && doubt === "" ? say`; ${option("interval", "1mo")} spreads each over its month` : ""}${doubt}`,
    };
  return {
    code: "daily_readings",
    message: say`${has} a day, at about the same time: one hour of each day gets it all and the others are 0. The daily sums are good, the hourly ones are not${doubt === "" ? say`; ${option("interval", "1d")} spreads each over its day` : doubt}`,
  };
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
 * The days from each of the ascending times to the next; `undefined` unless there is at most one time a day, always about
 * the same time of day. None tells nothing: there is only one time.
 */
function daysIfSparse(second: Float64Array): number[] | undefined {
  const first = second[0]!;
  const days: number[] = [];
  let lastDay = 0;
  let earliest = 0;
  let latest = 0;
  for (let i = 1; i < second.length; i++) {
    if (second[i] === second[i - 1]) continue;
    const day = Math.round((second[i]! - first) / DAY);
    const shift = second[i]! - first - day * DAY;
    earliest = Math.min(earliest, shift);
    latest = Math.max(latest, shift);
    if (day === lastDay || latest - earliest > SAME_TIME) return undefined;
    days.push(day - lastDay);
    lastDay = day;
  }
  return days;
}
