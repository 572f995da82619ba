/** The values of an option as a JSON Schema (draft 2020-12). */
import type { OptionEntry } from "./option.js";

type Kind = Pick<OptionEntry, "kind" | "choices" | "empty" | "least" | "most">;

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
    case "day":
      return { type: "string", format: "date" };
    case "text":
      return { type: "string", ...(!empty && { minLength: 1 }) };
  }
}
