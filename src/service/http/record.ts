/** Records an answered request in the log, without secrets, and in the metrics. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { BadRecord } from "../../store/store.js";
import type { Service } from "../service.js";
import type { Problem, ProblemCode } from "./problem.js";

export function record({ log, metrics }: Service, request: FastifyRequest, reply: FastifyReply): void {
  const { method, url, caller, client, id, problem, routeOptions } = request;
  const { statusCode } = reply;
  const why = problem && whyOf(problem);
  const seconds = (performance.now() - request.began) / 1000;
  const route = routeOptions.url ?? "other";
  metrics.duration.observe({ method, route, status: String(statusCode) }, seconds);
  const path = url.replace(/\?.*$/s, "").slice(0, 200);
  const ms = Math.round(seconds * 1e5) / 100;
  log({
    level: statusCode >= 500 ? "error" : statusCode >= 400 ? "warning" : "info",
    code: "request",
    message: `${method} ${path} ${statusCode}${problem ? ` ${problem.code}` : ""} ${ms} ms${why ? `: ${why}` : ""}`,
    fields: {
      ...{ request_id: id, method, path, status: statusCode, ms, problem: problem?.code, why },
      ...{ client, token: caller?.name },
    },
  });
}

/** Problems whose details contain nothing of the request except names of batches and keys. */
const IN_OWN_WORDS: ReadonlySet<ProblemCode> = new Set([
  ...(["empty_body", "body_too_large", "unpacked_too_large", "too_many_sources", "too_many_cells"] as const),
  ...(["too_much_energy", "stretches_period", "key_reused", "no_such_batch", "already_ended"] as const),
  ...(["too_slow", "busy", "store_failed", "disk_full"] as const),
]);

/** What went wrong, for the operator: without anything of the body, or any value of a parameter or header. */
function whyOf({ code, detail, members }: Problem): string | undefined {
  if (IN_OWN_WORDS.has(code)) return detail;
  if (code === "bad_records") {
    const { rejected_by_reason: reasons, records } = members as unknown as Members;
    const counts = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
    const { record, line, code } = records[0]!;
    return `${counts.join(", ")}; the first is record ${record} (line ${line}), ${code}`;
  }
  const { reason, parameter } = members;
  return code === "unknown_parameter" ? undefined : ((reason ?? parameter) as string | undefined);
}

interface Members {
  readonly rejected_by_reason: Readonly<Record<string, number>>;
  readonly records: readonly BadRecord[];
}
