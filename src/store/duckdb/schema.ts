/**
 * The tables. True are `batches`, the ledger, and `contributions`, what each batch added; `series`, `totals`, `sources`
 * and `now` follow from them and change in the same transaction. No table has an index: rows come in the order of
 * batches, mostly that of days too, so the smallest and largest value that the engine keeps of each stretch of a column
 * tell which stretches to look at, and an index would have to be held in memory and written whole at each checkpoint.
 */
const SCHEMA_VERSION = 2;

/** Packed cells look random: trying to compress them costs time, and reading one would unpack thousands. */
const CELLS = "BLOB NOT NULL USING COMPRESSION uncompressed";

export const SCHEMA = [
  "CREATE TABLE electro (schema_version INTEGER NOT NULL)",
  // `received` and `ended` are epoch milliseconds, `first` and `last` epoch seconds. What `ended` is NULL for counts.
  `CREATE TABLE batches (
    seq BIGINT NOT NULL, id VARCHAR NOT NULL, key VARCHAR, key_hash BIGINT, sha256 BLOB NOT NULL, sender VARCHAR,
    received DOUBLE NOT NULL, ended DOUBLE, replaced_by VARCHAR,
    readings BIGINT NOT NULL, rejected BIGINT NOT NULL, rounded BIGINT NOT NULL, sources INTEGER NOT NULL,
    first DOUBLE, last DOUBLE, energy HUGEINT NOT NULL, absolute HUGEINT NOT NULL, file VARCHAR, replaces VARCHAR)`,
  `CREATE TABLE contributions (batch BIGINT NOT NULL, source INTEGER NOT NULL, day INTEGER NOT NULL, cells ${CELLS})`,
  `CREATE TABLE series (source INTEGER NOT NULL, day INTEGER NOT NULL, cells ${CELLS})`,
  `CREATE TABLE totals (source INTEGER NOT NULL, day INTEGER NOT NULL, cells ${CELLS})`,
  // Numbers are given once and stay; a source of which nothing counts has 0 readings. `first` and `last` are slots.
  `CREATE TABLE sources (number INTEGER NOT NULL, id VARCHAR NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    readings BIGINT NOT NULL, energy HUGEINT NOT NULL)`,
  `CREATE TABLE now (version BIGINT NOT NULL, next_batch BIGINT NOT NULL, next_source INTEGER NOT NULL,
    batches BIGINT NOT NULL, sources BIGINT NOT NULL, readings BIGINT NOT NULL,
    energy HUGEINT NOT NULL, absolute HUGEINT NOT NULL, keys_from BIGINT NOT NULL)`,
  "INSERT INTO now VALUES (0, 1, 1, 0, 0, 0, 0, 0, 1)",
  // Hashes of keys in buckets, and the batches that have them, counted from a run's first: see keys.ts.
  `CREATE TABLE key_runs (first_batch BIGINT NOT NULL, bucket INTEGER NOT NULL, entries ${CELLS})`,
  `INSERT INTO electro VALUES (${SCHEMA_VERSION})`,
];
