/** `POST /v1/aggregate`: the summary of a body, which is not stored. */

import { either } from "../../base/message.js";
import { RESOLUTIONS } from "../../time/resolution.js";
import { bodyHeadersOf } from "../bodies/body-headers.js";
import type { SumJob } from "../bodies/work.js";
import { formFor, SUMMARY_TYPES, typeOf } from "../http/accept.js";
import { AGGREGATE } from "../http/parameters.js";
import { badParameter, checked, readQuery } from "../http/query.js";
import { queryOf, type Resource } from "../service.js";
import { tellUnknown } from "./unknown-sources.js";

/** The number of bad records that were set aside. */
const REJECTED = "electro-rejected";
/** The codes of the warnings: a table has no room for more. */
const WARNINGS = "electro-warnings";

export const aggregate: Resource = (app, { bodies, answers, limits }) => {
  // It tells nothing of the store, so that a token's sources are no matter.
  app.post("/v1/aggregate", { config: { scope: "read", limited: true } }, async (request, reply) => {
    const {
      resolution,
      by,
      sources,
      onError,
      strict = false,
      withCounts = false,
      decimals,
      ...options
    } = readQuery(queryOf(request), AGGREGATE);
    if (resolution === undefined) throw badParameter("resolution", `it is missing; use ${either(RESOLUTIONS)}`);
    const type = formFor(request.headers.accept, SUMMARY_TYPES);
    const job: SumJob = {
      kind: "sum",
      options: { ...options, resolutions: [resolution], bySource: by === "source", maxDays: limits.days },
      sources,
      skip: onError === "skip",
      strict,
      form: { resolution, type, withCounts, decimals },
      rows: limits.rows,
    };
    checked(() => bodies.check(job));
    const { rejected, unknown, rows, warnings, blocks } = await bodies.sum(
      request.raw,
      bodyHeadersOf(request.headers),
      job,
    );
    try {
      await answers.within(reply, async (enter) => enter(rows));
      if (job.skip) reply.header(REJECTED, String(rejected));
      if (warnings.length > 0) reply.header(WARNINGS, [...new Set(warnings.map(({ code }) => code))].join());
      tellUnknown(reply, unknown);
      reply.type(typeOf(type)).header("cache-control", "no-store");
      return answers.send(reply, blocks);
    } catch (error) {
      await blocks.return?.();
      throw error;
    }
  });
};
