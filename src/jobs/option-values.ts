/** The valid values of options: as texts, and as a JSON Schema. */
import { either } from "../base/message.js";
import { leastText, parseSize } from "../base/size.js";
import { nearest } from "../base/suggestion.js";
import type { OptionEntry } from "./option.js";

/** A value, or what is wrong with the text: `is empty`. */
export type Parsed = { readonly value: unknown } | string;

type Kind = Pick<OptionEntry, "kind" | "choices" | "empty" | "least" | "most">;

/** Parses one text from a command-line flag or a query parameter; for `texts` and `names`, it is one of them. */
export function parseValue(
  { kind, choices = [], empty, least = 0, most = Number.MAX_SAFE_INTEGER }: Kind,
  text: string,
): Parsed {
  switch (kind) {
    case "text":
    case "names":
    case "day":
      return text === "" && !empty ? "is empty" : { value: text };
    case "texts":
      return { value: text };
    case "flag":
      return text === "true" || text === "false" ? { value: text === "true" } : "must be true or false";
    case "choice": {
      if (choices.includes(text)) return { value: text };
      const meant = nearest(text.trim(), choices);
      return `must be ${either(choices)}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
    }
    case "choices": {
      const parts = text.split(",");
      const other = parts.find((part) => !choices.includes(part));
      if (other !== undefined) {
        const meant = nearest(other.trim(), choices);
        const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
        return `has ${JSON.stringify(other)}, which is not one of ${choices.join(", ")}${hint}`;
      }
      return { value: [...new Set(parts)] };
    }
    case "whole": {
      const value = Number(text);
      return /^\d{1,15}$/.test(text) && value >= least && value <= most
        ? { value }
        : `is not a whole number from ${least} to ${most}`;
    }
    case "size": {
      const value = parseSize(text);
      if (value === undefined) return "is not a size; write a number and a unit, such as 2GB or 512MiB";
      return value >= least ? { value } : `is too small; the least is ${leastText(least)}`;
    }
  }
}

/** The values of an option that may be given repeatedly, with one more. @param before `undefined` if it is the first */
export function withValue(kind: "texts" | "names", before: unknown, value: unknown): unknown {
  if (before === undefined) return kind === "texts" ? [value] : value;
  return [before, value].flat();
}

/** The values as a JSON Schema (draft 2020-12). */
export function schemaOf({ kind, choices, empty, least, most }: Kind): { readonly [keyword: string]: unknown } {
  switch (kind) {
    case "flag":
      return { type: "boolean" };
    case "choice":
      return { enum: choices };
    case "choices":
      return { type: "array", items: { enum: choices } };
    case "whole":
    case "size":
      return { type: "integer", minimum: least, ...(most !== undefined && { maximum: most }) };
    case "texts":
      return { type: "array", items: { type: "string" } };
    case "names": {
      const name = { type: "string", minLength: 1 };
      return { anyOf: [name, { type: "array", items: name, minItems: 1 }] };
    }
    case "day":
      return { type: "string", format: "date" };
    case "text":
      return { type: "string", ...(!empty && { minLength: 1 }) };
  }
}
