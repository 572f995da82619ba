/**
 * Lets pages of other origins in, those that the operator has named (CORS). Clients show who they are with a token and never
 * with cookies, so credentials are not allowed, and no origin stands for all.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { UsageError } from "../../base/errors.js";
import { option, say } from "../../base/message.js";
import { addVary } from "./vary.js";

/** Headers that a page may send, beside those that any page may. */
const SENT = [
  "Authorization",
  "Content-Type",
  "Content-Encoding",
  "Idempotency-Key",
  "If-None-Match",
  "Last-Event-ID",
  "X-Request-Id",
];
/** Headers of answers that a page may read, beside those that any page may. */
export const EXPOSED = [
  ...["Accept", "Accept-Encoding", "Allow", "Content-Disposition", "Content-Encoding", "ETag", "Link", "Location"],
  ...["Electro-Rejected", "Electro-Unknown-Sources", "Electro-Warnings", "Idempotency-Replayed", "Retry-After"],
  ...["WWW-Authenticate", "X-Request-Id"],
];
/** Seconds for which a browser may remember what is allowed. */
const REMEMBERED = 600;

export class AllowedOrigins {
  private readonly all: ReadonlySet<string>;

  /** @throws UsageError for what is no origin */
  constructor(origins: readonly string[]) {
    for (const origin of origins)
      if (originOf(origin) !== origin)
        throw new UsageError(
          "bad_origin",
          say`${option("cors")} ${JSON.stringify(origin)} is no origin; write scheme and host, and the port unless it is the usual one, as https://energy.example.com${hint(origin)}`,
        );
    this.all = new Set(origins);
  }

  has(origin: string | undefined): boolean {
    return origin !== undefined && this.all.has(origin);
  }

  /** Adds the headers that let a page in, if it is of an allowed origin. Without any such origin there are no headers. */
  addHeaders({ headers }: FastifyRequest, reply: FastifyReply): void {
    if (this.all.size === 0) return;
    addVary(reply, "origin");
    if (!this.has(headers.origin)) return;
    reply.header("access-control-allow-origin", headers.origin);
    reply.header("access-control-expose-headers", EXPOSED.join(", "));
  }

  /** Whether a browser asks, for a page of an allowed origin, what that page may send. */
  isPreflight({ method, headers }: FastifyRequest): boolean {
    return method === "OPTIONS" && headers["access-control-request-method"] !== undefined && this.has(headers.origin);
  }
}

/** Answers a preflight. @param methods of all addresses */
export function answerPreflight(reply: FastifyReply, methods: Iterable<string>): FastifyReply {
  addVary(reply, "access-control-request-method");
  return reply
    .code(204)
    .headers({
      "access-control-allow-methods": [...methods].join(", "),
      "access-control-allow-headers": SENT.join(", "),
      "access-control-max-age": String(REMEMBERED),
    })
    .send();
}

/** The origin of an address; `undefined` if it has none. */
function originOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, origin } = new URL(address);
  return protocol === "http:" || protocol === "https:" ? origin : undefined;
}

function hint(given: string): string {
  const meant = originOf(given);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
