/** What is kept of an answered request: a line of the log, without anything secret, and the metrics. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Service } from "./service.js";

export function record({ log, metrics }: Service, request: FastifyRequest, reply: FastifyReply): void {
  const { method, url, caller, client, id, problem, routeOptions } = request;
  const { statusCode } = reply;
  const seconds = (performance.now() - request.began) / 1000;
  const route = routeOptions.url ?? "other";
  metrics.duration.observe({ method, route, status: String(statusCode) }, seconds);
  const path = url.replace(/\?.*$/s, "").slice(0, 200);
  const ms = Math.round(seconds * 1e5) / 100;
  log({
    level: statusCode >= 500 ? "error" : statusCode >= 400 ? "warning" : "info",
    code: "request",
    message: `${method} ${path} ${statusCode}${problem === undefined ? "" : ` ${problem}`} ${ms} ms`,
    fields: { request_id: id, method, path, status: statusCode, ms, problem, client, token: caller?.name },
  });
}
