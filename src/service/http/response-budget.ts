/** Limits the rows of responses in memory: a large response stays there until its client has received it. */
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { Semaphore } from "../bodies/semaphore.js";
import type { ServiceLog } from "../log.js";
import { ClientDisconnected, waitForTurn, whenDone } from "./client.js";
import type { Limits } from "./limits.js";

/** Requests that may wait for the budget: what they have already read stays in memory too. */
const QUEUE = 100;

const GONE = "the client disconnected before its response was ready";

/** The budget has too little left for a response of this many rows. */
class NoRoom extends Error {
  constructor(readonly rows: number) {
    super("no room");
  }
}

export class ResponseBudget {
  /** Small responses have a budget of their own, so that large ones do not delay them. */
  private readonly small: Semaphore;
  private readonly large: Semaphore;
  private readonly smallRows: number;

  constructor(
    private readonly limits: Limits,
    private readonly log: ServiceLog,
  ) {
    const { rows, idleTimeout: timeout } = limits;
    const busyMessage = "the responses to other requests take too much memory; try again";
    this.smallRows = rows / 20;
    this.small = new Semaphore({ capacity: rows, timeout, maxWaiting: QUEUE, busyMessage });
    this.large = new Semaphore({ capacity: 4 * rows, timeout, maxWaiting: QUEUE, busyMessage });
  }

  /** Rows of the responses in memory. */
  get rows(): number {
    return this.small.used + this.large.used;
  }

  /** The number of requests waiting for the budget. */
  get waiting(): number {
    return this.small.waiting + this.large.waiting;
  }

  /**
   * Runs a job that calls `enter`, before it makes a response, with the number of rows. If the budget is too small for
   * them, `enter` throws, and the job runs again once there is enough. The rows are released when the client has received
   * the response or disconnected.
   * @throws Problem `busy`
   * @throws ClientDisconnected
   */
  async within<T>(reply: FastifyReply, job: (enter: (rows: number) => void) => Promise<T>): Promise<T> {
    const request = reply.request.raw;
    let semaphore = this.small;
    let acquired = 0;
    let done = false;
    const release = () => {
      semaphore.release(request, acquired);
      acquired = 0;
    };
    whenDone(reply, () => {
      done = true;
      release();
    });
    const check = () => {
      if (!done) return;
      release();
      throw new ClientDisconnected(GONE);
    };
    const enter = (rows: number) => {
      check();
      // A response by day may have more hours than rows are allowed.
      const amount = Math.min(rows, this.limits.rows);
      if (amount <= acquired) return;
      release();
      semaphore = amount <= this.smallRows ? this.small : this.large;
      if (!semaphore.tryAcquire(request, amount)) throw new NoRoom(amount);
      acquired = amount;
    };
    await waitForTurn(reply);
    for (;;) {
      check();
      try {
        const value = await job(enter);
        check();
        return value;
      } catch (error) {
        if (!(error instanceof NoRoom)) throw error;
        await semaphore.acquire(request, error.rows);
        acquired = error.rows;
      }
    }
  }

  /** Sends blocks as fast as the client reads them, and cuts it off after the send timeout. @throws ClientDisconnected */
  send(reply: FastifyReply, blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): FastifyReply {
    const { raw, request } = reply;
    const { socket } = request.raw;
    if (socket.destroyed || raw.destroyed) throw new ClientDisconnected(GONE);
    const timer = setTimeout(() => {
      // A response that waits for an earlier one on its connection has not begun yet.
      if (raw.socket === null) timer.refresh();
      else socket.destroy();
    }, this.limits.sendTimeout);
    whenDone(reply, () => {
      clearTimeout(timer);
      if (raw.writableFinished) return;
      const message = "the client disconnected before it had received its whole response, or was too slow";
      this.log({ level: "info", code: "gone", message, fields: { request_id: request.id } });
    });
    return reply.send(Readable.from(blocks, { highWaterMark: 1 }));
  }
}
