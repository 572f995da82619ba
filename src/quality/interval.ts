/**
 * Infers the interval of a source's readings from the quarter hours that have any. The interval of a meter may be changed,
 * so a source has one or more ranges, each with its own interval.
 */
import { QUARTER } from "../time/slot-width.js";

/** The cells of one source, from `begin` to `end` (exclusive). Slots ascend, and each has a reading. */
export interface Cells {
  readonly slot: Int32Array;
  readonly count: Float64Array;
  readonly begin: number;
  readonly end: number;
}

/** A range of cells with the same interval. */
export interface IntervalRange {
  /** Its cells, from `begin` to `end` (exclusive). */
  readonly begin: number;
  readonly end: number;
  /** Seconds from one reading to the next; `undefined` if there are too few readings to tell. */
  readonly seconds: number | undefined;
}

const HOUR_SLOTS = 4;
const DAY_SLOTS = 96;
/** The fewest equal distances between neighbours from which an interval is inferred. */
const MIN_ALIKE = 3;
/** A day has an interval of its own if it has at least this many distances, so for intervals up to about two hours. */
const MIN_OF_DAY = 12;
/** Another interval counts as a change only if it lasts for this many days with readings; otherwise it is noise. */
const STEADY_DAYS = 7;
/** Common intervals below half an hour, in seconds. Longer intervals may be any number of quarter hours. */
const USUAL = [1, 2, 3, 5, 6, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200];

/** More readings per quarter hour than any common interval yields. */
const MOST_READINGS = 1023;
/** Weights that combine the counts of four quarter hours into one number, for comparisons. */
const DIGITS = [0, 1, 2, 3].map((quarter) => (MOST_READINGS + 1) ** quarter);

/** The interval ranges of a source, in order of time. Together they cover all of its cells. */
export function intervalRanges(cells: Cells): IntervalRange[] {
  const { begin, end } = cells;
  if (begin === end) return [];
  const runs = runsOf(cells);
  // If no interval lasts long enough, all readings form one range.
  if (runs.length === 0) return [{ begin, end, seconds: intervalOf(cells) }];
  const ranges: IntervalRange[] = [];
  let from = begin;
  runs.forEach((run, n) => {
    const next = runs[n + 1];
    const to = next === undefined ? end : changeBetween(cells, run, next);
    ranges.push({ begin: from, end: to, seconds: run.seconds });
    from = to;
  });
  return ranges;
}

/**
 * Whether a cell fits its interval: the next cell is one interval away, give or take less than half an interval, and the
 * cell has the right number of readings for a quarter hour. Not defined for the last cell, which has no next one.
 */
export function fits({ slot, count }: Cells, n: number, seconds: number): boolean {
  const perSlot = QUARTER / seconds;
  const distance = intervalsBetween(slot[n + 1] - slot[n], seconds);
  return distance === 1 && count[n] >= Math.floor(perSlot) && count[n] <= Math.max(1, Math.ceil(perSlot));
}

/**
 * A distance of slots in intervals: 1 if nothing is missing in between, 0 if the second reading is an extra one. Rounded,
 * halves down, so that a day of 25 hours is one day, and readings every 20 minutes may be 30 minutes apart.
 */
export function intervalsBetween(slots: number, seconds: number): number {
  return Math.ceil((slots * QUARTER) / Math.max(seconds, QUARTER) - 0.5);
}

interface Run {
  begin: number;
  end: number;
  days: number;
  seconds: number | undefined;
}

/** Runs of days with readings that have the same interval, if it lasts long enough. */
function runsOf(cells: Cells): Run[] {
  const { slot, begin, end } = cells;
  const runs: Run[] = [];
  const add = (day: Run) => {
    const last = runs.at(-1);
    if (last === undefined || last.seconds !== day.seconds) return runs.push(day);
    last.end = day.end;
    last.days += day.days;
    return runs.length;
  };
  for (let from = begin; from < end; ) {
    const day = Math.floor(slot[from] / DAY_SLOTS);
    let to = from + 1;
    while (to < end && Math.floor(slot[to] / DAY_SLOTS) === day) to++;
    const seconds = to - from > MIN_OF_DAY ? intervalOf({ ...cells, begin: from, end: to }) : undefined;
    add({ begin: from, end: to, days: 1, seconds });
    from = to;
  }
  const steady = runs.splice(0).filter((run) => run.days >= STEADY_DAYS);
  for (const run of steady) {
    // Days with few readings reveal an interval only together.
    const seconds = run.seconds ?? intervalOf({ ...cells, begin: run.begin, end: run.end });
    if (seconds !== undefined) add({ ...run, seconds });
  }
  return runs;
}

/** The first cell of the second run: the position at which the fewest cells do not fit their run's interval. */
function changeBetween(cells: Cells, before: Run, after: Run): number {
  const { slot } = cells;
  let low = before.end - 1;
  while (low > before.begin && slot[low - 1] >= slot[before.end - 1] - DAY_SLOTS) low--;
  let high = after.begin + 1;
  while (high < after.end && slot[high] < slot[after.begin] + DAY_SLOTS) high++;
  let best = low;
  let least = 0;
  // The number of cells that do not fit, compared with a change at `low`.
  let excess = 0;
  for (let n = low; n < high - 1; n++) {
    if (!fits(cells, n, before.seconds as number)) excess++;
    if (!fits(cells, n, after.seconds as number)) excess--;
    // A gap between the two fits neither: it belongs to the first run.
    if (excess > least) continue;
    least = excess;
    best = n + 1;
  }
  return best;
}

/**
 * The interval of some cells, in seconds: the most common distance between neighbours or, if that is a quarter hour, the
 * interval behind the most common distribution of readings over the quarters of an hour.
 */
function intervalOf(cells: Cells): number | undefined {
  const { slot, begin, end } = cells;
  const distances = new Map<number, number>();
  for (let n = begin; n + 1 < end; n++) increment(distances, slot[n + 1] - slot[n]);
  const common = mostCommon(distances);
  if (common === undefined) return undefined;
  const alike = common.times >= MIN_ALIKE;
  if (alike && common.value === 1) return shortInterval(cells);
  if (alike && (common.value <= HOUR_SLOTS || common.times * 2 >= end - begin - 1)) return common.value * QUARTER;
  return looseInterval(distances) ?? (alike ? common.value * QUARTER : undefined);
}

/**
 * The interval of readings that are hours or days apart, but irregular, such as manual ones: the median of the distances
 * that are similar (within 25 %), if those are the majority; in whole hours or days.
 */
function looseInterval(distances: ReadonlyMap<number, number>): number | undefined {
  const all = [...distances]
    .flatMap(([distance, times]) => new Array<number>(times).fill(distance))
    .sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (let low = 0, high = 0; low < all.length; low++) {
    while (high < all.length && all[high] * 0.75 <= all[low] * 1.25) high++;
    if (all[low] <= HOUR_SLOTS || high - low <= most) continue;
    first = low;
    most = high - low;
  }
  if (most < MIN_ALIKE || most * 2 < all.length) return undefined;
  const middle = all[first + (most >> 1)];
  const unit = middle * 2 >= DAY_SLOTS ? DAY_SLOTS : HOUR_SLOTS;
  return Math.max(1, Math.round(middle / unit)) * unit * QUARTER;
}

function shortInterval({ slot, count, begin, end }: Cells): number {
  // The first and the last hour may be incomplete, so they are used only if there is little else.
  const hourAt = (n: number) => Math.floor(slot[n] / HOUR_SLOTS);
  const inner = hourAt(end - 1) - hourAt(begin) > MIN_ALIKE;
  const arrangements = new Map<number, number>();
  const totals = new Map<number, number>();
  let hours = 0;
  for (let n = begin; n < end; ) {
    const hour = hourAt(n);
    let arrangement = 0;
    let total = 0;
    for (; n < end && hourAt(n) === hour; n++) {
      arrangement += Math.min(count[n], MOST_READINGS) * DIGITS[slot[n] - hour * HOUR_SLOTS];
      total += count[n];
    }
    if (inner && (hour === hourAt(begin) || hour === hourAt(end - 1))) continue;
    hours++;
    increment(arrangements, arrangement);
    increment(totals, total);
  }
  const common = mostCommon(arrangements);
  if (inner && common !== undefined && common.times * 2 >= hours) {
    const seconds = ofArrangement(DIGITS.map((digit) => Math.floor(common.value / digit) % (MOST_READINGS + 1)));
    if (seconds !== undefined) return seconds;
  }
  if (!inner) {
    const counts = new Map<number, number>();
    for (let n = begin; n < end; n++) increment(counts, count[n]);
    const each = mostCommon(counts)?.value ?? 1;
    return ofArrangement([each, each, each, each]) ?? QUARTER;
  }
  // Most hours have gaps or duplicates: the longest common interval that yields as many readings, less a sixth for duplicates.
  const total = mostCommon(totals)?.value ?? HOUR_SLOTS;
  return USUAL.findLast((seconds) => seconds <= QUARTER && (3600 / seconds) * 1.2 >= total) ?? 1;
}

/** The interval that yields these counts in the four quarters of an hour; or half of them, if every reading is there twice, and so on. */
function ofArrangement(arrangement: readonly number[]): number | undefined {
  const most = Math.max(...arrangement);
  for (let times = 1; times <= most; times++) {
    if (arrangement.some((readings) => readings % times !== 0)) continue;
    const once = arrangement.map((readings) => readings / times);
    const seconds = 3600 / once.reduce((sum, readings) => sum + readings, 0);
    if (USUAL.includes(seconds) && Math.max(...once) - Math.min(...once) <= 1) return seconds;
  }
  return undefined;
}

function increment<T>(times: Map<T, number>, value: T): void {
  times.set(value, (times.get(value) ?? 0) + 1);
}

/** The most frequent value; the smallest if there are several. */
function mostCommon<T>(times: ReadonlyMap<T, number>): { value: T; times: number } | undefined {
  let best: { value: T; times: number } | undefined;
  for (const [value, n] of times)
    if (best === undefined || n > best.times || (n === best.times && value < best.value)) best = { value, times: n };
  return best;
}
