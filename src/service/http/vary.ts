/** The header `Vary`, which tells caches by which headers of a request an answer differs. */
import type { FastifyReply } from "fastify";

/** @param names of a request's headers, in lower case */
export function addVary(reply: FastifyReply, ...names: readonly string[]): void {
  const before = reply.getHeader("vary");
  const all = new Set([...(before === undefined ? [] : String(before).split(", ")), ...names]);
  reply.header("vary", [...all].join(", "));
}
