/** `GET /v1/batches`, `GET` and `DELETE /v1/batches/{id}`, and its bad records: the ledger of what came in. */
import { gunzipSync } from "node:zlib";
import type { Batch, Snapshot } from "../../store/store.js";
import { explainInstant } from "../../time/instant.js";
import { dayOf } from "../../time/period.js";
import { readInstant } from "../../time/read-instant.js";
import { type Caller, endableBy, visibleTo } from "../auth/access.js";
import { BATCHES, PAGE } from "../http/parameters.js";
import { Problem } from "../http/problem.js";
import { badParameter, readQuery } from "../http/query.js";
import { queryOf, type Resource } from "../service.js";
import { batchDocument } from "./batch-document.js";
import { batchAfter, cursorOfBatch } from "./page.js";

/** With `write` alone, or limited to some sources, a caller sees only its own batches. */
const LOOK = { config: { scope: ["read", "write", "admin"], limited: true } } as const;
const END = { config: { scope: ["write", "admin"], limited: true } } as const;

export const batches: Resource = (app, { store, answers, metrics }) => {
  app.get("/v1/batches", LOOK, async (request) => {
    const values = readQuery(queryOf(request), BATCHES);
    const { limit = PAGE.limit.default, cursor, receivedFrom, receivedTo, sender, ...asked } = values;
    const own = visibleTo(request.caller);
    if (own !== undefined && sender !== undefined && sender !== own) return { batches: [], next: null };
    const page = {
      ...{ ...asked, before: batchAfter(cursor), sender: own ?? sender },
      receivedFrom: receivedFrom === undefined ? undefined : timeOf("received_from", receivedFrom).from,
      receivedTo: receivedTo === undefined ? undefined : timeOf("received_to", receivedTo).to,
    };
    // One more than is shown, to know whether others follow.
    const found = await store.read((reader) => reader.batches({ ...page, limit: limit + 1 }));
    const shown = found.slice(0, limit);
    return {
      batches: shown.map(batchDocument),
      next: found.length > limit ? cursorOfBatch(shown.at(-1)!.id) : null,
    };
  });

  app.get("/v1/batches/:id", LOOK, async (request) => {
    readQuery(queryOf(request), {});
    return batchDocument(await store.read((reader) => seen(reader, idOf(request.params), request.caller)));
  });

  app.get("/v1/batches/:id/rejects", LOOK, async (request, reply) => {
    readQuery(queryOf(request), {});
    const parts = await answers.within(reply, (enter) =>
      store.read(async (reader) => {
        const { id, state, notes } = await seen(reader, idOf(request.params), request.caller);
        if (notes.rejectsKept > 0 && state !== "counts")
          throw new Problem("rejects_gone", `batch ${id} was ${state}, and its bad records were deleted with it`);
        enter(notes.rejectsKept);
        return reader.rejects(id);
      }),
    );
    reply.type("application/x-ndjson; charset=utf-8");
    return answers.send(reply, unpacked(parts));
  });

  app.delete("/v1/batches/:id", END, async (request) => {
    readQuery(queryOf(request), {});
    const id = idOf(request.params);
    const owner = endableBy(request.caller);
    const batch = await store.retract(id, owner);
    if (batch === undefined) throw noSuchBatch(id, owner);
    metrics.batches.inc({ outcome: "retracted" });
    return batchDocument(batch);
  });
};

const DAY_MS = 86_400_000;

/**
 * A time of a search: from its first millisecond on, and before its end, which is a day's end for a day.
 * @throws Problem `bad_parameter`
 */
function timeOf(parameter: string, text: string): { from: number; to: number } {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const from = checkedDay(parameter, text) * DAY_MS;
    return { from, to: from + DAY_MS };
  }
  const stamp = { wall: 0, fraction: false, nanos: 0, offset: Number.NaN };
  const bytes = Buffer.from(text);
  if (!readInstant(bytes, 0, bytes.length, stamp)) throw badParameter(parameter, explainInstant(text));
  if (Number.isNaN(stamp.offset)) throw badParameter(parameter, "it has no offset; add Z, or an offset such as +01:00");
  const at = (stamp.wall - stamp.offset) * 1000 + Math.floor(stamp.nanos / 1e6);
  return { from: at, to: at };
}

function checkedDay(parameter: string, text: string): number {
  try {
    return dayOf(text);
  } catch (error) {
    throw badParameter(parameter, (error as Error).message);
  }
}

function idOf(params: unknown): string {
  return (params as { id: string }).id;
}

/** @throws Problem `no_such_batch`, also for a batch that the caller may not see */
async function seen(reader: Snapshot, id: string, caller: Caller): Promise<Batch> {
  const batch = await reader.batch(id);
  const sender = visibleTo(caller);
  if (batch === undefined || (sender !== undefined && batch.sender !== sender)) throw noSuchBatch(id, sender);
  return batch;
}

/** @param sender the only one whose batches the caller may see */
function noSuchBatch(id: string, sender: string | undefined): Problem {
  const whose = sender === undefined ? "" : ` that ${sender} has sent`;
  return new Problem(
    "no_such_batch",
    `there is no batch ${JSON.stringify(id.slice(0, 100))}${whose}; GET /v1/batches lists them`,
  );
}

function* unpacked(parts: readonly Uint8Array[]): Generator<Uint8Array, void> {
  for (const part of parts) yield gunzipSync(part);
}
