/** Rows into and out of the engine: appended by columns in data chunks; values are bound, never pasted into SQL. */
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  BIGINT,
  BLOB,
  blobValue,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBPreparedStatement,
  type DuckDBType,
  type DuckDBValue,
  HUGEINT,
  INTEGER,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";

/** The most rows of a data chunk. */
const CHUNK = 2048;

export const TYPES = { BIGINT, BLOB, DOUBLE, HUGEINT, INTEGER, VARCHAR } as const;

export type Value = number | bigint | string | Uint8Array | null;

/** A value whose type cannot be inferred. */
export interface Typed {
  readonly value: DuckDBValue;
  readonly type: DuckDBType;
}

/** Rows that are appended at a time. */
const APPENDED = 10 * CHUNK;

/**
 * Appends rows in a transaction.
 * @param rows their number
 * @param columns in the table's order: what a row has there; integers for BIGINT columns are given as numbers
 */
export async function append(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  rows: number,
  columns: readonly ((row: number) => Value)[],
): Promise<void> {
  if (rows <= CHUNK) return appendDirectly(connection, table, types, rows, columns);
  // Where there are many rows, the engine writes them to the disk at once: a statement does that in a thread of its own.
  for (let from = 0; from < rows; from += APPENDED) {
    const part = columns.map((cell) => (row: number) => cell(from + row));
    await connection.run(`CREATE TEMP TABLE appended AS FROM ${table} LIMIT 0`);
    await appendDirectly(connection, "appended", types, Math.min(APPENDED, rows - from), part);
    await connection.run(`INSERT INTO ${table} FROM appended`);
    await connection.run("DROP TABLE appended");
  }
}

async function appendDirectly(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  rows: number,
  columns: readonly ((row: number) => Value)[],
): Promise<void> {
  if (rows === 0) return;
  const appender = await connection.createAppender(table);
  try {
    for (let from = 0; from < rows; from += CHUNK) {
      if (from > 0) await nextTurn();
      const chunk = DuckDBDataChunk.create(types);
      const to = Math.min(from + CHUNK, rows);
      chunk.setColumns(
        columns.map((cell, c) => {
          const values: DuckDBValue[] = [];
          for (let row = from; row < to; row++) values.push(toEngine(cell(row), types[c]));
          return values;
        }),
      );
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  } catch (error) {
    // It would write what it still holds when it is disposed of, some time after the transaction was rolled back.
    appender.clear();
    throw error;
  }
}

function toEngine(value: Value, type: DuckDBType): DuckDBValue {
  if (value instanceof Uint8Array) return blobValue(value);
  return type === BIGINT && typeof value === "number" ? BigInt(value) : value;
}

/**
 * How to select the column `id` of sources: the engine's binding drops a leading U+FEFF when it decodes a text, so such a
 * text gets another one before it.
 */
export const ID = "if(starts_with(id, chr(65279)), chr(65279) || id, id)";

/** Integers as one list to bind. */
export function numberList(values: Iterable<number>): Typed {
  return { value: listValue(Array.from(values, BigInt)), type: LIST(BIGINT) };
}

/** Contributions of some batches: the range lets the engine skip parts of the table. */
export const OF_BATCHES = "batch BETWEEN $1 AND $2 AND batch IN (SELECT unnest($3))";

export function boundOf(batches: readonly number[]): readonly [first: number, last: number, all: Typed] {
  const first = batches.reduce((a, b) => Math.min(a, b));
  const last = batches.reduce((a, b) => Math.max(a, b));
  return [first, last, numberList(batches)];
}

/** Small integers as one list to bind: compared with an INTEGER column, they let the engine skip parts of it. */
export function integerList(values: Iterable<number>): Typed {
  return { value: listValue([...values]), type: LIST(INTEGER) };
}

export function textList(values: readonly string[]): Typed {
  return { value: listValue(values), type: LIST(VARCHAR) };
}

export function huge(value: bigint): Typed {
  return { value, type: HUGEINT };
}

/** The rows of a query with values bound as $1, $2 …: BIGINT and HUGEINT come as bigint, a BLOB as a copy of its bytes. */
export async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
  ...bound: readonly (Value | Typed)[]
): Promise<unknown[][]> {
  const result = bound.length === 0 ? await connection.run(sql) : await runBound(connection, sql, bound);
  const rows: unknown[][] = [];
  // Chunk by chunk, to yield between two.
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return rows;
    for (const row of chunk.getRows()) rows.push(row.map(fromEngine));
  }
}

/** Values of a list that are bound at a time: a few milliseconds' work. */
const PART = 10_000;

/** Parts of a list that are short enough to be bound at once, each for a query of its own. */
export function* partsOf<T>(list: readonly T[]): Generator<readonly T[], void> {
  for (let from = 0; from < list.length; from += PART) yield list.slice(from, from + PART);
}

/** Rows of packed cells held at a time: some 15 MB once unpacked. */
export const PIECE_ROWS = 8192;

/** Rows that are processed before yielding to the event loop: some milliseconds' work. */
export const ROWS_A_TURN = 1000;

/** Does something little with each item, and yields to the event loop every few milliseconds. */
export async function inTurns<T>(items: Iterable<T>, job: (item: T) => void): Promise<void> {
  let done = 0;
  for (const item of items) {
    if (++done % (10 * ROWS_A_TURN) === 0) await nextTurn();
    job(item);
  }
}

/**
 * Statements with values are prepared once per connection, since that takes longer than running most of them. Those
 * without values are not: the engine plans them when they are prepared, by what the tables then hold, and keeps that plan
 * when they hold something else, with wrong results. It plans those with values anew each time.
 */
const statements = new WeakMap<DuckDBConnection, Map<string, DuckDBPreparedStatement>>();

async function runBound(connection: DuckDBConnection, sql: string, bound: readonly (Value | Typed)[]) {
  let known = statements.get(connection);
  if (known === undefined) {
    known = new Map();
    statements.set(connection, known);
  }
  let statement = known.get(sql);
  if (statement === undefined) {
    statement = await connection.prepare(sql);
    known.set(sql, statement);
  }
  const typed = bound.map((one) => (isTyped(one) ? one : { value: toEngine(one, VARCHAR), type: undefined }));
  statement.bind(
    typed.map(({ value }) => value),
    typed.map(({ type }) => type) as DuckDBType[],
  );
  return statement.run();
}

/** Closes a connection with its statements: any that are left would keep the file open. */
export function closeConnection(connection: DuckDBConnection): void {
  for (const statement of statements.get(connection)?.values() ?? []) statement.destroySync();
  statements.delete(connection);
  connection.closeSync();
}

function isTyped(bound: Value | Typed): bound is Typed {
  return typeof bound === "object" && bound !== null && !(bound instanceof Uint8Array);
}

function fromEngine(value: DuckDBValue): unknown {
  return typeof value === "object" && value !== null && "bytes" in value ? value.bytes : value;
}
