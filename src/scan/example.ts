/** The fields of an input's first good record, as people would read them. */
import type { Field } from "../quality/field-names.js";
import type { Context } from "./context.js";
import { splitHeader } from "./csv-rows.js";
import { jsonFields } from "./json-fields.js";

/** None where there is no good record, or it is very long. */
export function exampleOf({ example, columns }: Context): Field[] {
  if (example === undefined) return [];
  if (columns === undefined) return jsonFields(example);
  const cells = splitHeader(example, columns.separator) ?? [];
  return columns.names.map((name, n) => [name, cells[n] ?? ""]);
}
