/** `POST /v1/readings`: a body becomes a batch. */

import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Batch } from "../store/store.js";
import { batchDocument } from "./batch-document.js";
import { Problem } from "./problem.js";
import { checked, readQuery, text } from "./query.js";
import { READ_PARAMETERS, readOptionsOf } from "./read-parameters.js";
import { sentOf } from "./sent.js";
import { queryOf, type Resource } from "./service.js";
import type { KeepJob } from "./work.js";

/** The header of an answer that was given before. */
const REPEATED = "idempotency-replayed";

const PARAMETERS = { ...READ_PARAMETERS, replaces: text };

interface Asked {
  readonly job: KeepJob;
  readonly replaces: string | undefined;
}

export const readings: Resource = (app, { store, bodies, metrics }) => {
  // Nearly all requests of a client ask in the same words.
  const known = new Map<string, Asked>();
  const askedOf = (query: string, hashed: boolean): Asked => {
    const name = `${hashed ? "keyed" : ""}?${query}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const { replaces, ...values } = readQuery(query, PARAMETERS);
    const job: KeepJob = { kind: "keep", options: readOptionsOf(values), skip: values.on_error === "skip", hashed };
    checked(() => bodies.check(job));
    const asked = { job, replaces };
    if (known.size >= 100) known.clear();
    if (query.length < 1000) known.set(name, asked);
    return asked;
  };

  app.post("/v1/readings", { config: { scope: "write" } }, async (request, reply) => {
    const key = keyOf(request);
    const { job, replaces } = askedOf(queryOf(request), key !== undefined);
    const sent = sentOf(request.headers);
    try {
      const { batch, repeated, rejected } = await bodies.keep(request.raw, sent, job, async (body) => {
        const { rejected, sha256, ...kept } = body;
        const ingested = await store.ingest({
          ...kept,
          key,
          sha256: sha256 && (replaces === undefined ? sha256 : shaWith(sha256, replaces)),
          replaces,
          sender: request.caller.name,
          file: undefined,
          rejected: rejected.count,
        });
        return { ...ingested, rejected };
      });
      metrics.batches.inc({ outcome: repeated ? "repeated" : "stored" });
      if (repeated) reply.header(REPEATED, "true");
      else {
        metrics.readings.inc(batch.readings);
        for (const reason in rejected.byReason) metrics.rejected.inc({ reason }, rejected.byReason[reason]!);
      }
      return reply.code(201).header("location", `/v1/batches/${batch.id}`).send(answerOf(batch));
    } catch (error) {
      metrics.batches.inc({ outcome: "refused" });
      if (error instanceof Problem && error.code === "bad_records") {
        const reasons = error.members["rejected_by_reason"] as Readonly<Record<string, number>>;
        for (const reason in reasons) metrics.rejected.inc({ reason }, reasons[reason]!);
      }
      throw error;
    }
  });
};

function answerOf(batch: Batch): object {
  const { batch_id, readings, rejected, sources, first, last, total_kWh } = batchDocument(batch);
  return { batch_id, readings, rejected, sources, first, last, total_kWh };
}

/** @throws Problem `bad_idempotency_key` */
function keyOf({ headers, raw }: FastifyRequest): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined) return undefined;
  // Two such headers come as one, joined by a comma.
  const given = raw.headersDistinct["idempotency-key"]?.length;
  if (typeof key !== "string" || given !== 1 || !/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(key))
    throw new Problem(
      "bad_idempotency_key",
      "an Idempotency-Key is given once and has 1 to 255 visible ASCII characters",
    );
  return key;
}

/** Replacing is part of what a key stands for. */
function shaWith(sha256: string, replaces: string): string {
  return createHash("sha256").update(`${sha256} replaces ${replaces}`).digest("hex");
}
