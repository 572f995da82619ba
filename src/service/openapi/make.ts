/** Functions that make schemas: each part has a description. */
import { ref, type Schema } from "./form.js";

export const count = (description: string): Schema => ({ type: "integer", minimum: 0, description });
/** Counts by something, none of them 0. */
export const countsBy = (description: string): Schema => ({
  type: "object",
  additionalProperties: { type: "integer", minimum: 1 },
  description,
});
export const time = (description: string): Schema => ({ type: ["string", "null"], format: "date-time", description });
export const energy = (description: string): Schema => ({ ...ref("schemas", "Energy"), description });

/** An object with these members and no others; those whose name ends with `?` are optional. */
export function object(description: string, members: Readonly<Record<string, Schema>>): Schema {
  const entries = Object.entries(members);
  return {
    type: "object",
    description,
    required: entries.map(([name]) => name).filter((name) => !name.endsWith("?")),
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ""), schema])),
    additionalProperties: false,
  };
}

export const id = (description: string): Schema => ({ type: "string", minLength: 1, description });
export const optional = (schema: Schema): Schema => ({ ...schema, type: [schema["type"], "null"] });
export const day = (description: string): Schema => ({ type: ["string", "null"], format: "date", description });
export const list = (name: string, description: string): Schema => ({
  type: "array",
  items: ref("schemas", name),
  description,
});
