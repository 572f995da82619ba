/** Puts readings that were kept in order: by source and time, those of one instant as they were delivered. */
import { sortedOrder } from "../base/sorted-order.js";
import type { KeptReadings } from "./kept-readings.js";

/** Readings that are ordered in a step. */
const STEP = 1 << 16;

/** Where the readings of sources are. */
export interface Ranges {
  /** The sources that have some, and where those of each begin; the last entry is the end. */
  readonly sources: Uint32Array;
  readonly starts: Uint32Array;
}

/**
 * The generator's steps are milliseconds' work.
 * @param which of the plans each reading was read by, if there are several; it is put in the same order
 */
export function* putInOrder(kept: KeptReadings, which: Uint32Array | undefined): Generator<undefined, Ranges> {
  const { source, stretches } = kept.all();
  const { length } = source;
  let most = 0;
  for (let n = 0; n < length; n++) if (source[n]! > most) most = source[n]!;
  // A stable sort by source, over the readings in the order in which they were delivered.
  const ends = new Uint32Array(most + 2);
  for (let n = 0; n < length; n++) ends[source[n]! + 1]!++;
  const sources: number[] = [];
  for (let n = 0; n <= most; n++) {
    if (ends[n + 1]! > 0) sources.push(n);
    ends[n + 1]! += ends[n]!;
  }
  const starts = Uint32Array.from([...sources.map((n) => ends[n]!), length]);
  const place = new Uint32Array(length);
  const order = stretches.map((_, n) => n);
  order.sort((a, b) => {
    const one = stretches[a]!;
    const other = stretches[b]!;
    return one.input - other.input || one.offset - other.offset || a - b;
  });
  for (const n of order) {
    const end = stretches[n + 1]?.first ?? length;
    for (let row = stretches[n]!.first; row < end; row++) place[row] = ends[source[row]!]!++;
    yield;
  }
  yield* kept.move(place);
  if (which !== undefined) {
    const before = which.slice();
    for (let n = 0; n < length; n++) which[place[n]!] = before[n]!;
  }
  const { from, fromNanos } = kept.all();
  const compare =
    fromNanos.length === 0
      ? (a: number, b: number) => from[a]! - from[b]!
      : (a: number, b: number) => from[a]! - from[b]! || fromNanos[a]! - fromNanos[b]!;
  let done = 0;
  for (let n = 0; n < sources.length; n++) {
    const [first, end] = [starts[n]!, starts[n + 1]!];
    let sorted = first + 1;
    while (sorted < end && compare(sorted - 1, sorted) <= 0) sorted++;
    if (sorted < end) {
      const places = yield* sortedOrder(end - first, (a, b) => compare(first + a, first + b));
      kept.arrange(first, places);
      // A source has one way, so its readings need not be told apart any more.
    }
    done += end - first;
    if (done > STEP) {
      done = 0;
      yield;
    }
  }
  return { sources: Uint32Array.from(sources), starts };
}
