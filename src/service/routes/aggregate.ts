/** `POST /v1/aggregate`: the summary of a body, of which nothing is kept. */

import { bodyHeadersOf } from "../bodies/body-headers.js";
import type { SumJob } from "../bodies/work.js";
import { formFor, typeOf } from "../http/accept.js";
import { badParameter, checked, oneOf, readQuery } from "../http/query.js";
import { READ_PARAMETERS, readOptionsOf } from "../http/read-parameters.js";
import { formOf, SUMMARY_PARAMETERS, summaryOptionsOf } from "../http/summary-parameters.js";
import { queryOf, type Resource } from "../service.js";
import { tellUnknown } from "./unknown-sources.js";

const PARAMETERS = { ...READ_PARAMETERS, ...SUMMARY_PARAMETERS, resolution: oneOf("hour", "day") };

/** How many bad records were set aside. */
const REJECTED = "electro-rejected";

export const aggregate: Resource = (app, { bodies, answers, limits }) => {
  app.post("/v1/aggregate", { config: { scope: "read" } }, async (request, reply) => {
    const values = readQuery(queryOf(request), PARAMETERS);
    const { resolution } = values;
    if (resolution === undefined) throw badParameter("resolution", "it is missing; say hour or day");
    const type = formFor(request.headers.accept);
    const job: SumJob = {
      kind: "sum",
      options: { ...readOptionsOf(values), ...summaryOptionsOf(values, limits) },
      sources: values.source.length === 0 ? undefined : values.source,
      skip: values.on_error === "skip",
      form: formOf(values, resolution, type),
      rows: limits.rows,
    };
    checked(() => bodies.check(job));
    const { rejected, unknown, hours, blocks } = await bodies.sum(request.raw, bodyHeadersOf(request.headers), job);
    try {
      await answers.within(reply, async (enter) => enter(hours));
      if (job.skip) reply.header(REJECTED, String(rejected));
      tellUnknown(reply, unknown);
      reply.type(typeOf(type)).header("cache-control", "no-store");
      return answers.send(reply, blocks);
    } catch (error) {
      await blocks.return?.();
      throw error;
    }
  });
};
