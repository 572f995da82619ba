/**
 * The only writer of a store: whatever is waiting when a transaction begins shares it, and gets its own outcome once the
 * commit is on disk. So a hundred senders of small batches wait for the disk together, not one after another.
 */

import { sizeOf as packedSize } from "../packed.js";
import type { Watchers } from "../watchers.js";
import { Refused } from "./conflict.js";
import type { Engine } from "./engine.js";
import { type Committed, type Outcome, transact, type Work } from "./transaction.js";

/** A transaction takes at most this many packed bytes, or one batch, … */
const GROUP_BYTES = 32 * 2 ** 20;
/** … at most this many batches, … */
const GROUP_BATCHES = 1000;
/** … and at most this many rows: each takes some KB of memory while it is written. */
const GROUP_ROWS = 50_000;

interface Waiting {
  readonly work: Work;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** What the writer needs from the store. */
export interface WriterHost {
  readonly watchers: Watchers;
  /** The engine, reopened if it had to be closed. */
  engine(): Promise<Engine>;
  /** Called before a transaction that may change something. */
  begin(engine: Engine): Promise<void>;
  /** Called after a transaction is on disk. */
  settled(engine: Engine, bytes: number): Promise<void>;
  /** Called after one failed: returns what its senders are told, and whether to try each of them alone. */
  failed(engine: Engine | undefined, error: unknown, bytes: number): Promise<Failed>;
}

/** It is on disk after all, with these outcomes; or its senders are told why, or each is tried alone. */
export type Failed = { readonly outcomes: readonly Outcome[] } | { readonly told: unknown; readonly again: boolean };

export class Writer {
  private readonly queue: Waiting[] = [];
  private readonly pauses: (() => Promise<void>)[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly host: WriterHost) {}

  get queued(): number {
    return this.queue.length;
  }

  /** Resolves when it is on disk. */
  submit<T>(work: Work): Promise<T> {
    return new Promise((resolve, reject) => {
      this.queue.push({ work, resolve: resolve as (value: never) => void, reject });
      this.running ??= this.run();
    });
  }

  /** Runs a job between two transactions, before waiting work is written, which waits for its end. */
  between<T>(job: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.pauses.push(async () => {
        try {
          resolve(await job());
        } catch (error) {
          reject(error);
        }
      });
      this.running ??= this.run();
    });
  }

  /** Resolves when nothing is waiting. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    // Work submitted in the same turn goes into the first transaction too.
    await Promise.resolve();
    while (this.queue.length + this.pauses.length > 0) {
      for (const job of this.pauses.splice(0)) await job();
      if (this.queue.length > 0) await this.write(this.next());
    }
    this.running = undefined;
  }

  private next(): Waiting[] {
    let bytes = 0;
    let rows = 0;
    let n = 0;
    for (const { work } of this.queue) {
      bytes += sizeOf(work);
      if (work.kind === "ingest") rows += work.batch.contribution.rows.day.length;
      const alone = work.kind === "ingest" && work.trial !== undefined;
      if (n > 0 && (alone || bytes > GROUP_BYTES || n === GROUP_BATCHES || rows > GROUP_ROWS)) break;
      n++;
      if (alone) break;
    }
    return this.queue.splice(0, n);
  }

  private async write(group: readonly Waiting[]): Promise<void> {
    const bytes = group.reduce((sum, { work }) => sum + sizeOf(work), 0);
    let committed: Committed;
    let engine: Engine | undefined;
    try {
      engine = await this.host.engine();
      const work = group.map((one) => one.work);
      if (work.some(({ kind }) => kind !== "touch")) await this.host.begin(engine);
      committed = await transact(engine, work, Date.now(), this.host.watchers);
    } catch (error) {
      if (error instanceof Refused) {
        if (group.length === 1) group[0].reject(error.reason);
        else for (const one of group) await this.write([one]);
        return;
      }
      const failed = await this.host.failed(engine, error, bytes);
      if ("outcomes" in failed) return tell(group, failed.outcomes);
      if (failed.again && group.length > 1) {
        // One of them may be impossible to write: each is tried alone, so that the others do not fail with it.
        for (const one of group) await this.write([one]);
        return;
      }
      for (const { reject } of group) reject(failed.told);
      return;
    }
    tell(group, committed.outcomes);
    if (committed.publication !== undefined) await this.host.watchers.publish(committed.publication);
    await this.host.settled(engine, bytes);
  }
}

function tell(group: readonly Waiting[], outcomes: readonly Outcome[]): void {
  group.forEach(({ resolve, reject }, n) => {
    const outcome = outcomes[n];
    if ("error" in outcome) reject(outcome.error);
    else resolve(outcome.value as never);
  });
}

function sizeOf(work: Work): number {
  if (work.kind !== "ingest") return 0;
  const { contribution, rejects = [] } = work.batch;
  return packedSize(contribution) + rejects.reduce((sum, { length }) => sum + length, 0);
}
