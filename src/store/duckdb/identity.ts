/**
 * Which store a database is, in a table of its own: a random id, by which a mark recognises its store; and whether a
 * process is working on it, since the file alone then lacks what is in the log.
 */
import { randomBytes } from "node:crypto";
import type { DuckDBConnection } from "@duckdb/node-api";
import { rowsOf } from "./table.js";

export interface Identity {
  readonly store: string;
  /** Set in the file, not only in its log, from a process's first change until the log is empty. */
  readonly inUse: boolean;
}

/** `undefined` for a store from before stores had one. */
export async function identityOf(connection: DuckDBConnection): Promise<Identity | undefined> {
  const [table] = await rowsOf(
    connection,
    "SELECT 1 FROM duckdb_tables() WHERE table_name = 'identity' AND database_name = current_database()",
  );
  if (table === undefined) return undefined;
  const [row] = (await rowsOf(connection, "SELECT store, in_use FROM identity")) as [string, boolean][];
  return row && { store: row[0], inUse: row[1] };
}

/** Gives a store an identity of its own, whatever it had before: for a new store, or for a copy that becomes one. */
export async function newIdentity(connection: DuckDBConnection): Promise<Identity> {
  const store = randomBytes(16).toString("hex");
  await connection.run("BEGIN TRANSACTION");
  await connection.run("CREATE TABLE IF NOT EXISTS identity (store VARCHAR NOT NULL, in_use BOOLEAN NOT NULL)");
  await connection.run("DELETE FROM identity");
  await rowsOf(connection, "INSERT INTO identity VALUES ($1, false)", store);
  await connection.run("COMMIT");
  return { store, inUse: false };
}

export async function setInUse(connection: DuckDBConnection, inUse: boolean): Promise<void> {
  await connection.run(`UPDATE identity SET in_use = ${inUse}`);
}
