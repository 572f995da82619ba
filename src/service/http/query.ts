/** Query parameters: each call names those it takes; any other, and any wrong value, is an error. */

import { UsageError } from "../../base/errors.js";
import { option, textOf } from "../../base/message.js";
import { nearest } from "../../base/suggestion.js";
import type { ValuesOf } from "../../jobs/option.js";
import { parseValue, withValue } from "../../jobs/option-values.js";
import { type Parameters, parameterName } from "./parameters.js";
import { PROBLEMS, Problem } from "./problem.js";

/**
 * @param query what follows the `?`
 * @returns values by their names in code, of those that are there
 * @throws Problem `unknown_parameter`, `bad_parameter`
 */
export function readQuery<const P extends Parameters>(query: string, parameters: P): ValuesOf<P> {
  const values: Record<string, unknown> = {};
  if (query === "") return values as ValuesOf<P>;
  checkEncoding(query);
  const known = new Map(Object.entries(parameters).map((one) => [parameterName(...one), one]));
  for (const [name, text] of new URLSearchParams(query)) {
    const found = known.get(name);
    if (found === undefined) throw unknown(name, [...known.keys()]);
    const [key, entry] = found;
    const parsed = parseValue(entry, text);
    if (typeof parsed === "string") throw badParameter(name, `${JSON.stringify(text.slice(0, 200))}: it ${parsed}`);
    if (entry.kind === "texts" || entry.kind === "names")
      values[key] = withValue(entry.kind, values[key], parsed.value);
    else if (values[key] === undefined) values[key] = parsed.value;
    else throw badParameter(name, "it is there twice; give it once");
  }
  return values as ValuesOf<P>;
}

export function badParameter(name: string, problem: string): Problem {
  return new Problem("bad_parameter", `${name}: ${problem}`, { members: { parameter: name } });
}

/** Runs a check of options, some of which are parameters. @throws Problem naming the parameter that is wrong */
export function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    // Where the code has a problem of its own, that says more than the parameter.
    if (!(error instanceof UsageError) || error.option === undefined || Object.hasOwn(PROBLEMS, error.code))
      throw error;
    const parameter = textOf([option(error.option)], "http");
    throw new Problem("bad_parameter", textOf(error.said, "http"), { members: { parameter } });
  }
}

function unknown(name: string, known: readonly string[]): Problem {
  const shown = JSON.stringify(name.slice(0, 100));
  const meant = nearest(name.slice(0, 100), known);
  const hint =
    meant !== undefined
      ? `did you mean ${meant}?`
      : known.length === 0
        ? "this call takes none"
        : `there are ${known.join(", ")}`;
  return new Problem("unknown_parameter", `there is no parameter ${shown}; ${hint}`, {
    members: { parameter: name.slice(0, 100) },
  });
}

/** What is not UTF-8 would be read as another text. */
function checkEncoding(query: string): void {
  try {
    decodeURIComponent(query);
  } catch {
    throw new Problem("bad_parameter", "the query is not percent-encoded UTF-8; write % itself as %25");
  }
}
