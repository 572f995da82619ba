/** The HTTP application: what every request goes through, whatever it asks for. */
import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import fastify, { type FastifyInstance } from "fastify";
import type { Store } from "../store/store.js";
import { type Access, admit } from "./auth/access.js";
import { TokenBucket } from "./auth/token-bucket.js";
import { Bodies } from "./bodies/bodies.js";
import { Streams } from "./events/streams.js";
import { ClientDisconnected, setClient, whenDone } from "./http/client.js";
import { TrustedProxies } from "./http/client-address.js";
import { checkEncoding, compression } from "./http/compression.js";
import { Connections } from "./http/connections.js";
import { AllowedOrigins, answerPreflight } from "./http/cors.js";
import { checkExpectation, holdExpectations } from "./http/expect.js";
import { answerClientError, answerConnect, problemOfError, sendProblem } from "./http/failures.js";
import { LIMITS, type Limits } from "./http/limits.js";
import { Problem } from "./http/problem.js";
import { record } from "./http/record.js";
import { ResponseBudget } from "./http/response-budget.js";
import type { ServiceLog } from "./log.js";
import { Metrics } from "./metrics.js";
import { aggregate } from "./routes/aggregate.js";
import { batches } from "./routes/batches.js";
import { dashboard } from "./routes/dashboard.js";
import { description } from "./routes/description.js";
import { events } from "./routes/events.js";
import { health } from "./routes/health.js";
import { profile } from "./routes/profile.js";
import { quality } from "./routes/quality.js";
import { readings } from "./routes/readings.js";
import { sources } from "./routes/sources.js";
import { summaries } from "./routes/summaries.js";
import { wholeStore } from "./routes/whole-store.js";
import type { Resource, Service } from "./service.js";

const RESOURCES: readonly Resource[] = [
  ...[readings, aggregate, summaries, profile, quality, sources],
  ...[batches, events, wholeStore, health, description, dashboard],
];

export interface AppOptions {
  readonly store: Store;
  readonly access: Access;
  readonly log: ServiceLog;
  readonly limits?: Partial<Limits> | undefined;
  /** Threads that read large bodies. */
  readonly threads: number;
  /** Addresses, or ranges of them, whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Origins whose pages may use the service. Default: none but its own. */
  readonly cors?: readonly string[] | undefined;
}

/** The longest that a request may take to come. */
const REQUEST_MS = 600_000;

const HEADERS = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "x-frame-options": "DENY",
};

/** @throws UsageError for a trusted proxy that is no address, or an origin that is none */
export function createApp(options: AppOptions): FastifyInstance {
  const { store, access, log, threads } = options;
  const proxies = new TrustedProxies(options.trustedProxies ?? []);
  const origins = new AllowedOrigins(options.cors ?? []);
  const limits = { ...LIMITS, ...options.limits };
  const bodies = new Bodies(limits, threads);
  const salt = randomBytes(9).toString("base64url");
  const answers = new ResponseBudget(limits, log);
  const metrics = new Metrics(
    store,
    bodies,
    answers,
    () => connections.size,
    () => streams.size,
  );
  const connections = new Connections(limits, proxies, metrics, log);
  const streams = new Streams(limits, (socket) => connections.cutOff(socket, "too_slow"));
  const service: Service = { store, access, limits, bodies, answers, streams, metrics, log, salt };
  const interval = Math.min(5000, limits.idleTimeout / 4);
  const app = fastify({
    logger: false,
    // Requests that are under way when the service stops are answered, and their connections closed.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    keepAliveTimeout: limits.keepAlive,
    requestTimeout: REQUEST_MS,
    // A client that takes nothing of its answer.
    connectionTimeout: 4 * limits.idleTimeout,
    http: {
      headersTimeout: limits.idleTimeout,
      connectionsCheckingInterval: interval,
      // Such a request is answered here, with a problem document.
      requireHostHeader: false,
    },
    requestIdHeader: false,
    genReqId: requestIds(salt),
    routerOptions: { querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => {
      reply.headers(HEADERS).header("x-request-id", request.id);
      void sendProblem(request, reply, problemOfError(error, request.id, log));
    },
    clientErrorHandler: (error, socket) => {
      const reason = answerClientError(error, socket);
      if (reason !== undefined) connections.noteClosing(socket, reason);
    },
  });
  connections.watch(app.server, interval);
  holdExpectations(app.server);
  app.server.on("connect", answerConnect);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  app.decorateRequest("caller");
  app.decorateRequest("client");
  app.decorateRequest("problem");
  app.decorateRequest("began", 0);

  const methods = new Set<string>();
  const rate = new TokenBucket(limits.rate);
  app.addHook("onRequest", (request, reply, done) => {
    request.began = performance.now();
    reply.headers(HEADERS).header("x-request-id", request.id);
    origins.addHeaders(request, reply);
    const client = connections.clientOf(request.raw);
    request.client = client.address;
    let refused: Error | undefined;
    try {
      const leave = connections.enter(request.raw.socket, client);
      if (leave !== undefined) whenDone(reply, leave);
      checkHead(request.raw);
      const known = origins.has(request.headers.origin);
      request.caller = admit(access, request.raw, request.routeOptions.config, known);
    } catch (error) {
      refused = error as Error;
    }
    // Who is refused may not try as often as it likes either.
    const name = request.caller?.name ?? client.network;
    setClient(request.raw, name);
    const wait = rate.take(name, request.began);
    if (wait > 0)
      refused = new Problem("too_many_requests", `more than ${limits.rate} requests a second; try again in ${wait} s`, {
        headers: { "retry-after": String(wait) },
      });
    if (refused === undefined && origins.isPreflight(request)) answerPreflight(reply, methods);
    else done(refused);
  });
  const compress = compression();
  app.addHook("onSend", (_request, reply, payload, done) => done(null, compress(reply, payload)));
  app.addHook("onResponse", (request, reply, done) => {
    record(service, request, reply);
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    const gone =
      error instanceof ClientDisconnected
        ? error.message
        : hasLeft(error) && "the client disconnected before its response";
    if (gone !== false) {
      log({ level: "info", code: "gone", message: gone, fields: { request_id: request.id } });
      return reply.hijack();
    }
    const problem = problemOfError(error, request.id, log);
    request.problem = problem;
    return sendProblem(request, reply, problem);
  });
  const allowed = new Map<string, { pattern: RegExp; methods: string[] }>();
  app.addHook("onRoute", ({ url, method }) => {
    const pattern = new RegExp(`^${url.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`);
    const one = allowed.get(url) ?? { pattern, methods: [] };
    one.methods.push(...[method].flat());
    for (const name of one.methods) methods.add(name);
    allowed.set(url, one);
  });
  for (const resource of RESOURCES) resource(app, service);
  app.setNotFoundHandler((request) => {
    const path = request.url.replace(/\?.*$/s, "");
    for (const { pattern, methods } of allowed.values())
      if (pattern.test(path))
        throw new Problem("method_not_allowed", `${path} takes ${methods.join(", ")}, not ${request.method}`, {
          headers: { allow: methods.join(", ") },
        });
    throw new Problem("not_found", `there is nothing at ${path.slice(0, 200)}; /docs says what there is`);
  });
  app.addHook("preClose", (done) => {
    streams.close();
    done();
  });
  app.addHook("onClose", () => bodies.close());
  return app;
}

/** @throws Problem for a request that no call can answer, whatever it asks for */
function checkHead(request: IncomingMessage): void {
  checkExpectation(request);
  checkEncoding(request.headers["accept-encoding"] as string | undefined);
  if (request.headers.host === undefined && request.httpVersion !== "1.0")
    throw new Problem("bad_request", "the header Host is missing; HTTP/1.1 has it in every request");
}

/** Whether an answer ended since its client did. */
function hasLeft(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ERR_STREAM_PREMATURE_CLOSE";
}

/** An id for each request: what the client says, if that can be one, or the next of this process. */
function requestIds(salt: string): (request: { headers: IncomingHttpHeaders }) => string {
  let next = 0;
  return ({ headers }) => {
    const given = headers["x-request-id"];
    return typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : `${salt}-${next++}`;
  };
}
