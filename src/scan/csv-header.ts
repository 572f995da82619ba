/**
 * The header of a table: the one row among the first ones that has the needed fields, under one of the separators. What
 * is above it (a title, an account number, an address) is skipped.
 */
import type { Message } from "../base/message.js";
import type { Context } from "./context.js";
import { explain } from "./explain.js";
import { TIMESTAMP, VALUE } from "./fields.js";
import { lineEnd } from "./line.js";
import type { Header } from "./tokens.js";
import { unescapeCell } from "./unescape.js";

const QUOTE = 34;
const NEWLINE = 10;
const RETURN = 13;
/** More columns than any table has that readings come in. */
const MAX_COLUMNS = 10_000;
/** Comma, semicolon, tab, vertical bar. */
const SEPARATORS = [44, 59, 9, 124];
/** Text as spreadsheets write it that is not to be taken for a number. */
const FORMULA = /^="([^"]*)"$/;
/** Rows among which the header is looked for; those without any text do not count. */
const HEADER_ROWS = 50;
/** Rows that a message shows. */
const SHOWN_ROWS = 3;
/** Bytes. Quoted cells in a header may hold line ends, but a longer header is unlikely; nor is one found further on. */
const LONGEST_HEADER = 1024 * 1024;

/** A row of a table, by its addresses. */
interface Row {
  readonly start: number;
  /** Before its line end. */
  readonly stop: number;
  /** After its line end. */
  readonly next: number;
}

/** A header and where the first record may begin, or why there is none. */
export type HeaderFound =
  | { readonly header: Header; readonly next: number }
  | { readonly error: Message; readonly code: string; readonly at: number };

/** A row taken as a header: its columns, or why it is none. `error`: it is one, or there is no sense in looking on. */
type RowRead =
  | { readonly names: readonly string[]; readonly header: Header }
  | { readonly names: readonly string[]; readonly error: Message; readonly code: string }
  | { readonly names: readonly string[]; readonly lacks: "timestamp" | "value" };

/**
 * Looks for the header from the row at `first` on, which ends before `next`.
 * @returns `undefined` if more bytes are needed
 */
export function findHeader(
  context: Context,
  first: number,
  next: number,
  end: number,
  final: boolean,
): HeaderFound | undefined {
  const { bytes } = context.kernel;
  const rows = firstRows(bytes, first, next, end, final);
  if (rows === undefined) return undefined;
  if (rows.length === 0) rows.push(rowOf(bytes, first, next));
  const mayBeSecond = secondHeaderFilter(context);
  let found: { row: Row; read: Exclude<RowRead, { lacks: unknown }> } | undefined;
  for (const row of rows) {
    if (found !== undefined && !mayBeSecond(row)) continue;
    const read = readHeader(context, row);
    if ("lacks" in read) continue;
    const line = context.linesBefore(row.start) + 1;
    if (found !== undefined)
      return { code: "two_headers", error: explain.twoHeaders(context.headerLine, line), at: row.start };
    found = { row, read };
    context.headerLine = line;
  }
  if (found === undefined) return noHeader(context, rows);
  const { row, read } = found;
  if ("error" in read) return { code: read.code, error: read.error, at: row.start };
  context.columns = { names: read.names, separator: read.header.separator };
  return { header: read.header, next: row.next };
}

/** Whether the row in [start, next) has the needed fields. */
export function isHeader(context: Context, start: number, next: number): boolean {
  return "header" in readHeader(context, rowOf(context.kernel.bytes, start, next));
}

/** Explains why no row is a header, by the one that is most like one: the first of those with the most cells. */
function noHeader(context: Context, rows: readonly Row[]): HeaderFound {
  const { kernel, plan } = context;
  const seen = rows.map((row) => ({ row, line: context.linesBefore(row.start) + 1, read: readHeader(context, row) }));
  const likely = seen.reduce((a, b) => (b.read.names.length > a.read.names.length ? b : a));
  const { row, line, read } = likely;
  const text = kernel.bytes.slice(row.start, row.stop);
  const what = "lacks" in read ? read.lacks : "timestamp";
  const name = what === "value" ? plan.valueField : plan.timestampField;
  const lines = seen.slice(0, SHOWN_ROWS).map((each) => ({ line: each.line, cells: each.read.names }));
  const error = explain.noHeader({ text, line, names: read.names }, what, name, lines);
  return { code: "no_header", error, at: row.start };
}

/** The first rows that have any text; `undefined` if more bytes are needed to tell them. */
function firstRows(bytes: Uint8Array, first: number, next: number, end: number, final: boolean): Row[] | undefined {
  const row = rowOf(bytes, first, next);
  const rows = hasText(bytes, row) ? [row] : [];
  const to = Math.min(end, next + LONGEST_HEADER);
  const whole = final || to < end;
  for (let p = next; p < to && rows.length < HEADER_ROWS; ) {
    const stop = headerEnd(bytes, p, to, whole);
    if (stop === to) {
      if (!whole) return undefined;
      // The search ends within this row.
      if (to < end) break;
    }
    const row = rowOf(bytes, p, Math.min(stop + 1, to));
    if (hasText(bytes, row)) rows.push(row);
    p = row.next;
  }
  return rows.length < HEADER_ROWS && !whole ? undefined : rows;
}

function rowOf(bytes: Uint8Array, start: number, next: number): Row {
  let stop = next;
  if (stop > start && bytes[stop - 1] === NEWLINE) stop--;
  if (stop > start && bytes[stop - 1] === RETURN) stop--;
  return { start, stop, next };
}

function hasText(bytes: Uint8Array, { start, stop }: Row): boolean {
  for (let p = start; p < stop; p++) {
    const c = bytes[p];
    if (c > 32 && c !== QUOTE && !SEPARATORS.includes(c)) return true;
  }
  return false;
}

/** Tells rows apart quickly that cannot be a second header, as records cannot: they do not have the timestamp's name. */
function secondHeaderFilter({ kernel, fields }: Context): (row: Row) => boolean {
  const name = fields.names[TIMESTAMP].trim().toLowerCase();
  if (!/^[\x21-\x7e ]+$/.test(name) || name.includes('"')) return () => true;
  return ({ start, stop }) =>
    Buffer.from(kernel.bytes.subarray(start, stop)).toString("utf8").toLowerCase().includes(name);
}

/** The end of the row that begins at `first`: of its first line, or of a later one if a quoted cell spans lines. */
export function headerEnd(bytes: Uint8Array, first: number, end: number, final: boolean): number {
  let open = false;
  for (let p = first; p < Math.min(end, first + LONGEST_HEADER); p++) {
    const c = bytes[p];
    if (c === QUOTE && open && bytes[p + 1] === QUOTE) p++;
    else if (c === QUOTE && open) open = false;
    // In a cell that does not begin with a quote, a quote is an ordinary character.
    else if (c === QUOTE) open = p === first || SEPARATORS.includes(bytes[p - 1]);
    else if (c === NEWLINE && !open) return p;
  }
  // If a quote is never closed, the header is still one line.
  return end - first >= LONGEST_HEADER || (open && final) ? lineEnd(bytes, first, end) : end;
}

/** Reads a row as a header, with the separator that yields the needed fields. */
function readHeader(context: Context, { start, stop }: Row): RowRead {
  const { fields } = context;
  const line = context.kernel.bytes.subarray(start, stop);
  let best: string[] = [];
  for (const separator of SEPARATORS) {
    const cells = splitHeader(line, separator);
    if (cells === undefined) continue;
    if (cells.length > MAX_COLUMNS) return { code: "no_header", error: explain.tooManyColumns(MAX_COLUMNS), names: [] };
    // Lines that end with a carriage return alone would all be in the header.
    if (cells.some((cell) => /[^\r]\r[^\r]/.test(cell)) && !line.includes(QUOTE)) continue;
    const names = cells.map((name) => name.trim().replace(FORMULA, "$1"));
    if (names.length > best.length) best = names;
    const columns = columnsOf(names, fields.names);
    if (columns[TIMESTAMP].length === 0 || columns[VALUE].length === 0) continue;
    const fieldOf = new Int8Array(names.length).fill(-1);
    for (const [field, found] of columns.entries()) {
      if (found.length > 1)
        return {
          code: "header_twice",
          error: explain.twice(
            found.map((column) => names[column]),
            field,
          ),
          names,
        };
      for (const column of found) fieldOf[column] = field;
    }
    return { header: { separator, fieldOf }, names };
  }
  return { lacks: columnsOf(best, fields.names)[TIMESTAMP].length > 0 ? "value" : "timestamp", names: best };
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
