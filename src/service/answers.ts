/** Answers of many rows: they stay in memory until their clients have taken them, so there are only so many at a time. */
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import type { Limits } from "./limits.js";
import { Places } from "./places.js";
import { Gone } from "./reading.js";

/** Requests that may wait for room: what they have read already stays in memory, too. */
const QUEUE = 100;

const GONE = "the client has gone before its answer was made";

/** There is no room for an answer of so many rows. */
class NoRoom extends Error {
  constructor(readonly rows: number) {
    super("no room");
  }
}

export class Answers {
  /** Small answers find room whoever takes large ones. */
  private readonly small: Places;
  private readonly large: Places;
  private readonly fewRows: number;

  constructor(private readonly limits: Limits) {
    const { rows, patience } = limits;
    const busy = "the answers that others have asked for take too much memory together; try again";
    this.fewRows = rows / 20;
    this.small = new Places({ most: rows, patience, queue: QUEUE, busy });
    this.large = new Places({ most: 4 * rows, patience, queue: QUEUE, busy });
  }

  /**
   * Does a job that calls `enter` before it makes an answer, with the rows that it may have. Where there is no room for
   * them the job ends there, and is done anew when there is. The room is given back with the response.
   * @throws Problem `busy`
   * @throws Gone
   */
  async within<T>(response: ServerResponse, job: (enter: (rows: number) => void) => Promise<T>): Promise<T> {
    let places = this.small;
    let held = 0;
    let closed = false;
    const give = () => {
      places.give(held);
      held = 0;
    };
    response.once("close", () => {
      closed = true;
      give();
    });
    const enter = (rows: number) => {
      if (closed) throw new Gone(GONE);
      // An answer by day may have more hours than rows are allowed.
      const amount = Math.min(rows, this.limits.rows);
      if (amount <= held) return;
      give();
      places = amount <= this.fewRows ? this.small : this.large;
      if (!places.tryTake(amount)) throw new NoRoom(amount);
      held = amount;
    };
    for (;;) {
      try {
        return await job(enter);
      } catch (error) {
        if (!(error instanceof NoRoom)) throw error;
        await places.take(response, error.rows);
        held = error.rows;
        if (!closed) continue;
        give();
        throw new Gone(GONE);
      }
    }
  }

  /** Sends blocks as the client takes them; who takes too long over it is cut off. */
  send(reply: FastifyReply, blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): FastifyReply {
    const { raw } = reply;
    const timer = setTimeout(() => raw.destroy(), this.limits.taking);
    raw.once("close", () => clearTimeout(timer));
    return reply.send(Readable.from(blocks, { highWaterMark: 1 }));
  }
}
