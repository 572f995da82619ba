/** Yields to the event loop in long loops, so that signals are handled, however many items there are. */
import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Lets pending events run first.
 * @throws the signal's reason if it is aborted
 */
export async function yieldToEventLoop(signal: AbortSignal | undefined): Promise<void> {
  await nextTurn();
  signal?.throwIfAborted();
}

/** Items that are sorted or merged before yielding: a few milliseconds' work. */
const BATCH = 4096;

/**
 * Sorts the items, and yields to the event loop in between. The sort is stable.
 * @throws the signal's reason if it is aborted
 */
export async function sortInTurns<T>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
  signal: AbortSignal | undefined,
): Promise<T[]> {
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += BATCH) {
    if (from > 0) await yieldToEventLoop(signal);
    runs.push(items.slice(from, from + BATCH).sort(compare));
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let n = 0; n < runs.length; n += 2)
      merged.push(n + 1 < runs.length ? await merge(runs[n], runs[n + 1], compare, signal) : runs[n]);
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T, b: T) => number,
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const merged: T[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    merged.push(j === b.length || (i < a.length && compare(a[i], b[j]) <= 0) ? a[i++] : b[j++]);
    if (merged.length % BATCH === 0) await yieldToEventLoop(signal);
  }
  return merged;
}

/** Compares two texts by their UTF-8 bytes. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rankOf(x) - rankOf(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for characters that sort after all others in UTF-8. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
