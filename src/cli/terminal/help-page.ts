/** How help is laid out: headings, and below each of them two columns. */

export interface HelpPage {
  readonly usage: string;
  readonly description: string;
  /** Rows by their heading. */
  readonly groups: Readonly<Record<string, readonly (readonly [term: string, text: string])[]>>;
  /** Below the rest, with its lines as they are. */
  readonly after: string;
}

/** A column of text is never narrower; it then runs on. */
const LEAST_COLUMN = 40;

/**
 * @param width columns, at most
 * @param bold whether headings are
 */
export function helpText({ usage, description, groups, after }: HelpPage, width: number, bold: boolean): string {
  const title = (text: string) => (bold ? `\x1b[1m${text}:\x1b[0m` : `${text}:`);
  const terms = Object.values(groups).flatMap((rows) => rows.map(([term]) => term.length));
  const left = Math.max(...terms) + 4;
  const row = ([term, text]: readonly [string, string]) => `  ${term.padEnd(left - 2)}${wrapped(text, width, left)}\n`;
  const sections = Object.entries(groups).map(([name, rows]) => `${title(name)}\n${rows.map(row).join("")}`);
  return `${[`${title("Usage")} ${usage}\n`, `${wrapped(description, width, 0)}\n`, ...sections].join("\n")}${after}\n`;
}

/** A text whose words keep to the columns from `left` to `width`; one that is longer has a line of its own. */
function wrapped(text: string, width: number, left: number): string {
  const most = width - left;
  if (most < LEAST_COLUMN) return text;
  const lines = text.match(new RegExp(`\\S.{0,${most - 1}}(?=\\s|$)|\\S+`, "g")) ?? [];
  return lines.join(`\n${" ".repeat(left)}`);
}
