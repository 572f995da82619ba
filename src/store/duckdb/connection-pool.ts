/** Connections for reading, each in a transaction of its own: a few at a time; further readers wait. */
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { closeConnection } from "./table.js";

/** The most readers at a time. */
const MOST = 4;

/** The connections have been closed; readers that were waiting must ask the next engine. */
export class ReadersClosed extends Error {}

export class ConnectionPool {
  private readonly idle: DuckDBConnection[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly ended: (() => void)[] = [];
  private reading = 0;
  private held = false;
  private closed = false;

  constructor(private readonly instance: DuckDBInstance) {}

  /** Runs a job on one moment of the store. @throws ReadersClosed with nothing done */
  async read<T>(job: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    while (!this.closed && (this.held || this.reading >= MOST))
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.closed) throw new ReadersClosed();
    this.reading++;
    try {
      const connection = this.idle.pop() ?? (await this.instance.connect());
      try {
        await connection.run("BEGIN TRANSACTION READ ONLY");
        const value = await job(connection);
        await connection.run("ROLLBACK");
        this.idle.push(connection);
        return value;
      } catch (error) {
        // Its state is unknown, so the next reader takes another.
        closeConnection(connection);
        throw error;
      }
    } finally {
      this.reading--;
      this.wake();
    }
  }

  /**
   * Runs a job once all readers have ended, or after a timeout. No new reader begins until it is done.
   * @param timeout in milliseconds
   */
  async without<T>(timeout: number, job: () => Promise<T>): Promise<T> {
    this.held = true;
    try {
      await this.quiet(timeout);
      return await job();
    } finally {
      this.held = false;
      this.wake();
    }
  }

  /** Waits until nobody reads, then closes; waiting readers are rejected. */
  async close(): Promise<void> {
    this.held = true;
    await this.quiet(undefined);
    this.closed = true;
    for (const connection of this.idle.splice(0)) closeConnection(connection);
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private async quiet(timeout: number | undefined): Promise<void> {
    if (this.reading === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.ended.push(resolve);
      if (timeout !== undefined) timer = setTimeout(resolve, timeout);
    });
    clearTimeout(timer);
  }

  private wake(): void {
    if (this.reading === 0) for (const resolve of this.ended.splice(0)) resolve();
    if (this.held) return;
    const free = MOST - this.reading;
    for (const resolve of this.waiting.splice(0, free)) resolve();
  }
}
