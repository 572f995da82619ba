/** Which days the sources have: how many sources, and all days of many in whatever order they lie on the disk, in one pass. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type DuckDBBlobValue, type DuckDBConnection, type DuckDBVector, INTEGER } from "@duckdb/node-api";
import { addEnergy } from "../../tally/cell.js";
import { addDay, packDay, unpackDay } from "../cells.js";
import { clearDay, DAY_CELLS, type DayCells, newDay } from "../day-cells.js";
import type { Chosen, PackedDay, SlotRange } from "../store.js";
import { integerList, PIECE_ROWS, ROWS_A_TURN, rowsOf, type Typed, textList } from "./table.js";

type Columns = [sources: DuckDBVector, days: DuckDBVector, cells: DuckDBVector];

/**
 * Calls `use` for each day that a source has, and yields to the event loop in between.
 * @param numbers sources, none of them twice; `all`: they are all that have a day there
 * @param use is told the source's place in `numbers`; what it throws ends it
 */
export async function eachDay(
  connection: DuckDBConnection,
  [first, last]: readonly [first: number, last: number],
  numbers: readonly number[],
  all: boolean,
  use: (place: number, day: number, cells: Uint8Array) => void,
): Promise<void> {
  const places = new Map(numbers.map((number, place) => [number, place]));
  const statement = await connection.prepare(
    `SELECT source, day, cells FROM series WHERE day BETWEEN $1 AND $2 ${all ? "" : "AND source IN (SELECT unnest($3))"}`,
  );
  try {
    const { value, type } = integerList(numbers);
    if (all) statement.bind([first, last]);
    else statement.bind([first, last, value], [INTEGER, INTEGER, type]);
    const result = await statement.stream();
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      const [sources, days, cells] = [0, 1, 2].map((column) => chunk.getColumnVector(column)) as Columns;
      for (let row = 0; row < chunk.rowCount; row++) {
        const place = places.get(sources.getItem(row) as number);
        if (place !== undefined) use(place, days.getItem(row) as number, (cells.getItem(row) as DuckDBBlobValue).bytes);
      }
    }
  } finally {
    // One that is left would keep the file open.
    statement.destroySync();
  }
}

/** The condition that a row of `sources` is among those of a question. @param n of the first value to bind */
export function chosenBy({ sources, exports }: Chosen, n: number): { readonly sql: string; readonly bound: Typed[] } {
  const named = sources === undefined ? "true" : `id IN (SELECT unnest($${n}))`;
  return {
    sql: exports === "skip" ? `${named} AND export_batches = 0` : named,
    bound: sources === undefined ? [] : [textList(sources)],
  };
}

/**
 * Takes export out of days, or subtracts it from what remains.
 * @param all days of all sources, ascending
 * @param exported days of those that are export, which are among them
 */
export async function withoutExport(
  all: readonly PackedDay[],
  exported: readonly PackedDay[],
  rule: "skip" | "subtract",
): Promise<PackedDay[]> {
  const byDay = new Map<number, Uint8Array[]>();
  for (const [day, cells] of exported) byDay.set(day, [...(byDay.get(day) ?? []), cells]);
  const left: PackedDay[] = [];
  const sum = newDay();
  const other = newDay();
  for (let n = 0, done = 0; n < all.length; ) {
    const [day] = all[n];
    clearDay(sum);
    clearDay(other);
    for (; n < all.length && all[n][0] === day; n++) addDay(all[n][1], sum);
    for (const cells of byDay.get(day) ?? []) {
      addDay(cells, sum, -1);
      if (rule === "subtract") addDay(cells, other, -1);
      if (++done % ROWS_A_TURN === 0) await nextTurn();
    }
    turnSign(other);
    for (let q = 0, at = 0; q < DAY_CELLS; q++, at += 4) {
      addEnergy(sum.energy, at, other.energy, at);
      sum.count[q] += other.count[q];
      sum.covers[q] += other.covers[q];
    }
    const cells = packDay(sum);
    if (cells !== undefined) left.push([day, cells]);
  }
  return left;
}

/** The days of a source with their energies' other signs. */
export function negated(days: readonly PackedDay[]): PackedDay[] {
  const one = newDay();
  return days.map(([day, cells]) => {
    clearDay(one);
    addDay(cells, one, -1);
    turnSign(one);
    return [day, packDay(one) as Uint8Array];
  });
}

/** Makes readings that were taken away readings that were added, with the energy that this left. */
function turnSign({ count, covers }: DayCells): void {
  for (let q = 0; q < DAY_CELLS; q++) {
    count[q] = -count[q];
    covers[q] = -covers[q];
  }
}

/** How many sources have a reading in a range. */
export async function countSources(connection: DuckDBConnection, { from, to, ...chosen }: SlotRange): Promise<number> {
  if (to <= from) return 0;
  const { sql, bound } = chosenBy(chosen, 3);
  const [[sure]] = await rowsOf(
    connection,
    `SELECT count(*) FROM sources WHERE (first >= $1 AND first < $2 OR last >= $1 AND last < $2) AND ${sql}`,
    ...[from, to, ...bound],
  );
  // The others begin before the range and end after it; some may have nothing in it.
  const others = await rowsOf(
    connection,
    `SELECT number FROM sources WHERE first < $1 AND last >= $2 AND ${sql}`,
    ...[from, to, ...bound],
  );
  let count = Number(sure);
  for (let n = 0; n < others.length; n += PIECE_ROWS) {
    const numbers = others.slice(n, n + PIECE_ROWS).map(([number]) => number as number);
    count += await withReadings(connection, numbers, from, to);
  }
  return count;
}

/** How many of these sources have a reading in the range: on a whole day of it, or at its edges. */
async function withReadings(
  connection: DuckDBConnection,
  numbers: number[],
  from: number,
  to: number,
): Promise<number> {
  const first = dayAt(from);
  const last = dayAt(to - 1);
  const found = new Set<number>();
  const within = await rowsOf(
    connection,
    "SELECT DISTINCT source FROM series WHERE source IN (SELECT unnest($1)) AND day > $2 AND day < $3",
    integerList(numbers),
    first,
    last,
  );
  for (const [source] of within) found.add(source as number);
  const rest = numbers.filter((number) => !found.has(number));
  const edges = await rowsOf(
    connection,
    "SELECT source, day, cells FROM series WHERE source IN (SELECT unnest($1)) AND (day = $2 OR day = $3)",
    integerList(rest),
    first,
    last,
  );
  for (const [source, day, cells] of edges as [number, number, Uint8Array][])
    if (holds(day, cells, from, to)) found.add(source);
  return found.size;
}

/** The UTC day of a slot. */
export function dayAt(slot: number): number {
  return Math.floor(slot / DAY_CELLS);
}

/** Whether a day has a reading in slots `from` up to `to`. */
export function holds(day: number, cells: Uint8Array, from: number, to: number): boolean {
  return unpackDay(cells).count.some(
    (readings, q) => readings !== 0 && day * DAY_CELLS + q >= from && day * DAY_CELLS + q < to,
  );
}

/** Whether a day has the same sums as another in each of that one's quarter hours. */
export function holdsAllOf(cells: Uint8Array, others: Uint8Array): boolean {
  const own = newDay();
  addDay(cells, own);
  const { count, covers, energy } = newDay();
  addDay(others, { count, covers, energy });
  for (let q = 0; q < DAY_CELLS; q++) {
    if (count[q] === 0 && covers[q] === 0) continue;
    if (own.count[q] !== count[q] || own.covers[q] !== covers[q]) return false;
    for (let at = 4 * q; at < 4 * q + 4; at++) if (own.energy[at] !== energy[at]) return false;
  }
  return true;
}
