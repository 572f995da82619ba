/** The ledger's rows. */
import { randomBytes } from "node:crypto";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type Batch, type NewBatch, NO_NOTES, type Notes } from "../store.js";
import type { Days } from "./days.js";
import { hashOf, type Keys, nameOf, withFormerNames } from "./keys.js";
import { append, huge, numberList, partsOf, rowsOf, TYPES, type Value } from "./table.js";

export interface LedgerRow {
  readonly seq: number;
  readonly batch: Batch;
  readonly absolute: bigint;
}

const { BIGINT, BLOB, DOUBLE, HUGEINT, INTEGER, VARCHAR } = TYPES;
const COLUMNS = `seq, id, key, sha256, sender, received, ended, replaced_by, readings, rejected, rounded, sources,
  first, last, energy, absolute, replaces, file, notes`;
const APPENDED = [
  ...[BIGINT, VARCHAR, VARCHAR, BIGINT, BLOB, VARCHAR, DOUBLE, DOUBLE, VARCHAR, BIGINT, BIGINT, BIGINT, INTEGER],
  ...[DOUBLE, DOUBLE, HUGEINT, HUGEINT, VARCHAR, VARCHAR, VARCHAR],
];

/** An id contains its batch's number, and something random, so that an id from another store never matches. */
function newId(seq: number): string {
  return `${seq}-${randomBytes(5).toString("hex")}`;
}

/** The number in an id; 0, which no batch has, if it is not an id. */
export function seqOf(id: string): number {
  return Number(/^([1-9]\d{0,14})-[0-9a-f]{10}$/.exec(id)?.[1] ?? 0);
}

export function newRow(seq: number, received: number, sources: number, batch: NewBatch): LedgerRow {
  const { key, sha256, replaces, sender, file, readings, rejected, rounded, first, last, energy, absolute } = batch;
  const { notes = NO_NOTES } = batch;
  return {
    seq,
    absolute,
    batch: {
      ...{ id: newId(seq), state: "counts", key, sha256, replaces, sender, file, readings, rejected, rounded, sources },
      ...{ first, last, energy, received, ended: undefined, replacedBy: undefined, notes },
    },
  };
}

/** @param more conditions and order, with values bound as $1 … */
export async function ledgerRows(
  connection: DuckDBConnection,
  more: string,
  ...bound: Parameters<typeof rowsOf>[2][]
): Promise<LedgerRow[]> {
  const rows = await rowsOf(connection, `SELECT ${COLUMNS} FROM batches ${more}`, ...bound);
  return rows.map(rowOf);
}

function rowOf(columns: unknown[]): LedgerRow {
  const text = (n: number) => (columns[n] ?? undefined) as string | undefined;
  const maybe = (n: number) => (columns[n] ?? undefined) as number | undefined;
  const ended = maybe(6);
  const replacedBy = text(7);
  return {
    seq: Number(columns[0]),
    absolute: columns[15] as bigint,
    batch: {
      id: columns[1] as string,
      state: ended === undefined ? "counts" : replacedBy === undefined ? "retracted" : "replaced",
      key: text(2),
      sha256: Buffer.from(columns[3] as Uint8Array).toString("hex") || undefined,
      replaces: text(16),
      sender: text(4),
      file: text(17),
      readings: Number(columns[8]),
      rejected: Number(columns[9]),
      rounded: Number(columns[10]),
      first: maybe(12),
      last: maybe(13),
      energy: columns[14] as bigint,
      sources: columns[11] as number,
      received: columns[5] as number,
      ended,
      replacedBy,
      notes: text(18) === undefined ? NO_NOTES : notesFrom(text(18) as string),
    },
  };
}

/** The name that a batch is looked up by, if it has a key. */
export function nameOfBatch({ key, sender }: Pick<Batch, "key" | "sender">): string | undefined {
  return key === undefined ? undefined : nameOf(key, sender);
}

/** Notes that were written before something was noted do not have it. */
function notesFrom(text: string): Notes {
  return { ...NO_NOTES, ...(JSON.parse(text) as Partial<Notes>) };
}

/** Most batches have no notes. */
function textOf(notes: Notes): string | null {
  const { rejectedByReason, repeatedWallTimes, skippedWallTimes, leftOut, qualityFlags, readAs, warnings } = notes;
  const none =
    repeatedWallTimes + skippedWallTimes + readAs.length + warnings.length === 0 &&
    Object.keys({ ...rejectedByReason, ...leftOut, ...qualityFlags }).length === 0;
  return none ? null : JSON.stringify(notes);
}

export async function rowsBySeq(connection: DuckDBConnection, seqs: Iterable<number>): Promise<LedgerRow[]> {
  const wanted = [...new Set(seqs)];
  if (wanted.length === 0) return [];
  if (wanted.length === 1) return ledgerRows(connection, "WHERE seq = $1", wanted[0]);
  return ledgerRows(connection, "WHERE seq IN (SELECT unnest($1))", numberList(wanted));
}

/**
 * Rows of batches by their names.
 * @param names of `nameOf` and `withFormerNames`
 * @param recent what `keys.recent` found before this transaction began
 */
export async function rowsByName(
  connection: DuckDBConnection,
  names: ReadonlySet<string>,
  keys: Keys,
  recent: ReadonlySet<number>,
): Promise<Map<string, LedgerRow>> {
  const seqs = [...recent, ...(await keys.older(connection, names))];
  const rows = await rowsBySeq(connection, seqs);
  const found = rows.map((row) => [nameOfBatch(row.batch), row] as const);
  return new Map(found.filter((entry): entry is [string, LedgerRow] => entry[0] !== undefined && names.has(entry[0])));
}

/**
 * Batches by their sender's keys; keys without a batch are absent.
 * @param read runs a job on one moment of the store
 */
export async function batchesByKeys(
  { keys, now }: { readonly keys: Keys; readonly now: Now },
  read: <T>(job: (connection: DuckDBConnection) => Promise<T>) => Promise<T>,
  list: readonly string[],
  sender: string | undefined,
): Promise<Map<string, Batch>> {
  const found = new Map<string, Batch>();
  for (const part of partsOf(list)) {
    const names = new Map(part.map((key) => [nameOf(key, sender), key]));
    const wanted = withFormerNames(new Set(names.keys()), now.senderKeysFrom);
    const recent = keys.recent(wanted);
    const rows = await read((connection) => rowsByName(connection, wanted, keys, recent));
    for (const [name, key] of names) {
      const row = rows.get(name);
      if (row !== undefined) found.set(key, row.batch);
    }
  }
  return found;
}

export async function appendRows(connection: DuckDBConnection, rows: readonly LedgerRow[]): Promise<void> {
  const columns: readonly ((row: LedgerRow) => Value)[] = [
    ({ seq }) => seq,
    ({ batch }) => batch.id,
    ({ batch }) => batch.key ?? null,
    ({ batch }) => (batch.key === undefined ? null : hashOf(nameOf(batch.key, batch.sender))),
    ({ batch }) => Buffer.from(batch.sha256 ?? "", "hex"),
    ({ batch }) => batch.sender ?? null,
    ({ batch }) => batch.received,
    ({ batch }) => batch.ended ?? null,
    ({ batch }) => batch.replacedBy ?? null,
    ({ batch }) => batch.readings,
    ({ batch }) => batch.rejected,
    ({ batch }) => batch.rounded,
    ({ batch }) => batch.sources,
    ({ batch }) => batch.first ?? null,
    ({ batch }) => batch.last ?? null,
    ({ batch }) => batch.energy,
    ({ absolute }) => absolute,
    ({ batch }) => batch.replaces ?? null,
    ({ batch }) => batch.file ?? null,
    ({ batch }) => textOf(batch.notes),
  ];
  await append(
    connection,
    "batches",
    APPENDED,
    rows.length,
    columns.map((cell) => (n: number) => cell(rows[n])),
  );
}

/** The days of the batches that count, except one, from their timestamps. */
export async function daysWithout(connection: DuckDBConnection, seq: number): Promise<Days | undefined> {
  const [[first, last]] = (await rowsOf(
    connection,
    "SELECT min(first), max(last) FROM batches WHERE ended IS NULL AND seq <> $1",
    seq,
  )) as (number | null)[][];
  if (first === null || last === null) return undefined;
  return { first: Math.floor(first / 86_400), last: Math.floor(last / 86_400) };
}

export async function writeNotes(connection: DuckDBConnection, seq: number, notes: Notes): Promise<void> {
  await rowsOf(connection, "UPDATE batches SET notes = $1 WHERE seq = $2", JSON.stringify(notes), seq);
}

export async function endRow(connection: DuckDBConnection, { seq, batch }: LedgerRow): Promise<void> {
  await rowsOf(
    connection,
    "UPDATE batches SET ended = $2::DOUBLE, replaced_by = $3 WHERE seq = $1",
    seq,
    batch.ended ?? null,
    batch.replacedBy ?? null,
  );
}

/** The only row of `now`. */
export interface Now {
  readonly version: number;
  readonly nextBatch: number;
  readonly nextSource: number;
  /** The number of batches that count, and their totals. */
  readonly batches: number;
  readonly sources: number;
  readonly readings: number;
  readonly energy: bigint;
  readonly absolute: bigint;
  /** The first batch whose key is not in a run. */
  readonly keysFrom: number;
  /** The first batch whose key is looked up with its sender: 1 in a store that never had schema 2. */
  readonly senderKeysFrom: number;
}

export async function readNow(connection: DuckDBConnection): Promise<Now> {
  const [row] = await rowsOf(
    connection,
    `SELECT version, next_batch, next_source, batches, sources, readings, energy, absolute, keys_from, sender_keys_from
     FROM now`,
  );
  const [version, nextBatch, nextSource, batches, sources, readings] = row.slice(0, 6).map(Number);
  const [energy, absolute] = row.slice(6) as bigint[];
  const [keysFrom, senderKeysFrom] = row.slice(8).map(Number);
  return {
    ...{ version, nextBatch, nextSource, batches, sources, readings, energy, absolute },
    ...{ keysFrom, senderKeysFrom },
  };
}

export async function writeNow(connection: DuckDBConnection, now: Now): Promise<void> {
  await rowsOf(
    connection,
    `UPDATE now SET version = $1, next_batch = $2, next_source = $3, batches = $4, sources = $5, readings = $6,
      energy = $7, absolute = $8`,
    ...[now.version, now.nextBatch, now.nextSource, now.batches, now.sources, now.readings],
    huge(now.energy),
    huge(now.absolute),
  );
}
