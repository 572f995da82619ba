/**
 * The one writer of a store: whatever waits when a transaction begins shares it, and hears of its own outcome once the
 * commit is on disk. So a hundred senders of small batches wait for the disk together, not one after another.
 */

import type { Now } from "./ledger.js";
import { type Context, type Outcome, transact, type Work } from "./transaction.js";

/** A transaction takes in no more than so many packed bytes, or one batch. */
const GROUP_BYTES = 32 * 2 ** 20;
const GROUP_BATCHES = 1000;

interface Waiting {
  readonly work: Work;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export class Writer {
  private readonly queue: Waiting[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly context: Context,
    private now: Now,
    private readonly translate: (error: unknown) => unknown,
  ) {}

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

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    // What is submitted in the same turn goes into the first transaction too.
    await Promise.resolve();
    while (this.queue.length > 0) {
      await this.write(this.next());
      if (this.context.keys.full) await this.writeKeys();
    }
    this.running = undefined;
  }

  /** Where it fails, the keys stay in memory, and it is tried again after the next transaction. */
  private async writeKeys(): Promise<void> {
    const { connection, keys } = this.context;
    await keys.write(connection, this.now.nextBatch).catch(() => undefined);
  }

  private next(): Waiting[] {
    let bytes = 0;
    let n = 0;
    for (const { work } of this.queue) {
      bytes += work.kind === "ingest" ? work.packed.size : 0;
      if (n > 0 && (bytes > GROUP_BYTES || n === GROUP_BATCHES)) break;
      n++;
    }
    return this.queue.splice(0, n);
  }

  private async write(group: readonly Waiting[]): Promise<void> {
    let outcomes: readonly Outcome[];
    try {
      const done = await transact(
        this.context,
        group.map(({ work }) => work),
        this.now,
        Date.now(),
      );
      this.now = done.now;
      outcomes = done.outcomes;
    } catch (error) {
      if (group.length > 1) {
        // One of them may be what cannot be written: each alone, so that it takes no other with it.
        for (const one of group) await this.write([one]);
        return;
      }
      outcomes = [{ error: this.translate(error) }];
    }
    group.forEach(({ resolve, reject }, n) => {
      const outcome = outcomes[n];
      if ("error" in outcome) reject(outcome.error);
      else resolve(outcome.value as never);
    });
  }
}
