/** The stored sums, by source and day (`series`) and by day alone (`totals`, source 0): read, changed and written back. */

import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { addDay, packDay } from "../cells.js";
import { clearDay, newDay } from "../day-cells.js";
import { Overlap } from "../overlap.js";
import { type Change, dayOf, KEY, keyOf, sourceOf } from "./change.js";
import type { Days } from "./days.js";
import { append, integerList, numberList, partsOf, ROWS_A_TURN, rowsOf, TYPES } from "./table.js";

const { BIGINT, BLOB, INTEGER } = TYPES;

/** Tables of this connection only, through which many rows are changed at once. */
export const STAGES = [
  "CREATE TEMP TABLE staged_cells (place BIGINT, cells BLOB)",
  `CREATE TEMP TABLE staged_sources (place BIGINT, first INTEGER, last INTEGER, readings BIGINT, energy HUGEINT,
    export_batches INTEGER, kept_batches INTEGER, way VARCHAR)`,
  "CREATE TEMP TABLE staged_days (source INTEGER, first INTEGER, last INTEGER)",
];

const merged = newDay();

/** The first and the last day of both tables. */
export async function daysOf(connection: DuckDBConnection): Promise<Days | undefined> {
  const [[first, last]] = (await rowsOf(connection, "SELECT min(day), max(day) FROM totals")) as (number | null)[][];
  return first === null || last === null ? undefined : { first, last };
}

/**
 * Applies a change to one of the two tables. Rows that this transaction has added cannot be changed any more: what is
 * changed at a time has all that concerns its days and sources.
 * @param overlaps by the number of a batch, what it brings again
 * @param lastDay no later day exists
 * @returns the new last day
 */
export async function applySums(
  connection: DuckDBConnection,
  table: "series" | "totals",
  { pieces }: Change,
  lastDay: number,
  overlaps = new Map<number, Overlap>(),
): Promise<number> {
  const keys = [...Float64Array.from(pieces.keys()).sort()];
  const days = keys.map(dayOf);
  // Most additions are on later days, which need not be searched.
  const there = await rowsThere(
    connection,
    table,
    keys.filter((_, k) => days[k] <= lastDay),
  );
  const added: { key: number; cells: Uint8Array }[] = [];
  const changed: { place: number; cells: Uint8Array }[] = [];
  const gone: number[] = [];
  let done = 0;
  for (const key of keys) {
    // Readers must not wait for all of it.
    if (++done % ROWS_A_TURN === 0) await nextTurn();
    const before = there.get(key);
    const own = pieces.get(key) as NonNullable<ReturnType<typeof pieces.get>>;
    let cells: Uint8Array | undefined;
    if (before === undefined && own.length === 1 && own[0].sign === 1) cells = own[0].cells;
    else {
      clearDay(merged);
      if (before !== undefined) addDay(before.cells, merged);
      for (const { cells, sign, batch } of own) {
        if (batch > 0) overlapOf(overlaps, batch).compare(sourceOf(key), dayOf(key), cells, merged);
        addDay(cells, merged, sign);
      }
      cells = packDay(merged);
    }
    if (before === undefined) {
      if (cells === undefined) continue;
      added.push({ key, cells });
    } else if (cells === undefined) gone.push(before.place);
    else changed.push({ place: before.place, cells });
  }
  if (changed.length > 0) {
    await append(connection, "staged_cells", [BIGINT, BLOB], changed.length, [
      (n) => changed[n].place,
      (n) => changed[n].cells,
    ]);
    await connection.run(
      `UPDATE ${table} SET cells = staged_cells.cells FROM staged_cells WHERE ${table}.rowid = staged_cells.place`,
    );
    await connection.run("DELETE FROM staged_cells");
  }
  if (gone.length > 0)
    await rowsOf(connection, `DELETE FROM ${table} WHERE rowid IN (SELECT unnest($1))`, numberList(gone));
  await append(connection, table, [INTEGER, INTEGER, BLOB], added.length, [
    (n) => sourceOf(added[n].key),
    (n) => dayOf(added[n].key),
    (n) => added[n].cells,
  ]);
  return days.reduce((last, day) => Math.max(last, day), lastDay);
}

function overlapOf(overlaps: Map<number, Overlap>, batch: number): Overlap {
  const overlap = overlaps.get(batch) ?? new Overlap();
  overlaps.set(batch, overlap);
  return overlap;
}

interface RowThere {
  readonly place: number;
  readonly cells: Uint8Array;
}

/** @param keys ascending, and so by day */
async function rowsThere(
  connection: DuckDBConnection,
  table: string,
  keys: readonly number[],
): Promise<Map<number, RowThere>> {
  const there = new Map<number, RowThere>();
  for (const part of partsOf(keys)) await addRowsThere(connection, table, part, there);
  return there;
}

async function addRowsThere(
  connection: DuckDBConnection,
  table: string,
  keys: readonly number[],
  there: Map<number, RowThere>,
): Promise<void> {
  const sources = new Set<number>();
  const days = new Set<number>();
  for (const key of keys) {
    sources.add(sourceOf(key));
    days.add(dayOf(key));
  }
  let first = Infinity;
  let last = -Infinity;
  for (const day of days) {
    if (day < first) first = day;
    if (day > last) last = day;
  }
  const asked = [first, last, integerList(sources), integerList(days)];
  let sql = `SELECT rowid, source, day, cells FROM ${table}
     WHERE day BETWEEN $1 AND $2 AND source IN (SELECT unnest($3)) AND day IN (SELECT unnest($4))`;
  // If not every source is wanted on every day, these conditions may match many more rows than are wanted.
  if (sources.size * days.size > 2 * keys.length) {
    sql += ` AND ${KEY} IN (SELECT unnest($5))`;
    asked.push(numberList(keys));
  }
  const rows = await rowsOf(connection, sql, ...asked);
  for (const [place, source, day, cells] of rows)
    there.set(keyOf(source as number, day as number), { place: Number(place), cells: cells as Uint8Array });
}
