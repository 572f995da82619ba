/** Messages about bad records and datasets. Called only for those, so speed does not matter. */
import { bySurface, type Message, type OptionNamed, option, say, together } from "../base/message.js";
import type { Field } from "../quality/field-names.js";
import { explainDecimal } from "../tally/decimal.js";
import { explainInstant } from "../time/instant.js";
import { suggestFormats } from "../time/suggest-format.js";
import type { Context } from "./context.js";
import { around, beginning, quoted } from "./excerpt.js";
import { badText, otherEncoding } from "./explain-encoding.js";
import { firstLines, type Line, noHeaderBecause, otherKind } from "./explain-file.js";
import { intervalField, intervalMessage } from "./explain-interval.js";
import { listed, missing, NOTHING, type Outline } from "./explain-missing.js";
import { badLine, cells, quote, reasonAt, typeOf } from "./explain-syntax.js";
import { explainTimestamp } from "./explain-timestamp.js";
import { type FieldOption, Kind, SOURCE, TIMESTAMP, VALUE } from "./fields.js";
import { pointer, pointers } from "./json-pointer.js";
import type { Reason } from "./reasons.js";

/** The unit power of Wh. */
const WH = 15;
const LONGEST = 400;

/** @param others all fields of the record */
function field(code: Reason, context: Context, found: Outline | undefined, others: () => Field[] = () => []): Message {
  const { fields, plan } = context;
  if (code === "missing_timestamp")
    return fields.kind[TIMESTAMP] === Kind.absent
      ? missing("timestampField", plan.timestampField, found ?? NOTHING)
      : missing("timeField", plan.timeField ?? "", found ?? NOTHING);
  if (code === "missing_value") return missing("valueField", fields.names[VALUE], found ?? NOTHING, plan.unitPower);
  if (code === "missing_unit") return unit(context, found ?? NOTHING);
  if (code === "missing_interval") {
    const f = intervalField(context);
    return missing(fields.optionOf(f), fields.names[f], found ?? NOTHING);
  }
  if (code === "bad_interval") return intervalMessage(context, excerpt, textOf);
  if (code === "bad_timestamp") return timestamp(context, others);
  if (code === "repeated_wall_time")
    return say`${plan.timestampField} ${excerpt(context, TIMESTAMP)}: the clock shows this time twice that day (${option("repeatedHour", "fail")}); write it with an offset, or say ${option("repeatedHour", "order")}, first or last`;
  if (code === "value_too_large")
    return say`${fields.names[VALUE]} ${excerpt(context, VALUE)}: more than 1e15 kWh in one reading${plan.unitPower === WH ? "" : say`; if it is in Wh, say ${option("unit", "Wh")}`}`;
  if (code === "bad_value") {
    const text = textOf(context, VALUE);
    const why =
      text === undefined
        ? fields.kind[VALUE] === Kind.null
          ? say`null where a number was expected; if it means that there is no reading, say ${option("missing", "")}`
          : `${naming(fields.kind[VALUE])} where a number was expected`
        : explainDecimal(text, plan.decimalComma, plan.thousands);
    return say`${fields.names[VALUE]} ${excerpt(context, VALUE)}: ${why}`;
  }
  return source(sourceField(context), context);
}

/** Why a record has no unit. */
function unit(context: Context, found: Outline): Message {
  const { fields, plan } = context;
  const kind = fields.kind[fields.unit];
  if (kind === Kind.absent) return missing("unitField", plan.unitField ?? "", found);
  const text = textOf(context, fields.unit);
  return say`${plan.unitField ?? ""} ${excerpt(context, fields.unit)}: ${text === undefined ? naming(kind) : "empty"} where a unit was expected, such as kWh; if all have the same, use ${option("unit")} instead`;
}

/** Why a timestamp is bad, whether it is in one field or in two. */
function timestamp(context: Context, others: () => Field[]): Message {
  const { plan, fields } = context;
  const of = fields.time >= 0 ? [TIMESTAMP, fields.time] : [TIMESTAMP];
  const texts = of.map((f) => textOf(context, f));
  const other = texts.indexOf(undefined);
  const epoch = fields.time < 0 && plan.timestampFormat?.startsWith("epoch-") === true;
  const named = of.map((f) => `${fields.names[f]} ${excerpt(context, f)}`).join(", ");
  if (other < 0 || (epoch && fields.kind[TIMESTAMP] === Kind.number)) {
    const text = other < 0 ? texts.join(" ") : rawOf(context, TIMESTAMP);
    return say`${named}: ${explainTimestamp(text, plan, others(), context.columns !== undefined)}`;
  }
  return say`${named}: ${notAString(context, of[other] as number)}`;
}

/** The name of the field that a record is bad for. */
function fieldName(code: Reason, context: Context): string | undefined {
  const { names } = context.fields;
  if (code === "missing_unit") return names[context.fields.unit];
  if (code === "missing_value" || code === "bad_value" || code === "value_too_large") return names[VALUE];
  if (code === "missing_timestamp" && context.fields.kind[TIMESTAMP] !== Kind.absent) return context.plan.timeField;
  if (code === "bad_interval" || code === "missing_interval") return names[intervalField(context)];
  return names[code === "bad_source" ? sourceField(context) : TIMESTAMP];
}

/** The first field that says something of the source. */
function sourceField(context: Context): number {
  const { kind } = context.fields;
  let f = SOURCE;
  while (
    f < context.fields.sourcesEnd - 1 &&
    (kind[f] === Kind.absent || kind[f] === Kind.null || textOf(context, f) === "")
  )
    f++;
  return f;
}

/** Why the id in a field is bad. */
function source(f: number, context: Context): string {
  const { fields } = context;
  const kind = fields.kind[f];
  const why =
    kind === Kind.number
      ? "a number that is not an integer; ids are strings or integers"
      : textOf(context, f) === undefined
        ? `${naming(kind)}; ids are strings or integers`
        : fields.isSeveral && textOf(context, f) !== undefined && !context.validator.plain(f).includes(0)
          ? `too long for a row with ${fields.values.length} values, each of which is of a source with this id in its own`
          : "a NUL character in the id";
  return `${context.fields.names[f]} ${excerpt(context, f)}: ${why}`;
}

/** The beginning of the text of a string or cell; `undefined` for other values. */
function textOf(context: Context, f: number): string | undefined {
  const kind = context.fields.kind[f];
  if (kind !== Kind.string && kind !== Kind.escaped && kind !== Kind.cell && kind !== Kind.quotedCell) return undefined;
  return Buffer.from(context.validator.plain(f).subarray(0, LONGEST)).toString("utf8");
}

function excerpt(context: Context, f: number): string {
  const text = textOf(context, f);
  return text === undefined ? rawOf(context, f) : quoted(text);
}

/** The beginning of a value that is not a string, as it stands in the input. */
function rawOf({ kernel, fields }: Context, f: number): string {
  return beginning(kernel.bytes.subarray(fields.start[f], fields.end[f]));
}

function naming(kind: number): string {
  if (kind === Kind.null) return "null";
  if (kind === Kind.true || kind === Kind.false) return "a boolean";
  if (kind === Kind.object) return "an object";
  if (kind === Kind.array) return "an array";
  return "a number";
}

function notAString(context: Context, f: number): Message {
  const { plan } = context;
  if (context.fields.kind[f] === Kind.number) {
    const epoch =
      f === TIMESTAMP && suggestFormats(rawOf(context, f)).some(({ format }) => format.startsWith("epoch-"));
    if (epoch && plan.timeField === undefined) return explainTimestamp(rawOf(context, f), plan, []);
    if (plan.timestampFormat !== undefined || plan.timeField !== undefined)
      return "a number where a string was expected";
    const why = explainInstant(rawOf(context, f));
    return why.startsWith("looks like")
      ? why
      : 'a number; write it in ISO 8601, in quotes, such as "2024-01-31T13:00:00Z"';
  }
  return `${naming(context.fields.kind[f])} where a string was expected, such as "2024-01-31T13:00:00Z"`;
}

/**
 * The input is neither JSON nor a table with a header.
 * @param row the one that is most like a header
 * @param lines the first ones
 */
function noHeader(
  { text: bytes, line, cells: names }: Line & { text: Uint8Array },
  what: FieldOption,
  name: string,
  lines: readonly Line[],
  advice: readonly OptionNamed[] = [],
): Message {
  const other = otherKind(bytes);
  if (other !== undefined) return `this is neither JSON nor CSV: ${other}`;
  const text = Buffer.from(bytes.subarray(0, LONGEST)).toString("utf8");
  const where = line === 1 ? "the first line" : `line ${line}`;
  const first = `neither JSON nor CSV with a header row: ${where} is ${quoted(text)}`;
  if (advice.some(({ option: name, value }) => name === "header" && value === "none"))
    return say`${first}: it is a reading already; to read it, say ${together(advice)}${firstLines(lines)}`;
  const because = noHeaderBecause(text, where, names);
  if (because !== undefined) return `${first}: ${because}`;

  if (names.length < 2)
    return `${first}, which has one column; columns are separated by commas, semicolons, tabs or vertical bars`;
  if (advice.length > 0)
    return say`${first}: no ${name} (${listed(names)}); to read it, say ${together(advice)}${firstLines(lines)}`;
  const members = names.map((cell) => ({ name: cell, kind: "scalar" as const, tokens: [] }));
  return say`${first}: ${missing(what, name, { ...NOTHING, members })}${lines.length < 2 ? "" : firstLines(lines)}`;
}

export const explain = {
  field,
  fieldName,
  source,
  /** @param what is wrong with the text */
  sourceText: (f: number, context: Context, what: string) =>
    `${context.fields.names[f]} "${rawOf(context, f)}": ${what}`,
  longSource: (f: number, context: Context) => `${context.fields.names[f]} is longer than 16 MiB`,
  /** @param why what is wrong with the id of an object that encloses an array of records */
  sourceAround: (why: string) => `${why}; it is the source of the records in this object that have none of their own`,
  badText,
  cells,
  quote,
  noHeader,
  line: badLine,
  /**
   * @param start the record's first bytes
   * @param arrays tokens of pointers to arrays in it that may hold the records
   */
  tooLong: (start: Uint8Array, [array]: readonly (readonly string[])[] = []) =>
    array === undefined
      ? `longer than 16 MiB; is a quote or a bracket missing? It begins ${beginning(start)}`
      : say`longer than 16 MiB; if it is not a record, and the records are in ${pointer(array)}, say ${option("records", pointer(array))}`,
  tooMuchKept: (most: number) =>
    say`this format is read twice, so what does not come from a file may have ${most / 2 ** 20} MiB; ${bySurface({ http: "send it in several", commandLine: "save it, and name the file", library: "save it, and name the file" })}`,
  notARecord: (bytes: Uint8Array) => `${typeOf(bytes[0])} where a record was expected: ${beginning(bytes)}`,
  structure: (bytes: Uint8Array, from: number, at: number, end: number, error: string) =>
    `not JSON: ${reasonAt(bytes, from, at, end, error)}: ${around(bytes, from, at, end)}; inside an array the rest cannot be trusted`,
  cutOff: (where: string) =>
    say`the text ends inside ${where}: the ${bySurface({ library: "input", commandLine: "file", http: "body" })} is cut off; ${bySurface({ library: "get it again", commandLine: "copy or fetch it again", http: "send it again" })}`,
  /** @param likely the name of the one that most likely has the records */
  twoArrays: (names: readonly string[], likely: string) =>
    say`more than one array of objects: ${names.map((name) => pointer([name])).join(", ")}; say which with ${option("records", pointer([likely]))}`,
  /** @param empty names of the arrays @param arrays tokens of pointers to those that may be meant */
  arrayElsewhere: (empty: readonly string[], arrays: readonly (readonly string[])[]) =>
    say`this object's ${empty.length === 1 ? "only array" : "arrays"}, ${pointers(empty.map((name) => [name]))}, ${empty.length === 1 ? "is" : "are"} empty, but there are records in ${pointers(arrays)}; say which with ${option("records", pointer(arrays[0]))}`,
  /**
   * @param asked the pointer that was given
   * @param otherNames names found there instead
   * @param array whether the dataset itself is an array
   */
  noArray: (tokens: readonly string[], asked: readonly string[], otherNames: readonly string[], array: boolean) =>
    say`no array at ${quoted(pointer(tokens))}, where ${option("records", pointer(asked))} leads${
      otherNames.length > 0
        ? `; ${listed(otherNames)}`
        : array
          ? say`; the dataset is an array itself: leave ${option("records", pointer(asked))} out`
          : ""
    }`,
  recordOrWrapper: (name: string) =>
    say`an object with the fields of a record and an array of objects; say ${option("records", pointer([name]))} if its records are there`,
  /** @param names of the columns that a wanted field may be */
  twice: ([name, ...others]: readonly string[], field: FieldOption) =>
    others.includes(name)
      ? `the header names ${quoted(name)} more than once; which column counts? Rename the others`
      : say`the header has ${[name, ...others].map(quoted).join(" and ")}; say which column counts with ${option(field, name)}`,
  twoHeaders: (line: number, other: number) =>
    `lines ${line} and ${other} both have the needed fields, so either may be the header; remove one of them`,
  twoProfiles: (names: readonly string[]) =>
    say`the header is that of ${names.join(" and ")}; say which it is with ${option("profile", names[0])}`,
  readingFirst: (line: number) =>
    say`line ${line} is a reading already, and no header is before it; if there is none, say ${option("header", "none")}`,
  noTimestamps: (column: string, lines: readonly Line[]) =>
    `neither JSON nor CSV with readings: none of the first rows has a timestamp in column ${column}${firstLines(lines)}`,
  tooManyColumns: (most: number) => `the first line has more than ${most} columns; is it a header row?`,
  longHeader: (start: Uint8Array) =>
    `neither JSON nor CSV: the first line is longer than 16 MiB: ${otherKind(start) ?? beginning(start)}`,
  encoding: otherEncoding,
};
