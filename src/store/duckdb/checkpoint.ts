/**
 * Moves what is in the log of changes (the .wal file) into the database file. Changes are on disk from the moment that
 * they are in the log; but opening a store that was killed reads all of it, so it must not grow long. A checkpoint cannot
 * be while somebody reads from before the last change: it is tried where nobody does, and insisted on when the log is
 * long.
 */
import { statSync } from "node:fs";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Readers } from "./readers.js";

/** Bytes of the log at which a checkpoint is tried after a transaction, … */
const SOON = 48 * 2 ** 20;
/** … and at which new readers wait for it. */
const NOW = 96 * 2 ** 20;
/** How long readers that have begun are waited for, in milliseconds. */
const PATIENCE = 2000;

export class Checkpoints {
  /** Bytes of the log before which it is not tried again. */
  private next = SOON;

  constructor(private readonly file: string) {}

  /** Bytes of the log. */
  get logged(): number {
    return statSync(`${this.file}.wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** After a transaction: does what is due. Where it fails, everything stays in the log, and it is tried again later. */
  async after(connection: DuckDBConnection, readers: Readers): Promise<void> {
    const { logged } = this;
    if (logged < this.next) return;
    const attempt = () => connection.run("CHECKPOINT");
    try {
      await (logged < NOW ? attempt() : readers.without(PATIENCE, attempt));
      this.next = SOON;
    } catch {
      this.next = logged + SOON / 4;
    }
  }
}
