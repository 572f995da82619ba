/** `GET /v1/events`: tells of each change of what counts, when readers see it, as server-sent events. */
import { Readable } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import type { FastifyRequest } from "fastify";
import { type Access, admit } from "../auth/access.js";
import { Feeds } from "../events/feed.js";
import { eventBytes } from "../events/streams.js";
import { mustAccept } from "../http/accept.js";
import { ClientDisconnected, waitForTurn, whenDone } from "../http/client.js";
import { refusesIdentity } from "../http/compression.js";
import { Problem } from "../http/problem.js";
import { readQuery } from "../http/query.js";
import { queryOf, type Resource } from "../service.js";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  // Proxies of nginx must not hold events back.
  "x-accel-buffering": "no",
};

export const events: Resource = (app, { store, access, streams, log }) => {
  const feeds = new Feeds(store);
  app.get("/v1/events", { config: { scope: "read", limited: true } }, async (request, reply) => {
    readQuery(queryOf(request), {});
    const { accept, "accept-encoding": encoding, "last-event-id": seen } = request.headers;
    mustAccept("text/event-stream", accept);
    if (encoding !== undefined && refusesIdentity(String(encoding)))
      throw new Problem("not_acceptable", "Accept-Encoding: events are not compressed; accept identity");
    if (request.method === "HEAD") return reply.headers(HEADERS).send(Readable.from([]));
    await waitForTurn(reply);
    const stream = streams.begin(reply, () => mayGoOn(access, request));
    const { begun, leave } = feeds.join(request.caller, {
      begin: (version) => {
        const changed = seen === undefined ? null : seen !== String(version);
        stream.send(eventBytes("state", version, { version, changed }));
      },
      send: (event) => stream.send(event),
    });
    whenDone(reply, () => {
      leave();
      if (reply.raw.writableFinished) return;
      const fields = { request_id: request.id, client: request.client, token: request.caller.name };
      log({ level: "info", code: "gone", message: "a client that listened to events disconnected", fields });
    });
    await begun;
    if (request.raw.socket.destroyed)
      throw new ClientDisconnected("the client disconnected before its response was ready");
    return reply.headers(HEADERS).send(stream.body);
  });
};

/** Whether the token is still valid, and for the same sources. */
function mayGoOn(access: Access, { raw, routeOptions, caller }: FastifyRequest): boolean {
  try {
    return isDeepStrictEqual(admit(access, raw, routeOptions.config).sources, caller.sources);
  } catch {
    return false;
  }
}
