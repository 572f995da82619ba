/** The database file, opened: settings, schema, and what the writer remembers of it. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { StoreError } from "../../domain/errors.js";
import type { Days } from "./days.js";
import { failure } from "./failure.js";
import { Keys } from "./keys.js";
import { type Now, readNow } from "./ledger.js";
import { prepareSchema } from "./schema.js";
import { Numbers } from "./sources.js";
import { daysOf, STAGES } from "./sums.js";
import { closeConnection, rowsOf } from "./table.js";

export interface DuckdbOptions {
  /** Bytes that the engine may use. */
  readonly memory: number;
  /** Sources with readings, at most. */
  readonly maxSources: number;
  /** Days from the first with readings to the last, at most; default: any number. */
  readonly maxDays?: number | undefined;
  /** Keys that are held in memory, at most; default 2²⁰. */
  readonly keyRun?: number;
  /** Bytes of the log of changes at which it is moved into the file; default 48 MB. */
  readonly logBytes?: number;
}

export interface Engine {
  readonly instance: DuckDBInstance;
  /** The writer's. */
  readonly connection: DuckDBConnection;
  readonly keys: Keys;
  readonly numbers: Numbers;
  readonly maxSources: number;
  readonly maxDays: number;
  now: Now;
  /** The first and the last day that have readings. */
  days: Days | undefined;
  /** No later day has had readings; -Infinity where none has. */
  lastDay: number;
}

/** The engine keeps other processes from a file, but not a second opening by the same process. */
const held = new Set<string>();

/** @throws StoreError as `openStore` does */
export async function openEngine(path: string, options: DuckdbOptions): Promise<Engine & { release(): void }> {
  const file = realFile(path);
  const names = new Set([file, ...identity(file)]);
  if ([...names].some((name) => held.has(name))) throw inUse(path);
  hold(names, [file]);
  let instance: DuckDBInstance | undefined;
  let connection: DuckDBConnection | undefined;
  const release = () => {
    if (connection !== undefined) closeConnection(connection);
    instance?.closeSync();
    for (const name of names) held.delete(name);
  };
  const logged = existsSync(`${file}.wal`);
  try {
    instance = await DuckDBInstance.create(file, {
      threads: "2",
      memory_limit: `${Math.max(64, Math.floor(options.memory / 2 ** 20))}MiB`,
      temp_directory: `${file}.tmp`,
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      // The writer says when: see checkpoint.ts.
      wal_autocheckpoint: "1TB",
    });
    hold(names, identity(file));
    connection = await instance.connect();
    if (!logged) await checkLength(connection, file);
    // The disk says when it is full: by itself the engine keeps to what was free when it was opened.
    await connection.run("SET max_temp_directory_size = '1000TB'");
    await connection.run("SET enable_external_access = false");
    // What the tables hold must not go into a plan that may be used when they hold something else: see table.ts.
    await connection.run("SET disabled_optimizers = 'statistics_propagation,compressed_materialization'");
    await prepareSchema(connection, path);
    for (const sql of STAGES) await connection.run(sql);
    const now = await readNow(connection);
    const keys = await Keys.open(connection, now.keysFrom, options.keyRun);
    const numbers = new Numbers();
    const days = await daysOf(connection);
    const lastDay = days?.last ?? Number.NEGATIVE_INFINITY;
    const { maxSources, maxDays = Number.POSITIVE_INFINITY } = options;
    return { instance, connection, keys, numbers, maxSources, maxDays, now, days, lastDay, release };
  } catch (error) {
    release();
    throw failure(error, path);
  }
}

function hold(names: Set<string>, more: readonly string[]): void {
  for (const name of [...more, ...names]) {
    names.add(name);
    held.add(name);
  }
}

/** What a file is, by whatever name; nothing where it is not there yet. */
function identity(file: string): string[] {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? [] : [`${stat.dev}:${stat.ino}`];
}

/** Blocks begin after three headers of this many bytes. */
const HEADER = 4096;

/**
 * The engine opens a file that lacks its last blocks, and fails when it needs one of them. How many are used is known
 * where no changes had to be read from the log, which takes blocks that are not in the file yet; free ones need not be.
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

/** The file's one name, whatever links lead to it. */
export function realFile(path: string): string {
  const full = resolve(path);
  const folder = dirname(full);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new StoreError(
      "no_such_folder",
      `store ${path}: there is no folder ${folder}; create it, or choose another place`,
    );
  if (!existsSync(full)) return join(realpathSync(folder), basename(full));
  if (!statSync(full).isFile())
    throw new StoreError("not_a_store", `store ${path}: it is not a file; choose another name`);
  return realpathSync(full);
}

function inUse(path: string): StoreError {
  return new StoreError(
    "store_in_use",
    `store ${path}: this process has it open already; one at a time can have a store`,
  );
}
