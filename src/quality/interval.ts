/**
 * The interval at which a source's readings come, worked out from the quarter hours that have some. A meter may be set
 * to another interval, so a source has one or several stretches, each with its own.
 */
import { QUARTER } from "../time/slot-width.js";

/** Cells of one source, `begin` to `end` (exclusive): their slots ascend, and each has a reading. */
export interface Cells {
  readonly slot: Int32Array;
  readonly count: Float64Array;
  readonly begin: number;
  readonly end: number;
}

export interface IntervalStretch {
  /** Its cells, `begin` to `end` (exclusive). */
  readonly begin: number;
  readonly end: number;
  /** Seconds from one reading to the next; `undefined` where there are too few readings to tell. */
  readonly seconds: number | undefined;
}

const HOUR_SLOTS = 4;
const DAY_SLOTS = 96;
/** An interval is told from no fewer distances between neighbours than this that are the same. */
const LEAST_ALIKE = 3;
/** A day tells an interval of its own if it has this many distances, so up to some two hours. */
const LEAST_OF_DAY = 12;
/** Another interval is a change only where it holds on this many days with readings; for less it is a disturbance. */
const STEADY_DAYS = 7;
/** Intervals below half an hour that meters are set to; those of half an hour or more are any number of quarter hours. */
const USUAL = [1, 2, 3, 5, 6, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200];

/** More readings in a quarter hour than any usual interval gives; four such counts make one number, for comparing. */
const MOST_READINGS = 1023;
const DIGITS = [0, 1, 2, 3].map((quarter) => (MOST_READINGS + 1) ** quarter);

/** The stretches of a source, in the order of time, which together are all of its cells; none where it has no cell. */
export function intervalStretches(cells: Cells): IntervalStretch[] {
  const { begin, end } = cells;
  if (begin === end) return [];
  const runs = runsOf(cells);
  // With no interval that holds for long there is but one, of all readings.
  if (runs.length === 0) return [{ begin, end, seconds: intervalOf(cells) }];
  const stretches: IntervalStretch[] = [];
  let from = begin;
  runs.forEach((run, n) => {
    const next = runs[n + 1];
    const to = next === undefined ? end : changeBetween(cells, run, next);
    stretches.push({ begin: from, end: to, seconds: run.seconds });
    from = to;
  });
  return stretches;
}

/**
 * Whether a cell is as its interval has it: the next cell is one interval away, give or take less than half of one, and
 * it has as many readings as fit into a quarter hour. The last cell of all has no next one and does not count.
 */
export function fits({ slot, count }: Cells, n: number, seconds: number): boolean {
  const perSlot = QUARTER / seconds;
  const distance = intervalsBetween(slot[n + 1] - slot[n], seconds);
  return distance === 1 && count[n] >= Math.floor(perSlot) && count[n] <= Math.max(1, Math.ceil(perSlot));
}

/**
 * How many readings further a distance of slots is: 1 where nothing is missing between, 0 where the second reading is
 * one too many. Rounded, halves down, so that a day of 25 hours is one day, and 30 minutes can be 20 minutes apart.
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

/** Days with readings on which one and the same interval holds, one after another, where it does for long enough. */
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
    const seconds = to - from > LEAST_OF_DAY ? intervalOf({ ...cells, begin: from, end: to }) : undefined;
    add({ begin: from, end: to, days: 1, seconds });
    from = to;
  }
  const steady = runs.splice(0).filter((run) => run.days >= STEADY_DAYS);
  for (const run of steady) {
    // Days with few readings tell only together, and where that is all there is.
    const seconds = run.seconds ?? intervalOf({ ...cells, begin: run.begin, end: run.end });
    if (seconds !== undefined) add({ ...run, seconds });
  }
  return runs;
}

/** The first cell of the second run: where fewest cells are unlike their run's interval. */
function changeBetween(cells: Cells, before: Run, after: Run): number {
  const { slot } = cells;
  let low = before.end - 1;
  while (low > before.begin && slot[low - 1] >= slot[before.end - 1] - DAY_SLOTS) low--;
  let high = after.begin + 1;
  while (high < after.end && slot[high] < slot[after.begin] + DAY_SLOTS) high++;
  let best = low;
  let least = 0;
  // How many more cells are unlike than if the change were at `low`.
  let more = 0;
  for (let n = low; n < high - 1; n++) {
    if (!fits(cells, n, before.seconds as number)) more++;
    if (!fits(cells, n, after.seconds as number)) more--;
    // A gap between the two is like neither: it belongs to the run before it.
    if (more > least) continue;
    least = more;
    best = n + 1;
  }
  return best;
}

/**
 * The interval of some cells, in seconds: the most common distance between neighbours, and where that is a quarter hour,
 * what the most common arrangement of readings over the quarters of an hour comes from.
 */
function intervalOf(cells: Cells): number | undefined {
  const { slot, begin, end } = cells;
  const distances = new Map<number, number>();
  for (let n = begin; n + 1 < end; n++) more(distances, slot[n + 1] - slot[n]);
  const common = mostCommon(distances);
  if (common === undefined) return undefined;
  const alike = common.times >= LEAST_ALIKE;
  if (alike && common.value === 1) return shortInterval(cells);
  if (alike && (common.value <= HOUR_SLOTS || common.times * 2 >= end - begin - 1)) return common.value * QUARTER;
  return looseInterval(distances) ?? (alike ? common.value * QUARTER : undefined);
}

/**
 * The interval of readings that come hours or days apart and never at quite the same time, as those that people take do:
 * the middle of the distances that are alike, give or take a quarter, if these are most; as whole hours or days.
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
  if (most < LEAST_ALIKE || most * 2 < all.length) return undefined;
  const middle = all[first + (most >> 1)];
  const unit = middle * 2 >= DAY_SLOTS ? DAY_SLOTS : HOUR_SLOTS;
  return Math.max(1, Math.round(middle / unit)) * unit * QUARTER;
}

function shortInterval({ slot, count, begin, end }: Cells): number {
  // The first and the last hour may be cut, so they tell only if there is little else.
  const hourAt = (n: number) => Math.floor(slot[n] / HOUR_SLOTS);
  const inner = hourAt(end - 1) - hourAt(begin) > LEAST_ALIKE;
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
    more(arrangements, arrangement);
    more(totals, total);
  }
  const common = mostCommon(arrangements);
  if (inner && common !== undefined && common.times * 2 >= hours) {
    const seconds = ofArrangement(DIGITS.map((digit) => Math.floor(common.value / digit) % (MOST_READINGS + 1)));
    if (seconds !== undefined) return seconds;
  }
  if (!inner) {
    const counts = new Map<number, number>();
    for (let n = begin; n < end; n++) more(counts, count[n]);
    const each = mostCommon(counts)?.value ?? 1;
    return ofArrangement([each, each, each, each]) ?? QUARTER;
  }
  // Most hours miss or double some: the longest usual interval that gives an hour as many, but for a sixth that is double.
  const total = mostCommon(totals)?.value ?? HOUR_SLOTS;
  return USUAL.findLast((seconds) => seconds <= QUARTER && (3600 / seconds) * 1.2 >= total) ?? 1;
}

/** The interval that gives the four quarters of an hour so many readings, or half as many where all came twice, and so on. */
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

function more<T>(times: Map<T, number>, value: T): void {
  times.set(value, (times.get(value) ?? 0) + 1);
}

/** What comes most often; of several, the least. */
function mostCommon<T>(times: ReadonlyMap<T, number>): { value: T; times: number } | undefined {
  let best: { value: T; times: number } | undefined;
  for (const [value, n] of times)
    if (best === undefined || n > best.times || (n === best.times && value < best.value)) best = { value, times: n };
  return best;
}
