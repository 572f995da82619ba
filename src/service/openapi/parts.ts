/** Parts that several calls have in common. */
import { isDeepStrictEqual } from "node:util";
import { AGGREGATE, BATCHES, type Parameters, PROFILE, QUALITY, READINGS, SOURCES } from "../http/parameters.js";
import type { ProblemCode } from "../http/problem.js";
import type { Operation, Parameter, Reference } from "./form.js";
import { ref } from "./form.js";
import { HEADERS, ID, queryParameters } from "./parameters.js";

export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  ...queryParameters({ ...BATCHES, ...SOURCES, ...READINGS, ...AGGREGATE, ...PROFILE, ...QUALITY }),
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
  return [{ [scope]: [] }];
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
