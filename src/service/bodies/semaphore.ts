/**
 * A weighted semaphore that requests share: each acquires an amount for a while, or waits in line. One client gets at most
 * a share of the capacity and of the queue; the rest is left for others.
 */
import type { IncomingMessage } from "node:http";
import { ClientDisconnected, nameOfClient, onDisconnect } from "../http/client.js";
import { Problem } from "../http/problem.js";

export interface SemaphoreOptions {
  /** The total that may be in use at a time. */
  readonly capacity: number;
  /** Milliseconds that a request may wait. */
  readonly timeout: number;
  /** Requests that may wait. Default: any number. */
  readonly maxWaiting?: number;
  /** The detail of the problem `busy`: no place in the queue, or the wait timed out. */
  readonly busyMessage: string;
}

/** The share of the whole that one client may have. */
const SHARE = 3 / 4;

interface Waiting {
  readonly client: string;
  readonly amount: number;
  readonly enter: () => void;
}

export class Semaphore {
  private inUse = 0;
  private readonly byClient = new Map<string, number>();
  private readonly queue: Waiting[] = [];

  constructor(private readonly options: SemaphoreOptions) {}

  /** The amount in use. */
  get used(): number {
    return this.inUse;
  }

  /** The number of waiting requests. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Acquires an amount, unless too little is left or a waiting request comes first. */
  tryAcquire(request: IncomingMessage, amount: number): boolean {
    const client = nameOfClient(request);
    if (this.inUse + amount > this.options.capacity || !this.withinShare(client, amount)) return false;
    if (this.queue.some((other) => this.withinShare(other.client, other.amount))) return false;
    this.add(client, amount);
    return true;
  }

  /**
   * Acquires an amount, waiting for it if need be.
   * @param amount at most one client's share
   * @throws Problem `busy`
   * @throws ClientDisconnected
   */
  acquire(request: IncomingMessage, amount: number): Promise<void> {
    if (this.tryAcquire(request, amount)) return Promise.resolve();
    const { maxWaiting = Number.POSITIVE_INFINITY, timeout, busyMessage } = this.options;
    const client = nameOfClient(request);
    const own = () => this.queue.filter((other) => other.client === client).length;
    if (this.queue.length >= maxWaiting || (maxWaiting < Number.POSITIVE_INFINITY && own() >= share(maxWaiting)))
      return Promise.reject(new Problem("busy", busyMessage));
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        forget();
      };
      const leave = (error: Error) => {
        finish();
        reject(error);
        this.queue.splice(this.queue.indexOf(waiting), 1);
        // Waiters are admitted in order; the next one may need less.
        this.admit();
      };
      const waiting: Waiting = {
        client,
        amount,
        enter: () => {
          finish();
          resolve();
        },
      };
      const timer = setTimeout(() => leave(new Problem("busy", busyMessage)), timeout);
      this.queue.push(waiting);
      let forget = () => {};
      forget = onDisconnect(request, () =>
        leave(new ClientDisconnected("the client disconnected while its request waited")),
      );
    });
  }

  release(request: IncomingMessage, amount: number): void {
    this.add(nameOfClient(request), -amount);
    this.admit();
  }

  private add(client: string, amount: number): void {
    this.inUse += amount;
    const held = (this.byClient.get(client) ?? 0) + amount;
    if (held > 0) this.byClient.set(client, held);
    else this.byClient.delete(client);
  }

  private withinShare(client: string, amount: number): boolean {
    return (this.byClient.get(client) ?? 0) + amount <= share(this.options.capacity);
  }

  /** Admits waiting requests in order of arrival. Clients that have used up their share do not hold up the others. */
  private admit(): void {
    for (let n = 0; n < this.queue.length; ) {
      const { client, amount, enter } = this.queue[n]!;
      if (!this.withinShare(client, amount)) {
        n++;
        continue;
      }
      if (this.inUse + amount > this.options.capacity) return;
      this.queue.splice(n, 1);
      this.add(client, amount);
      enter();
    }
  }
}

function share(all: number): number {
  return Math.ceil(SHARE * all);
}
