/** Limits on the size and duration of requests and connections. */
import { OPTIONS } from "../../jobs/option-table.js";
import { Problem } from "./problem.js";

export interface Limits {
  /** Bytes of a body as sent. */
  readonly body: number;
  /** Bytes of a decompressed body. */
  readonly unpacked: number;
  /** Sources in one body. */
  readonly sources: number;
  /** Bytes that the sums of a body may take while it is read. If all bodies together take more, one is read at a time. */
  readonly heap: number;
  /** Days of a period. */
  readonly days: number;
  /** Rows of a response. All responses in memory together may have five times as many. */
  readonly rows: number;
  /** Requests per second from one token or address, on average; also the largest burst. */
  readonly rate: number;
  /** Large bodies that are read at the same time; others wait. */
  readonly bodies: number;
  /** Milliseconds in which a client must send 1 KiB, or a waiting request must be admitted. */
  readonly idleTimeout: number;
  /** Milliseconds in which a client must have received a response of many rows. */
  readonly sendTimeout: number;
  /** Clients that listen to events at a time, and at most a quarter of the connections. */
  readonly listeners: number;
  /** Milliseconds after which a client that listens hears that the connection lives. */
  readonly heartbeat: number;
  /** Connections at a time; further ones are refused. */
  readonly connections: number;
  /** Connections of one address at a time; behind a trusted proxy, requests at a time. */
  readonly connectionsOfOne: number;
  /** Pipelined requests of one connection that may wait for their responses. */
  readonly pipelined: number;
  /** Milliseconds that a connection stays open without a request. */
  readonly keepAlive: number;
}

export const LIMITS: Limits = {
  body: OPTIONS.maxBody.default,
  unpacked: 1024 * 1024 * 1024,
  sources: 200_000,
  heap: 256 * 1024 * 1024,
  days: OPTIONS.maxDays.default,
  rows: 2_000_000,
  rate: OPTIONS.rateLimit.default,
  bodies: 16,
  idleTimeout: 30_000,
  sendTimeout: 600_000,
  listeners: 1000,
  heartbeat: 15_000,
  connections: 8000,
  connectionsOfOne: 1000,
  pipelined: 100,
  keepAlive: 65_000,
};

/** Bytes. A body of at most this size is read by the thread that received it: that takes less than a millisecond. */
export const SMALL_BODY = 64 * 1024;

export function tooLarge(limit: number): Problem {
  return new Problem(
    "body_too_large",
    `the body is larger than ${limit} bytes, the most that is taken; send it in several batches`,
    { members: { limit } },
  );
}

export function tooSlow(idleTimeout: number): Problem {
  return new Problem("too_slow", `nothing more of the body arrived for ${Math.round(idleTimeout / 1000)} s`);
}

/** Bytes per second at which a body must arrive while others wait for its place. */
export const FAIR_RATE = 25_000;

export function tooSlowForOthers(): Problem {
  return new Problem(
    "too_slow",
    `others waited for the body's place, and it arrived at less than ${FAIR_RATE / 1000} kB a second; send it faster, or in batches of up to ${SMALL_BODY / 1024} KiB`,
  );
}

export function tooManyConnections(limit: number): Problem {
  return new Problem(
    "too_many_connections",
    `your address has ${limit} connections or requests at a time, the most that one may have; close some, and use them again for further requests`,
  );
}
