/**
 * Divides the rows of a transaction, those that its batches add and those that ended batches take back, by day and source
 * into windows, so that only the cells of one window are in memory at a time. All rows of a day and source are in one window.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { cellsOf } from "../packed.js";
import { Change, dayOf, KEY, keyOf, sourceOf } from "./change.js";
import type { Added } from "./ledger-update.js";
import { boundOf, OF_BATCHES, ROWS_A_TURN, rowsOf } from "./table.js";

/** About how many rows a window has: some megabytes. */
const WINDOW_ROWS = 10_000;
/** One row of so many is looked at to find out where windows begin. */
const SAMPLED = 16;

/** A batch that is added, and the store's numbers of its sources. */
export interface Numbered extends Added {
  readonly numbers: Float64Array;
}

/** A row of a batch that has ended. */
export type TakenRow = [source: number, day: number, cells: Uint8Array];

export interface Window {
  /** All rows, those that are taken back with their signs. */
  readonly change: Change;
  readonly taken: readonly TakenRow[];
}

/** @param ended numbers of batches, whose contributions are still there */
export async function* windowsOf(
  connection: DuckDBConnection,
  added: readonly Numbered[],
  ended: readonly number[],
): AsyncGenerator<Window, void> {
  const keys = await keysOf(added);
  const starts = await startsOf(connection, keys, ended);
  const { order, ends } = await arrange(keys, starts);
  const batches = new BatchOfRow(added);
  for (let w = 0; w <= starts.length; w++) {
    const change = new Change();
    let done = 0;
    for (let n = w === 0 ? 0 : ends[w - 1]; n < ends[w]; n++) {
      if (++done % ROWS_A_TURN === 0) await nextTurn();
      const key = keys[order[n]];
      const { batch, row } = batches.find(order[n]);
      change.add(sourceOf(key), dayOf(key), cellsOf(batch.contribution.rows, row), 1, batch.row.seq);
    }
    const taken = ended.length === 0 ? [] : await takenRows(connection, ended, starts[w - 1], starts[w]);
    for (const [source, day, cells] of taken) {
      if (++done % ROWS_A_TURN === 0) await nextTurn();
      change.add(source, day, cells, -1);
    }
    yield { change, taken };
  }
}

/** The key of each added row, in the order of batches. */
async function keysOf(added: readonly Numbered[]): Promise<Float64Array> {
  const keys = new Float64Array(added.reduce((sum, { contribution }) => sum + contribution.rows.day.length, 0));
  let at = 0;
  for (const { contribution, numbers } of added) {
    const { source, day } = contribution.rows;
    for (let r = 0; r < day.length; r++) {
      if (at % (16 * ROWS_A_TURN) === 0) await nextTurn();
      keys[at++] = keyOf(numbers[source[r]], day[r]);
    }
  }
  return keys;
}

/** The key that each window but the first begins with, ascending. */
async function startsOf(
  connection: DuckDBConnection,
  keys: Float64Array,
  ended: readonly number[],
): Promise<Float64Array> {
  const sample = keys.filter((_, n) => n % SAMPLED === 0);
  let all = sample;
  if (ended.length > 0) {
    const rows = await rowsOf(
      connection,
      `SELECT ${KEY}::DOUBLE FROM contributions WHERE ${OF_BATCHES} AND rowid % ${SAMPLED} = 0`,
      ...boundOf(ended),
    );
    all = new Float64Array(sample.length + rows.length);
    all.set(sample);
    rows.forEach(([key], n) => {
      all[sample.length + n] = key as number;
    });
  }
  all.sort();
  const step = WINDOW_ROWS / SAMPLED;
  return all.filter((key, n) => n > 0 && n % step === 0 && key !== all[n - step]);
}

/** The added rows in the order of windows, and where each window ends among them. */
async function arrange(keys: Float64Array, starts: Float64Array): Promise<{ order: Uint32Array; ends: Uint32Array }> {
  const window = new Uint32Array(keys.length);
  const next = new Uint32Array(starts.length + 2);
  for (let n = 0; n < keys.length; n++) {
    if (n % (16 * ROWS_A_TURN) === 0) await nextTurn();
    window[n] = windowOf(starts, keys[n]);
    next[window[n] + 1]++;
  }
  for (let w = 1; w < next.length; w++) next[w] += next[w - 1];
  const order = new Uint32Array(keys.length);
  for (let n = 0; n < keys.length; n++) order[next[window[n]]++] = n;
  return { order, ends: next };
}

/** How many windows begin at a key or before it, the first one apart. */
function windowOf(starts: Float64Array, key: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds the batch of a row, given rows in ascending order, again and again. */
class BatchOfRow {
  private n = 0;
  private first = 0;

  constructor(private readonly added: readonly Numbered[]) {}

  find(row: number): { batch: Numbered; row: number } {
    if (row < this.first) this.n = this.first = 0;
    for (;;) {
      const batch = this.added[this.n];
      const { length } = batch.contribution.rows.day;
      if (row < this.first + length) return { batch, row: row - this.first };
      this.first += length;
      this.n++;
    }
  }
}

/** @param from, to keys; `to` is not included */
async function takenRows(
  connection: DuckDBConnection,
  ended: readonly number[],
  from = 0,
  to = Number.MAX_SAFE_INTEGER,
): Promise<TakenRow[]> {
  const [first, last] = [dayOf(from), dayOf(to)];
  // Within a day, the sources too let the engine skip parts.
  const [low, high] = first === last ? [sourceOf(from), sourceOf(to)] : [0, 2 ** 31 - 1];
  const rows = await rowsOf(
    connection,
    `SELECT source, day, cells FROM contributions WHERE ${OF_BATCHES}
     AND day BETWEEN $4 AND $5 AND source BETWEEN $6 AND $7 AND ${KEY} >= $8 AND ${KEY} < $9`,
    ...boundOf(ended),
    ...[first, Math.min(last, 2 ** 31 - 1), low, high, from, to],
  );
  return rows as TakenRow[];
}

/** The sources that are export in batches whose contributions are still there: once for each of them. */
export async function exportOf(connection: DuckDBConnection, batches: readonly number[]): Promise<number[]> {
  if (batches.length === 0) return [];
  const rows = await rowsOf(connection, `SELECT source FROM export_sources WHERE ${OF_BATCHES}`, ...boundOf(batches));
  return rows.map(([source]) => source as number);
}

/** Removes the contributions of batches that have ended, but for the sources that they had. */
export async function removeContributions(connection: DuckDBConnection, ended: readonly number[]): Promise<void> {
  if (ended.length === 0) return;
  await rowsOf(
    connection,
    `INSERT INTO ended_sources SELECT DISTINCT batch, source FROM
     (SELECT batch, source FROM contributions UNION ALL SELECT batch, source FROM readings) WHERE ${OF_BATCHES} ORDER BY ALL`,
    ...boundOf(ended),
  );
  for (const table of ["contributions", "readings", "export_sources"])
    await rowsOf(connection, `DELETE FROM ${table} WHERE ${OF_BATCHES}`, ...boundOf(ended));
}
