/** What all resources share. */
import type { FastifyInstance } from "fastify";
import type { Store } from "../store/store.js";
import type { Access, Caller, Needs } from "./auth/access.js";
import type { Bodies } from "./bodies/bodies.js";
import type { Streams } from "./events/streams.js";
import type { Limits } from "./http/limits.js";
import type { Problem } from "./http/problem.js";
import type { ResponseBudget } from "./http/response-budget.js";
import type { ServiceLog } from "./log.js";
import type { Metrics } from "./metrics.js";

export interface Service {
  readonly store: Store;
  readonly access: Access;
  readonly limits: Limits;
  readonly bodies: Bodies;
  readonly answers: ResponseBudget;
  readonly streams: Streams;
  readonly metrics: Metrics;
  readonly log: ServiceLog;
  /** Tells the answers of this process from those of another one. */
  readonly salt: string;
}

/** Adds its addresses to the application. */
export type Resource = (app: FastifyInstance, service: Service) => void;

declare module "fastify" {
  interface FastifyContextConfig extends Needs {}
  interface FastifyRequest {
    caller: Caller;
    /** The address that it comes from: behind a trusted proxy, the one that the proxy says. */
    client: string;
    /** When its headers had come, by `performance.now()`. */
    began: number;
    /** The problem that it was answered with. */
    problem: Problem | undefined;
  }
}

/** What follows the `?` of a request. */
export function queryOf({ url }: { readonly url: string }): string {
  const at = url.indexOf("?");
  return at < 0 ? "" : url.slice(at + 1);
}
