/** Turns errors into responses, wherever in a request they are thrown. */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ServiceLog } from "../log.js";
import type { CutOff } from "../metrics.js";
import { waitsToSend } from "./expect.js";
import { Problem, problemOf } from "./problem.js";

/** How long the rest of a refused body is still read after the response: otherwise the client might not get the response. */
const LINGER_MS = 2000;
/** Bytes. A shorter rest of a body is read to its end, so that the connection can be reused. */
const SMALL_REST = 64 * 1024;

/** The problem that describes an error. Defects, and failures of the store, are described in the log only. */
export function problemOfError(error: unknown, requestId: string, log: ServiceLog): Problem {
  const problem = problemOf(error) ?? problemOfFramework(error);
  if (problem !== undefined) {
    // The response says less about the store than the log.
    if ((problem.code === "store_failed" || problem.code === "disk_full") && !(error instanceof Problem))
      log({
        level: "error",
        code: problem.code,
        message: (error as Error).message,
        fields: { request_id: requestId },
      });
    return problem;
  }
  const told = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  log({ level: "error", code: "defect", message: told, fields: { request_id: requestId } });
  return new Problem("defect", "this should not have happened; the service's log has more under the request's id");
}

/** Errors of the framework are about invalid requests. */
function problemOfFramework(error: unknown): Problem | undefined {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (typeof code !== "string" || !code.startsWith("FST_ERR_")) return undefined;
  if (statusCode === 415) return new Problem("unsupported_type", "the Content-Type cannot be read");
  if (typeof statusCode !== "number" || statusCode >= 500) return undefined;
  return new Problem("bad_request", "the request's address or headers cannot be read");
}

/** Sends a problem. If much of the request's body is unread, the connection ends after it. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const { raw } = request;
  const text = Buffer.from(JSON.stringify(problem.document(request.id)));
  // What was to be sent instead may have had one.
  reply.removeHeader("content-encoding");
  reply.code(problem.status).headers(problem.headers).type("application/problem+json");
  const { "content-length": length, "transfer-encoding": transfer, expect } = raw.headers;
  const none = length === undefined && transfer === undefined;
  const soon = Number(length) <= SMALL_REST && expect === undefined && problem.code !== "too_slow";
  if (none || raw.complete || soon) return reply.send(text);
  reply.hijack();
  const { raw: response } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) response.setHeader(name, value);
  response.setHeader("connection", "close");
  response.setHeader("content-length", text.length);
  response.writeHead(problem.status);
  // A client that waits to be asked for its body sends none.
  if (waitsToSend(raw)) {
    response.end(text);
    return reply;
  }
  response.write(text);
  const end = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  raw.on("end", end).on("close", end).on("error", end);
  raw.resume();
  return reply;
}

/**
 * Answers a client that does not speak HTTP, or is too slow, and closes its connection.
 * @returns why it is cut off; `undefined` if the client disconnected
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket): CutOff | undefined {
  if (!/^(HPE|ERR_HTTP)_/.test(error.code ?? "") || !socket.writable) {
    socket.destroy();
    return undefined;
  }
  const slow = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  endWith(socket, slow ? SLOW : error.code === "HPE_HEADER_OVERFLOW" ? LONG : NOT_HTTP);
  if (slow) return "too_slow";
  // A request that ends half-way: the client disconnected.
  return error.code === "HPE_INVALID_EOF_STATE" ? undefined : "not_http";
}

/** Answers a request for a tunnel, which Node passes on as a connection. */
export function answerConnect(_request: IncomingMessage, socket: Duplex): void {
  endWith(socket, NO_TUNNEL);
}

function endWith(socket: Duplex, problem: Problem): void {
  socket.on("error", () => {});
  socket.end(messageOf(problem));
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}

const NO_TUNNEL = new Problem("method_not_allowed", "the service is no proxy, so CONNECT leads nowhere");
const SLOW = new Problem("too_slow", "the request did not arrive in time");
const LONG = new Problem("headers_too_large", "the address and the headers have more than 16 KiB; send fewer of them");
const NOT_HTTP = new Problem("bad_request", "this is not HTTP");

/** A response with a problem that ends the connection, as bytes: for use outside a request. */
export function messageOf(problem: Problem): Buffer {
  const { status } = problem;
  const headers = { ...problem.headers, connection: "close", "content-type": "application/problem+json" };
  const text = JSON.stringify(problem.document("-"));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
