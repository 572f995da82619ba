/** Parameters of requests, made from what the calls parse, and their headers. */
import { textOf } from "../../base/message.js";
import { sentence } from "../../jobs/option.js";
import { schemaOf } from "../../jobs/option-values.js";
import { type ParameterEntry, type Parameters, parameterName } from "../http/parameters.js";
import type { Parameter } from "./form.js";

/** The document's parts for query parameters, by their names. */
export function queryParameters(parameters: Parameters): Record<string, Parameter> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, entry]) => {
      const shown = parameterName(name, entry);
      return [shown, { name: shown, in: "query", ...describe(entry) }];
    }),
  );
}

function describe(entry: ParameterEntry): Pick<Parameter, "description" | "schema" | "example"> {
  const { default: value = entry.kind === "flag" ? false : undefined, otherwise, http: { example } = {} } = entry;
  const without = otherwise === undefined ? "" : ` Without it, ${textOf(otherwise, "http")}.`;
  return {
    description: `${sentence(textOf(entry.says, "http"))}.${without}`,
    schema: { ...schemaOf(entry), ...(value !== undefined && { default: value }) },
    ...(example !== undefined && { example }),
  };
}

export const ID = {
  name: "id",
  in: "path",
  required: true,
  description: "The id of a batch.",
  schema: { type: "string", minLength: 1 },
} as const satisfies Parameter;

export const HEADERS = {
  "Idempotency-Key": {
    name: "Idempotency-Key",
    in: "header",
    description:
      "Names the batch for its sender, which is the token's name: sent again with the same body and parameters, it changes nothing and gets the first response. The same key of another sender is a different key. Use a fresh UUID for each batch, or a name of your own.",
    schema: { type: "string", minLength: 1, maxLength: 255 },
    example: "meter-7-2024-01-31",
  },
  "Content-Encoding": {
    name: "Content-Encoding",
    in: "header",
    description: "How the body is compressed, if it is.",
    schema: { enum: ["gzip", "zstd", "identity"] },
  },
  "If-None-Match": {
    name: "If-None-Match",
    in: "header",
    description: "The ETag of an earlier response: if nothing has changed since, the response is 304 without a body.",
    schema: { type: "string" },
  },
  "Last-Event-ID": {
    name: "Last-Event-ID",
    in: "header",
    description:
      "The id of the last event that the client has got: `state` then says whether the store has changed since.",
    schema: { type: "string" },
  },
} as const satisfies Record<string, Parameter>;
