/** The service from its start to its end: a store, an application, an address. */
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { RunError, UsageError } from "../domain/errors.js";
import type { Store } from "../store/store.js";
import { type Access, isLoopback } from "./access.js";
import { createApp } from "./app.js";
import type { Limits } from "./limits.js";
import type { ServiceLog } from "./log.js";

export interface ServeOptions {
  readonly store: Store;
  readonly access: Access;
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly log: ServiceLog;
  readonly limits?: Partial<Limits> | undefined;
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

/**
 * Begins to listen.
 * @throws UsageError for an address that others can reach, without tokens
 * @throws RunError where the address cannot be had
 */
export async function serve({ store, access, host, port, log, limits }: ServeOptions): Promise<Serving> {
  checkHost(host, access);
  const threads = Math.max(1, Math.floor(availableParallelism() / 2));
  const app = createApp({ store, access, log, limits, threads });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw cannotListen(host, port, error);
  }
  const { address, port: taken, family } = app.server.address() as AddressInfo;
  return {
    address: `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`,
    stop: async () => {
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

/** @throws UsageError */
export function checkHost(host: string, access: Access): void {
  if (access.open && !isLoopback(host))
    throw new UsageError(
      "open_to_others",
      `--host ${host} lets others in, and there are no tokens: make one with electro token add NAME --scope read,write, or leave --host out to serve this machine only`,
    );
}

function cannotListen(host: string, port: number, error: unknown): RunError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: "another process listens there; choose another with --port",
    EACCES: "this user may not; ports below 1024 are for the system, choose another with --port",
    EADDRNOTAVAIL: "this machine has no such address; choose another with --host",
    ENOTFOUND: "there is no such host; choose another with --host",
  };
  return new RunError("cannot_listen", `cannot listen on ${host} port ${port}: ${reasons[code ?? ""] ?? message}`, {
    cause: error,
  });
}
