/** The sources that have readings: their numbers, and what is stored about each. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { DAY_CELLS } from "../cells.js";
import { type Change, dayOf, edgesOf, sourceOf } from "./change.js";
import { append, ID, integerList, numberList, partsOf, ROWS_A_TURN, rowsOf, TYPES, textList } from "./table.js";

const { BIGINT, HUGEINT, INTEGER, VARCHAR } = TYPES;

/** Numbers of recently used sources, so that most batches need not query them. */
export class Numbers {
  private readonly known = new Map<string, number>();

  /** @param limit the most that are remembered */
  constructor(private readonly limit = 100_000) {}

  /** The numbers of the ids that the store knows. */
  async of(connection: DuckDBConnection, ids: Iterable<string>): Promise<Map<string, number>> {
    const numbers = new Map<string, number>();
    const asked: string[] = [];
    for (const id of ids) {
      const number = this.known.get(id);
      if (number === undefined) asked.push(id);
      else numbers.set(id, number);
    }
    for (const part of partsOf(asked)) {
      const rows = await rowsOf(
        connection,
        `SELECT ${ID}, number FROM sources WHERE id IN (SELECT unnest($1))`,
        textList(part),
      );
      for (const [id, number] of rows as [string, number][]) numbers.set(id, number);
    }
    return numbers;
  }

  /** Remembers numbers that are on disk. */
  learn(numbers: ReadonlyMap<string, number>): void {
    if (this.known.size + numbers.size > this.limit) this.known.clear();
    for (const [id, number] of numbers) {
      if (this.known.size >= this.limit) return;
      this.known.set(id, number);
    }
  }

  forget(): void {
    this.known.clear();
  }
}

interface SourceRow {
  place: number | undefined;
  first: number;
  last: number;
  readings: number;
  energy: bigint;
}

/**
 * Applies a change to the sources, once the series have been changed.
 * @param created ids of the sources that got their numbers in this transaction
 * @returns by how many the number of sources changed, and whether some are gone
 */
export async function applySources(
  connection: DuckDBConnection,
  change: Change,
  created: ReadonlyMap<number, string>,
): Promise<{ more: number; gone: boolean }> {
  const rows = new Map<number, SourceRow>();
  const there = [...change.sources.keys()].filter((number) => !created.has(number));
  for (const part of partsOf(there)) {
    const old = await rowsOf(
      connection,
      "SELECT number, rowid, first, last, readings, energy FROM sources WHERE number IN (SELECT unnest($1))",
      integerList(part),
    );
    for (const [number, place, first, last, readings, energy] of old as [
      number,
      bigint,
      number,
      number,
      bigint,
      bigint,
    ][])
      rows.set(number, { place: Number(place), first, last, readings: Number(readings), energy });
  }
  for (const number of created.keys())
    rows.set(number, { place: undefined, first: Infinity, last: -Infinity, readings: 0, energy: 0n });

  const gone: number[] = [];
  for (const [number, { readings, energy }] of change.sources) {
    const row = rows.get(number) as SourceRow;
    row.readings += readings;
    row.energy += energy;
    if (row.readings === 0 && row.place !== undefined) gone.push(row.place);
  }
  await setEdges(connection, change, rows);

  const changed = [...rows.values()].filter(({ place, readings }) => place !== undefined && readings > 0);
  if (changed.length > 0) {
    await append(
      connection,
      "staged_sources",
      [BIGINT, INTEGER, INTEGER, BIGINT, HUGEINT],
      [
        changed.map(({ place }) => place as number),
        changed.map(({ first }) => first),
        changed.map(({ last }) => last),
        changed.map(({ readings }) => readings),
        changed.map(({ energy }) => energy),
      ],
    );
    await connection.run(
      `UPDATE sources SET first = staged.first, last = staged.last, readings = staged.readings, energy = staged.energy
       FROM staged_sources staged WHERE sources.rowid = staged.place`,
    );
    await connection.run("DELETE FROM staged_sources");
  }
  if (gone.length > 0)
    await rowsOf(connection, "DELETE FROM sources WHERE rowid IN (SELECT unnest($1))", numberList(gone));
  const added = [...created].filter(([number]) => (rows.get(number) as SourceRow).readings > 0);
  const rowsAdded = added.map(([number]) => rows.get(number) as SourceRow);
  await append(
    connection,
    "sources",
    [INTEGER, VARCHAR, INTEGER, INTEGER, BIGINT, HUGEINT],
    [
      added.map(([number]) => number),
      added.map(([, id]) => id),
      rowsAdded.map(({ first }) => first),
      rowsAdded.map(({ last }) => last),
      rowsAdded.map(({ readings }) => readings),
      rowsAdded.map(({ energy }) => energy),
    ],
  );
  return { more: added.length - gone.length, gone: gone.length > 0 };
}

/** Sets first and last slots: from the additions, or, if something was subtracted, from the series. */
async function setEdges(
  connection: DuckDBConnection,
  { pieces, sources }: Change,
  rows: ReadonlyMap<number, SourceRow>,
): Promise<void> {
  const asked: number[] = [];
  for (const [number, { less }] of sources)
    if (less && (rows.get(number) as SourceRow).readings > 0) asked.push(number);
  let done = 0;
  for (const { source, day, cells } of addedEdges(pieces, sources)) {
    if (++done % ROWS_A_TURN === 0) await nextTurn();
    const { first, last } = edgesOf(cells);
    const row = rows.get(source) as SourceRow;
    row.first = Math.min(row.first, day * DAY_CELLS + first);
    row.last = Math.max(row.last, day * DAY_CELLS + last);
  }
  if (asked.length === 0) return;
  const edges = await rowsOf(
    connection,
    `SELECT source, min_by(day, day), min_by(cells, day), max_by(day, day), max_by(cells, day) FROM series
     WHERE source IN (SELECT unnest($1)) GROUP BY source`,
    integerList(asked),
  );
  for (const [source, firstDay, firstCells, lastDay, lastCells] of edges) {
    const row = rows.get(source as number) as SourceRow;
    row.first = (firstDay as number) * DAY_CELLS + edgesOf(firstCells as Uint8Array).first;
    row.last = (lastDay as number) * DAY_CELLS + edgesOf(lastCells as Uint8Array).last;
  }
}

function* addedEdges(pieces: Change["pieces"], sources: Change["sources"]) {
  for (const [key, own] of pieces) {
    const source = sourceOf(key);
    const day = dayOf(key);
    const of = sources.get(source);
    if (of === undefined || (day !== of.firstAdded && day !== of.lastAdded)) continue;
    for (const { cells, sign } of own) if (sign === 1) yield { source, day, cells };
  }
}
