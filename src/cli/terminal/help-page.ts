/** How help is laid out: headings, and below each of them two columns. */

export interface HelpPage {
  readonly usage: string;
  readonly description: string;
  readonly groups: readonly HelpGroup[];
  /** Below the rest, with its lines as they are. */
  readonly after: string;
}

export interface HelpGroup {
  readonly heading: string;
  readonly rows: readonly (readonly [term: string, text: string])[];
}

/** A column of text is never narrower; it then runs on. */
const LEAST_COLUMN = 40;

/** @param width columns, at most @param bold whether headings are */
export function helpText({ usage, description, groups, after }: HelpPage, width: number, bold: boolean): string {
  const title = (text: string) => (bold ? `\x1b[1m${text}\x1b[0m` : text);
  const column = Math.max(...groups.flatMap(({ rows }) => rows.map(([term]) => term.length))) + 4;
  const sections = groups.map(({ heading, rows }) => {
    const lines = rows.map(([term, text]) => {
      const rest = width - column < LEAST_COLUMN ? [text] : wrapped(text, width - column);
      return `  ${term.padEnd(column - 2)}${rest.join(`\n${" ".repeat(column)}`)}\n`;
    });
    return `${title(`${heading}:`)}\n${lines.join("")}`;
  });
  return `${[`${title("Usage:")} ${usage}\n`, `${wrapped(description, width).join("\n")}\n`, ...sections].join("\n")}${after}\n`;
}

/** Lines of words, none wider than `width` unless a word is. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
