/** The rows of the list of sources, as a transaction changes them. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { DAY_CELLS } from "../day-cells.js";
import { edgesOf } from "./change.js";
import { integerList, rowsOf } from "./table.js";

/** Beyond every slot. */
export const MAX_SLOT = 2 ** 31 - 1;

export interface SourceRow {
  readonly number: number;
  readonly rowid: number | undefined;
  first: number;
  last: number;
  readings: number;
  energy: bigint;
  exportBatches: number;
  keptBatches: number;
  way: string | null;
}

/** The rows of some sources; of those that are new, empty ones. */
export async function rowsBefore(
  connection: DuckDBConnection,
  created: ReadonlyMap<number, string>,
  numbers: readonly number[],
): Promise<SourceRow[]> {
  const rows = numbers
    .filter((number) => created.has(number))
    .map(
      (number): SourceRow => ({
        ...{ number, rowid: undefined, first: MAX_SLOT, last: -MAX_SLOT, readings: 0, energy: 0n, exportBatches: 0 },
        ...{ keptBatches: 0, way: null },
      }),
    );
  if (rows.length === numbers.length) return rows;
  const old = await rowsOf(
    connection,
    `SELECT number, rowid, first, last, readings, energy, export_batches, kept_batches, way FROM sources
     WHERE number IN (SELECT unnest($1))`,
    integerList(numbers.filter((number) => !created.has(number))),
  );
  for (const [number, rowid, first, last, readings, energy, exportBatches, keptBatches, way] of old as [
    number,
    bigint,
    number,
    number,
    bigint,
    bigint,
    number,
    number,
    string | null,
  ][])
    rows.push({
      ...{ number, rowid: Number(rowid), first, last, readings: Number(readings), energy, exportBatches },
      ...{ keptBatches, way },
    });
  return rows;
}

/** Sets first and last slots of sources that something was taken from: the series have them. */
export async function findEdges(connection: DuckDBConnection, less: readonly SourceRow[]): Promise<void> {
  const rows = new Map(less.map((row) => [row.number, row]));
  const edges = await rowsOf(
    connection,
    `SELECT source, min_by(day, day), min_by(cells, day), max_by(day, day), max_by(cells, day) FROM series
     WHERE source IN (SELECT unnest($1)) GROUP BY source`,
    integerList(rows.keys()),
  );
  for (const [source, firstDay, firstCells, lastDay, lastCells] of edges) {
    const row = rows.get(source as number) as SourceRow;
    row.first = (firstDay as number) * DAY_CELLS + edgesOf(firstCells as Uint8Array).first;
    row.last = (lastDay as number) * DAY_CELLS + edgesOf(lastCells as Uint8Array).last;
  }
}
