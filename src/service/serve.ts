/** The service from its start to its end: a store, an application, an address. */

import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, createServer, type Server as TcpServer } from "node:net";
import { availableParallelism } from "node:os";
import { RunError, UsageError } from "../base/errors.js";
import { type Message, option, say } from "../base/message.js";
import type { Store } from "../store/store.js";
import { createApp } from "./app.js";
import { type Access, isLoopback } from "./auth/access.js";
import { TrustedProxies } from "./http/client-address.js";
import { AllowedOrigins } from "./http/cors.js";
import { LIMITS, type Limits } from "./http/limits.js";
import { compactWhenIdle } from "./idle-compaction.js";
import type { ServiceLog } from "./log.js";

export interface ServeOptions {
  readonly store: Store;
  readonly access: Access;
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly log: ServiceLog;
  readonly limits?: Partial<Limits> | undefined;
  /** Files, connections included, that the process may have open. Default: without end. */
  readonly files?: number | undefined;
  /** Addresses, or ranges of them, whose `X-Forwarded-For` is believed. Default: none. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Origins whose pages may use the service. Default: none but its own. */
  readonly cors?: readonly string[] | undefined;
  /** Threads that read large bodies. Default: half of the processors there are. */
  readonly threads?: number | undefined;
}

export interface Serving {
  /** `http://127.0.0.1:8080` */
  readonly address: string;
  /** Answers what has been accepted, for a while, and gives the store up. */
  stop(): Promise<void>;
}

/** Requests that have come by then are answered if they come to their end within this time. */
const STOP_MS = 10_000;
/** How often connections are looked for that have become idle meanwhile. */
const IDLE_MS = 50;

/** Connections that the system keeps until the service has time for them. */
const BACKLOG = 4096;
/** Files that are left to the store, the threads and the log, whoever connects. */
const OWN_FILES = 200;

/**
 * Begins to listen.
 * @throws UsageError for an address that others can reach, or a trusted proxy, without tokens; for an origin that is none
 * @throws RunError where the address cannot be had
 */
export async function serve({ host, port, ...options }: ServeOptions): Promise<Serving> {
  const { store, access, log, trustedProxies = [], cors } = options;
  checkHost(host, access, trustedProxies);
  const threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / 2));
  const limits = withinFiles({ ...LIMITS, ...options.limits }, options.files ?? Number.POSITIVE_INFINITY, log);
  const app = createApp({ store, access, log, limits, threads, trustedProxies, cors });
  // localhost is two addresses, of which the machine may have only the first.
  const local = host === "localhost";
  try {
    await app.listen({ host: local ? "127.0.0.1" : host, port, backlog: BACKLOG });
  } catch (error) {
    await app.close();
    throw cannotListen(host, port, error);
  }
  const { address, port: taken, family } = app.server.address() as AddressInfo;
  const second = local ? await alsoOn("::1", taken, app.server) : undefined;
  const stopCompacting = compactWhenIdle(store, log);
  return {
    address: `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`,
    stop: async () => {
      second?.close();
      stopCompacting();
      const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_MS);
      const late = setTimeout(() => app.server.closeAllConnections(), STOP_MS);
      try {
        await app.close();
      } finally {
        clearInterval(idle);
        clearTimeout(late);
        await store.close();
      }
    },
  };
}

/** @throws UsageError for an address that others can reach, or a trusted proxy, without tokens; for a proxy that is none */
export function checkHost(host: string, access: Access, trustedProxies: readonly string[]): void {
  new TrustedProxies(trustedProxies);
  if (!access.open) return;
  const make = "make one with electro token add NAME --scope read,write";
  if (!isLoopback(host))
    throw new UsageError(
      "open_to_others",
      say`${option("host", host)} lets others in, and there are no tokens: ${make}, or leave out ${option("host")} to serve this machine only`,
    );
  if (trustedProxies.length > 0)
    throw new UsageError(
      "open_to_others",
      say`${option("trustedProxy")} says that others reach the service through a proxy, and there are no tokens: ${make}`,
    );
}

/** @throws UsageError for an origin that is none */
export function checkOrigins(origins: readonly string[]): void {
  new AllowedOrigins(origins);
}

/** Connections to another address, treated as those of the server; `undefined` where that cannot be had. */
async function alsoOn(host: string, port: number, server: Server): Promise<TcpServer | undefined> {
  const second = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit("connection", socket));
  second.listen({ host, port, backlog: BACKLOG });
  try {
    await once(second, "listening");
  } catch {
    return undefined;
  }
  return second.on("error", (error) => server.emit("error", error));
}

/** Limits under which connections take no files that the store needs. */
function withinFiles(limits: Limits, files: number, log: ServiceLog): Limits {
  const connections = Math.max(1, files - OWN_FILES);
  if (limits.connections <= connections) return limits;
  log({
    level: "warning",
    code: "few_files",
    message: `this process may have ${files} files open, so it takes ${connections} connections at a time instead of ${limits.connections}; allow it more with ulimit -n, or LimitNOFILE= in a unit of systemd`,
  });
  const connectionsOfOne = Math.max(1, Math.min(limits.connectionsOfOne, Math.floor(connections / 2)));
  return { ...limits, connections, connectionsOfOne };
}

function cannotListen(host: string, port: number, error: unknown): RunError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, Message>> = {
    EADDRINUSE: say`another process listens there; choose another with ${option("port")}`,
    EACCES: say`permission denied; ports below 1024 are for the system, choose another with ${option("port")}`,
    EADDRNOTAVAIL: say`this machine has no such address; choose another with ${option("host")}`,
    ENOTFOUND: say`there is no such host; choose another with ${option("host")}`,
  };
  return new RunError("cannot_listen", say`cannot listen on ${host} port ${port}: ${reasons[code ?? ""] ?? message}`, {
    cause: error,
  });
}
