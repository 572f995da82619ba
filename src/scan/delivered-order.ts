/** The order of readings that were kept: by source and time, and among those of one instant as they were delivered. */
import { sortedOrder } from "../base/sorted-order.js";
import type { KeptColumns } from "./kept-readings.js";

/** Readings that are ordered in a step. */
const STEP = 1 << 16;

/** Rows by source, each source's by time. */
export interface Delivered {
  readonly rows: Uint32Array;
  /** The sources that have rows, and where the rows of each begin; the last entry is the end. */
  readonly sources: Uint32Array;
  readonly starts: Uint32Array;
}

/** The generator's steps are milliseconds' work. */
export function* deliveredOrder(kept: KeptColumns): Generator<undefined, Delivered> {
  const { source, from, fromNanos, stretches } = kept;
  const { length } = source;
  let most = 0;
  for (let n = 0; n < length; n++) if (source[n]! > most) most = source[n]!;
  // A stable sort by source, over the rows in the order in which they were delivered.
  const ends = new Uint32Array(most + 2);
  for (let n = 0; n < length; n++) ends[source[n]! + 1]!++;
  const sources: number[] = [];
  for (let n = 0; n <= most; n++) {
    if (ends[n + 1]! > 0) sources.push(n);
    ends[n + 1]! += ends[n]!;
  }
  const starts = Uint32Array.from([...sources.map((n) => ends[n]!), length]);
  const rows = new Uint32Array(length);
  const order = stretches.map((_, n) => n);
  order.sort((a, b) => {
    const one = stretches[a]!;
    const other = stretches[b]!;
    return one.input - other.input || one.offset - other.offset || a - b;
  });
  for (const n of order) {
    const end = stretches[n + 1]?.first ?? length;
    for (let row = stretches[n]!.first; row < end; row++) rows[ends[source[row]!]!++] = row;
    yield;
  }
  const compare = (a: number, b: number) => from[a]! - from[b]! || fromNanos[a]! - fromNanos[b]!;
  let done = 0;
  for (let n = 0; n < sources.length; n++) {
    const first = starts[n]!;
    const own = rows.subarray(first, starts[n + 1]!);
    let sorted = 1;
    while (sorted < own.length && compare(own[sorted - 1]!, own[sorted]!) <= 0) sorted++;
    if (sorted < own.length) {
      const before = own.slice();
      const places = yield* sortedOrder(own.length, (a, b) => compare(before[a]!, before[b]!));
      for (let k = 0; k < own.length; k++) own[k] = before[places[k]!]!;
    }
    done += own.length;
    if (done > STEP) {
      done = 0;
      yield;
    }
  }
  return { rows, sources: Uint32Array.from(sources), starts };
}
