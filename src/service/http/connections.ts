/**
 * Limits on connections: how many there may be, in all and of one address, and how long one may stay open without sending
 * a request or reading its response. Connections that are cut off are counted, and logged once in a while.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ServiceLog } from "../log.js";
import type { CutOff, Metrics } from "../metrics.js";
import { networkOf, plainAddress, type TrustedProxies } from "./client-address.js";
import { messageOf } from "./failures.js";
import { type Limits, tooManyConnections } from "./limits.js";
import { Problem } from "./problem.js";

/** A client whose connection was cut off for pipelining gets no new connection for this time, and may not pipeline. */
const PENALTY_MS = 5000;

/** How often cut-off connections are logged, if there are any. */
const LOG_INTERVAL_MS = 10_000;

interface Client {
  readonly address: string;
  /** The network whose limits apply to it. */
  readonly network: string;
}

interface Connection extends Client {
  /** Whether it is a trusted proxy's: then the proxy's clients are counted instead. */
  readonly proxy: boolean;
  /** Requests received and not yet answered. */
  requests: number;
  /** The response to the last of them. */
  last: ServerResponse | undefined;
  /** When it is cut off, in the time of `performance.now()`, unless it sends a request or reads its responses. */
  deadline: number;
  /** Called when a request has been answered. */
  readonly answered: () => void;
}

/** The client of a connection that has closed in the meantime. */
const NOBODY = { address: "", network: "", proxy: false };

export class Connections {
  private readonly open = new Map<Socket, Connection>();
  /** Connections, and requests that proxies passed on, by client. */
  private readonly byNetwork = new Map<string, number>();
  /** When each penalty ends, by client. */
  private readonly penalties = new Map<string, number>();
  private readonly recent = new Map<CutOff, number>();
  private latest = "";
  private logTimer: NodeJS.Timeout | undefined;
  private readonly refusal: Buffer;
  private readonly refusalOfOne: Buffer;

  constructor(
    private readonly limits: Limits,
    private readonly proxies: TrustedProxies,
    private readonly metrics: Metrics,
    private readonly log: ServiceLog,
  ) {
    this.refusal = messageOf(new Problem("busy", "there are too many connections; try again"));
    this.refusalOfOne = messageOf(tooManyConnections(limits.connectionsOfOne));
  }

  get size(): number {
    return this.open.size;
  }

  /** Watches all connections of a server. @param interval milliseconds between checks for slow ones */
  watch(server: Server, interval: number): void {
    const listeners = server.listeners("connection");
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      if (this.admit(socket)) for (const listener of listeners) listener.call(server, socket);
    });
    const handlers = server.listeners("request");
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      if (this.onRequest(request.socket, response))
        for (const handler of handlers) handler.call(server, request, response);
    });
    // For example, the process is out of file descriptors. Open connections go on.
    server.on("error", (error) => this.count("accept_failed", error.message));
    const timer = setInterval(() => this.closeSlow(performance.now()), interval).unref();
    server.on("close", () => {
      clearInterval(timer);
      this.logCutOffs();
    });
  }

  /** The client that a request comes from, as told by a trusted proxy if it came through one. */
  clientOf({ socket, headers }: IncomingMessage): Client {
    const connection = this.open.get(socket) ?? NOBODY;
    if (!connection.proxy) return connection;
    const address = this.proxies.clientOf(connection.address, headers["x-forwarded-for"]);
    return { address, network: networkOf(address) };
  }

  /**
   * Counts a request that a trusted proxy forwarded as a connection of its client.
   * @returns what to call when it has been answered; `undefined` if the request was not forwarded
   * @throws Problem `too_many_connections`
   */
  enter(socket: Socket, { address, network }: Client): (() => void) | undefined {
    if (!this.open.get(socket)?.proxy || this.proxies.has(address)) return undefined;
    if (this.acquire(network)) return () => this.release(network);
    this.count("address_limit", address);
    throw tooManyConnections(this.limits.connectionsOfOne);
  }

  /** Counts a connection whose client was told why it ends, and that ends soon. */
  noteClosing(socket: Socket, reason: CutOff): void {
    const connection = this.open.get(socket);
    if (connection === undefined) return;
    connection.deadline = Number.POSITIVE_INFINITY;
    this.count(reason, connection.address);
  }

  private count(reason: CutOff, who: string): void {
    this.metrics.cutOff.inc({ reason });
    this.recent.set(reason, (this.recent.get(reason) ?? 0) + 1);
    this.latest = who;
    this.logTimer ??= setTimeout(() => this.logCutOffs(), LOG_INTERVAL_MS).unref();
  }

  private admit(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress ?? "");
    if (address === "") {
      socket.destroy();
      return false;
    }
    if (this.open.size >= this.limits.connections) return this.refuse(socket, "total_limit", address);
    const network = networkOf(address);
    const proxy = this.proxies.has(address);
    if (!proxy) {
      if (this.isPenalised(network)) return this.refuse(socket, "pipelining", address);
      if (!this.acquire(network)) return this.refuse(socket, "address_limit", address);
    }
    const answered = () => {
      connection.requests--;
      this.resetDeadline(connection);
    };
    const connection: Connection = { address, network, proxy, requests: 0, last: undefined, deadline: 0, answered };
    this.resetDeadline(connection);
    this.open.set(socket, connection);
    socket.on("close", () => {
      this.open.delete(socket);
      if (!proxy) this.release(network);
    });
    return true;
  }

  private refuse(socket: Socket, reason: CutOff, address: string): false {
    this.count(reason, address);
    socket.on("error", () => {});
    socket.write(reason === "address_limit" ? this.refusalOfOne : this.refusal);
    // If the system does not accept the bytes at once, do not wait.
    if (socket.writableLength > 0) socket.destroy();
    else socket.destroySoon();
    return false;
  }

  private acquire(network: string): boolean {
    const taken = this.byNetwork.get(network) ?? 0;
    if (taken >= this.limits.connectionsOfOne) return false;
    this.byNetwork.set(network, taken + 1);
    return true;
  }

  private release(network: string): void {
    const left = this.byNetwork.get(network)! - 1;
    if (left > 0) this.byNetwork.set(network, left);
    else this.byNetwork.delete(network);
  }

  /** @returns whether to answer the request; not if its connection has been cut off */
  private onRequest(socket: Socket, response: ServerResponse): boolean {
    const connection = this.open.get(socket);
    if (connection === undefined || socket.destroyed) return false;
    connection.last = response;
    if (connection.requests++ === 0) connection.deadline = Number.POSITIVE_INFINITY;
    response.on("close", connection.answered);
    const { requests, network, proxy } = connection;
    if (requests === 1 || (requests <= this.limits.pipelined && !this.isPenalised(network))) return true;
    this.cutOff(socket, "pipelining");
    if (!proxy) this.penalties.set(network, performance.now() + PENALTY_MS);
    return false;
  }

  private isPenalised(network: string): boolean {
    return this.penalties.size > 0 && (this.penalties.get(network) ?? 0) > performance.now();
  }

  /** To be called when a connection opens, and whenever its client has received a response. */
  private resetDeadline(connection: Connection): void {
    const { keepAlive, idleTimeout } = this.limits;
    // A request may begin at the end of the idle time, and then has its own timeout.
    const idle = performance.now() + keepAlive + idleTimeout;
    connection.deadline = connection.requests === 0 ? idle : Number.POSITIVE_INFINITY;
  }

  private closeSlow(now: number): void {
    for (const [network, until] of this.penalties) if (now > until) this.penalties.delete(network);
    for (const [socket, connection] of this.open) {
      const { requests, last, deadline } = connection;
      if (now > deadline) this.cutOff(socket, "too_slow");
      // All responses are written, and wait for the client to read them.
      else if (requests > 0 && last?.writableEnded && deadline === Number.POSITIVE_INFINITY)
        connection.deadline = now + this.limits.sendTimeout;
    }
  }

  /** Closes a connection at once, and counts it. */
  cutOff(socket: Socket, reason: CutOff): void {
    if (socket.destroyed) return;
    this.count(reason, this.open.get(socket)?.address ?? "");
    socket.destroy();
  }

  private logCutOffs(): void {
    clearTimeout(this.logTimer);
    this.logTimer = undefined;
    if (this.recent.size === 0) return;
    const { connections, connectionsOfOne, pipelined } = this.limits;
    const words: Readonly<Record<CutOff, string>> = {
      address_limit: `refused because their address had ${connectionsOfOne} already`,
      total_limit: `refused because there were ${connections} already`,
      too_slow: "closed because they sent no complete request in time, or did not read a response",
      not_http: "closed because they did not speak HTTP",
      pipelining: `cut off because more than ${pipelined} requests on one connection waited for responses`,
      accept_failed: "failed before they were established",
    };
    const counts = [...this.recent];
    this.log({
      level: "warning",
      code: "cut_off",
      message: `connections in the last ${LOG_INTERVAL_MS / 1000} s: ${counts.map(([reason, count]) => `${count} ${words[reason]}`).join("; ")}; the latest: ${this.latest}`,
      fields: { ...Object.fromEntries(counts), latest: this.latest },
    });
    this.recent.clear();
  }
}
