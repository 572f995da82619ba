/** The header row of a table: which column is which field, and what separates the columns. */
import type { Message } from "../base/message.js";
import type { Context } from "./context.js";
import { explain } from "./explain.js";
import { TIMESTAMP, VALUE } from "./fields.js";
import type { Header } from "./tokens.js";
import { unescapeCell } from "./unescape.js";

const QUOTE = 34;
/** More columns than any table has that readings come in. */
const MAX_COLUMNS = 10_000;
/** Comma, semicolon, tab, vertical bar. */
export const SEPARATORS = [44, 59, 9, 124];

/** A header, or why the first line is not one. */
export type HeaderFound = { header: Header } | { error: Message; code: string };

/** Reads the line in `bytes[start, end)` as a header, with the separator that yields the needed fields. */
export function readHeader(context: Context, start: number, end: number): HeaderFound {
  const { bytes } = context.kernel;
  const { fields, plan } = context;
  let best: string[] = [];
  for (const separator of SEPARATORS) {
    const cells = splitHeader(bytes.subarray(start, end), separator);
    if (cells === undefined) continue;
    if (cells.length > MAX_COLUMNS) return { code: "no_header", error: explain.tooManyColumns(MAX_COLUMNS) };
    // Lines that end with a carriage return alone would all be in the header.
    if (cells.some((cell) => /[^\r]\r[^\r]/.test(cell)) && !bytes.subarray(start, end).includes(QUOTE)) continue;
    const names = cells.map((name) => name.trim());
    if (names.length > best.length) best = names;
    const columns = columnsOf(names, fields.names);
    if (columns[TIMESTAMP].length === 0 || columns[VALUE].length === 0) continue;
    if (fields.time >= 0 && columns[fields.time].length === 0) continue;
    const fieldOf = new Int8Array(names.length).fill(-1);
    for (const [field, found] of columns.entries()) {
      if (found.length > 1)
        return {
          code: "header_twice",
          error: explain.twice(
            found.map((column) => names[column]),
            field,
          ),
        };
      for (const column of found) fieldOf[column] = field;
    }
    context.columns = { names, separator };
    return { header: { separator, fieldOf, names } };
  }
  const columns = columnsOf(best, fields.names);
  const what = columns[TIMESTAMP].length === 0 ? "timestamp" : columns[VALUE].length === 0 ? "value" : "time";
  return { code: "no_header", error: explain.noHeader(bytes.slice(start, end), what, plan, best) };
}

/**
 * The columns that each wanted field may be: those of its name, or, where there is none, those whose name differs only in
 * case and that no other field has.
 */
function columnsOf(names: readonly string[], wanted: readonly string[]): number[][] {
  const withName = (is: (name: string) => boolean) => names.flatMap((name, column) => (is(name) ? column : []));
  const exact = wanted.map((field) => withName((name) => name === field.trim()));
  const taken = new Set(exact.flat());
  return wanted.map((field, f) => {
    if (exact[f].length > 0) return exact[f];
    const lower = field.trim().toLowerCase();
    const found = withName((name) => name.toLowerCase() === lower).filter((column) => !taken.has(column));
    for (const column of found) taken.add(column);
    return found;
  });
}

/** The cells of a line as text, one more than `MAX_COLUMNS` at most; `undefined` where quotes are out of place. */
export function splitHeader(line: Uint8Array, separator: number): string[] | undefined {
  const names: string[] = [];
  let p = 0;
  for (;;) {
    let stop: number;
    let raw: Uint8Array;
    if (line[p] === QUOTE) {
      const start = ++p;
      while (p < line.length && (line[p] !== QUOTE || line[p + 1] === QUOTE)) p += line[p] === QUOTE ? 2 : 1;
      raw = unescapeCell(line.subarray(start, p));
      if (p >= line.length) return undefined;
      stop = p + 1;
      if (stop < line.length && line[stop] !== separator) return undefined;
    } else {
      stop = line.indexOf(separator, p);
      if (stop < 0) stop = line.length;
      raw = line.subarray(p, stop);
    }
    names.push(Buffer.from(raw).toString("utf8"));
    if (stop >= line.length || names.length > MAX_COLUMNS) return names;
    p = stop + 1;
  }
}
