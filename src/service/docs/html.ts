/** HTML as a value: all text put into a template is escaped. */

export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | undefined | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A template: `` html`<p>${anything}</p>` ``. `undefined` becomes the empty string. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? "";
  parts.forEach((part, i) => {
    text += rendered(part) + strings[i + 1];
  });
  return new Html(text);
}

function rendered(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(({ text }: Html) => text).join("\n");
  return String(part).replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);
}

/** Renders the subset of CommonMark that the descriptions use: paragraphs, lists with `- `, `code`, **strong** and links. */
export function prose(markdown: string): Html {
  const blocks = markdown.split(/\n{2,}/).map((block) => {
    if (!block.startsWith("- ")) return html`<p>${inline(block)}</p>`;
    const items = block.slice(2).split(/\n- /);
    return html`<ul>${items.map((item) => html`<li>${inline(item)}</li>`)}</ul>`;
  });
  return html`${blocks}`;
}

/** The same without paragraphs. */
export function inline(markdown: string): Html {
  const parts = markdown.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/).map((part) => {
    if (part.startsWith("`")) return html`<code>${part.slice(1, -1)}</code>`;
    if (part.startsWith("**")) return html`<strong>${part.slice(2, -2)}</strong>`;
    const [, text, target] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? [];
    return target === undefined ? html`${part}` : html`<a href="${target}">${text}</a>`;
  });
  return new Html(parts.map(({ text }) => text).join(""));
}
