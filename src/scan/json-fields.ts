/** The fields of a JSON record as people would read them. Only for few records: it makes objects of all that they hold. */
import type { Field } from "../quality/field-names.js";

/** None where the record is cut off. */
export function jsonFields(record: Uint8Array): Field[] {
  try {
    return fieldsIn(JSON.parse(Buffer.from(record).toString("utf8")), "");
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
