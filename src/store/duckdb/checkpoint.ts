/**
 * Moves the log of changes (the .wal file) into the database file. Changes are on disk as soon as they are in the log; but
 * opening a store that was killed reads all of it, so it must stay short. A checkpoint is impossible while somebody reads
 * a state before the last change: it is tried when nobody does, and enforced when the log is long.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ConnectionPool } from "./connection-pool.js";
import { logSize, makeLog } from "./files.js";

/** Bytes of the log at which a checkpoint is tried after a transaction; at twice as many, new readers wait for it. */
const SOON = 48 * 2 ** 20;
/** How long it waits for readers that have begun, in milliseconds. */
const READERS_TIMEOUT = 2000;

export class Checkpoints {
  /** Bytes of the log at which the next checkpoint is tried. */
  private next: number;
  /** While the file is copied, there must be no checkpoint. */
  held = false;

  constructor(
    private readonly file: string,
    private readonly soon = SOON,
  ) {
    this.next = soon;
  }

  /** Bytes of the log. */
  get logged(): number {
    return logSize(this.file);
  }

  /** Moves the log into the file now if possible, else at a later time. */
  async now(connection: DuckDBConnection, readers: ConnectionPool): Promise<void> {
    if (this.held) return;
    await readers.without(READERS_TIMEOUT, () => connection.run("CHECKPOINT")).catch(() => undefined);
    makeLog(this.file);
  }

  /** After a transaction: does what is due. If it fails, it rejects, and everything stays in the log for a later time. */
  async after(connection: DuckDBConnection, readers: ConnectionPool): Promise<void> {
    const { logged } = this;
    if (this.held || logged < this.next) return;
    const attempt = () => connection.run("CHECKPOINT");
    try {
      await (logged < 2 * this.soon ? attempt() : readers.without(READERS_TIMEOUT, attempt));
      makeLog(this.file);
      this.next = this.soon;
    } catch (error) {
      this.next = logged + this.soon / 4;
      throw error;
    }
  }
}
