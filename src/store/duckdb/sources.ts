/** The sources that have readings: their numbers, and what is stored about each. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { addEnergy, energyOf, negate } from "../../tally/cell.js";
import { DAY_CELLS } from "../day-cells.js";
import { cellsOf, type Packed } from "../packed.js";
import { edgesOf, sumInto } from "./change.js";
import { findEdges, MAX_SLOT, rowsBefore, type SourceRow } from "./source-rows.js";
import { append, ID, inTurns, numberList, partsOf, ROWS_A_TURN, rowsOf, TYPES, textList } from "./table.js";

const { BIGINT, HUGEINT, INTEGER, VARCHAR } = TYPES;
/** Of rows of sources, and of those by which they are changed. */
const SOURCE = [INTEGER, VARCHAR, INTEGER, INTEGER, BIGINT, HUGEINT, INTEGER, INTEGER, VARCHAR];
const STAGED = [BIGINT, INTEGER, INTEGER, BIGINT, HUGEINT, INTEGER, INTEGER, VARCHAR];

/** Numbers of recently used sources, so that most batches need not query them. */
export class Numbers {
  private readonly known = new Map<string, number>();

  /** @param limit the most that are remembered */
  constructor(private readonly limit = 100_000) {}

  /** The numbers of the ids that the store knows. */
  async of(connection: DuckDBConnection, ids: Iterable<string>): Promise<Map<string, number>> {
    const numbers = new Map<string, number>();
    const asked: string[] = [];
    await inTurns(ids, (id) => {
      const number = this.known.get(id);
      if (number === undefined) asked.push(id);
      else numbers.set(id, number);
    });
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

/** What a transaction adds to sources and takes from them, in columns: there may be a million of them. */
export class SourceChanges {
  /** The place of each source's number in the columns. */
  readonly places = new Map<number, number>();
  readonly readings: Float64Array;
  /** Four limbs each. */
  private readonly energy: Uint32Array;
  /** First and last slot of what was added, if something was. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** 1 if something was taken. */
  readonly less: Uint8Array;
  /** How many batches more, or fewer, have it as export. */
  readonly exportBatches: Int32Array;
  /** How many batches more, or fewer, have readings of it that are kept, and the way of those. */
  readonly keptBatches: Int32Array;
  readonly ways = new Map<number, string>();

  /** @param most the most sources that change */
  constructor(most: number) {
    this.readings = new Float64Array(most);
    this.energy = new Uint32Array(4 * most);
    this.first = new Int32Array(most).fill(MAX_SLOT);
    this.last = new Int32Array(most).fill(-MAX_SLOT);
    this.less = new Uint8Array(most);
    this.exportBatches = new Int32Array(most);
    this.keptBatches = new Int32Array(most);
  }

  /** @param numbers of the contribution's sources in the store */
  async add({ readings, energy, exported, rows, kept }: Packed, numbers: Float64Array): Promise<void> {
    const firstRow = new Int32Array(numbers.length).fill(-1);
    const lastRow = new Int32Array(numbers.length);
    for (let r = 0; r < rows.day.length; r++) {
      if (r % (16 * ROWS_A_TURN) === 0) await nextTurn();
      const s = rows.source[r];
      if (firstRow[s] < 0) firstRow[s] = r;
      lastRow[s] = r;
    }
    for (let s = 0; s < numbers.length; s++) {
      if (s % ROWS_A_TURN === 0) await nextTurn();
      const at = this.placeOf(numbers[s]);
      this.readings[at] += readings[s];
      addEnergy(this.energy, 4 * at, energy, 4 * s);
      if (exported?.[s] === 1) this.exportBatches[at]++;
      const way = kept?.ways[s] ?? "";
      if (way !== "") {
        this.keptBatches[at]++;
        this.ways.set(numbers[s], way);
      }
      if (firstRow[s] < 0) continue;
      const edges = edgesOf(cellsOf(rows, firstRow[s]));
      const first = rows.day[firstRow[s]] * DAY_CELLS + edges.first;
      const lastQuarter = firstRow[s] === lastRow[s] ? edges.last : edgesOf(cellsOf(rows, lastRow[s])).last;
      this.first[at] = Math.min(this.first[at], first);
      this.last[at] = Math.max(this.last[at], rows.day[lastRow[s]] * DAY_CELLS + lastQuarter);
    }
  }

  /** Takes a row of an ended batch. */
  take(source: number, cells: Uint8Array): void {
    const at = this.placeOf(source);
    this.readings[at] -= sumInto(cells, limbs);
    negate(limbs);
    addEnergy(this.energy, 4 * at, limbs, 0);
    this.less[at] = 1;
  }

  /** Adds a day of a kept source. */
  addDay(source: number, day: number, cells: Uint8Array): void {
    const at = this.placeOf(source);
    this.readings[at] += sumInto(cells, limbs);
    addEnergy(this.energy, 4 * at, limbs, 0);
    const edges = edgesOf(cells);
    this.first[at] = Math.min(this.first[at], day * DAY_CELLS + edges.first);
    this.last[at] = Math.max(this.last[at], day * DAY_CELLS + edges.last);
  }

  /** Takes an ended batch that had readings of a source that are kept. */
  takeKept(source: number): void {
    this.keptBatches[this.placeOf(source)]--;
  }

  /** Takes an ended batch that had a source as export. */
  takeExport(source: number): void {
    this.exportBatches[this.placeOf(source)]--;
  }

  energyAt(at: number): bigint {
    return energyOf(this.energy, 4 * at);
  }

  private placeOf(source: number): number {
    let at = this.places.get(source);
    if (at === undefined) {
      at = this.places.size;
      this.places.set(source, at);
    }
    return at;
  }
}

const limbs = new Uint32Array(4);

/**
 * Applies a change to the sources, once the series have been changed.
 * @param created ids of the sources that got their numbers in this transaction
 * @returns by how many the number of sources changed, and whether some are gone
 */
export async function applySources(
  connection: DuckDBConnection,
  changes: SourceChanges,
  created: ReadonlyMap<number, string>,
): Promise<{ more: number; gone: boolean }> {
  const sum = { more: 0, gone: false };
  for (const part of partsOf([...changes.places.keys()])) {
    const { added, gone } = await applyPart(connection, changes, created, part);
    sum.more += added - gone;
    sum.gone ||= gone > 0;
    await nextTurn();
  }
  return sum;
}

async function applyPart(
  connection: DuckDBConnection,
  changes: SourceChanges,
  created: ReadonlyMap<number, string>,
  numbers: readonly number[],
): Promise<{ added: number; gone: number }> {
  const rows = await rowsBefore(connection, created, numbers);
  const less: SourceRow[] = [];
  for (const row of rows) {
    const at = changes.places.get(row.number) as number;
    row.readings += changes.readings[at];
    row.energy += changes.energyAt(at);
    row.exportBatches += changes.exportBatches[at];
    row.keptBatches += changes.keptBatches[at];
    row.way = row.keptBatches === 0 ? null : (row.way ?? changes.ways.get(row.number) ?? null);
    row.first = Math.min(row.first, changes.first[at]);
    row.last = Math.max(row.last, changes.last[at]);
    if (row.readings === 0) [row.first, row.last] = [MAX_SLOT, -MAX_SLOT];
    else if (changes.less[at] === 1) less.push(row);
  }
  const isThere = ({ readings, keptBatches }: SourceRow) => readings > 0 || keptBatches > 0;
  if (less.length > 0) await findEdges(connection, less);

  const changed = rows.filter((row) => row.rowid !== undefined && isThere(row));
  if (changed.length > 0) {
    await append(connection, "staged_sources", STAGED, changed.length, [
      (n) => changed[n].rowid as number,
      (n) => changed[n].first,
      (n) => changed[n].last,
      (n) => changed[n].readings,
      (n) => changed[n].energy,
      (n) => changed[n].exportBatches,
      (n) => changed[n].keptBatches,
      (n) => changed[n].way,
    ]);
    await connection.run(
      `UPDATE sources SET first = staged.first, last = staged.last, readings = staged.readings, energy = staged.energy,
       export_batches = staged.export_batches, kept_batches = staged.kept_batches, way = staged.way FROM staged_sources staged WHERE sources.rowid = staged.place`,
    );
    await connection.run("DELETE FROM staged_sources");
  }
  const gone = rows.filter((row) => row.rowid !== undefined && !isThere(row));
  if (gone.length > 0)
    await rowsOf(
      connection,
      "DELETE FROM sources WHERE rowid IN (SELECT unnest($1))",
      numberList(gone.map(({ rowid }) => rowid as number)),
    );
  const added = rows.filter((row) => row.rowid === undefined && isThere(row));
  await append(connection, "sources", SOURCE, added.length, [
    (n) => added[n].number,
    (n) => created.get(added[n].number) as string,
    (n) => added[n].first,
    (n) => added[n].last,
    (n) => added[n].readings,
    (n) => added[n].energy,
    (n) => added[n].exportBatches,
    (n) => added[n].keptBatches,
    (n) => added[n].way,
  ]);
  return { added: added.length, gone: gone.length };
}
