/**
 * Finds rows of totals: those whose interval others of their source fill exactly, two or more, without a gap or an overlap.
 * With instants as places and intervals as ways between them, a row is a total if another way leads from its start to its
 * end. Whether one does depends on nothing but the set of intervals; totals of totals are found, too.
 */
import { RunError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import { sortedOrder } from "../base/sorted-order.js";

/** What rows cover: columns of equal length. Seconds since 1970, and nanoseconds after them. */
export interface Intervals {
  readonly source: Uint32Array;
  readonly from: Float64Array;
  readonly fromNanos: Uint32Array;
  readonly to: Float64Array;
  readonly toNanos: Uint32Array;
}

/** Bytes that looking for totals takes for each row. */
export const LOOKING_FOR_TOTALS = 28;
/** Intervals that may be tried in all: so many, and so many more for each row. Ordinary data takes a few for each. */
const MOST_TRIED = 10_000_000;
const MOST_TRIED_A_ROW = 100;
const NOWHERE = 0xffffffff;
const STEP = 1 << 16;

/**
 * Which rows are totals: 1 for each of them. The generator's steps are milliseconds' work.
 * @throws RunError if the intervals overlap in too many ways to try them all
 */
export function* totalRows(rows: Intervals): Generator<undefined, Uint8Array> {
  const { source, from, fromNanos, to, toNanos } = rows;
  const compare = (a: number, b: number) =>
    source[a]! - source[b]! ||
    from[a]! - from[b]! ||
    fromNanos[a]! - fromNanos[b]! ||
    to[a]! - to[b]! ||
    toNanos[a]! - toNanos[b]!;
  const order = yield* sortedOrder(source.length, compare);
  const ways = yield* waysOf(rows, order, compare);
  const isTotal = new Uint8Array(source.length);
  for (let way = 0; way < ways.row.length; way++) {
    // A total begins where a shorter interval does.
    const total = way > ways.first[way]! && (yield* isFilled(ways, way));
    if (!total) continue;
    const end = way + 1 < ways.row.length ? ways.place[way + 1]! : order.length;
    for (let n = ways.place[way]!; n < end; n++) isTotal[order[n]!] = 1;
  }
  return isTotal;
}

/** Intervals that differ, in the order of source, start and end. */
interface Ways {
  readonly rows: Intervals;
  /** A row that has it, and the place of the first such row in the order of rows. */
  readonly row: Uint32Array;
  readonly place: Uint32Array;
  /** The first one that begins when it does, and the first one that begins when it ends, or `NOWHERE`. */
  readonly first: Uint32Array;
  readonly next: Uint32Array;
  /** Of the first that begin at an instant: for which interval they were tried last. */
  readonly triedFor: Uint32Array;
  readonly stack: number[];
  tried: number;
}

function* waysOf(
  rows: Intervals,
  order: Uint32Array,
  compare: (a: number, b: number) => number,
): Generator<undefined, Ways> {
  const { source, from, fromNanos, to, toNanos } = rows;
  let count = 0;
  for (let n = 0; n < order.length; n++) if (n === 0 || compare(order[n - 1]!, order[n]!) !== 0) count++;
  const row = new Uint32Array(count);
  const place = new Uint32Array(count);
  const first = new Uint32Array(count);
  const next = new Uint32Array(count).fill(NOWHERE);
  for (let n = 0, way = 0; n < order.length; n++) {
    if (n > 0 && compare(order[n - 1]!, order[n]!) === 0) continue;
    const one = order[n]!;
    row[way] = one;
    place[way] = n;
    const before = row[way - 1];
    const same =
      before !== undefined &&
      source[before] === source[one] &&
      from[before] === from[one] &&
      fromNanos[before] === fromNanos[one];
    first[way] = same ? first[way - 1]! : way;
    way++;
    if (n % STEP === 0) yield;
  }
  for (let way = 0; way < count; way++) {
    const one = row[way]!;
    let low = way + 1;
    let high = count;
    const end = to[one]!;
    const endNanos = toNanos[one]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = row[middle]!;
      const isBefore =
        source[other] === source[one] && (from[other]! < end || (from[other] === end && fromNanos[other]! < endNanos));
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    const other = row[low];
    if (other !== undefined && source[other] === source[one] && from[other] === end && fromNanos[other] === endNanos)
      next[way] = low;
    if (way % STEP === 0) yield;
  }
  return { rows, row, place, first, next, triedFor: new Uint32Array(count).fill(NOWHERE), stack: [], tried: 0 };
}

/** Whether shorter intervals lead from the start of one to its end. The longest are tried first: a year is twelve months. */
function* isFilled(ways: Ways, total: number): Generator<undefined, boolean> {
  const { rows, row, first, next, triedFor, stack } = ways;
  const { to, toNanos } = rows;
  const end = to[row[total]!]!;
  const endNanos = toNanos[row[total]!]!;
  const most = MOST_TRIED + MOST_TRIED_A_ROW * rows.source.length;
  stack.length = 0;
  for (let way = total - 1; ; ) {
    if (++ways.tried > most) throw tooManyWays();
    if (ways.tried % STEP === 0) yield;
    if (to[row[way]!] === end && toNanos[row[way]!] === endNanos) return true;
    const then = next[way]!;
    if (then !== NOWHERE && triedFor[then] !== total) {
      triedFor[then] = total;
      const longest = longestWithin(ways, then, end, endNanos);
      if (longest !== NOWHERE) {
        stack.push(way);
        way = longest;
        continue;
      }
    }
    while (way === first[way]) {
      const before = stack.pop();
      if (before === undefined) return false;
      way = before;
    }
    way--;
  }
}

/** The longest interval that begins with another one, and ends at an instant or before; `NOWHERE` if there is none. */
function longestWithin({ rows, row, first }: Ways, from: number, end: number, endNanos: number): number {
  const { to, toNanos } = rows;
  let low = from;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const one = row[middle]!;
    const isWithin = first[middle] === from && (to[one]! < end || (to[one] === end && toNanos[one]! <= endNanos));
    if (isWithin) low = middle + 1;
    else high = middle;
  }
  return low === from ? NOWHERE : low - 1;
}

function tooManyWays(): RunError {
  return new RunError(
    "too_many_overlaps",
    say`the intervals overlap in too many ways to tell which are totals of others; leave ${option("totals", "skip")} out, or read fewer at a time`,
  );
}
