/** `GET /v1/quality`: what came and what should have, for each source in the store. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import { checkStoreQuarters, idsOfPage, qualityOfSources, qualityPlanOf, type SourcePage } from "../../jobs/quality.js";
import {
  FINDINGS_HEADING,
  findingLines,
  QUALITY_HEADING,
  qualityFrame,
  qualityLine,
  qualityObject,
} from "../../output/quality.js";
import type { QualityQuestion, SourceQuality } from "../../quality/quality.js";
import type { Snapshot } from "../../store/store.js";
import { sourcesFor } from "../auth/access.js";
import { formFor, typeOf } from "../http/accept.js";
import { etagOf, matches } from "../http/etag.js";
import { PAGE, QUALITY } from "../http/parameters.js";
import { badParameter, checked, readQuery } from "../http/query.js";
import { addVary } from "../http/vary.js";
import { queryOf, type Resource, type Service } from "../service.js";
import { cursorOfSource, sourceAfter } from "./page.js";

/** A page ends early after this many findings, or quarter hours examined: about a second's work. */
const PAGE_FINDINGS = 20_000;
const PAGE_CELLS = 5_000_000;
/** Quarter hours that are examined before yielding to other requests. */
const TURN_CELLS = 100_000;

export const quality: Resource = (app, service) => {
  app.get("/v1/quality", { config: { scope: "read", limited: true } }, (request, reply) =>
    answer(service, request, reply),
  );
};

async function answer({ store, salt }: Service, request: FastifyRequest, reply: FastifyReply) {
  const query = queryOf(request);
  const values = readQuery(query, QUALITY);
  const type = formFor(request.headers.accept, ["json", "csv"]);
  if (type === "json" && values.findings)
    throw badParameter("findings", "JSON has all findings already; use it with Accept: text/csv");
  const { from, to, sources: wanted } = values;
  const among = sourcesFor(request.caller, wanted);
  const question = checked(() => qualityPlanOf(values));
  const { limit = PAGE.limit.default, cursor } = values;
  // Clients must revalidate what they have cached.
  reply.header("cache-control", "private, no-cache");
  addVary(reply, "accept", "authorization");
  const found = await store.read(async (reader) => {
    const etag = etagOf(salt, reader.version, "quality", type, query, ...(request.caller.sources ?? []));
    if (matches(request.headers["if-none-match"], etag)) return { etag };
    const after = await sourceAfter(reader, cursor, among);
    return { etag, shown: await pageFound(reader, { after, limit, sources: wanted, among }, question) };
  });
  reply.header("etag", found.etag);
  if (found.shown === undefined) return reply.code(304).send();
  const { sources } = found.shown;
  const next = found.shown.next === undefined ? null : cursorOfSource(found.shown.next);
  if (next !== null) reply.header("link", `<${addressOf(query, next)}>; rel="next"`);
  const { zone } = question;
  reply.type(typeOf(type));
  if (type === "csv") {
    if (!values.findings) return [QUALITY_HEADING, ...sources.map((one) => qualityLine(one, zone))].join("");
    return [FINDINGS_HEADING, ...sources.flatMap((one) => [...findingLines(one, zone)])].join("");
  }
  const { before, after } = qualityFrame(zone, { from: from ?? null, to: to ?? null }, { next });
  const objects = sources.map((one) => `\n${JSON.stringify(qualityObject(one, zone))}`);
  return `${before}${objects.join()}\n${after}\n`;
}

/** The sources of a page, and the one after which the next page begins, if there is one. */
async function pageFound(
  reader: Snapshot,
  page: SourcePage,
  question: QualityQuestion,
): Promise<{ sources: SourceQuality[]; next: string | undefined }> {
  await checkStoreQuarters(reader, question, page.among);
  const { ids, next } = await idsOfPage(reader, page);
  const sources: SourceQuality[] = [];
  let findings = 0;
  let cells = 0;
  let turn = TURN_CELLS;
  for await (const one of qualityOfSources(reader, ids, question)) {
    sources.push(one);
    findings += one.gaps.length + one.duplicates.length;
    cells += one.neighbours + 1;
    const early = (findings >= PAGE_FINDINGS || cells >= PAGE_CELLS) && sources.length < ids.length;
    if (early) return { sources, next: one.source };
    if (cells < turn) continue;
    turn = cells + TURN_CELLS;
    await nextTurn();
  }
  return { sources, next };
}

/** This page's address with another cursor. */
function addressOf(query: string, cursor: string): string {
  const parameters = new URLSearchParams(query);
  parameters.set("cursor", cursor);
  return `/v1/quality?${parameters}`;
}
