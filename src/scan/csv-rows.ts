/** The first rows of a table, and their cells as text, before it is known how they are separated. */
import { lineEnd } from "./line.js";
import { unescapeCell } from "./unescape.js";

const QUOTE = 34;
const NEWLINE = 10;
const RETURN = 13;
/** More columns than any table has that readings come in. */
export const MAX_COLUMNS = 10_000;
/** Comma, semicolon, tab, vertical bar. */
export const SEPARATORS = [44, 59, 9, 124];
/** Rows among which the header is looked for; those without any text do not count. */
const HEADER_ROWS = 50;
/** Bytes. Quoted cells in a header may hold line ends, but a longer header is unlikely; nor is one found further on. */
const LONGEST_HEADER = 1024 * 1024;

/** A row of a table, by its addresses. */
export interface Row {
  readonly start: number;
  /** Before its line end. */
  readonly stop: number;
  /** After its line end. */
  readonly next: number;
}

/** The first rows that have any text; `undefined` if more bytes are needed to tell them. */
export function firstRows(
  bytes: Uint8Array,
  first: number,
  next: number,
  end: number,
  final: boolean,
): Row[] | undefined {
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

export function rowOf(bytes: Uint8Array, start: number, next: number): Row {
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
