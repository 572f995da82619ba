/** Whoever sent a request: who that is, and whether it is still there. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { FastifyReply } from "fastify";

/** Whoever sent a request has gone. */
export class ClientDisconnected extends Error {}

/** Who has sent a request: a property of it, since a `WeakMap` costs each request some microseconds. */
const CLIENT = Symbol("client");
type Known = IncomingMessage & { [CLIENT]?: string };

/** @param name a token's, or that of the network that a request without a token comes from */
export function setClient(request: IncomingMessage, name: string): void {
  (request as Known)[CLIENT] = name;
}

/** Whose share a request takes of what all share. */
export function nameOfClient(request: IncomingMessage): string {
  return (request as Known)[CLIENT] ?? "";
}

/** By connection what is to be done when it closes: several requests may be under way on one. */
const ends = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls `gone` once the connection of a request has closed: at once, if it has already. Neither the request says so, once
 * all of it has come, nor a response that waits for others on the same connection.
 * @returns what to call when that does not matter any more
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
 * Waits until the answers to the requests before it on its connection have been taken: what waits behind another one is
 * not to hold what that one needs.
 * @throws Gone
 */
export function whenNext({ raw, request }: FastifyReply): Promise<void> {
  if (raw.socket !== null) return Promise.resolve();
  return new Promise((resolve, reject) => {
    let forget = () => {};
    raw.once("socket", () => {
      forget();
      resolve();
    });
    forget = onDisconnect(request.raw, () =>
      reject(new ClientDisconnected("the client has gone before its answer was made")),
    );
  });
}

/** Calls `done` once, when an answer has been taken or its client has gone. */
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
