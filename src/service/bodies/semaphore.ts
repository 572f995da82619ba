/**
 * Room that requests share: each takes some of it for a while, and who finds too little waits for its turn. One client
 * gets no more than a share, of the room and of the queue: what is left is there for the others.
 */
import type { IncomingMessage } from "node:http";
import { ClientDisconnected, nameOfClient, onDisconnect } from "../http/client.js";
import { Problem } from "../http/problem.js";

export interface SemaphoreOptions {
  /** What may be taken at a time. */
  readonly most: number;
  /** Milliseconds that a request may wait. */
  readonly timeout: number;
  /** Requests that may wait. Default: any number. */
  readonly queue?: number;
  /** What is told to whom cannot, or could not in that time. */
  readonly busy: string;
}

/** What one client may have of all that there is. */
const SHARE = 3 / 4;

interface Waiting {
  readonly client: string;
  readonly amount: number;
  readonly enter: () => void;
}

export class Semaphore {
  private taken = 0;
  private readonly byClient = new Map<string, number>();
  private readonly queue: Waiting[] = [];

  constructor(private readonly options: SemaphoreOptions) {}

  /** What is taken. */
  get used(): number {
    return this.taken;
  }

  /** Requests that wait. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Takes some room, if there is as much and nobody waits who could have it. */
  tryTake(request: IncomingMessage, amount: number): boolean {
    const client = nameOfClient(request);
    if (this.taken + amount > this.options.most || !this.mayHave(client, amount)) return false;
    if (this.queue.some((other) => this.mayHave(other.client, other.amount))) return false;
    this.add(client, amount);
    return true;
  }

  /**
   * The same, once there is as much.
   * @param amount no more than one client's share of all
   * @throws Problem `busy`
   * @throws Gone
   */
  take(request: IncomingMessage, amount: number): Promise<void> {
    if (this.tryTake(request, amount)) return Promise.resolve();
    const { queue = Number.POSITIVE_INFINITY, timeout, busy } = this.options;
    const client = nameOfClient(request);
    const own = () => this.queue.filter((other) => other.client === client).length;
    if (this.queue.length >= queue || (queue < Number.POSITIVE_INFINITY && own() >= share(queue)))
      return Promise.reject(new Problem("busy", busy));
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer);
        forget();
      };
      const leave = (error: Error) => {
        finish();
        reject(error);
        this.queue.splice(this.queue.indexOf(waiting), 1);
        // Who is next may need less.
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
      const timer = setTimeout(() => leave(new Problem("busy", busy)), timeout);
      this.queue.push(waiting);
      let forget = () => {};
      forget = onDisconnect(request, () =>
        leave(new ClientDisconnected("the client has gone while its request waited")),
      );
    });
  }

  give(request: IncomingMessage, amount: number): void {
    this.add(nameOfClient(request), -amount);
    this.admit();
  }

  private add(client: string, amount: number): void {
    this.taken += amount;
    const held = (this.byClient.get(client) ?? 0) + amount;
    if (held > 0) this.byClient.set(client, held);
    else this.byClient.delete(client);
  }

  private mayHave(client: string, amount: number): boolean {
    return (this.byClient.get(client) ?? 0) + amount <= share(this.options.most);
  }

  /** In the order in which they came; those who have their share do not hold up the others. */
  private admit(): void {
    for (let n = 0; n < this.queue.length; ) {
      const { client, amount, enter } = this.queue[n]!;
      if (!this.mayHave(client, amount)) {
        n++;
        continue;
      }
      if (this.taken + amount > this.options.most) return;
      this.queue.splice(n, 1);
      this.add(client, amount);
      enter();
    }
  }
}

function share(all: number): number {
  return Math.ceil(SHARE * all);
}
