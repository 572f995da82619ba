/**
 * The streams of events that are open. Each has little waiting for its client: who does not read is cut off. Each goes on
 * only while its client may still hear what it is told.
 */
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { Semaphore } from "../bodies/semaphore.js";
import { whenDone } from "../http/client.js";
import type { Limits } from "../http/limits.js";
import { Problem } from "../http/problem.js";

/** Bytes that may wait for a client to read them. */
const MOST_WAITING = 64 * 1024;
/** Milliseconds for the end of each stream when the service stops. */
const END_MS = 500;
/** A comment, which clients ignore. */
const HEARTBEAT = Buffer.from(":\n\n");

export function eventBytes(event: "state" | "change", version: number, data: object): Uint8Array {
  return Buffer.from(`event: ${event}\nid: ${version}\ndata: ${JSON.stringify(data)}\n\n`);
}

export class Streams {
  private readonly open = new Set<EventStream>();
  private readonly places: Semaphore;
  private heartbeat: NodeJS.Timeout | undefined;
  private closed = false;

  /** @param cutOff closes the connection of a client that does not read */
  constructor(
    private readonly limits: Limits,
    private readonly cutOff: (socket: Socket) => void,
  ) {
    // Most connections are left to other requests.
    const capacity = Math.max(1, Math.min(limits.listeners, Math.floor(limits.connections / 4)));
    this.places = new Semaphore({ capacity, timeout: 0, busyMessage: "" });
  }

  get size(): number {
    return this.open.size;
  }

  /**
   * Opens a stream, which is to be sent as the reply.
   * @param allowed whether its client may still hear what it is told
   * @throws Problem `busy`
   */
  begin(reply: FastifyReply, allowed: () => boolean): EventStream {
    const request = reply.request.raw;
    if (!this.places.tryAcquire(request, 1))
      throw new Problem("busy", "too many clients listen to events; ask again from time to time instead");
    const stream = new EventStream(reply, allowed, this.cutOff);
    this.open.add(stream);
    // Only its client, or the system's buffer, makes it end.
    request.socket.setTimeout(0);
    this.heartbeat ??= setInterval(() => {
      for (const one of [...this.open]) one.send(HEARTBEAT);
    }, this.limits.heartbeat).unref();
    whenDone(reply, () => {
      this.open.delete(stream);
      this.places.release(request, 1);
      request.socket.setTimeout(4 * this.limits.idleTimeout);
      if (this.open.size > 0) return;
      clearInterval(this.heartbeat);
      this.heartbeat = undefined;
    });
    if (this.closed) stream.end();
    return stream;
  }

  /** Ends all of them, and those that begin later. */
  close(): void {
    this.closed = true;
    const all = [...this.open];
    for (const one of all) one.end();
    setTimeout(() => {
      for (const one of all) one.destroy();
    }, END_MS).unref();
  }
}

export class EventStream {
  readonly body = new Readable({ read() {} });
  private ended = false;

  constructor(
    private readonly reply: FastifyReply,
    private readonly allowed: () => boolean,
    private readonly cutOff: (socket: Socket) => void,
  ) {}

  send(bytes: Uint8Array): void {
    if (this.ended) return;
    if (!this.allowed()) this.end();
    else if (this.body.readableLength + this.reply.raw.writableLength > MOST_WAITING) this.destroy(this.cutOff);
    else this.body.push(bytes);
  }

  end(): void {
    if (!this.ended) this.body.push(null);
    this.ended = true;
  }

  /** Closes its connection, unless it is over. */
  destroy(close = (socket: Socket): unknown => socket.destroy()): void {
    this.ended = true;
    if (!this.reply.raw.writableFinished) close(this.reply.request.raw.socket);
  }
}
