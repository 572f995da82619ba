/**
 * Who may be connected, and for how long: so many connections in all, and fewer of one address; none is kept that does
 * not ask, or does not take what it asked for. What is cut off is counted, and told to the log once in a while.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ServiceLog } from "../log.js";
import type { CutOff, Metrics } from "../metrics.js";
import { networkOf, plainAddress, type TrustedProxies } from "./client-address.js";
import { messageOf } from "./failures.js";
import { type Limits, tooManyConnections } from "./limits.js";
import { Problem } from "./problem.js";

/** A client of which a connection was cut off for what it pipelined gets no new one for so long, and may pipeline nothing. */
const PENALTY_MS = 5000;

/** How often the log is told what was cut off, if anything was. */
const TELL_MS = 10_000;

/** Who is at the other end. */
interface Client {
  readonly address: string;
  /** Whose limits are its limits. */
  readonly network: string;
}

interface Connection extends Client {
  /** It is a trusted proxy's, whose clients are counted instead. */
  readonly proxy: boolean;
  /** Requests that have come and are not answered. */
  requests: number;
  /** The answer to the last of them. */
  last: ServerResponse | undefined;
  /** When it is cut off, by `performance.now()`: without a request, or without taking its answers. */
  deadline: number;
  /** Called when a request has been answered. */
  readonly answered: () => void;
}

/** Of a connection that has closed meanwhile. */
const NOBODY = { address: "", network: "", proxy: false };

export class Connections {
  private readonly open = new Map<Socket, Connection>();
  /** Connections, and requests that proxies passed on, by client. */
  private readonly byNetwork = new Map<string, number>();
  /** Until when a client gets no new connection. */
  private readonly penalties = new Map<string, number>();
  private readonly recent = new Map<CutOff, number>();
  private latest = "";
  private telling: NodeJS.Timeout | undefined;
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

  /** Looks after all connections of a server. @param interval milliseconds between looks for those that are too slow */
  watch(server: Server, interval: number): void {
    const listeners = server.listeners("connection");
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      if (this.admit(socket)) for (const listener of listeners) listener.call(server, socket);
    });
    const handlers = server.listeners("request");
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      if (this.asked(request.socket, response)) for (const handler of handlers) handler.call(server, request, response);
    });
    // The system has no file left for a connection, say: those that are open go on.
    server.on("error", (error) => this.count("accept_failed", error.message));
    const looking = setInterval(() => this.look(performance.now()), interval).unref();
    server.on("close", () => {
      clearInterval(looking);
      this.tell();
    });
  }

  /** Whom a request comes from: a trusted proxy says whom it passes on. */
  clientOf({ socket, headers }: IncomingMessage): Client {
    const connection = this.open.get(socket) ?? NOBODY;
    if (!connection.proxy) return connection;
    const address = this.proxies.clientOf(connection.address, headers["x-forwarded-for"]);
    return { address, network: networkOf(address) };
  }

  /**
   * Counts a request that a trusted proxy passed on among its client's connections.
   * @returns what to call when it has been answered; nothing where the connection is its client's own
   * @throws Problem `too_many_connections`
   */
  enter(socket: Socket, { address, network }: Client): (() => void) | undefined {
    if (!this.open.get(socket)?.proxy || this.proxies.has(address)) return undefined;
    if (this.take(network)) return () => this.give(network);
    this.count("address_limit", address);
    throw tooManyConnections(this.limits.connectionsOfOne);
  }

  /** Counts a connection that was told why it ends, and ends soon. */
  told(socket: Socket, reason: CutOff): void {
    const connection = this.open.get(socket);
    if (connection === undefined) return;
    connection.deadline = Number.POSITIVE_INFINITY;
    this.count(reason, connection.address);
  }

  private count(reason: CutOff, who: string): void {
    this.metrics.cutOff.inc({ reason });
    this.recent.set(reason, (this.recent.get(reason) ?? 0) + 1);
    this.latest = who;
    this.telling ??= setTimeout(() => this.tell(), TELL_MS).unref();
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
      if (!this.take(network)) return this.refuse(socket, "address_limit", address);
    }
    const answered = () => {
      connection.requests--;
      this.rest(connection);
    };
    const connection: Connection = { address, network, proxy, requests: 0, last: undefined, deadline: 0, answered };
    this.rest(connection);
    this.open.set(socket, connection);
    socket.on("close", () => {
      this.open.delete(socket);
      if (!proxy) this.give(network);
    });
    return true;
  }

  private refuse(socket: Socket, reason: CutOff, address: string): false {
    this.count(reason, address);
    socket.on("error", () => {});
    socket.write(reason === "address_limit" ? this.refusalOfOne : this.refusal);
    // What the system does not take at once is not waited for.
    if (socket.writableLength > 0) socket.destroy();
    else socket.destroySoon();
    return false;
  }

  private take(network: string): boolean {
    const taken = this.byNetwork.get(network) ?? 0;
    if (taken >= this.limits.connectionsOfOne) return false;
    this.byNetwork.set(network, taken + 1);
    return true;
  }

  private give(network: string): void {
    const left = this.byNetwork.get(network)! - 1;
    if (left > 0) this.byNetwork.set(network, left);
    else this.byNetwork.delete(network);
  }

  /** @returns whether the request is to be answered: what a connection had sent before it was cut off is not */
  private asked(socket: Socket, response: ServerResponse): boolean {
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

  /** The client has taken an answer, or has not asked yet. */
  private rest(connection: Connection): void {
    const { keepAlive, idleTimeout } = this.limits;
    // A request may begin when the connection has been idle for as long as it may be, and then has its time.
    const idle = performance.now() + keepAlive + idleTimeout;
    connection.deadline = connection.requests === 0 ? idle : Number.POSITIVE_INFINITY;
  }

  private look(now: number): void {
    for (const [network, until] of this.penalties) if (now > until) this.penalties.delete(network);
    for (const [socket, connection] of this.open) {
      const { requests, last, deadline } = connection;
      if (now > deadline) this.cutOff(socket, "too_slow");
      // All answers are made, and wait for the client to take them.
      else if (requests > 0 && last?.writableEnded && deadline === Number.POSITIVE_INFINITY)
        connection.deadline = now + this.limits.sendTimeout;
    }
  }

  private cutOff(socket: Socket, reason: CutOff): void {
    if (socket.destroyed) return;
    this.count(reason, this.open.get(socket)?.address ?? "");
    socket.destroy();
  }

  private tell(): void {
    clearTimeout(this.telling);
    this.telling = undefined;
    if (this.recent.size === 0) return;
    const { connections, connectionsOfOne, pipelined } = this.limits;
    const words: Readonly<Record<CutOff, string>> = {
      address_limit: `refused because their address had ${connectionsOfOne} already`,
      total_limit: `refused because there were ${connections} already`,
      too_slow: "closed because they sent no whole request in time, or did not take an answer",
      not_http: "closed because they did not speak HTTP",
      pipelining: `cut off because more than ${pipelined} requests of one of them waited for answers`,
      accept_failed: "failed before they were there",
    };
    const counts = [...this.recent];
    this.log({
      level: "warning",
      code: "cut_off",
      message: `connections in the last ${TELL_MS / 1000} s: ${counts.map(([reason, count]) => `${count} ${words[reason]}`).join("; ")}; the latest: ${this.latest}`,
      fields: { ...Object.fromEntries(counts), latest: this.latest },
    });
    this.recent.clear();
  }
}
