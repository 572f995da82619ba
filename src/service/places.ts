/** Room that requests share: each takes some of it for a while, and who finds too little waits for its turn. */
import type { IncomingMessage } from "node:http";
import { Gone, whenGone } from "./client.js";
import { Problem } from "./problem.js";

export interface PlacesOptions {
  /** What may be taken at a time. */
  readonly most: number;
  /** Milliseconds that a request may wait. */
  readonly patience: number;
  /** Requests that may wait. Default: any number. */
  readonly queue?: number;
  /** What is told to whom cannot, or could not in that time. */
  readonly busy: string;
}

interface Waiting {
  readonly amount: number;
  enter(): void;
}

export class Places {
  private taken = 0;
  private readonly queue: Waiting[] = [];

  constructor(private readonly options: PlacesOptions) {}

  /** Requests that wait. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Takes some room, if there is as much and nobody waits for any. */
  tryTake(amount: number): boolean {
    if (this.queue.length > 0 || this.taken + amount > this.options.most) return false;
    this.taken += amount;
    return true;
  }

  /**
   * The same, once there is as much.
   * @param amount no more than there is in all
   * @throws Problem `busy`
   * @throws Gone
   */
  take(request: IncomingMessage, amount: number): Promise<void> {
    if (this.tryTake(amount)) return Promise.resolve();
    const { queue = Number.POSITIVE_INFINITY, patience, busy } = this.options;
    if (this.queue.length >= queue) return Promise.reject(new Problem("busy", busy));
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
        amount,
        enter: () => {
          finish();
          resolve();
        },
      };
      const timer = setTimeout(() => leave(new Problem("busy", busy)), patience);
      this.queue.push(waiting);
      let forget = () => {};
      forget = whenGone(request, () => leave(new Gone("the client has gone while its request waited")));
    });
  }

  give(amount: number): void {
    this.taken -= amount;
    this.admit();
  }

  private admit(): void {
    for (;;) {
      const [first] = this.queue;
      if (first === undefined || this.taken + first.amount > this.options.most) return;
      this.queue.shift();
      this.taken += first.amount;
      first.enter();
    }
  }
}
