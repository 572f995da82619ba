/** The form of a profile, as a JSON Schema (draft 2020-12): profiles/schema.json is written from it. */
import { type Message, textOf } from "../base/message.js";
import { type OptionEntry, saysOf, sentence } from "./option.js";
import { READ } from "./read-options.js";

const text = { type: "string" };
const words = (message: Message) => `${sentence(textOf(message, "library"))}.`;

/** The options that a profile may have: all that say how to read, but for the profile itself. */
const { profile: _, ...options } = READ;

export const profileSchema: object = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "A profile of Electro",
  description: "How a table is read, and the headers by which it is recognised.",
  type: "object",
  properties: {
    $schema: text,
    title: { description: "What it is of, in a few words.", type: "string" },
    headers: {
      description:
        "The names of all columns, in their order, for each form that the header has; `*` in a name is any text, and after a last `...` more columns may follow. None: it is not recognised.",
      type: "array",
      items: { type: "array", items: text, minItems: 2 },
    },
    options: {
      description: "Options that say how to read, by their names in code.",
      type: "object",
      properties: Object.fromEntries(
        Object.entries<OptionEntry>(options).map(([name, entry]) => [
          name,
          { description: words(saysOf(entry)), ...valueSchema(entry) },
        ]),
      ),
      additionalProperties: false,
    },
    export: {
      description: "What is export: the values of some columns, or the records that have one of some texts in a field.",
      anyOf: [
        {
          type: "object",
          properties: { columns: { type: "array", items: text, minItems: 1 } },
          required: ["columns"],
          additionalProperties: false,
        },
        {
          type: "object",
          properties: { field: text, values: { type: "array", items: text, minItems: 1 } },
          required: ["field", "values"],
          additionalProperties: false,
        },
      ],
    },
    shortRows: {
      description: "Whether rows may lack cells at their end, of columns that are not needed. Default: false.",
      type: "boolean",
    },
    needs: {
      description: "Options that have to be given, since the export leaves them open, each with the reason.",
      type: "object",
      propertyNames: { enum: Object.keys(options) },
      additionalProperties: text,
    },
  },
  additionalProperties: false,
};

/** The form of an option's value. */
function valueSchema({ kind, choices, empty }: OptionEntry): object {
  const one = choices !== undefined ? { enum: choices } : empty || kind === "texts" ? text : { ...text, minLength: 1 };
  if (kind === "flag") return { type: "boolean" };
  if (kind === "texts" || kind === "choices") return { type: "array", items: one };
  return kind === "names" ? { anyOf: [one, { type: "array", items: one, minItems: 1 }] } : one;
}
