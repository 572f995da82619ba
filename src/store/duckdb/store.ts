/** The embedded store: one DuckDB file, owned by one process. */
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { diskError } from "../../base/disk-error.js";
import { RunError, StoreError } from "../../base/errors.js";
import { freeBytes } from "../../output/space.js";
import type {
  Batch,
  Compacted,
  Difference,
  Ingested,
  IngestOptions,
  NewBatch,
  Snapshot,
  Store,
  StoreState,
} from "../store.js";
import { type Publication, type StoreChange, type Watch, Watchers } from "../watchers.js";
import { Copies } from "./backup.js";
import { checkAll } from "./check.js";
import { Checkpoints } from "./checkpoint.js";
import { freeIn, type Moved, moveAll, moveRows, type Table } from "./compact.js";
import { ConnectionPool, ReadersClosed } from "./connection-pool.js";
import { type DuckdbOptions, type Engine, leave, logLeft, openEngine } from "./engine.js";
import { failure, isEngines } from "./failure.js";
import { hidden, logSize, realFile } from "./files.js";
import { setInUse } from "./identity.js";
import { batchesByKeys, readNow } from "./ledger.js";
import { lossText } from "./mark.js";
import { readerOf } from "./snapshot.js";
import { UnsureCommit } from "./transaction.js";
import { type Failed, Writer, type WriterHost } from "./writer.js";

/** Free space that a store whose disk was full needs to be ready again. */
const ROOM = 4 * 2 ** 20;

export async function openDuckdb(path: string, options: DuckdbOptions): Promise<Store> {
  const store = new DuckdbStore(path, options);
  await store.engine();
  return store;
}

interface Opened extends Engine {
  readonly readers: ConnectionPool;
  release(): void;
}

class DuckdbStore implements Store, WriterHost {
  readonly watchers = new Watchers();
  private readonly writer = new Writer(this);
  private readonly checkpoints: Checkpoints;
  private readonly copies: Copies;
  /** Rejected or `undefined` if the engine must be opened again. */
  private opened: Promise<Opened> | undefined;
  /** Bytes that a batch needed when there was no room. */
  private wanted = 0;
  private closed = false;
  private backingUp = false;
  /** What is published when the store is open again, if a commit that failed is on disk. */
  private unsure: Publication | undefined;
  private readonly file: string;

  constructor(
    private readonly path: string,
    private readonly options: DuckdbOptions,
  ) {
    this.file = realFile(path);
    this.checkpoints = new Checkpoints(this.file, options.logBytes);
    this.copies = new Copies(this.checkpoints, options.memory);
  }

  ingest(batch: NewBatch, owner?: string, { dryRun = false, strict = false }: IngestOptions = {}): Promise<Ingested> {
    return this.submit({
      kind: "ingest",
      batch,
      owner,
      ...((dryRun || strict || batch.apart) && { trial: { dryRun, strict } }),
    });
  }

  retract(id: string, owner?: string): Promise<Batch | undefined> {
    return this.submit({ kind: "retract", id, owner });
  }

  async batchOfKey(key: string, sender?: string): Promise<Batch | undefined> {
    return (await this.batchesOfKeys([key], sender)).get(key);
  }

  async batchesOfKeys(list: readonly string[], sender?: string): Promise<Map<string, Batch>> {
    return batchesByKeys(await this.engine(), (job) => this.snapshot(job), list, sender);
  }

  read<T>(job: (reader: Snapshot) => Promise<T>): Promise<T> {
    return this.snapshot(async (connection) => job(await readerOf(connection)));
  }

  watch(tell: (change: StoreChange) => void, sources?: readonly string[]): Promise<Watch> {
    if (this.closed) return Promise.reject(new StoreError("store_closed", `store ${this.path}: it is closed`));
    return this.writer.between(async () => {
      const { now } = await this.engine();
      return { version: now.version, stop: this.watchers.add(tell, sources) };
    });
  }

  async state(): Promise<StoreState> {
    const { free, batches, sources, readings, energy } = await this.snapshot(async (connection) => ({
      ...(await readNow(connection)),
      free: await freeIn(connection, this.file),
    }));
    const { mark } = await this.engine();
    return {
      bytes: this.bytes,
      free,
      batches,
      sources,
      readings,
      energy,
      queued: this.writer.queued,
      incomplete: mark.loss !== undefined,
    };
  }

  /** Of the file and its log. */
  private get bytes(): number {
    return (statSync(this.path, { throwIfNoEntry: false })?.size ?? 0) + this.checkpoints.logged;
  }

  async ready(): Promise<void> {
    if (this.wanted > 0) {
      const free = freeBytes(dirname(resolve(this.path)));
      if (free < this.wanted + ROOM) throw failure(new Error("No space left on device"), this.path);
    }
    await this.submit({ kind: "touch" });
  }

  async check(signal?: AbortSignal): Promise<Difference[]> {
    const differences = await this.snapshot((connection) => checkAll(connection, signal));
    const { mark } = await this.engine();
    return mark.loss === undefined ? differences : [{ message: lossText(mark.loss) }, ...differences];
  }

  async backup(path = hidden(this.file, "backup"), signal?: AbortSignal): Promise<string> {
    if (this.closed) throw new StoreError("store_closed", `store ${this.path}: it is closed`);
    if (this.backingUp)
      throw new StoreError("backup_running", `store ${this.path}: another backup is being made; try again after it`);
    this.backingUp = true;
    try {
      const engine = await this.engine();
      // The writer goes on while it is made.
      const { done } = await this.writer.between(() => ({ done: this.copies.begin(engine, path, signal) }));
      await done;
      return path;
    } catch (error) {
      const told = diskError(error, path);
      throw signal?.aborted || told instanceof RunError ? told : failure(told, this.path);
    } finally {
      this.backingUp = false;
    }
  }

  async compact(signal?: AbortSignal): Promise<Compacted> {
    if (this.closed) throw new StoreError("store_closed", `store ${this.path}: it is closed`);
    const before = this.bytes;
    await moveAll((table) => {
      signal?.throwIfAborted();
      return this.closed ? undefined : this.writer.between(() => this.move(table));
    });
    return { before, after: this.bytes };
  }

  /** Moves rows of a table, and the log into the file. Call this between two transactions. @returns as `moveAll` wants it */
  private async move(table: Table | undefined): Promise<Moved | undefined> {
    const engine = await this.engine();
    const { connection, readers, file } = engine;
    // A backup holds on to the pages that it copies.
    if (this.checkpoints.held) return undefined;
    try {
      await this.begin(engine);
      const moved = await moveRows(connection, table, file);
      await this.checkpoints.now(connection, readers);
      return moved;
    } catch (error) {
      await this.revive(connection);
      throw failure(error, this.path);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.writer.idle();
    const why = await this.giveUp();
    if (logSize(this.file) > 0)
      this.options.tell?.(logLeft(this.file, why === undefined ? undefined : failure(why, this.path)));
  }

  /** The engine, reopened if it had to be closed. */
  engine(): Promise<Opened> {
    this.opened ??= this.open();
    return this.opened;
  }

  async begin(engine: Engine): Promise<void> {
    if (engine.inUse) return;
    await setInUse(engine.connection, true);
    engine.inUse = true;
    const { readers } = await this.engine();
    await this.checkpoints.now(engine.connection, readers);
  }

  /** A failure here loses nothing that was acknowledged; it is tried again after a later transaction. */
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

  /** Only the disk knows whether a failed commit counts, so the store is reopened and asked. */
  private async settle({ committed, cause }: UnsureCommit, bytes: number): Promise<Failed> {
    const told = failure(cause, this.path);
    if (told.code === "disk_full") this.wanted = Math.max(this.wanted, 2 * bytes);
    this.unsure = committed.publication;
    await this.giveUp();
    // If it does not open, all that is known is that it failed, and it must not be tried again.
    const engine = await this.engine().catch(() => undefined);
    if (engine === undefined) return { told, again: false };
    if (engine.now.version === committed.version) return { outcomes: committed.outcomes };
    return { told, again: told.code !== "disk_full" };
  }

  private async open(): Promise<Opened> {
    try {
      const engine = await openEngine(this.path, this.options);
      const { unsure } = this;
      this.unsure = undefined;
      if (unsure?.change.version === engine.now.version) await this.watchers.publish(unsure);
      return { ...engine, readers: new ConnectionPool(engine.instance) };
    } catch (error) {
      this.opened = undefined;
      throw error;
    }
  }

  /** After some failures, the engine does nothing any more; it is then closed, and reopened for the next request. */
  private async revive(connection: DuckDBConnection): Promise<void> {
    await connection.run("SELECT version FROM now").catch(() => this.giveUp());
  }

  /** @returns why the log could not be moved into the file, if it could not */
  private async giveUp(): Promise<unknown> {
    const opened = await this.opened?.catch(() => undefined);
    // Moving the log into the file makes a copy useless, and its descriptor is about to be closed.
    await this.copies.stop(new StoreError("backup_failed", `store ${this.path}: it was closed while it was copied`));
    let why: unknown;
    try {
      await opened?.readers.close();
      if (opened !== undefined) why = await leave(opened).catch((error) => error);
      opened?.release();
    } finally {
      this.opened = undefined;
    }
    return why;
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
      // The writer finds out whether the engine must be reopened.
      if (/FATAL|invalidated/.test(error.message)) this.writer.submit({ kind: "touch" }).catch(() => undefined);
      throw failure(error, this.path);
    }
  }
}
