/** Bytes of a dataset in any of its forms → its records, good and bad, in order. */
import { CsvError, type Row, readCsv, type Separator } from "./csv.js";
import { type Json, JsonError, memberOf, type Placed, readJson, skipBlanks } from "./json.js";
import type { Options } from "./options.js";
import { stampBy, stampOf } from "./timestamp.js";
import { decodeUtf8, isUnicode } from "./utf8.js";

export interface Found {
  /** From 1 on, bad ones counted too; a CSV header is not a record. */
  readonly number: number;
  /** The line that it begins on, from 1 on. */
  readonly line: number;
  /** The record, or why it is none. */
  readonly record: FieldsOf | BadForm;
  /** The names of its fields, or of the table's columns. */
  readonly names: readonly string[];
  /** The names of a table's columns that are values, of several. */
  readonly values?: readonly string[];
  /** The objects that its array lies in, from the innermost one on. */
  readonly around: readonly FieldsOf[];
}

/** What a field of the record holds, or undefined where the record has no such field. */
export type FieldsOf = (name: string) => Json | undefined;

export type BadForm = "not JSON" | "not an object" | "not UTF-8" | "too large" | "cells";

/** A dataset that cannot be read at all, or not to its end, whatever `--on-error` says. */
export class DatasetError extends Error {}

const SEPARATORS: readonly Separator[] = [",", ";", "\t", "|"];

const LARGEST_RECORD = 16 * 1024 * 1024;

export const TIMESTAMP = "timestamp";
const VALUE = "kWh_value";

export function readDataset(bytes: Uint8Array, options: Options): Found[] {
  const text = decodeUtf8(bytes);
  const start = skipBlanks(text, 0);
  if (start === text.length) return [];
  return "{[".includes(text[start]!) ? jsonRecords(text, start, options) : csvRecords(text, options);
}

function jsonRecords(text: string, start: number, options: Options): Found[] {
  const found: Found[] = [];
  const lineAt = lineCounter(text);
  const add = (at: number, record: Found["record"], around: readonly FieldsOf[] = []) =>
    found.push({ number: found.length + 1, line: lineAt(at), record, names: namesOf.get(record) ?? [], around });
  let recordsBefore = false;
  /** Objects that are empty wrappers, or bad records where a record follows at the top level. */
  let undecided: Placed[] = [];
  const decide = () => {
    recordsBefore = true;
    for (const value of undecided) add(value.start, jsonRecord(text, value));
    undecided = [];
  };
  for (let at = start; at < text.length; at = skipBlanks(text, at)) {
    let value: Placed;
    try {
      // A record or an array begins here, or the rest of the line is none.
      if (!"{[".includes(text[at]!)) throw new JsonError(at);
      value = readJson(text, at);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      if (isInsideArray(text, at, options))
        throw new DatasetError(`not JSON at line ${lineAt(error.at)}, in the array`);
      if (undecided.length > 0) decide();
      add(at, "not JSON");
      const lineEnd = text.indexOf("\n", at);
      at = lineEnd < 0 ? text.length : lineEnd;
      continue;
    }
    const arrays = arraysIn(value.value, options, recordsBefore);
    if (arrays === undefined) {
      decide();
      add(value.start, jsonRecord(text, value));
    } else if (arrays.length === 0) undecided.push(value);
    else {
      undecided = [];
      for (const { items, around } of arrays) for (const item of items) add(item.start, jsonRecord(text, item), around);
    }
    at = value.end;
  }
  return found;
}

/** Whether broken text at the top level broke inside an array of records, be it one that a wrapper holds. */
function isInsideArray(text: string, start: number, options: Options): boolean {
  if (text[start] === "[" || options.records !== undefined) return true;
  for (const [member] of text.slice(start).matchAll(/"[^"]*"\s*:\s*\[\s*\{/g)) {
    const at = text.indexOf(member, start);
    // What is before the broken array, closed, is an object without a timestamp or value: so it was a wrapper.
    const before = readOrNot(`${text.slice(start, at).trimEnd().replace(/,$/, "")}}`, 0);
    const isWrapper =
      before !== undefined && neededFields(options).every((name) => memberOf(before, name) === undefined);
    if (isWrapper && readOrNot(text, at + member.indexOf("[")) === undefined) return true;
  }
  return false;
}

function readOrNot(text: string, at: number): Json | undefined {
  try {
    return readJson(text, at).value;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** The names of the value, or of several values, which may be patterns. */
export function valueNames({ valueField = VALUE }: Options): readonly string[] {
  return [valueField].flat();
}

/** The names of the unit, and of what records are selected by. */
export function selecting({ only = [], unitField }: Options): string[] {
  return [...only.map((one) => one.slice(0, one.indexOf("="))), ...(unitField === undefined ? [] : [unitField])];
}

/** The names of the source: by precedence, or as parts of the id. */
export function sourceNames({ sourceField = ["meter_id", "source_id"] }: Options): readonly string[] {
  return [sourceField].flat();
}

/** Whether each value is of a source that is named by its field. */
export function isSeveral(options: Options): boolean {
  return valueNames(options).length > 1 || valueNames(options).some((name) => name.includes("*"));
}

/** `*` is any text, all else is literal. */
export function fits(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`).test(name);
}

/** Those of which any makes an object a record. */
function neededFields(options: Options): string[] {
  return [
    options.timestampField ?? TIMESTAMP,
    ...valueNames(options).filter((name) => !isSeveral(options) || !name.includes("*")),
  ];
}

/** Those that a table must have. */
function neededColumns(options: Options): string[] {
  const { timestampField = TIMESTAMP, timeField } = options;
  return [
    timestampField,
    ...valueNames(options),
    ...(timeField === undefined ? [] : [timeField]),
    ...selecting(options),
  ];
}

/** An array of records, and the objects that it lies in, from the innermost one on. */
interface RecordArray {
  readonly items: readonly Placed[];
  readonly around: readonly FieldsOf[];
}

/** The arrays of records that a value of the top level is or wraps, or undefined where it is a record itself. */
function arraysIn(value: Json, options: Options, recordsBefore: boolean): readonly RecordArray[] | undefined {
  if (options.records !== undefined) return pointTo(value, options.records.split("/").slice(1), [], options.records);
  if (value.type === "array") return [{ items: value.items, around: [] }];
  if (value.type !== "object") return undefined;
  if (isRecord(value, options)) return undefined;
  const members = value.members.map((member) => member.value);
  const arrays = members.filter(isArrayOfObjects);
  if (arrays.length > 1) throw new DatasetError("several arrays of objects: --records has to say which");
  if (arrays.length === 1) return [{ items: arrays[0]!.items, around: [jsonFields(value)] }];
  if (recordsBefore || !members.some((member) => member.type === "array" && member.items.length === 0))
    return undefined;
  if (holdsRecords(value, options)) throw new DatasetError("the records are elsewhere: --records has to say where");
  return [];
}

function isRecord(value: Json, options: Options): boolean {
  return value.type === "object" && neededFields(options).some((name) => jsonFields(value)(name));
}

/** Whether an array of records is in the value, at any depth. */
function holdsRecords(value: Json, options: Options): boolean {
  const inner =
    value.type === "array"
      ? value.items.map((item) => item.value)
      : value.type === "object"
        ? value.members.map((member) => member.value)
        : [];
  return (
    (value.type === "array" && inner.some((item) => isRecord(item, options))) ||
    inner.some((one) => holdsRecords(one, options))
  );
}

function isArrayOfObjects(value: Json): value is Extract<Json, { type: "array" }> {
  return value.type === "array" && value.items.length > 0 && value.items.every((item) => item.value.type === "object");
}

/** RFC 6901, and `*` for every element of an array. */
function pointTo(
  value: Json | undefined,
  [token, ...rest]: readonly string[],
  around: readonly FieldsOf[],
  pointer: string,
): readonly RecordArray[] {
  if (token === undefined) {
    if (value?.type !== "array") throw new DatasetError(`no array at ${pointer}`);
    return [{ items: value.items, around }];
  }
  const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
  if (value?.type === "array" && key === "*")
    return value.items.flatMap((item) => pointTo(item.value, rest, around, pointer));
  if (value?.type === "array" && /^(0|[1-9][0-9]*)$/.test(key))
    return pointTo(value.items[Number(key)]?.value, rest, around, pointer);
  if (value?.type !== "object") throw new DatasetError(`no array at ${pointer}`);
  return pointTo(memberOf(value, key), rest, [jsonFields(value), ...around], pointer);
}

/** The names of the fields of JSON records. */
const namesOf = new Map<unknown, readonly string[]>();

function jsonRecord(text: string, { value, start, end }: Placed): Found["record"] {
  const raw = text.slice(start, end);
  if (Buffer.byteLength(raw) > LARGEST_RECORD) return "too large";
  if (!isUnicode(raw) || !isAllUnicode(value)) return "not UTF-8";
  if (value.type !== "object") return "not an object";
  const fields = jsonFields(value);
  namesOf.set(fields, [...new Set(value.members.map(({ key }) => key))]);
  return fields;
}

/** Whether no string in the value, key or other, has a lone surrogate, which an escape can write. */
function isAllUnicode(value: Json): boolean {
  if (value.type === "string") return isUnicode(value.value);
  if (value.type === "array") return value.items.every((item) => isAllUnicode(item.value));
  if (value.type !== "object") return true;
  return value.members.every((member) => isUnicode(member.key) && isAllUnicode(member.value));
}

/** Dots in a name reach into nested objects where no field has the whole name. */
function jsonFields(record: Json): FieldsOf {
  return (name) => {
    const whole = memberOf(record, name);
    if (whole !== undefined || !name.includes(".")) return whole;
    return name.split(".").reduce<Json | undefined>((value, key) => value && memberOf(value, key), record);
  };
}

function csvRecords(text: string, options: Options): Found[] {
  const { header, separator, from } = headerOf(text, options);
  if (neededColumns(options).some((name) => !isPattern(name, header, options) && columnsOf(name, header).length > 1))
    throw new DatasetError("a needed field is named twice");
  const valued = isSeveral(options) ? valueColumns(header, options).map((column) => header[column]!) : [];
  if (new Set(valued).size < valued.length) throw new DatasetError("two values have the same name");
  const lineAt = lineCounter(text);
  return [...readCsv(text.slice(from), separator)]
    .filter(({ cells }) => cells.some((cell) => cell !== ""))
    .map((row, index) => ({
      number: index + 1,
      line: lineAt(row.start + from),
      record: csvRecord(row, header),
      names: header,
      values: valued,
      around: [],
    }));
}

interface TableHead {
  readonly header: readonly string[];
  readonly separator: Separator;
  /** Offset of the first row. */
  readonly from: number;
}

/** The one row with the needed fields among the first that have any text, under the first separator that yields them. */
function headerOf(text: string, options: Options): TableHead {
  if (neededColumns(options).every((name) => /^#[1-9]/.test(name))) return numberedHeader(text, options);
  const found = SEPARATORS.flatMap((separator) =>
    rowsWithText(text, separator)
      .filter((row) =>
        neededColumns(options).every((name) => columnsOf(name, namesIn(row, options), options).length > 0),
      )
      .map((row) => ({ row, separator })),
  );
  if (new Set(found.map(({ row }) => row.start)).size > 1) throw new DatasetError("two headers");
  if (found[0] === undefined) throw new DatasetError("no header row with the needed fields");
  const [{ row, separator }] = found as [(typeof found)[0]];
  return { header: namesIn(row, options), separator, from: row.end };
}

/** Fields given by the numbers of their columns: the header is the row before the first with a timestamp. */
function numberedHeader(text: string, options: Options): TableHead {
  const numberOf = (name: string) => Number(name.slice(1));
  const timestamp = numberOf(options.timestampField!);
  const time = options.timeField === undefined ? undefined : numberOf(options.timeField);
  const { timestampFormat: format } = options;
  const isStamp = (text: string) => (format === undefined ? stampOf(text) : stampBy(format, text)) !== undefined;
  const enough = ({ cells }: Row) => cells.length >= Math.max(...neededColumns(options).map(numberOf));
  const textOf = ({ cells }: Row) =>
    [timestamp, ...(time === undefined ? [] : [time])].map((column) => cells[column - 1]!.trim()).join(" ");
  const found = SEPARATORS.flatMap((separator) => {
    const rows = rowsWithText(text, separator);
    const at = rows.findIndex((row) => enough(row) && isStamp(textOf(row)));
    return at < 0 ? [] : [{ separator, rows, at, row: rows[at]! }];
  }).sort((a, b) => a.row.start - b.row.start)[0];
  if (found === undefined) {
    const separator = SEPARATORS.find((one) => rowsWithText(text, one).some(enough));
    const rows = separator === undefined ? [] : rowsWithText(text, separator);
    if (separator === undefined || rows.length !== 1 || options.header === "none")
      throw new DatasetError("no header row, nor a timestamp");
    return { header: namesIn(rows[0]!, options), separator, from: rows[0]!.end };
  }
  const { separator, rows, at, row } = found;
  if (options.header === "none") return { header: row.cells.map(() => ""), separator, from: rows[0]!.start };
  const header = rows[at - 1];
  if (header === undefined || !enough(header)) throw new DatasetError("no header row before the first reading");
  return { header: namesIn(header, options), separator, from: header.end };
}

function rowsWithText(text: string, separator: Separator): Row[] {
  const rows: Row[] = [];
  try {
    for (const row of readCsv(text, separator)) {
      if (/[^\s",;|]/.test(text.slice(row.start, row.end))) rows.push(row);
      if (rows.length === 50) break;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  return rows;
}

/** A column that a field is given by the number of has no name. */
function namesIn({ cells }: Row, options: Options): string[] {
  const fields = [...neededColumns(options), ...sourceNames(options)].filter(
    (name) => !isSeveral(options) || !valueNames(options).includes(name),
  );
  return cells.map((name, at) => (fields.includes(`#${at + 1}`) ? "" : name.trim()));
}

/** The columns with the name, or, where there are none, those with it in another case. */
function columnsOf(wanted: string, header: readonly string[], options?: Options): number[] {
  if (options !== undefined && isPattern(wanted, header, options)) return patternColumns(wanted, header, options);
  if (/^#[1-9]/.test(wanted)) return [...header.keys()].filter((at) => at + 1 === Number(wanted.slice(1)));
  for (const form of [(name: string) => name.trim(), (name: string) => name.trim().toLowerCase()]) {
    const columns = [...header.keys()].filter((at) => form(header[at]!) === form(wanted));
    if (columns.length > 0) return columns;
  }
  return [];
}

/** Whether a name is a pattern, which it is not where a column has exactly that name. */
function isPattern(name: string, header: readonly string[], options: Options): boolean {
  return (
    valueNames(options).includes(name) && name.includes("*") && !header.some((column) => column.trim() === name.trim())
  );
}

/** The columns that fit a pattern, but for those that another field is, or, where there are none, those that do in another case. */
function patternColumns(pattern: string, header: readonly string[], options: Options): number[] {
  const { timestampField = TIMESTAMP, timeField } = options;
  const others = [timestampField, timeField, ...sourceNames(options), ...selecting(options)];
  const taken = others.flatMap((name) => (name === undefined ? [] : columnsOf(name, header)));
  for (const form of [(name: string) => name.trim(), (name: string) => name.trim().toLowerCase()]) {
    const columns = [...header.keys()].filter((at) => !taken.includes(at) && fits(form(pattern), form(header[at]!)));
    if (columns.length > 0) return columns;
  }
  return [];
}

/** The columns of several values, in their order, each once. */
function valueColumns(header: readonly string[], options: Options): number[] {
  return [...new Set(valueNames(options).flatMap((name) => columnsOf(name, header, options)))].sort((a, b) => a - b);
}

function csvRecord(row: Row, header: readonly string[]): Found["record"] {
  if (row.cells.length < header.length || row.cells.slice(header.length).some((cell) => cell !== "")) return "cells";
  if (!row.cells.every(isUnicode)) return "not UTF-8";
  return (name) => {
    const [at] = columnsOf(name, header);
    return at === undefined ? undefined : { type: "string", value: row.cells[at]! };
  };
}

/** The line of an offset, from 1 on; offsets have to be asked for in ascending order. */
function lineCounter(text: string): (at: number) => number {
  let line = 1;
  let upTo = 0;
  return (at) => {
    for (let end = text.indexOf("\n", upTo); end >= 0 && end < at; end = text.indexOf("\n", upTo)) {
      line++;
      upTo = end + 1;
    }
    return line;
  };
}
