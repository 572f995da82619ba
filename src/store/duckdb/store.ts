/** The embedded store: one file of DuckDB, owned by one process. */
import { existsSync, statSync } from "node:fs";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { StoreError } from "../../domain/errors.js";
import type { Batch, Ingested, NewBatch, Reader, Store, StoreState } from "../store.js";
import { checkAll } from "./check.js";
import { Keys } from "./keys.js";
import { readNow, rowsByKey } from "./ledger.js";
import { packContribution } from "./packed.js";
import { readerOf } from "./reader.js";
import { SCHEMA } from "./schema.js";
import { Numbers } from "./sources.js";
import { STAGES } from "./sums.js";
import { rowsOf } from "./table.js";
import { Writer } from "./writer.js";

export interface DuckdbOptions {
  readonly memory: number;
  readonly maxSources: number;
  /** Keys that are held in memory, at most; default 2²⁰. */
  readonly keyRun?: number;
}

/** Readers at a time; more wait. */
const READERS = 4;

export async function openDuckdb(path: string, options: DuckdbOptions): Promise<Store> {
  const instance = await DuckDBInstance.create(path, {
    threads: "2",
    memory_limit: `${Math.max(1, Math.floor(options.memory / 1e6))}MB`,
    temp_directory: `${path}.tmp`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET enable_external_access = false");
  const tables = await rowsOf(
    connection,
    "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database()",
  );
  if (tables[0][0] === 0n) {
    await connection.run("BEGIN TRANSACTION");
    for (const sql of SCHEMA) await connection.run(sql);
    await connection.run("COMMIT");
  }
  for (const sql of STAGES) await connection.run(sql);
  const now = await readNow(connection);
  const keys = await Keys.open(connection, now.keysFrom, options.keyRun);
  return new DuckdbStore(path, instance, connection, options, keys, now);
}

class DuckdbStore implements Store {
  private readonly writer: Writer;
  private readonly idle: DuckDBConnection[] = [];
  private readonly waiting: (() => void)[] = [];
  private reading = 0;

  constructor(
    private readonly path: string,
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    { maxSources }: DuckdbOptions,
    private readonly keys: Keys,
    now: Awaited<ReturnType<typeof readNow>>,
  ) {
    this.writer = new Writer({ connection, numbers: new Numbers(), keys, maxSources }, now, failed);
  }

  ingest(batch: NewBatch): Promise<Ingested> {
    return this.writer.submit({ kind: "ingest", batch, packed: packContribution(batch.contribution) });
  }

  batchOfKey(key: string): Promise<Batch | undefined> {
    const wanted = new Set([key]);
    const recent = this.keys.recent(wanted);
    return this.snapshot(async (connection) => (await rowsByKey(connection, wanted, this.keys, recent))[0]?.batch);
  }

  retract(id: string): Promise<Batch | undefined> {
    return this.writer.submit({ kind: "retract", id });
  }

  read<T>(job: (reader: Reader) => Promise<T>): Promise<T> {
    return this.snapshot(async (connection) => job(await readerOf(connection)));
  }

  async state(): Promise<StoreState> {
    const now = await this.snapshot(readNow);
    const bytes = [this.path, `${this.path}.wal`].reduce((sum, f) => sum + (existsSync(f) ? statSync(f).size : 0), 0);
    const { batches, sources, readings, energy } = now;
    return { bytes, batches, sources, readings, energy, queued: this.writer.queued };
  }

  async ready(): Promise<void> {
    await this.snapshot(readNow);
  }

  check(): Promise<string[]> {
    return this.snapshot(checkAll);
  }

  async close(): Promise<void> {
    await this.writer.idle();
    this.connection.closeSync();
    for (const connection of this.idle) connection.closeSync();
    this.instance.closeSync();
  }

  private async snapshot<T>(job: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    while (this.reading >= READERS) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.reading++;
    try {
      const connection = this.idle.pop() ?? (await this.instance.connect());
      try {
        await connection.run("BEGIN TRANSACTION READ ONLY");
        return await job(connection);
      } finally {
        await connection.run("ROLLBACK");
        this.idle.push(connection);
      }
    } finally {
      this.reading--;
      this.waiting.shift()?.();
    }
  }
}

function failed(error: unknown): unknown {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StoreError("store_failed", `the store cannot write: ${message}`, { cause: error });
}
