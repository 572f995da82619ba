/** The fields of an input's first good record, as people would read them. */
import type { Field } from "../quality/field-names.js";
import type { Context } from "./context.js";
import { splitHeader } from "./csv-rows.js";

/** None where there is no good record, or it is very long. */
export function exampleOf({ example, columns }: Context): Field[] {
  if (example === undefined) return [];
  if (columns !== undefined) {
    const cells = splitHeader(example, columns.separator) ?? [];
    return columns.names.map((name, n) => [name, cells[n] ?? ""]);
  }
  try {
    return fieldsIn(JSON.parse(Buffer.from(example).toString("utf8")), "");
  } catch {
    return [];
  }
}

/** Those of an object, and of the objects directly in it, whose values are strings or numbers. */
function fieldsIn(record: object, before: string, into: Field[] = []): Field[] {
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === "string" || typeof value === "number") into.push([before + name, String(value)]);
    else if (typeof value === "object" && value !== null && !Array.isArray(value) && before === "")
      fieldsIn(value, `${name}.`, into);
  }
  return into;
}
