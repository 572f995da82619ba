/** Which days the sources have: how many sources, and all days of many in whatever order they lie on the disk, in one pass. */
import { type DuckDBBlobValue, type DuckDBConnection, type DuckDBVector, INTEGER } from "@duckdb/node-api";
import { unpackDay } from "../cells.js";
import { DAY_CELLS } from "../day-cells.js";
import type { SlotRange } from "../store.js";
import { integerList, PIECE_ROWS, rowsOf, textList } from "./table.js";

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

/** How many sources have a reading in a range. */
export async function countSources(connection: DuckDBConnection, { from, to, sources }: SlotRange): Promise<number> {
  if (to <= from) return 0;
  const some = sources === undefined ? "true" : "id IN (SELECT unnest($3))";
  const named = sources === undefined ? [] : [textList(sources)];
  const [[sure]] = await rowsOf(
    connection,
    `SELECT count(*) FROM sources WHERE (first >= $1 AND first < $2 OR last >= $1 AND last < $2) AND ${some}`,
    ...[from, to, ...named],
  );
  // The others begin before the range and end after it; some may have nothing in it.
  const others = await rowsOf(
    connection,
    `SELECT number FROM sources WHERE first < $1 AND last >= $2 AND ${some}`,
    ...[from, to, ...named],
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
