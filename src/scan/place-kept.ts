/** Counts the readings that were kept until all inputs are known: those that count, where they belong. */
import { totalRows } from "../quality/total-rows.js";
import type { Decimal } from "../tally/decimal.js";
import type { Interval } from "../time/interval.js";
import type { Kernel } from "./kernel.js";
import { placeByWay } from "./place-by-way.js";
import type { Scanner } from "./scanner.js";

/** Readings that are counted in a step. */
const STEP = 4096;
/** Readings whose sources are settled in a step. */
const SETTLED = 1 << 18;

/**
 * Call this after the last input of all threads. The generator's steps are milliseconds' work.
 * @throws RunError if it takes too long to tell which rows are totals, or inputs say different ways for a source
 */
export function* placeKept(scanner: Scanner): Generator<undefined, void> {
  const { kernel } = scanner;
  const { kept } = kernel;
  if (kept.length === 0) return;
  const rows = kept.all();
  yield* settleSources(rows.source, kernel);
  const keeps = rows.stretches.map(({ known }) => scanner.planAs(known).keep);
  if (keeps.some((keep) => keep !== undefined)) yield* placeByWay(scanner, rows, keeps);
  else yield* placeTotals(scanner);
  kept.clear();
}

/** Replaces the numbers of sources by those that they were settled as. */
function* settleSources(source: Uint32Array, kernel: Kernel): Generator<undefined, void> {
  const settled = new Int32Array(kernel.exports.sourceCount()).fill(-1);
  for (let from = 0; from < source.length; from += SETTLED) {
    const end = Math.min(from + SETTLED, source.length);
    for (let n = from; n < end; n++) {
      const own = source[n]!;
      let number = settled[own]!;
      if (number < 0) {
        number = kernel.settled(own);
        settled[own] = number;
      }
      if (number !== own) source[n] = number;
    }
    yield;
  }
}

/** Counts all but rows of totals. */
function* placeTotals({ kernel, order, leaveOut }: Scanner): Generator<undefined, void> {
  const { kept } = kernel;
  const rows = kept.all();
  const isTotal = yield* totalRows(rows);
  const interval: Interval = { from: 0, fromNanos: 0, to: 0, toNanos: 0 };
  const value: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };
  let totals = 0;
  let rounded = 0;
  for (let n = 0; n < isTotal.length; n++) {
    const second = kept.read(n, interval, value);
    if (isTotal[n] === 0) order.spreader.placeAtOnce(rows.source[n]!, second, interval, value);
    else {
      totals++;
      if (value.rounded) rounded++;
    }
    if (n % STEP === 0) yield;
  }
  leaveOut("total", totals, rounded);
}
