/** Counts the readings that were kept until all inputs are known: those that count, where they belong. */
import { totalRows } from "../quality/total-rows.js";
import type { Decimal } from "../tally/decimal.js";
import type { Interval } from "../time/interval.js";
import { placeByWay } from "./place-by-way.js";
import type { Scanner } from "./scanner.js";

/** Readings that are counted in a step. */
const STEP = 4096;

/**
 * Call this after the last input of all threads. The generator's steps are milliseconds' work.
 * @throws RunError if it takes too long to tell which rows are totals, or inputs say different ways for a source
 */
export function* placeKept(scanner: Scanner): Generator<undefined, void> {
  const { kernel } = scanner;
  const { kept } = kernel;
  if (kept.length === 0) return;
  const rows = kept.all();
  const settled = new Map<number, number>();
  for (let n = 0; n < rows.source.length; n++) {
    const source = rows.source[n]!;
    let number = settled.get(source);
    if (number === undefined) {
      number = kernel.settled(source);
      settled.set(source, number);
    }
    rows.source[n] = number;
    if (n % STEP === 0) yield;
  }
  const keeps = rows.stretches.map(({ known }) => scanner.planAs(known).keep);
  if (keeps.some((keep) => keep !== undefined)) yield* placeByWay(scanner, rows, keeps);
  else yield* placeTotals(scanner);
  kept.clear();
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
