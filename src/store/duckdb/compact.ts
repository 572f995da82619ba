/**
 * Gives space back. The engine uses pages again that nothing is on any more, but shortens its file only where the last pages
 * are free. So rows are moved behind the others, which puts them on the first free pages: some at a time, each time in a
 * transaction of its own. In between others may write, and a process may be killed.
 */
import { statSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import { rowsOf } from "./table.js";

/** All tables of more than one row. */
const TABLES = [
  "contributions",
  "readings",
  "series",
  "totals",
  "sources",
  "batches",
  "key_runs",
  "rejects",
  "ended_sources",
  "export_sources",
] as const;
export type Table = (typeof TABLES)[number];
/** Rows that are moved at a time: a row group of the engine, a fraction of a second's work. */
const ROWS = 122_880;
/** The file is short enough if one byte in so many is free. */
const FEW = 5;

/** How many rows were moved, and how many there are in the table. */
export interface Moved {
  readonly rows: number;
  readonly of: number;
}

/** Bytes of the file that nothing is on. */
export async function freeIn(connection: DuckDBConnection, file: string): Promise<number> {
  const [[size, used]] = (await rowsOf(
    connection,
    "SELECT block_size, used_blocks FROM pragma_database_size() WHERE database_name = current_database()",
  )) as bigint[][];
  return Math.max(0, statSync(file).size - Number(size * used));
}

/**
 * Moves each row once, unless the file is short enough before.
 * @param move moves the first rows of a table; `undefined`: of none. Returns `undefined` if no more is to be moved
 */
export async function moveAll(
  move: (table: Table | undefined) => Promise<Moved | undefined> | undefined,
): Promise<void> {
  // Pages may only be known to be free once the log is in the file.
  await move(undefined);
  for (const table of TABLES) {
    let done = 0;
    let all = 1;
    while (done < all) {
      const moved = await move(table);
      if (moved === undefined) return;
      if (done === 0) all = moved.of;
      if (moved.rows === 0) break;
      done += moved.rows;
    }
  }
}

/** Moves the first rows of a table behind the others. @returns `undefined` if the file is short enough */
export async function moveRows(
  connection: DuckDBConnection,
  table: Table | undefined,
  file: string,
): Promise<Moved | undefined> {
  if (table === undefined) return { rows: 0, of: 0 };
  if ((await freeIn(connection, file)) * FEW <= statSync(file).size) return undefined;
  await connection.run("BEGIN TRANSACTION");
  try {
    const [[first, all]] = await rowsOf(connection, `SELECT min(rowid), count(*) FROM ${table}`);
    const which = `rowid < ${Number(first) + ROWS}`;
    const [[rows]] = await rowsOf(connection, `SELECT count(*) FROM ${table} WHERE ${which}`);
    // The statement sees the table as it was before it, so it never moves a row twice.
    await connection.run(`INSERT INTO ${table} FROM ${table} WHERE ${which}`);
    await connection.run(`DELETE FROM ${table} WHERE ${which}`);
    await connection.run("COMMIT");
    return { rows: Number(rows), of: Number(all) };
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
