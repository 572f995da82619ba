/** Detects cumulative meter readings: the energy counted since the meter was installed, not that of an interval. */
import { option, say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { DAY, HOUR, type NameOf, type Sample, type Series, seriesOf, subject } from "./sample.js";

const FEWEST_VALUES = 20;
const FEWEST_RISES = 3;
/** Where values fall now and then, more must speak for a register. */
const FEWEST_RISES_BESIDE_FALLS = 8;
/** No load rises for so long without falling: the climb from the morning to the evening peak is shorter. */
const LONG = 18 * HOUR;
/** Energies of longer intervals may rise for weeks. */
const LONGEST_INTERVAL = 2 * HOUR;
/** A steadily rising load rises by more than a hundredth per hour, so it would have risen from zero in less than this. */
const OLD = 4 * DAY;
/** The same in intervals, for readings further apart: daily energies may rise for a month. */
const OLD_INTERVALS = 96;
/** A meter's display rises with most readings, or every few; a supply that is raised now and then does not. */
const FEWEST_RISES_OF_ALL = 1 / 50;
/** Values of a register that may be stray: zeros, and the like. */
const STRAY = 1 / 20;
/** Values in a row that may be stray. */
const STRAY_IN_A_ROW = 3;
/** Values that may be below the one before, but for stray ones: meters are exchanged, and some begin again each day. */
const FALLS = 1 / 10;
/** A meter is exchanged once in years. */
const EXCHANGES = 2;

/** Counters that begin again each day: fewest days, fewest rises a day, how exactly they keep the time, how low they begin. */
const FEWEST_DAYS = 2;
const FEWEST_RISES_A_DAY = 4;
const SAME_TIME = 1.5 * HOUR;
const LOW = 1 / 5;

/** Sources with few values each: fewest sources and steps, most falls, fewest rises, and the age that they must show. */
const MANY_SOURCES = 50;
const MANY_STEPS = 200;
const FEW_FALLS = 1 / 100;
const SOME_RISES = 1 / 10;
const VERY_OLD = 120 * DAY;

/**
 * Warns of sources whose values look like cumulative meter readings.
 * @param input the input's name in messages
 */
export function registerWarning(input: string, sample: Sample, nameOf: NameOf): Warning | undefined {
  if (fallsOften(sample)) return undefined;
  const all = seriesOf(sample);
  const found: Series[] = [];
  let first = "";
  for (const series of all) {
    const what = looksLike(series);
    if (what === undefined) continue;
    if (found.length === 0) first = what;
    found.push(series);
  }
  if (found.length === 0) {
    const few = all.filter(({ kWh }) => kWh.length > 1 && kWh.length < FEWEST_VALUES);
    if (!lookLikeRegisters(few)) return undefined;
    found.push(...few);
    first = told(few[0]!, "hardly ever fall");
  }
  const one = found.length === 1;
  const message = say`${
    `${input}: ${subject(found, nameOf)} ${one ? "seems" : "seem"} to have cumulative meter readings, ` +
    `not the energy of intervals: ${one ? "its" : "their"} sums would be wrong. ` +
    `${one ? "Its" : "The first one's"} ${first}; ` +
    "if they are, say "
  }${option("values", "register")}`;
  return { code: "register", message };
}

/** Whether the values of each source with many readings fall often, as energies do. This needs no sorting. */
function fallsOften({ length, source, second, kWh }: Sample): boolean {
  const count: number[] = [];
  const seen: number[] = [];
  const falls: number[] = [];
  /** The previous reading of each source, in reading order. */
  const value: number[] = [];
  const time: number[] = [];
  for (let i = 0; i < length; i++) {
    const s = source[i]!;
    if (count[s] === undefined) {
      seen.push(s);
      count[s] = 0;
      falls[s] = 0;
    } else {
      // Compare in order of time, whichever of the two was read first.
      const later = second[i]! - time[s]!;
      if (later < 0 ? kWh[i]! > value[s]! : kWh[i]! < value[s]!) falls[s]!++;
    }
    count[s]!++;
    value[s] = kWh[i]!;
    time[s] = second[i]!;
  }
  let few = 0;
  let fewFalls = 0;
  for (const s of seen) {
    const values = count[s]!;
    if (values >= FEWEST_VALUES && falls[s]! <= 1 + values * (STRAY + FALLS)) return false;
    if (values >= FEWEST_VALUES || values < 2) continue;
    few += values - 1;
    fewFalls += falls[s]!;
  }
  return few < MANY_STEPS || fewFalls > few * FEW_FALLS;
}

/** What makes a series look like a register, in words: `31 values never fall, from 500 to 503 kWh`. */
function looksLike(series: Series): string | undefined {
  const { kWh } = series;
  if (kWh.length < FEWEST_VALUES || kWh[0]! < 0) return undefined;
  const { kept, stray } = withoutStray(series);
  if (stray > kWh.length * STRAY) return undefined;
  const parts = risingParts(kept);
  const falls = parts.length - 1;
  if (falls === 0)
    return isRegister(kept, FEWEST_RISES) ? told(series, stray === 0 ? "never fall" : "hardly ever fall") : undefined;
  const longest = parts.reduce((a, b) => (b.kWh.length > a.kWh.length ? b : a));
  if (falls <= EXCHANGES && isRegister(longest, FEWEST_RISES_BESIDE_FALLS)) return told(series, "hardly ever fall");
  return falls <= kept.kWh.length * FALLS && beginEachDay(parts)
    ? told(series, "fall once a day, and rise until the next")
    : undefined;
}

function told({ kWh }: Series, fall: string): string {
  return `${kWh.length} values ${fall}, from ${rounded(kWh[0]!)} to ${rounded(kWh.at(-1)!)} kWh`;
}

/** Leaves out values that are lower than the one before, and followed by one that is not. */
function withoutStray({ source, second, kWh }: Series): { kept: Series; stray: number } {
  const indices: number[] = [0];
  for (let i = 1; i < kWh.length; i++) {
    const before = kWh[indices.at(-1)!]!;
    if (kWh[i]! >= before) indices.push(i);
    else {
      let next = i + 1;
      while (next < kWh.length && next - i < STRAY_IN_A_ROW && kWh[next]! < before) next++;
      if (next < kWh.length && kWh[next]! >= before) i = next - 1;
      else indices.push(i);
    }
  }
  const kept = {
    source,
    second: Float64Array.from(indices, (i) => second[i]!),
    kWh: Float64Array.from(indices, (i) => kWh[i]!),
  };
  return { kept, stray: kWh.length - indices.length };
}

/** The parts between falls. */
function risingParts({ source, second, kWh }: Series): Series[] {
  const parts: Series[] = [];
  let begin = 0;
  for (let i = 1; i <= kWh.length; i++) {
    if (i < kWh.length && kWh[i]! >= kWh[i - 1]!) continue;
    parts.push({ source, second: second.subarray(begin, i), kWh: kWh.subarray(begin, i) });
    begin = i;
  }
  return parts;
}

/** Removes the digits that floating-point arithmetic adds. */
function rounded(kWh: number): number {
  return Number(kWh.toPrecision(12));
}

/**
 * Cumulative readings never fall, and grow slowly compared with their size. The same is true of a rising load for hours,
 * and of a constant load for longer. So a rising series is taken for a register only if it rises several times and
 * - either is high: at its pace of growth it would have taken days, or a hundred intervals, to reach its first value;
 * - or grows for most of a day or longer, in each quarter of that time, and not mainly in one step. This also detects
 *   a register that starts at 0.
 * A new register seen for a few hours is not detected, since it looks just like the morning of a solar plant.
 */
function isRegister({ second, kWh }: Series, fewestRises: number): boolean {
  const last = kWh.length - 1;
  const span = second[last]! - second[0]!;
  const growth = kWh[last]! - kWh[0]!;
  const { rises, largest } = risesOf(kWh);
  if (kWh.length < FEWEST_VALUES || span === 0) return false;
  if (rises < Math.max(fewestRises, last * FEWEST_RISES_OF_ALL)) return false;
  if (span * (kWh[0]! / growth) >= Math.max(OLD, OLD_INTERVALS * (span / last))) return true;
  const quarters = new Set<number>();
  for (let i = 1; i <= last; i++)
    if (kWh[i]! > kWh[i - 1]!) quarters.add(Math.max(1, Math.ceil((4 * (second[i]! - second[0]!)) / span)));
  return span >= LONG && span <= last * LONGEST_INTERVAL && quarters.size === 4 && largest <= growth / 2;
}

function risesOf(kWh: Float64Array): { rises: number; largest: number } {
  let rises = 0;
  let largest = 0;
  for (let i = 1; i < kWh.length; i++) {
    const step = kWh[i]! - kWh[i - 1]!;
    if (step <= 0) continue;
    rises++;
    largest = Math.max(largest, step);
  }
  return { rises, largest };
}

/** Whether each part but the first begins low, at the same time of a day, and rises several times until the next. */
function beginEachDay(parts: readonly Series[]): boolean {
  const starts = parts.slice(1).map(({ second }) => second[0]!);
  const first = starts[0]!;
  let lastDay = -1;
  const onTime = starts.every((second) => {
    const day = Math.round((second - first) / DAY);
    const another = day > lastDay;
    lastDay = day;
    return another && Math.abs(second - first - day * DAY) <= SAME_TIME;
  });
  // The last day may not be over.
  const days = parts.slice(1, -1);
  const good = days.filter(({ kWh }) => {
    const growth = kWh.at(-1)! - kWh[0]!;
    const { rises, largest } = risesOf(kWh);
    return kWh[0]! <= LOW * kWh.at(-1)! && rises >= FEWEST_RISES_A_DAY && largest <= growth / 2;
  });
  return onTime && days.length >= FEWEST_DAYS && good.length >= 0.8 * days.length;
}

/** Whether sources with few values each look like registers together: they hardly ever fall, and grow very slowly. */
function lookLikeRegisters(all: readonly Series[]): boolean {
  let steps = 0;
  let falls = 0;
  let rises = 0;
  const ages: number[] = [];
  for (const { second, kWh } of all) {
    if (kWh[0]! < 0) return false;
    for (let i = 1; i < kWh.length; i++) {
      steps++;
      if (kWh[i]! < kWh[i - 1]!) falls++;
      if (kWh[i]! > kWh[i - 1]!) rises++;
    }
    const growth = kWh.at(-1)! - kWh[0]!;
    if (growth > 0) ages.push((second.at(-1)! - second[0]!) * (kWh[0]! / growth));
  }
  ages.sort((a, b) => a - b);
  return (
    all.length >= MANY_SOURCES &&
    steps >= MANY_STEPS &&
    falls <= steps * FEW_FALLS &&
    rises >= steps * SOME_RISES &&
    ages[ages.length >> 1]! >= VERY_OLD
  );
}
