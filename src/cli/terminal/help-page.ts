/** Formats help: headings, each followed by two columns. */

export interface HelpPage {
  readonly usage: string;
  readonly description: string;
  /** Rows by heading. */
  readonly groups: Readonly<Record<string, readonly (readonly [term: string, text: string])[]>>;
  /** Text at the end, whose lines are not wrapped. */
  readonly after: string;
}

/** If the text column would be narrower than this, it is not wrapped. */
const MIN_COLUMN = 40;

/**
 * @param width the most columns of a line
 * @param bold whether headings are bold
 */
export function helpText({ usage, description, groups, after }: HelpPage, width: number, bold: boolean): string {
  const title = (text: string) => (bold ? `\x1b[1m${text}:\x1b[0m` : `${text}:`);
  const terms = Object.values(groups).flatMap((rows) => rows.map(([term]) => term.length));
  const left = Math.max(...terms) + 4;
  const row = ([term, text]: readonly [string, string]) => `  ${term.padEnd(left - 2)}${wrapped(text, width, left)}\n`;
  const sections = Object.entries(groups).map(([name, rows]) => `${title(name)}\n${rows.map(row).join("")}`);
  return `${[`${title("Usage")} ${usage}\n`, `${wrapped(description, width, 0)}\n`, ...sections].join("\n")}${after}\n`;
}

/** Wraps a text to the columns from `left` to `width`. A longer word gets a line of its own. */
function wrapped(text: string, width: number, left: number): string {
  const most = width - left;
  if (most < MIN_COLUMN) return text;
  const lines = text.match(new RegExp(`\\S.{0,${most - 1}}(?=\\s|$)|\\S+`, "g")) ?? [];
  return lines.join(`\n${" ".repeat(left)}`);
}
