/** `POST /v1/readings`: a body becomes a batch. */

import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { textOf } from "../../base/message.js";
import { StorePeriodTooLong } from "../../store/period-too-long.js";
import { ReadingsThere, readingsThere } from "../../store/readings-there.js";
import { type Caller, checkSources, endableBy, visibleTo } from "../auth/access.js";
import { bodyHeadersOf } from "../bodies/body-headers.js";
import type { Ends, IngestedBody, IngestJob } from "../bodies/work.js";
import { READINGS } from "../http/parameters.js";
import { Problem } from "../http/problem.js";
import { checked, readQuery } from "../http/query.js";
import { queryOf, type Resource } from "../service.js";
import { instantText, receiptOf } from "./batch-document.js";

/** The header of a response that was given before. */
const REPEATED = "idempotency-replayed";

interface Asked {
  readonly job: IngestJob;
  readonly replaces: string | undefined;
  readonly dryRun: boolean;
  readonly strict: boolean;
}

export const readings: Resource = (app, { store, bodies, metrics }) => {
  // Nearly all requests of a client have the same query.
  const known = new Map<string, Asked>();
  const askedOf = (query: string, hashed: boolean): Asked => {
    const name = `${hashed ? "keyed" : ""}?${query}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const { replaces, onError, dryRun = false, strict = false, ...options } = readQuery(query, READINGS);
    const job: IngestJob = { kind: "ingest", options, skip: onError === "skip", hashed };
    checked(() => bodies.check(job));
    const asked = { job, replaces, dryRun, strict };
    if (known.size >= 100) known.clear();
    if (query.length < 1000) known.set(name, asked);
    return asked;
  };

  app.post("/v1/readings", { config: { scope: "write", limited: true } }, async (request, reply) => {
    const key = keyOf(request);
    const { job, replaces, dryRun, strict } = askedOf(queryOf(request), key !== undefined);
    const sent = bodyHeadersOf(request.headers);
    try {
      const { caller } = request;
      const ingest = async ({ ends, sha256, ...contributed }: IngestedBody) => {
        checkSources(caller, contributed.contribution.sources, "sends readings of");
        const sha = sha256 && (replaces === undefined ? sha256 : shaWith(sha256, replaces));
        const batch = { ...contributed, key, sha256: sha, replaces, sender: caller.name, file: undefined };
        return store.ingest(batch, endableBy(caller), { dryRun, strict }).catch((error: unknown) => {
          if (error instanceof ReadingsThere) throw readingsThereFor(caller, error);
          throw error instanceof StorePeriodTooLong ? periodTooLong(error, contributed, ends, caller) : error;
        });
      };
      const { batch, repeated } = await bodies.ingest(request.raw, sent, job, ingest);
      if (dryRun && !repeated) return reply.code(200).send({ ...receiptOf(batch), batch_id: null });
      metrics.batches.inc({ outcome: repeated ? "repeated" : "stored" });
      if (repeated) reply.header(REPEATED, "true");
      else {
        metrics.readings.inc(batch.readings);
        const { rejectedByReason } = batch.notes;
        for (const reason in rejectedByReason) metrics.rejected.inc({ reason }, rejectedByReason[reason]!);
      }
      return reply.code(201).header("location", `/v1/batches/${batch.id}`).send(receiptOf(batch));
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

function periodTooLong(
  { second, period }: StorePeriodTooLong,
  { first }: Pick<IngestedBody, "first">,
  ends: Ends,
  { sources }: Caller,
): Problem {
  const record = second === first ? ends.first : ends.last;
  const where = record === undefined ? "body: a reading" : `body: record ${record}`;
  const { from, to, days, most } = period;
  // Which days others have is nothing for a token that is limited to some sources.
  const longer =
    sources === undefined ? `${days} days, from ${from} to ${to}, more than ${most}` : `more than ${most} days`;
  return new Problem(
    "stretches_period",
    `${where} is of ${instantText(second)}: with it the store would have ${longer}, the most that it may have; nothing was stored. Send the batch without that record, or with the right timestamp`,
    { members: record === undefined ? {} : { record } },
  );
}

/** What others have sent is nothing for a token that only writes; nor are their batches for one that is limited to some sources. */
function readingsThereFor(caller: Caller, { there }: ReadingsThere): Problem {
  const own = there.batch.sender === caller.name;
  const place = own || caller.scopes.includes("read") || caller.scopes.includes("admin") ? there : undefined;
  const batch = own || visibleTo(caller) === undefined ? there.batch : undefined;
  const mayReplace = batch !== undefined && (own || endableBy(caller) === undefined);
  const said = readingsThere(place, batch, mayReplace);
  return new Problem("readings_there", textOf(said, "http"));
}

/** @throws Problem `bad_idempotency_key` */
function keyOf({ headers, raw }: FastifyRequest): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined) return undefined;
  // Two such headers arrive as one, joined by a comma.
  const given = raw.headersDistinct["idempotency-key"]?.length;
  if (typeof key !== "string" || given !== 1 || !/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(key))
    throw new Problem(
      "bad_idempotency_key",
      "an Idempotency-Key must be given once and have 1 to 255 visible ASCII characters",
    );
  return key;
}

/** What a batch replaces is part of what its key stands for. */
function shaWith(sha256: string, replaces: string): string {
  return createHash("sha256").update(`${sha256} replaces ${replaces}`).digest("hex");
}
