/**
 * Moves what is in the log of changes (the .wal file) into the database file. Changes are on disk from the moment that
 * they are in the log; but opening a store that was killed reads all of it, so it must not grow long. A checkpoint cannot
 * be while somebody reads from before the last change: it is tried where nobody does, and insisted on when the log is
 * long.
 */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ConnectionPool } from "./connection-pool.js";
import { logSize, makeLog } from "./files.js";

/** Bytes of the log at which a checkpoint is tried after a transaction; at twice as many, new readers wait for it. */
const SOON = 48 * 2 ** 20;
/** How long readers that have begun are waited for, in milliseconds. */
const READERS_TIMEOUT = 2000;

export class Checkpoints {
  /** Bytes of the log before which it is not tried again. */
  private next: number;
  /** While the file is copied nothing may be moved into it. */
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

  /** Moves the log into the file now if that can be; if not, a later time does it. */
  async now(connection: DuckDBConnection, readers: ConnectionPool): Promise<void> {
    if (this.held) return;
    await readers.without(READERS_TIMEOUT, () => connection.run("CHECKPOINT")).catch(() => undefined);
    makeLog(this.file);
  }

  /** After a transaction: does what is due. Rejects where it fails; everything stays in the log, for a later time. */
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
