/** `GET /v1/hourly`, `/v1/daily` and others, a call for each resolution: summaries of the store's readings. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { ask, askPlanOf } from "../../jobs/query.js";
import { isShort, RESOLUTIONS, type Resolution } from "../../time/resolution.js";
import { sourcesFor } from "../auth/access.js";
import { checkRows, checkSums } from "../bodies/work.js";
import { formFor, SUMMARY_TYPES, typeOf } from "../http/accept.js";
import { blocksOf, type Form, rowCount } from "../http/encode.js";
import { etagOf, matches } from "../http/etag.js";
import { SUMMARIES, summaryPath } from "../http/parameters.js";
import { checked, readQuery } from "../http/query.js";
import type { ResponseBudget } from "../http/response-budget.js";
import { addVary } from "../http/vary.js";
import { queryOf, type Resource, type Service } from "../service.js";
import { tellUnknown } from "./unknown-sources.js";

export const summaries: Resource = (app, service) => {
  const config = { scope: "read", limited: true } as const;
  for (const resolution of RESOLUTIONS)
    app.get(summaryPath(resolution), { config }, (request, reply) => summary(service, resolution, request, reply));
};

async function summary(
  { store, limits, salt, answers }: Service,
  resolution: Resolution,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const query = queryOf(request);
  const { by, withCounts = false, decimals, ...values } = readQuery(query, SUMMARIES);
  const type = formFor(request.headers.accept, SUMMARY_TYPES);
  const form: Form = { resolution, type, withCounts, decimals };
  // The store's days are those of UTC: in another zone, its readings may be on one more.
  const more = values.from === undefined && values.to === undefined ? 1 : 0;
  const sources = sourcesFor(request.caller, values.sources);
  const asked = { ...values, sources, bySource: by === "source", maxDays: limits.days + more };
  // Only the rows of the response are summed.
  const plan = checked(() => ({ ...askPlanOf(asked), rows: resolution }));
  const found = await answers.within(reply, (enter) =>
    store.read(async (reader) => {
      const etag = etagOf(salt, reader.version, resolution, type, query, ...(request.caller.sources ?? []));
      if (matches(request.headers["if-none-match"], etag)) return { etag };
      const begin = (rows: number, sources: number, days: number) => {
        const unit = resolution === "hour" ? "hours" : "quarter hours";
        if (plan.bySource) checkSums(isShort(resolution) ? [rows, unit] : [days, "days"], sources, limits.rows);
        enter(rows * sources);
      };
      const unknown = values.sources && (await reader.unknown(values.sources));
      const answer = await ask(reader, plan, { countSources: false, begin });
      checkRows(rowCount(answer, resolution), limits.rows);
      return { etag, answer, unknown };
    }),
  );
  // Clients must revalidate what they have cached.
  reply.headers({ etag: found.etag, "cache-control": "private, no-cache" });
  addVary(reply, "accept", "authorization");
  if (found.answer === undefined) return reply.code(304).send();
  tellUnknown(reply, found.unknown);
  reply.type(typeOf(type));
  return sendBlocks(answers, reply, blocksOf(found.answer, form, found));
}

/** Sends a single block at once, and more blocks as the client receives them. */
function sendBlocks(answers: ResponseBudget, reply: FastifyReply, blocks: Iterator<Uint8Array, void>): FastifyReply {
  const first = blocks.next();
  if (first.done === true) return reply.send("");
  const second = blocks.next();
  if (second.done === true) return reply.send(first.value);
  function* all() {
    yield first.value as Uint8Array;
    yield second.value as Uint8Array;
    for (let next = blocks.next(); next.done !== true; next = blocks.next()) yield next.value;
  }
  return answers.send(reply, all());
}
