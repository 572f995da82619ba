/**
 * The tables. The truth is in `batches`, the ledger, and in `contributions`, `readings` and `export_sources`, what each batch that counts added;
 * `series`, `totals`, `sources`, `key_runs` and `now` follow from them and change in the same transaction. No table has an index: rows are in
 * the order of batches, and mostly of days too, so the minimum and maximum that the engine keeps for each segment of a
 * column tell which segments to read; an index would be held in memory, and written as a whole at each checkpoint.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import { StoreError } from "../../base/errors.js";
import { rowsOf } from "./table.js";

/** Packed cells look random: compressing them costs time, and to read one, thousands would have to be decompressed. */
const CELLS = "BLOB NOT NULL USING COMPRESSION uncompressed";

/** The version that this code reads and writes. */
const VERSION = 6;

/** Bad records of the batches that count, word for word: lines of JSON, compressed with gzip. */
const REJECTS = `CREATE TABLE rejects (batch BIGINT NOT NULL, part INTEGER NOT NULL, lines ${CELLS})`;

/** Which sources the batches have that ended: for finding them in the ledger. */
const ENDED = "CREATE TABLE ended_sources (batch BIGINT NOT NULL, source INTEGER NOT NULL)";

/** Which sources the batches have that count, of those that are export in them. */
const EXPORT = "CREATE TABLE export_sources (batch BIGINT NOT NULL, source INTEGER NOT NULL)";

/** Readings that are kept themselves, of the batches that count, by source and UTC day: see `packed-readings.ts`. */
const READINGS = `CREATE TABLE readings (batch BIGINT NOT NULL, source INTEGER NOT NULL, day INTEGER NOT NULL, readings ${CELLS})`;

const SCHEMA = [
  "CREATE TABLE electro (schema_version INTEGER NOT NULL)",
  // `received` and `ended` are epoch milliseconds, `first` and `last` epoch seconds. A batch counts while `ended` is NULL.
  `CREATE TABLE batches (
    seq BIGINT NOT NULL, id VARCHAR NOT NULL, key VARCHAR, key_hash BIGINT, sha256 BLOB NOT NULL, sender VARCHAR,
    received DOUBLE NOT NULL, ended DOUBLE, replaced_by VARCHAR,
    readings BIGINT NOT NULL, rejected BIGINT NOT NULL, rounded BIGINT NOT NULL, sources INTEGER NOT NULL,
    first DOUBLE, last DOUBLE, energy HUGEINT NOT NULL, absolute HUGEINT NOT NULL, replaces VARCHAR, file VARCHAR,
    notes VARCHAR)`,
  `CREATE TABLE contributions (batch BIGINT NOT NULL, source INTEGER NOT NULL, day INTEGER NOT NULL, cells ${CELLS})`,
  `CREATE TABLE series (source INTEGER NOT NULL, day INTEGER NOT NULL, cells ${CELLS})`,
  // Over all sources; `source` is 0.
  `CREATE TABLE totals (source INTEGER NOT NULL, day INTEGER NOT NULL, cells ${CELLS})`,
  // Those with readings. A number is never reused. `first` and `last` are slots. It is export in so many batches. `way` says what
  // its readings mean together if they are kept, in so many batches.
  `CREATE TABLE sources (number INTEGER NOT NULL, id VARCHAR NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    readings BIGINT NOT NULL, energy HUGEINT NOT NULL, export_batches INTEGER DEFAULT 0, kept_batches INTEGER DEFAULT 0, way VARCHAR)`,
  `CREATE TABLE now (version BIGINT NOT NULL, next_batch BIGINT NOT NULL, next_source INTEGER NOT NULL,
    batches BIGINT NOT NULL, sources BIGINT NOT NULL, readings BIGINT NOT NULL,
    energy HUGEINT NOT NULL, absolute HUGEINT NOT NULL, keys_from BIGINT NOT NULL, sender_keys_from BIGINT)`,
  "INSERT INTO now VALUES (0, 1, 1, 0, 0, 0, 0, 0, 1, 1)",
  // Hashes of keys in buckets, and their batches, counted from a run's first: see keys.ts.
  `CREATE TABLE key_runs (first_batch BIGINT NOT NULL, bucket INTEGER NOT NULL, entries ${CELLS})`,
  REJECTS,
  ENDED,
  EXPORT,
  READINGS,
  `INSERT INTO electro VALUES (${VERSION})`,
];

/** The statements that upgrade a store from a version to the next. */
const STEPS: Readonly<Record<number, readonly string[]>> = {
  // Version 1 did not store the file that a batch came from.
  1: ["ALTER TABLE batches ADD COLUMN file VARCHAR"],
  // Version 2 had no notes about a batch, and one batch for a key, whoever sent it: see `nameOf` in keys.ts.
  2: [
    "ALTER TABLE batches ADD COLUMN notes VARCHAR",
    "ALTER TABLE now ADD COLUMN sender_keys_from BIGINT",
    "UPDATE now SET sender_keys_from = next_batch",
    REJECTS,
  ],
  // Version 3 kept what ended batches had contributed.
  3: [
    ENDED,
    `INSERT INTO ended_sources SELECT DISTINCT batch, source FROM contributions JOIN batches ON batch = seq
     WHERE ended IS NOT NULL ORDER BY ALL`,
    "DELETE FROM contributions WHERE batch IN (SELECT seq FROM batches WHERE ended IS NOT NULL)",
  ],
  // Version 4 did not know which sources are export.
  4: [EXPORT, "ALTER TABLE sources ADD COLUMN export_batches INTEGER DEFAULT 0"],
  // Version 5 kept sums only.
  5: [
    READINGS,
    "ALTER TABLE sources ADD COLUMN kept_batches INTEGER DEFAULT 0",
    "ALTER TABLE sources ADD COLUMN way VARCHAR",
  ],
};

/**
 * Creates the tables if there are none, and upgrades those of an earlier version, each step in one transaction.
 * @throws StoreError `not_a_store` for other tables, `store_too_new`
 */
export async function prepareSchema(connection: DuckDBConnection, path: string): Promise<void> {
  const tables = await tablesOf(connection);
  if (tables.length === 0) return inOneStep(connection, SCHEMA);
  if (!tables.includes("electro"))
    throw new StoreError(
      "not_a_store",
      `store ${path}: it is another kind of database (with a table "${tables[0]}"); choose another name`,
    );
  const [[version]] = (await rowsOf(connection, "SELECT schema_version FROM electro")) as number[][];
  if (version > VERSION)
    throw new StoreError(
      "store_too_new",
      `store ${path}: it was written by a newer version of Electro (schema ${version}; this one knows up to ${VERSION}); use that version`,
    );
  for (let from = version; from < VERSION; from++)
    await inOneStep(connection, [...(STEPS[from] ?? []), `UPDATE electro SET schema_version = ${from + 1}`]);
}

/** Whether it is a store's database, of any version. */
export async function isStore(connection: DuckDBConnection): Promise<boolean> {
  return (await tablesOf(connection)).includes("electro");
}

async function tablesOf(connection: DuckDBConnection): Promise<unknown[]> {
  const rows = await rowsOf(
    connection,
    "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()",
  );
  return rows.map(([name]) => name);
}

async function inOneStep(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  await connection.run("BEGIN TRANSACTION");
  for (const sql of statements) await connection.run(sql);
  await connection.run("COMMIT");
}
