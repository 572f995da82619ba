/** Parts that several calls have in common. */
import { isDeepStrictEqual } from "node:util";
import { AGGREGATE, BATCHES, type Parameters, QUALITY, READINGS, SOURCES } from "../http/parameters.js";
import type { ProblemCode } from "../http/problem.js";
import type { Operation, Parameter, Reference } from "./form.js";
import { ref } from "./form.js";
import { HEADERS, ID, queryParameters } from "./parameters.js";

export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  ...queryParameters({ ...BATCHES, ...SOURCES, ...READINGS, ...AGGREGATE, ...QUALITY }),
  ...{ id: ID, ...HEADERS },
};

/** @returns references to the query parameters, or those that mean something else here, and to others by their names */
export function listed(
  query: Parameters,
  ...others: readonly ("id" | keyof typeof HEADERS)[]
): (Reference | Parameter)[] {
  const own = Object.entries(queryParameters(query)).map(([name, parameter]) =>
    isDeepStrictEqual(parameter, PARAMETERS[name]) ? ref("parameters", name) : parameter,
  );
  return [...own, ...others.map((name) => ref("parameters", name))];
}

export function needs(scope: "read" | "write" | "admin"): Operation["security"] {
  return [{ token: [scope] }];
}

/** Problems of a body before its records are read. */
export const NOT_READ: readonly ProblemCode[] = [
  "body_too_large",
  "unpacked_too_large",
  "unsupported_type",
  "unsupported_encoding",
  "empty_body",
  "bad_body",
  "too_many_sources",
  "too_many_cells",
  "busy",
];

const LINES = `{"timestamp":"2024-01-31T13:00:00Z","kWh_value":0.1,"meter_id":"m1"}
{"timestamp":"2024-01-31T13:15:00Z","kWh_value":0.2,"meter_id":"m1"}
`;

/** A body that is a dataset. */
export function bodyOf(what: string): NonNullable<Operation["requestBody"]> {
  return {
    required: true,
    description: `${what}: records with \`timestamp\` (ISO 8601), \`kWh_value\` and optionally \`meter_id\` or \`source_id\`, as JSON (an array, one record, or an object that contains the array), as JSON lines, or as CSV with a header. Its content tells which; \`application/ndjson\`, \`application/jsonl\` and \`text/plain\` are accepted, too.`,
    content: {
      "application/json": {
        schema: {
          anyOf: [{ type: "array", items: { type: "object" } }, { type: "object" }],
        },
        example: [{ timestamp: "2024-01-31T13:00:00Z", kWh_value: 0.1, meter_id: "m1" }],
      },
      "application/x-ndjson": { schema: { type: "string" }, example: LINES },
      "text/csv": {
        schema: { type: "string" },
        example: "timestamp,kWh_value,meter_id\n2024-01-31T13:00:00Z,0.1,m1\n",
      },
    },
  };
}
