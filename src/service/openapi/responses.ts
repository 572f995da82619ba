/** Responses of calls: the parts that many have in common. */
import { PROBLEMS, type ProblemCode } from "../http/problem.js";
import { type DocumentedResponse, type Header, type Media, type Reference, ref, type Schema } from "./form.js";

const JSON_TYPE = "application/json";
export const CSV_TYPE = "text/csv";

/** Rows as a Parquet file. */
export const PARQUET: Readonly<Record<string, Media>> = {
  "application/vnd.apache.parquet": { schema: { type: "string", format: "binary" } },
};
const PROBLEM_TYPE = "application/problem+json";

/** Problems that any call may get. */
const ANYWHERE: readonly ProblemCode[] = [
  "bad_request",
  "not_acceptable",
  "expectation_failed",
  "headers_too_large",
  "host_not_local",
  "proxied_without_tokens",
  "too_slow",
  "too_many_requests",
  "defect",
  "too_many_connections",
];

/** Problems that come with others: any call that may get the one may get these. */
const ALSO: { readonly [C in ProblemCode]?: readonly ProblemCode[] } = {
  not_authorised: ["token_expired"],
  missing_scope: ["limited_token"],
};

/** Headers of a response by its status, besides those in the document. */
const HEADERS: Readonly<Record<number, readonly string[]>> = {
  401: ["WWW-Authenticate"],
  403: ["WWW-Authenticate-Scope"],
  415: ["Accept", "Accept-Encoding"],
  429: ["Retry-After"],
  503: ["Retry-After"],
};

const REQUEST_ID: Readonly<Record<string, Reference>> = { "X-Request-Id": ref("headers", "X-Request-Id") };

export function response(
  description: string,
  content?: Readonly<Record<string, Media>>,
  headers: Readonly<Record<string, Header | Reference>> = {},
): DocumentedResponse {
  return { description, headers: { ...REQUEST_ID, ...headers }, ...(content !== undefined && { content }) };
}

export function json(schema: Schema, example?: unknown): Readonly<Record<string, Media>> {
  return { [JSON_TYPE]: { schema, ...(example !== undefined && { example }) } };
}

/** Responses with problems, by status. */
export function problems(...codes: readonly ProblemCode[]): Readonly<Record<string, DocumentedResponse>> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set([...codes.flatMap((code) => [code, ...(ALSO[code] ?? [])]), ...ANYWHERE])) {
    const [status] = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const answers = [...byStatus].sort(([a], [b]) => a - b).map(([status, some]) => [status, problem(status, some)]);
  return Object.fromEntries(answers);
}

function problem(status: number, codes: readonly ProblemCode[]): DocumentedResponse {
  const titles = codes.map((code) => PROBLEMS[code][1]);
  const schema = {
    type: "object",
    allOf: [ref("schemas", "Problem")],
    properties: { code: { enum: codes }, status: { const: status }, title: { enum: titles } },
  };
  const headers = (HEADERS[status] ?? []).map((name) => [name.replace(/-Scope$/, ""), ref("headers", name)]);
  return response(`${titles.join(". ")}.`, { [PROBLEM_TYPE]: { schema } }, Object.fromEntries(headers));
}
