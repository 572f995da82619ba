/** The embedded store: one file of DuckDB, owned by one process. */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { StoreError } from "../../domain/errors.js";
import { freeBytes } from "../../output/space.js";
import type { Batch, Ingested, NewBatch, Reader, Store, StoreState } from "../store.js";
import { checkAll } from "./check.js";
import { Checkpoints } from "./checkpoint.js";
import { type DuckdbOptions, type Engine, openEngine, realFile } from "./engine.js";
import { failure, isEngines } from "./failure.js";
import { nameOf, withFormerNames } from "./keys.js";
import { readNow, rowsByName } from "./ledger.js";
import { readerOf } from "./reader.js";
import { Readers, ReadersClosed } from "./readers.js";
import { UnsureCommit } from "./transaction.js";
import { type Desk, type Failed, Writer } from "./writer.js";

/** Free space without which a store whose disk was full is not taken for ready again. */
const ROOM = 4 * 2 ** 20;

export async function openDuckdb(path: string, options: DuckdbOptions): Promise<Store> {
  const store = new DuckdbStore(path, options);
  await store.engine();
  return store;
}

interface Opened extends Engine {
  readonly readers: Readers;
  release(): void;
}

class DuckdbStore implements Store, Desk {
  private readonly writer = new Writer(this);
  private readonly checkpoints: Checkpoints;
  /** Rejected or `undefined` where the engine has to be opened again. */
  private opened: Promise<Opened> | undefined;
  /** Bytes that a batch wanted for which there was no room. */
  private wanted = 0;
  private closed = false;

  constructor(
    private readonly path: string,
    private readonly options: DuckdbOptions,
  ) {
    this.checkpoints = new Checkpoints(realFile(path), options.logBytes);
  }

  ingest(batch: NewBatch, owner?: string): Promise<Ingested> {
    return this.submit({ kind: "ingest", batch, owner });
  }

  retract(id: string, owner?: string): Promise<Batch | undefined> {
    return this.submit({ kind: "retract", id, owner });
  }

  async batchOfKey(key: string, sender?: string): Promise<Batch | undefined> {
    const { keys, now } = await this.engine();
    const name = nameOf(key, sender);
    const names = withFormerNames(new Set([name]), now.senderKeysFrom);
    const recent = keys.recent(names);
    return this.snapshot(async (connection) => (await rowsByName(connection, names, keys, recent)).get(name)?.batch);
  }

  read<T>(job: (reader: Reader) => Promise<T>): Promise<T> {
    return this.snapshot(async (connection) => job(await readerOf(connection)));
  }

  async state(): Promise<StoreState> {
    const { batches, sources, readings, energy } = await this.snapshot(readNow);
    const bytes = (statSync(this.path, { throwIfNoEntry: false })?.size ?? 0) + this.checkpoints.logged;
    return { bytes, batches, sources, readings, energy, queued: this.writer.queued };
  }

  async ready(): Promise<void> {
    if (this.wanted > 0) {
      const free = freeBytes(dirname(resolve(this.path)));
      if (free < this.wanted + ROOM) throw failure(new Error("No space left on device"), this.path);
    }
    await this.submit({ kind: "touch" });
  }

  check(): Promise<string[]> {
    return this.snapshot(checkAll);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.writer.idle();
    await this.giveUp();
  }

  /** The engine, opened again if it had to be given up. */
  engine(): Promise<Opened> {
    this.opened ??= this.open();
    return this.opened;
  }

  /** What fails here costs nothing that was acknowledged, and is tried again after a later transaction. */
  async settled({ connection, keys, now }: Engine, bytes: number): Promise<void> {
    if (bytes > 0) this.wanted = 0;
    try {
      const { readers } = await this.engine();
      if (keys.full) await keys.write(connection, now.nextBatch);
      await this.checkpoints.after(connection, readers);
    } catch {
      await this.revive(connection);
    }
  }

  async failed(engine: Engine | undefined, error: unknown, bytes: number): Promise<Failed> {
    if (error instanceof UnsureCommit) return this.settle(error, bytes);
    const told = failure(error, this.path);
    if (told.code === "disk_full") this.wanted = Math.max(this.wanted, 2 * bytes);
    if (engine !== undefined) await this.revive(engine.connection);
    return { told, again: engine !== undefined && told.code !== "disk_full" };
  }

  /** Only the disk knows whether a commit that failed counts, so the store is opened anew and asked. */
  private async settle({ outcomes, version, cause }: UnsureCommit, bytes: number): Promise<Failed> {
    const told = failure(cause, this.path);
    if (told.code === "disk_full") this.wanted = Math.max(this.wanted, 2 * bytes);
    await this.giveUp();
    // Where it does not open, nobody may be told more than that it failed, nor may it be tried again.
    const engine = await this.engine().catch(() => undefined);
    if (engine === undefined) return { told, again: false };
    if (engine.now.version === version) return { outcomes };
    return { told, again: told.code !== "disk_full" };
  }

  private async open(): Promise<Opened> {
    try {
      const engine = await openEngine(this.path, this.options);
      return { ...engine, readers: new Readers(engine.instance) };
    } catch (error) {
      this.opened = undefined;
      throw error;
    }
  }

  /** After some failures the engine does nothing any more; then it is given up, and opened again for the next who asks. */
  private async revive(connection: DuckDBConnection): Promise<void> {
    await connection.run("SELECT version FROM now").catch(() => this.giveUp());
  }

  private async giveUp(): Promise<void> {
    const opened = await this.opened?.catch(() => undefined);
    try {
      await opened?.readers.close();
      opened?.release();
    } finally {
      this.opened = undefined;
    }
  }

  private submit<T>(work: Parameters<Writer["submit"]>[0]): Promise<T> {
    if (this.closed) return Promise.reject(new StoreError("store_closed", `store ${this.path}: it is closed`));
    return this.writer.submit(work);
  }

  private async snapshot<T>(job: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.closed) throw new StoreError("store_closed", `store ${this.path}: it is closed`);
    const { readers } = await this.engine();
    try {
      return await readers.read(job);
    } catch (error) {
      if (error instanceof ReadersClosed) return this.snapshot(job);
      if (!isEngines(error)) throw error;
      // The writer finds out whether the engine has to be opened again.
      if (/FATAL|invalidated/.test(error.message)) this.writer.submit({ kind: "touch" }).catch(() => undefined);
      throw failure(error, this.path);
    }
  }
}
