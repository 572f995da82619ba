/** `GET /healthz`, `/readyz` and `/metrics`, for monitoring the service; `GET /` leads to its description. */
import { Problem } from "../http/problem.js";
import { readQuery } from "../http/query.js";
import { queryOf, type Resource } from "../service.js";

export const health: Resource = (app, { store, metrics, log }) => {
  app.get("/healthz", async (request) => {
    readQuery(queryOf(request), {});
    return { status: "ok" };
  });

  // For any number of simultaneous requests, the store writes once.
  let asked: Promise<void> | undefined;
  const whetherReady = () => {
    asked ??= store.ready().finally(() => {
      asked = undefined;
    });
    return asked;
  };
  app.get("/readyz", async (request) => {
    readQuery(queryOf(request), {});
    try {
      await whetherReady();
    } catch (error) {
      log({ level: "error", code: "not_ready", message: `the store cannot write: ${(error as Error).message}` });
      throw new Problem("store_failed", "the store cannot write now; the service's log has the reason");
    }
    return { status: "ready" };
  });

  app.get("/metrics", { config: { scope: "read" } }, async (request, reply) => {
    readQuery(queryOf(request), {});
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
};
