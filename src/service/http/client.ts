/** The client of a request: its name, and whether it is still connected. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply } from "fastify";

/** The client that sent a request has disconnected. */
export class ClientDisconnected extends Error {}

/** The client's name is a property of the request, since a `WeakMap` costs each request a few microseconds. */
const CLIENT = Symbol("client");
type NamedRequest = IncomingMessage & { [CLIENT]?: string };

/** @param name of the token, or of the network that a request without a token comes from */
export function setClient(request: IncomingMessage, name: string): void {
  (request as NamedRequest)[CLIENT] = name;
}

/** The name of the client whose share of common resources a request uses. */
export function nameOfClient(request: IncomingMessage): string {
  return (request as NamedRequest)[CLIENT] ?? "";
}

/** Callbacks for the end of each connection: there may be several requests on one. */
const ends = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `gone` once the connection of a request has closed; at once, if it has already. Events of the request do not tell
 * once all of it has arrived, nor do those of a response that waits for others on the same connection.
 * @returns a function that cancels the callback
 */
export function onDisconnect({ socket }: IncomingMessage, gone: () => void): () => void {
  if (socket.destroyed) {
    gone();
    return () => {};
  }
  const known = ends.get(socket);
  const all = known ?? new Set();
  if (known === undefined) {
    ends.set(socket, all);
    socket.once("close", () => {
      for (const end of [...all]) end();
    });
  }
  all.add(gone);
  return () => all.delete(gone);
}

/**
 * Waits until the client has received the responses to the earlier requests on its connection: a request must not hold
 * resources that an earlier one needs.
 * @throws ClientDisconnected
 */
export function waitForTurn({ raw, request }: FastifyReply): Promise<void> {
  if (raw.socket !== null) return Promise.resolve();
  return new Promise((resolve, reject) => {
    let forget = () => {};
    raw.once("socket", () => {
      forget();
      resolve();
    });
    forget = onDisconnect(request.raw, () =>
      reject(new ClientDisconnected("the client disconnected before its response was ready")),
    );
  });
}

/** Calls `done` once, when the client has received a response or disconnected. */
export function whenDone({ raw, request }: FastifyReply, done: () => void): void {
  let over = false;
  const finish = () => {
    if (over) return;
    over = true;
    forget();
    done();
  };
  let forget = () => {};
  raw.once("close", finish);
  forget = onDisconnect(request.raw, finish);
}

/** Runs a job whose signal aborts, with a `ClientDisconnected`, once the client is gone. */
export async function whileConnected<T>(raw: IncomingMessage, job: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const forget = onDisconnect(raw, () =>
    stop.abort(new ClientDisconnected("the client disconnected before its response was ready")),
  );
  try {
    return await job(stop.signal);
  } finally {
    forget();
  }
}
