/** RFC 4180, with `\n` as well as `\r\n` between rows. */
export interface Row {
  readonly cells: readonly string[];
  /** Offset of the row's first character. */
  readonly start: number;
  /** That after its line end. */
  readonly end: number;
}

export type Separator = "," | ";" | "\t" | "|";

/** Text that no rule of RFC 4180 covers. */
export class CsvError extends Error {}

/** All rows, the header's among them. A line end after the last row begins no further row. Throws CsvError. */
export function* readCsv(text: string, separator: Separator): Generator<Row> {
  let at = 0;
  while (at < text.length) {
    const start = at;
    const cells: string[] = [];
    while (true) {
      const cell = readCell(text, at, separator);
      cells.push(cell.value);
      at = cell.end;
      if (text[at] !== separator) break;
      at++;
    }
    if (at < text.length && !isLineEnd(text, at)) throw new CsvError(`text after a closing quote at ${at}`);
    at = Math.min(text.length, at + (text.startsWith("\r\n", at) ? 2 : 1));
    yield { cells, start, end: at };
  }
}

function readCell(text: string, start: number, separator: Separator): { value: string; end: number } {
  let at = start;
  if (text[at] !== '"') {
    while (at < text.length && text[at] !== separator && !isLineEnd(text, at)) at++;
    return { value: plain(text.slice(start, at).replace(/^[ \t]+|[ \t]+$/g, "")), end: at };
  }
  let value = "";
  at++;
  while (at < text.length) {
    if (text.startsWith('""', at)) {
      value += '"';
      at += 2;
    } else if (text[at] === '"') {
      return { value: plain(value), end: at + 1 };
    } else {
      value += text[at];
      at++;
    }
  }
  throw new CsvError(`a quote that is opened at ${start} is never closed`);
}

/** Spreadsheets write `="5414"` for a text that is not to be taken for a number. */
function plain(value: string): string {
  return /^="([^"]*)"$/.exec(value)?.[1] ?? value;
}

function isLineEnd(text: string, at: number): boolean {
  return text[at] === "\n" || text.startsWith("\r\n", at);
}
