/** How much a request may ask for, and how long it may take. */
import { OPTIONS } from "../../jobs/option-table.js";
import { Problem } from "./problem.js";

export interface Limits {
  /** Bytes of a body as it is sent. */
  readonly body: number;
  /** Bytes of a body once it is unpacked. */
  readonly unpacked: number;
  /** Sources in one body. */
  readonly sources: number;
  /** Bytes that the sums of a body may take while it is read; where those of all take more, one is read at a time. */
  readonly heap: number;
  /** Days of a period. */
  readonly days: number;
  /** Rows of an answer; all that are in memory together may have five times as many. */
  readonly rows: number;
  /** Requests a second from one token or address, on average; as many may come at once. */
  readonly rate: number;
  /** Bodies larger than a few kilobytes that are read at the same time; others wait. */
  readonly bodies: number;
  /** Milliseconds in which a client has to send a KiB, or a body has to find a place. */
  readonly idleTimeout: number;
  /** Milliseconds in which a client has to have taken an answer of many rows. */
  readonly sendTimeout: number;
  /** Connections at a time; further ones are refused. */
  readonly connections: number;
  /** The same of one address; behind a trusted proxy, requests at a time. */
  readonly connectionsOfOne: number;
  /** Requests of one connection that may wait for their answers. */
  readonly pipelined: number;
  /** Milliseconds that a connection is kept without a request. */
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
  connections: 8000,
  connectionsOfOne: 1000,
  pipelined: 100,
  keepAlive: 65_000,
};

/** A body of no more bytes than this is read by the thread that received it: it takes less than a millisecond. */
export const SMALL_BODY = 64 * 1024;

export function tooLarge(most: number): Problem {
  return new Problem(
    "body_too_large",
    `the body is larger than ${most} bytes, the most that is taken; send it in several batches`,
    { members: { limit: most } },
  );
}

export function tooSlow(idleTimeout: number): Problem {
  return new Problem("too_slow", `for ${Math.round(idleTimeout / 1000)} s the body did not come any further`);
}

/** Bytes a second that a body has to come at while others wait for its place. */
export const FAIR_RATE = 25_000;

export function tooSlowForOthers(): Problem {
  return new Problem(
    "too_slow",
    `others waited for the body's place, and it came at less than ${FAIR_RATE / 1000} kB a second; send it faster, or in batches of up to ${SMALL_BODY / 1024} KiB`,
  );
}

export function tooManyConnections(most: number): Problem {
  return new Problem(
    "too_many_connections",
    `your address has ${most} connections or requests at a time, the most that one may have; close some, and use them again for further requests`,
  );
}
