/**
 * The header of a table: the one row among the first ones that has the needed fields, under one of the separators. What
 * is above it (a title, an account number, an address) is skipped.
 */
import { isUtf8 } from "node:buffer";
import { type Message, type OptionNamed, option } from "../base/message.js";
import { directionOf } from "../quality/obis.js";
import { StampReader } from "../time/stamp-reader.js";
import { type Mixed, mixedChannels } from "./channels.js";
import { columnsFor, isNumbered } from "./columns.js";
import type { Context } from "./context.js";
import { firstRows, MAX_COLUMNS, type Row, rowOf, SEPARATORS, splitHeader } from "./csv-rows.js";
import { explain } from "./explain.js";
import { tableAdvice } from "./explain-table.js";
import { isTime } from "./explain-times.js";
import { columnNumber, TIMESTAMP } from "./fields.js";
import type { Header } from "./tokens.js";
import { fitsPattern } from "./value-names.js";

const QUOTE = 34;
const COMMA = 44;
/** Of text that is not UTF-8. */
const LIKELY_ENCODING = "windows-1252";
/** Text as spreadsheets write it that is not to be taken for a number. */
const FORMULA = /^="([^"]*)"$/;
/** Rows that a message shows. */
const SHOWN_ROWS = 3;
/** Stands for any number of columns, at the end of a known header. */
const MORE_COLUMNS = "...";
/** A header and where the first record may begin, or why there is none. */
export type HeaderFound =
  | { readonly header: Header; readonly next: number }
  | { readonly error: Message; readonly code: string; readonly at: number };

/** A row taken as a header: its columns, or why it is none. `error`: it is one, or there is no sense in looking on. */
type RowRead =
  | { readonly names: readonly string[]; readonly header: Header }
  | { readonly names: readonly string[]; readonly error: Message; readonly code: string }
  | { readonly names: readonly string[]; readonly lacks: number };

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
  if (isNumbered(context.plan)) return findByNumber(context, rows);
  const mayBeSecond = secondHeaderFilter(context);
  let found: { row: Row; read: Exclude<RowRead, { lacks: unknown }> } | undefined;
  for (const row of rows) {
    if (found !== undefined && !mayBeSecond(row)) continue;
    const read = readHeader(context, row);
    if ("lacks" in read) continue;
    if (found !== undefined) {
      const lines = [lineOf(context, found.row), lineOf(context, row)] as const;
      return { code: "two_headers", error: explain.twoHeaders(...lines), at: row.start };
    }
    found = { row, read };
  }
  if (found !== undefined) {
    const { row, read } = found;
    if ("header" in read) context.mixed = mixedOf(context, read, rows.slice(rows.indexOf(row) + 1));
    return accept(context, row, read);
  }
  const known = recognise(context, rows);
  if (typeof known === "object") return known;
  if (known === 0) return noHeader(context, rows);
  context.readAs(known);
  return findHeader(context, first, next, end, final);
}

/**
 * Finds the known table whose header one of the rows is, name by name.
 * @returns its number, counted from 1; 0 if there is none, or it has been read as one already
 */
function recognise(context: Context, rows: readonly Row[]): number | Extract<HeaderFound, { error: unknown }> {
  const { plan, kernel } = context;
  if (context.known > 0) return 0;
  for (const row of rows)
    for (const separator of SEPARATORS) {
      const cells = cellsOf(kernel.bytes.subarray(row.start, row.stop), separator);
      if (cells === undefined || cells.length < 2) continue;
      const fits = (names: readonly string[]) => fitsHeader(names, cells);
      const found = plan.known.flatMap(({ headers }, n) => (headers.some(fits) ? n + 1 : []));
      const [number] = found;
      if (number === undefined) continue;
      const tables = found.map((one) => plan.known[one - 1]!);
      if (found.length > 1)
        return { code: "two_profiles", error: explain.twoProfiles(tables.map(({ name }) => name)), at: row.start };
      const [{ lacks }] = tables as [(typeof tables)[0]];
      return lacks === undefined ? number : { code: "profile_lacks", error: lacks, at: row.start };
    }
  return 0;
}

/** Whether cells are a known header, name by name: `*` in a name is any text, and more columns may follow a last `...`. */
function fitsHeader(names: readonly string[], cells: readonly string[]): boolean {
  const open = names.at(-1) === MORE_COLUMNS;
  const count = open ? names.length - 1 : names.length;
  if (open ? cells.length < count : cells.length !== count) return false;
  return names.slice(0, count).every((name, n) => fitsPattern(name, cells[n]));
}

/** Whether the row in [start, next) has the needed fields, by their names. */
export function isHeader(context: Context, start: number, next: number): boolean {
  return !isNumbered(context.plan) && "header" in readHeader(context, rowOf(context.kernel.bytes, start, next));
}

/**
 * Finds the first row whose timestamp can be read. The row before it is the header; without a header, the records begin
 * with the first row.
 */
function findByNumber(context: Context, rows: readonly Row[]): HeaderFound {
  const { plan, kernel } = context;
  const [first] = rows;
  const isTimestamp = timestampReader(plan);
  const [column, time] = [columnNumber(plan.timestampField), columnNumber(plan.timeField ?? "")];
  const others = [...plan.valueFields, ...plan.endFields, plan.durationField ?? ""];
  const least = Math.max(column, time, ...others.map(columnNumber));
  for (const [n, row] of rows.entries())
    for (const separator of SEPARATORS) {
      const cells = cellsOf(kernel.bytes.subarray(row.start, row.stop), separator);
      if (cells === undefined || cells.length < least) continue;
      const parts = time > 0 ? [cells[column - 1], cells[time - 1]] : [cells[column - 1]];
      if (!isTimestamp(parts.join(" "))) continue;
      if (!plan.header) {
        const names = cells.map((_, at) => `#${at + 1}`);
        context.columns = { names, separator };
        const { fieldOf, values } = columnsFor(names, context.fields);
        return { header: { names, separator, fieldOf, values }, next: first.start };
      }
      if (n === 0) return { code: "no_header", error: explain.readingFirst(lineOf(context, row)), at: row.start };
      const read = readHeader(context, rows[n - 1], [separator]);
      return "lacks" in read ? noHeader(context, rows, rows[n - 1]) : accept(context, rows[n - 1], read);
    }
  const alone = plan.header && rows.length === 1 ? readHeader(context, first) : undefined;
  if (alone !== undefined && "header" in alone) return accept(context, first, alone);
  return {
    code: "no_header",
    error: explain.noTimestamps(plan.timestampField, asSeen(context, rows)),
    at: first.start,
  };
}

/** Whether a text is a timestamp, as they are written here. */
function timestampReader({ timestampFormat, interval }: Context["plan"]): (text: string) => boolean {
  const stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };
  const reader = new StampReader(timestampFormat, interval !== undefined);
  return (text) => {
    const bytes = Buffer.from(text);
    return reader.read(bytes, 0, bytes.length, stamp);
  };
}

/** The column that has codes of import and of export in these rows, and that nothing selects or keeps apart. */
function mixedOf(
  { plan, kernel }: Context,
  { names, header }: Extract<RowRead, { header: unknown }>,
  rows: readonly Row[],
): Mixed | undefined {
  const cells = ({ start, stop }: Row) => cellsOf(kernel.bytes.subarray(start, stop), header.separator) ?? [];
  const [first] = rows;
  if (first === undefined || plan.exportMark !== undefined) return undefined;
  const named = [...plan.sourceFields, ...plan.only.map(({ name }) => name)].map((name) => name.toLowerCase());
  // Most tables have no such column: then nothing more is looked at.
  const at = cells(first).findIndex(
    (cell, n) => directionOf(cell) !== undefined && !named.includes(names[n]?.toLowerCase() ?? ""),
  );
  if (at < 0) return undefined;
  return mixedChannels({ name: names[at] || `#${at + 1}`, cells: rows.map((row) => cells(row)[at] ?? "") });
}

/** Takes a row as the header, unless there is something wrong with it. */
function accept(context: Context, row: Row, read: Exclude<RowRead, { lacks: unknown }>): HeaderFound {
  if ("error" in read) return { code: read.code, error: read.error, at: row.start };
  context.columns = { names: read.names, separator: read.header.separator };
  context.headerLine = lineOf(context, row);
  return { header: read.header, next: row.next };
}

function lineOf(context: Context, row: Row): number {
  return context.linesBefore(row.start) + 1;
}

/**
 * Explains why no row is a header.
 * @param likely the row that is most like one: by default, the first of those with the most cells
 */
function noHeader(context: Context, rows: readonly Row[], likely?: Row): HeaderFound {
  const { kernel, fields } = context;
  const seen = rows.map((row) => ({ row, read: readHeader(context, row) }));
  const most = seen.reduce((a, b) =>
    b.row === likely || (a.row !== likely && b.read.names.length > a.read.names.length) ? b : a,
  );
  const { row, read } = most;
  const lacks = "lacks" in read ? read.lacks : TIMESTAMP;
  const text = kernel.bytes.slice(row.start, row.stop);
  const error = explain.noHeader(
    { text, line: lineOf(context, row), cells: read.names },
    fields.optionOf(lacks),
    columnsFor(read.names, fields).lacking ?? fields.names[lacks],
    asSeen(context, rows),
    adviceFor(context, rows),
  );
  return { code: "no_header", error, at: row.start };
}

/** The options that would read the table, where they can be told: one of the first rows is then the header. */
function adviceFor({ plan, kernel, fields }: Context, rows: readonly Row[]): OptionNamed[] | undefined {
  if (fields.several !== undefined || fields.names.length > fields.literalFrom) return undefined;
  const { cells, separator, encoding } = seenCells(kernel.bytes, rows);
  const advice = tableAdvice(cells, plan, separator === COMMA);
  return advice && encoding !== undefined ? [option("encoding", encoding), ...advice] : advice;
}

/** The first rows as cells, for messages. */
function asSeen(context: Context, rows: readonly Row[]): { line: number; cells: readonly string[] }[] {
  const { cells } = seenCells(context.kernel.bytes, rows);
  return rows.slice(0, SHOWN_ROWS).map((row, n) => ({ line: lineOf(context, row), cells: cells[n] ?? [] }));
}

/**
 * The cells of rows, with the separator under which most of them have one number of cells, then most have a time in a
 * cell, then there are most cells; and the encoding to name, where the text is not UTF-8.
 */
function seenCells(bytes: Uint8Array, rows: readonly Row[]) {
  const texts = rows.map(({ start, stop }) => bytes.slice(start, stop));
  const encoding = texts.every((text) => isUtf8(text)) ? undefined : LIKELY_ENCODING;
  const decoder = new TextDecoder(encoding ?? "utf-8", { ignoreBOM: true });
  const lines = encoding === undefined ? texts : texts.map((text) => Buffer.from(decoder.decode(text)));
  const ways = SEPARATORS.map((separator) => {
    const cells = lines.map((line) => cellsOf(line, separator) ?? []);
    const alike = new Map<number, number>();
    for (const { length } of cells) if (length > 1) alike.set(length, (alike.get(length) ?? 0) + 1);
    const [length, count] = [...alike].sort(([a, x], [b, y]) => y - x || b - a)[0] ?? [0, 0];
    const times = cells.filter((row) => row.length > 1 && row.some(isTime)).length;
    return { cells, separator, encoding, order: [count, times, length] };
  });
  return ways.reduce((a, b) => {
    const differs = a.order.findIndex((one, n) => one !== b.order[n]);
    return differs >= 0 && b.order[differs]! > a.order[differs]! ? b : a;
  });
}

/** Tells rows apart quickly that cannot be a second header, as records cannot: they do not have a needed name. */
function secondHeaderFilter({ kernel, fields }: Context): (row: Row) => boolean {
  const byName = fields.needed.find((name) => columnNumber(name) === 0) ?? "";
  const name = byName.trim().toLowerCase();
  if (!/^[\x21-\x7e ]+$/.test(name) || name.includes('"')) return () => true;
  return ({ start, stop }) =>
    Buffer.from(kernel.bytes.subarray(start, stop)).toString("utf8").toLowerCase().includes(name);
}

/** A row's cells without blanks around them; `undefined` where it cannot be a table's. */
function cellsOf(row: Uint8Array, separator: number): string[] | undefined {
  const cells = splitHeader(row, separator);
  // Lines that end with a carriage return alone would all be in one row.
  if (cells?.some((cell) => /[^\r]\r[^\r]/.test(cell)) && !row.includes(QUOTE)) return undefined;
  return cells?.map((cell) => cell.trim().replace(FORMULA, "$1"));
}

/** Reads a row as a header, with the separator that yields the needed fields. */
function readHeader(context: Context, { start, stop }: Row, separators: readonly number[] = SEPARATORS): RowRead {
  const { fields } = context;
  const line = context.kernel.bytes.subarray(start, stop);
  let best: string[] = [];
  for (const separator of separators) {
    const names = cellsOf(line, separator);
    if (names === undefined) continue;
    if (names.length > MAX_COLUMNS) return { code: "no_header", error: explain.tooManyColumns(MAX_COLUMNS), names: [] };
    if (names.length > best.length) best = names;
    const { lacks, lacking: _, twice, fieldOf, values } = columnsFor(names, fields);
    if (lacks >= 0) continue;
    if (twice !== undefined)
      return { code: "header_twice", error: explain.twice(twice.names, fields.optionOf(twice.field)), names };
    return { header: { names, separator, fieldOf, values }, names };
  }
  return { lacks: Math.max(0, columnsFor(best, fields).lacks), names: best };
}
