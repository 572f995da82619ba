/** Answers of many rows: they stay in memory until their clients have taken them, so there are only so many at a time. */
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { Semaphore } from "../bodies/semaphore.js";
import type { ServiceLog } from "../log.js";
import { ClientDisconnected, whenDone, whenNext } from "./client.js";
import type { Limits } from "./limits.js";

/** Requests that may wait for room: what they have read already stays in memory, too. */
const QUEUE = 100;

const GONE = "the client has gone before its answer was made";

/** There is no room for an answer of so many rows. */
class NoRoom extends Error {
  constructor(readonly rows: number) {
    super("no room");
  }
}

export class ResponseBudget {
  /** Small answers find room whoever takes large ones. */
  private readonly small: Semaphore;
  private readonly large: Semaphore;
  private readonly fewRows: number;

  constructor(
    private readonly limits: Limits,
    private readonly log: ServiceLog,
  ) {
    const { rows, idleTimeout: timeout } = limits;
    const busy = "the answers that others have asked for take too much memory together; try again";
    this.fewRows = rows / 20;
    this.small = new Semaphore({ most: rows, timeout, queue: QUEUE, busy });
    this.large = new Semaphore({ most: 4 * rows, timeout, queue: QUEUE, busy });
  }

  /** Rows of the answers that are in memory. */
  get rows(): number {
    return this.small.used + this.large.used;
  }

  /** Requests that wait for room. */
  get waiting(): number {
    return this.small.waiting + this.large.waiting;
  }

  /**
   * Does a job that calls `enter` before it makes an answer, with the rows that it may have. Where there is no room for
   * them the job ends there, and is done anew when there is. The room is given back when the answer has been taken, or
   * its client has gone.
   * @throws Problem `busy`
   * @throws Gone
   */
  async within<T>(reply: FastifyReply, job: (enter: (rows: number) => void) => Promise<T>): Promise<T> {
    const request = reply.request.raw;
    let places = this.small;
    let held = 0;
    let done = false;
    const give = () => {
      places.give(request, held);
      held = 0;
    };
    whenDone(reply, () => {
      done = true;
      give();
    });
    const check = () => {
      if (!done) return;
      give();
      throw new ClientDisconnected(GONE);
    };
    const enter = (rows: number) => {
      check();
      // An answer by day may have more hours than rows are allowed.
      const amount = Math.min(rows, this.limits.rows);
      if (amount <= held) return;
      give();
      places = amount <= this.fewRows ? this.small : this.large;
      if (!places.tryTake(request, amount)) throw new NoRoom(amount);
      held = amount;
    };
    await whenNext(reply);
    for (;;) {
      check();
      try {
        const value = await job(enter);
        check();
        return value;
      } catch (error) {
        if (!(error instanceof NoRoom)) throw error;
        await places.take(request, error.rows);
        held = error.rows;
      }
    }
  }

  /** Sends blocks as the client takes them; who takes too long over it is cut off. @throws Gone */
  send(reply: FastifyReply, blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): FastifyReply {
    const { raw, request } = reply;
    const { socket } = request.raw;
    if (socket.destroyed || raw.destroyed) throw new ClientDisconnected(GONE);
    const timer = setTimeout(() => {
      // One that waits for others on the same connection has not begun to be taken.
      if (raw.socket === null) timer.refresh();
      else socket.destroy();
    }, this.limits.sendTimeout);
    whenDone(reply, () => {
      clearTimeout(timer);
      if (raw.writableFinished) return;
      const message = "the client has gone before it had taken all of its answer, or took too long over it";
      this.log({ level: "info", code: "gone", message, fields: { request_id: request.id } });
    });
    return reply.send(Readable.from(blocks, { highWaterMark: 1 }));
  }
}
