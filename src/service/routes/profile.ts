/** `GET /v1/profile`: what the load of a period looks like, in as few numbers as a picture of it needs. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { loadOf } from "../../jobs/profile.js";
import { askPlanOf } from "../../jobs/query.js";
import { profileDocument } from "../../profile/document.js";
import { profileOf } from "../../profile/profile.js";
import { sourcesFor } from "../auth/access.js";
import { checkRows } from "../bodies/work.js";
import { etagOf, matches } from "../http/etag.js";
import { PROFILE } from "../http/parameters.js";
import { checked, readQuery } from "../http/query.js";
import { addVary } from "../http/vary.js";
import { queryOf, type Resource, type Service } from "../service.js";
import { tellUnknown } from "./unknown-sources.js";

export const profile: Resource = (app, service) => {
  app.get("/v1/profile", { config: { scope: "read", limited: true } }, (request, reply) =>
    answer(service, request, reply),
  );
};

async function answer({ store, limits, salt, answers }: Service, request: FastifyRequest, reply: FastifyReply) {
  const query = queryOf(request);
  const { bars = "day", ...values } = readQuery(query, PROFILE);
  // The store's days are those of UTC: in another zone, its readings may be on one more.
  const more = values.from === undefined && values.to === undefined ? 1 : 0;
  const sources = sourcesFor(request.caller, values.sources);
  const plan = checked(() => askPlanOf({ ...values, sources, maxDays: limits.days + more }));
  const found = await answers.within(reply, (enter) =>
    store.read(async (reader) => {
      const etag = etagOf(salt, reader.version, "profile", query, ...(request.caller.sources ?? []));
      if (matches(request.headers["if-none-match"], etag)) return { etag };
      const unknown = values.sources && (await reader.unknown(values.sources));
      const load = await loadOf(reader, plan, (hours) => {
        checkRows(hours, limits.rows);
        enter(hours);
      });
      return { etag, unknown, load };
    }),
  );
  // Clients must revalidate what they have cached.
  reply.headers({ etag: found.etag, "cache-control": "private, no-cache" });
  addVary(reply, "authorization");
  if (found.load === undefined) return reply.code(304).send();
  tellUnknown(reply, found.unknown);
  const body = {
    ...profileDocument(found.load, profileOf(found.load, bars), bars),
    ...(found.unknown !== undefined && { unknown_sources: found.unknown }),
  };
  return reply.type("application/json; charset=utf-8").send(`${JSON.stringify(body)}\n`);
}
