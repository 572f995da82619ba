/** Renders a JSON Schema in words. */
import type { OpenapiDocument, Schema } from "../openapi/form.js";
import { Html, html, inline } from "./html.js";

/** The kind of value: `string or null`, `list of Batch`, with links to the document's own forms. */
export function kindOf(schema: Schema): Html {
  const { $ref, type, enum: choices, const: only, items, anyOf, allOf, format } = schema;
  if (typeof $ref === "string") {
    const name = $ref.slice($ref.lastIndexOf("/") + 1);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (Array.isArray(allOf)) return kindOf(allOf[0] as Schema);
  if (only !== undefined) return html`<code>${JSON.stringify(only)}</code>`;
  if (Array.isArray(choices)) return either(choices.map((choice) => html`<code>${JSON.stringify(choice)}</code>`));
  if (Array.isArray(anyOf)) return either(anyOf.map((choice) => kindOf(choice as Schema)));
  if (Array.isArray(type)) return either(type.map((one) => html`${one}`));
  if (type === "array") return html`list of ${kindOf((items ?? {}) as Schema)}`;
  if (format === "date-time") return html`time, ISO 8601 in UTC`;
  return html`${typeof type === "string" ? type : "anything"}`;
}

function either(kinds: readonly Html[]): Html {
  return new Html(kinds.map(({ text }) => text).join(" or "));
}

/** The members of an object. */
function membersOf(schema: Schema): Html {
  const members = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, Schema>>);
  const required = (schema["required"] ?? []) as readonly string[];
  const rows = members.map(([name, member]) => {
    const description = typeof member["description"] === "string" ? inline(member["description"]) : undefined;
    return html`<div><dt><code>${name}</code></dt><dd>${description}
<small>${kindOf(member)}${required.includes(name) ? "" : ", optional"}</small></dd></div>`;
  });
  return html`<dl>${rows}</dl>`;
}

/** All forms of the document. */
export function forms({ components: { schemas } }: OpenapiDocument): Html {
  const sections = Object.entries(schemas).map(
    ([name, schema]) => html`<article><h3 id="schema-${name}">${name}</h3>
<p>${inline(String(schema["description"] ?? ""))}</p>
${schema["properties"] === undefined ? html`<p class="soft">${kindOf(schema)}</p>` : membersOf(schema)}</article>`,
  );
  return html`${sections}`;
}
