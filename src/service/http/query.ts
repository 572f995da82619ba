/** Query parameters: each call names those it takes; any other, and any wrong value, is an error. */

import { UsageError } from "../../base/errors.js";
import { option, textOf } from "../../base/message.js";
import { nearest } from "../../base/suggestion.js";
import { PROBLEMS, Problem } from "./problem.js";

/** A text to a value, or what is wrong with it: `is not …`. */
export type ParameterParser<T> = (text: string) => { readonly value: T } | string;

export type ParameterParsers = Readonly<Record<string, ParameterParser<unknown>>>;

/** What the readers of a call make of its query. Of a `many` reader there is a list, perhaps empty. */
export type Values<R extends ParameterParsers> = {
  -readonly [Name in keyof R]: R[Name] extends Many<infer T>
    ? T[]
    : R[Name] extends ParameterParser<infer T>
      ? T | undefined
      : never;
};

export interface Many<T> extends ParameterParser<T> {
  readonly many: true;
}

/** A parameter that may be there several times. */
export function many<T>(reader: ParameterParser<T>): Many<T> {
  return Object.assign((text: string) => reader(text), { many: true } as const);
}

export const text: ParameterParser<string> = (value) => (value === "" ? "is empty" : { value });

export const anyText: ParameterParser<string> = (value) => ({ value });

export const flag: ParameterParser<boolean> = (text) =>
  text === "true" || text === "false" ? { value: text === "true" } : "is true or false";

export function wholeNumber(least: number, most: number): ParameterParser<number> {
  return (text) => {
    const value = Number(text);
    return /^\d{1,15}$/.test(text) && value >= least && value <= most
      ? { value }
      : `is a whole number from ${least} to ${most}`;
  };
}

export function oneOf<const T extends string>(...choices: readonly T[]): ParameterParser<T> {
  return (text) => {
    const value = choices.find((choice) => choice === text);
    if (value !== undefined) return { value };
    const meant = nearest(text, choices);
    return `is ${choices.join(" or ")}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
  };
}

/**
 * @param query what follows the `?`
 * @throws Problem `unknown_parameter`, `bad_parameter`
 */
export function readQuery<R extends ParameterParsers>(query: string, readers: R): Values<R> {
  const values: Record<string, unknown> = {};
  for (const name in readers) if ("many" in readers[name]!) values[name] = [];
  if (query === "") return values as Values<R>;
  checkEncoding(query);
  for (const [name, text] of new URLSearchParams(query)) {
    const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (reader === undefined) throw unknown(name, Object.keys(readers));
    const read = reader(text);
    if (typeof read === "string") throw badParameter(name, `${JSON.stringify(text.slice(0, 200))}: it ${read}`);
    if ("many" in reader) (values[name] as unknown[]).push(read.value);
    else if (values[name] === undefined) values[name] = read.value;
    else throw badParameter(name, "it is there twice; give it once");
  }
  return values as Values<R>;
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
