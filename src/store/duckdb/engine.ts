/** The opened database file: settings, schema, and what the writer remembers about it. */
import { existsSync, statSync } from "node:fs";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { StoreError } from "../../base/errors.js";
import type { StoreNotice } from "../store.js";
import { removeCopy, SourceFile } from "./backup.js";
import { createStore, removeAbandoned } from "./create.js";
import { type Database, openDatabase } from "./database.js";
import type { Days } from "./days.js";
import { failure } from "./failure.js";
import { checkMagic, checkNoStrayLog, closeToOthers, hidden, logSize, logsOf, makeLog, realFile } from "./files.js";
import { type Identity, identityOf, newIdentity, setInUse } from "./identity.js";
import { Keys } from "./keys.js";
import { type Now, readNow, seqOf } from "./ledger.js";
import { type Found, Mark, readMark } from "./mark.js";
import { isStore, prepareSchema } from "./schema.js";
import { Numbers } from "./sources.js";
import { daysOf, STAGES } from "./sums.js";
import { rowsOf } from "./table.js";

export interface DuckdbOptions {
  /** Bytes that the engine may use. */
  readonly memory: number;
  /** The most sources with readings. */
  readonly maxSources: number;
  /** The most days from the first with readings to the last; default: any number. */
  readonly maxDays?: number | undefined;
  /** Threads that the engine may use; default 2. */
  readonly threads?: number | undefined;
  /** The most keys that are held in memory; default 2²⁰. */
  readonly keyRun?: number;
  /** Bytes at which the log of changes is moved into the file; default 48 MB. */
  readonly logBytes?: number;
  readonly tell?: ((notice: StoreNotice) => void) | undefined;
}

export interface Engine {
  /** The real path of the database file. */
  readonly file: string;
  /** The same file, for reading its bytes. */
  readonly source: SourceFile;
  readonly instance: DuckDBInstance;
  /** The writer's. */
  readonly connection: DuckDBConnection;
  readonly keys: Keys;
  readonly numbers: Numbers;
  readonly mark: Mark;
  /** Whether the file says that its log belongs to it: see identity.ts. */
  inUse: boolean;
  readonly maxSources: number;
  readonly maxDays: number;
  now: Now;
  /** The first and the last day that have readings. */
  days: Days | undefined;
  /** No later day has had readings; -Infinity if none has. */
  lastDay: number;
  /** Whether there may be sources whose readings are kept themselves. */
  keeps: boolean;
}

/** The engine locks out other processes, but does not prevent the same process from opening a file twice. */
const held = new Set<string>();

/** @throws StoreError as `openStore` does */
export async function openEngine(path: string, options: DuckdbOptions): Promise<Engine & { release(): void }> {
  const file = realFile(path);
  const tell = options.tell ?? (() => {});
  const names = new Set([file, ...identity(file)]);
  if ([...names].some((name) => held.has(name))) throw inUse(path);
  hold(names, [file]);
  let database: Database | undefined;
  let mark: Mark | undefined;
  const source = new SourceFile(file);
  const release = () => {
    database?.close();
    source.close();
    mark?.close();
    for (const name of names) held.delete(name);
  };
  try {
    checkNoStrayLog(path, file);
    if (!existsSync(file)) await createStore(path, file);
    checkMagic(path, file);
    const log = logsOf(file).length > 0;
    const logged = logSize(file) > 0;
    database = await openDatabase(file, options.memory, options.threads);
    const { instance, connection } = database;
    hold(names, identity(file));
    // A killed process may have been making a backup.
    removeCopy(hidden(file, "backup"));
    removeAbandoned(file);
    // Nothing may be written before the file was found to be whole.
    await connection.run("PRAGMA disable_checkpoint_on_shutdown");
    if (!logged) await checkLength(connection, file);
    const found = readMark(file);
    await checkTogether(connection, { path, file, logged, found });
    closeToOthers(file, tell);
    await prepareSchema(connection, path);
    for (const sql of STAGES) await connection.run(sql);
    const now = await readNow(connection);
    const keys = await Keys.open(connection, now.keysFrom, options.keyRun);
    const numbers = new Numbers();
    const days = await daysOf(connection);
    const lastDay = days?.last ?? Number.NEGATIVE_INFINITY;
    const keeps = (await rowsOf(connection, "SELECT 1 FROM readings LIMIT 1")).length > 0;
    const { store, inUse } = (await identityOf(connection)) ?? (await identify(connection));
    const point = { version: now.version, batch: (await batchNumbered(connection, now.nextBatch - 1)) ?? "" };
    const has = async (id: string) => (await batchNumbered(connection, seqOf(id))) === id;
    mark = await Mark.open(file, { store, found, point, alone: inUse && !log }, has, Date.now(), tell);
    makeLog(file);
    await connection.run("PRAGMA enable_checkpoint_on_shutdown");
    return {
      file,
      source,
      instance,
      connection,
      keys,
      numbers,
      mark,
      inUse,
      maxSources: options.maxSources,
      maxDays: options.maxDays ?? Number.POSITIVE_INFINITY,
      now,
      days,
      lastDay,
      keeps,
      release,
    };
  } catch (error) {
    release();
    throw failure(error, path);
  }
}

/** Gives a store of an earlier version its identity: in the file itself, before a mark has it, in case the log is lost. */
async function identify(connection: DuckDBConnection): Promise<Identity> {
  const made = await newIdentity(connection);
  await connection.run("CHECKPOINT").catch(() => undefined);
  return made;
}

/** The id of the batch with a number. */
async function batchNumbered(connection: DuckDBConnection, seq: number): Promise<string | undefined> {
  const [row] = await rowsOf(connection, "SELECT id FROM batches WHERE seq = $1", seq);
  return row?.[0] as string | undefined;
}

/**
 * Checks that file, log and mark belong to one store. The engine reads a log into whatever file it is next to, with wrong
 * sums if it was written for another one. At this point, nothing of it is in the file yet.
 * @throws StoreError `not_a_store`, `log_mismatch`
 */
async function checkTogether(
  connection: DuckDBConnection,
  { path, file, logged, found }: { path: string; file: string; logged: boolean; found: Found },
): Promise<void> {
  const [[tables]] = await rowsOf(
    connection,
    "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database()",
  );
  if (tables === 0n)
    throw new StoreError(
      "not_a_store",
      `store ${path}: the file has no tables, so it may be a copy of a store without its log of changes (${file}.wal); copy both files together, or remove this one to start with an empty store`,
    );
  if (!logged || !(await isStore(connection))) return;
  const now = await readNow(connection);
  const other = found.kind === "mark" && found.entry.store !== (await identityOf(connection))?.store;
  if (!other && (await isOfLedger(connection, now))) return;
  throw new StoreError(
    "log_mismatch",
    `store ${path}: ${file}.wal is the log of changes of another file (or ${file}.mark belongs to another store); put back the files that were copied together, or, to use the file alone (a backup), move the log and the mark away; nothing was changed`,
  );
}

/** Whether the ledger agrees with `now`: a log may bring a `now` to a file whose batches have not ended yet. */
async function isOfLedger(connection: DuckDBConnection, now: Now): Promise<boolean> {
  const counting = "FILTER (WHERE ended IS NULL)";
  const [[all, batches, readings, energy]] = await rowsOf(
    connection,
    `SELECT count(*), count(*) ${counting}, coalesce(sum(readings) ${counting}, 0)::HUGEINT,
      coalesce(sum(energy) ${counting}, 0)::HUGEINT FROM batches`,
  );
  return (
    Number(all) === now.nextBatch - 1 &&
    Number(batches) === now.batches &&
    Number(readings) === now.readings &&
    energy === now.energy
  );
}

function hold(names: Set<string>, more: readonly string[]): void {
  for (const name of [...more, ...names]) {
    names.add(name);
    held.add(name);
  }
}

/** What identifies a file, whatever its name; nothing if it does not exist yet. */
function identity(file: string): string[] {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? [] : [`${stat.dev}:${stat.ino}`];
}

/** Blocks begin after three headers of this many bytes. */
const HEADER = 4096;

/**
 * The engine opens a file that lacks its last blocks, and fails when it needs one of them. The number of used blocks is
 * only known if no changes were read from the log: these use blocks that are not in the file yet. Free ones need not be there.
 */
async function checkLength(connection: DuckDBConnection, file: string): Promise<void> {
  const [[size, used]] = (await rowsOf(
    connection,
    "SELECT block_size, used_blocks FROM pragma_database_size() WHERE database_name = current_database()",
  )) as bigint[][];
  const length = statSync(file).size;
  const wanted = 3 * HEADER + Number(size * used);
  if (length < wanted) throw new Error(`Could not read enough bytes: there are ${length} of ${wanted}`);
}

function inUse(path: string): StoreError {
  return new StoreError(
    "store_in_use",
    `store ${path}: this process already has it open; a store can only be open once`,
  );
}

/** Moves the log into the file, which is then complete by itself. The engine would do that too, but not report a failure. */
export async function leave({ file, connection, inUse }: Engine): Promise<void> {
  if (inUse) await setInUse(connection, false);
  if (logSize(file) > 0) await connection.run("CHECKPOINT");
}

export function logLeft(file: string, why: StoreError | undefined): StoreNotice {
  const reason = why?.code === "disk_full" ? "the disk is full, so " : "";
  const message = `store ${file}: ${reason}its log of changes could not be moved into its file; nothing is lost, but what was acknowledged is in ${file} and ${file}.wal together: keep both, and copy both (${file}*). The next start will try again`;
  return { level: "warning", code: "log_left", message };
}
