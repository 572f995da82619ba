/** `GET /v1/batches`, `GET` and `DELETE /v1/batches/{id}`: the ledger of what came in. */
import { batchDocument } from "./batch-document.js";
import { cursorOf, PAGE_PARAMETERS, pageOf } from "./page.js";
import { Problem } from "./problem.js";
import { oneOf, readQuery } from "./query.js";
import { queryOf, type Resource } from "./service.js";

const PARAMETERS = { ...PAGE_PARAMETERS, state: oneOf("counts", "retracted", "replaced") };

export const batches: Resource = (app, { store, metrics }) => {
  app.get("/v1/batches", { config: { scope: "read" } }, async (request) => {
    const values = readQuery(queryOf(request), PARAMETERS);
    const { limit, after: before } = pageOf(values, "batches");
    // One more than is shown tells whether others follow.
    const found = await store.read((reader) =>
      reader.batches({ before, limit: limit + 1, ...(values.state && { state: values.state }) }),
    );
    const shown = found.slice(0, limit);
    return {
      batches: shown.map(batchDocument),
      next: found.length > limit ? cursorOf(shown.at(-1)!.id, "batches") : null,
    };
  });

  app.get("/v1/batches/:id", { config: { scope: "read" } }, async (request) => {
    readQuery(queryOf(request), {});
    const id = idOf(request.params);
    const batch = await store.read((reader) => reader.batch(id));
    if (batch === undefined) throw noSuchBatch(id);
    return batchDocument(batch);
  });

  app.delete("/v1/batches/:id", { config: { scope: "write" } }, async (request) => {
    readQuery(queryOf(request), {});
    const id = idOf(request.params);
    const batch = await store.retract(id);
    if (batch === undefined) throw noSuchBatch(id);
    metrics.batches.inc({ outcome: "retracted" });
    return batchDocument(batch);
  });
};

function idOf(params: unknown): string {
  return (params as { id: string }).id;
}

function noSuchBatch(id: string): Problem {
  return new Problem(
    "no_such_batch",
    `there is no batch ${JSON.stringify(id.slice(0, 100))}; GET /v1/batches lists them`,
  );
}
