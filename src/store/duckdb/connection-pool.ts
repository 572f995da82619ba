/** Connections that read, each within a transaction of its own: a few at a time, more wait. */
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { closeConnection } from "./table.js";

/** Readers at a time. */
const MOST = 4;

/** These connections have been closed; whoever still waited for one has to ask the engine that follows. */
export class ReadersClosed extends Error {}

export class ConnectionPool {
  private readonly idle: DuckDBConnection[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly ended: (() => void)[] = [];
  private reading = 0;
  private held = false;
  private closed = false;

  constructor(private readonly instance: DuckDBInstance) {}

  /** Does a job on what the store holds at one moment. @throws ReadersClosed with nothing done */
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
        // Whatever state it is in now: the next reader takes another.
        closeConnection(connection);
        throw error;
      }
    } finally {
      this.reading--;
      this.wake();
    }
  }

  /**
   * Lets no new reader begin while `job` is done, and does it once those that read have ended, or after some time.
   * @param timeout milliseconds to wait for them
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

  /** Ends: waits until nobody reads, then closes; who waits to read is turned away. */
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
