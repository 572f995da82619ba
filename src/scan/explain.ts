/** The wording of what is wrong with a record or a dataset. Only ever called for what is wrong, so it may take its time. */
import { explainDecimal } from "../domain/decimal.js";
import { explainInstant } from "../domain/instant.js";
import type { Context } from "./context.js";
import { Kind, SOURCE, TIMESTAMP, VALUE } from "./fields.js";
import type { BadCode } from "./judge.js";

/** What people call the fields that Electro needs, for guessing which of a record's fields is meant. */
const LIKELY = {
  timestamp: /^(time_?stamp|date_?time|time|date|ts|at|when|start|end|period|interval|measured|recorded|read)/i,
  value: /(k_?wh|energy|consumption|usage|value|wh$|reading|amount|quantity|import)/i,
};
const EXCERPT = 60;

/** Text from a user's data, fit for one line: quoted, cut, control characters escaped. */
function quoted(bytes: Uint8Array): string {
  return JSON.stringify(cut(Buffer.from(bytes).toString("utf8")));
}

function cut(text: string): string {
  const characters = [...text.slice(0, 4 * EXCERPT)];
  return characters.length > EXCERPT ? `${characters.slice(0, EXCERPT).join("")}…` : text;
}

/** JSON text as it stands, on one line. */
function raw(bytes: Uint8Array): string {
  return cut(Buffer.from(bytes.subarray(0, 4 * EXCERPT)).toString("utf8")).replace(/\s+/g, " ");
}

function list(names: readonly string[]): string {
  if (names.length === 0) return "no fields at all";
  const shown = names.slice(0, 12).map((name) => (/^[^\s,"()]+$/.test(name) ? cut(name) : JSON.stringify(cut(name))));
  return `found: ${shown.join(", ")}${names.length > 12 ? ", …" : ""}`;
}

/** A needed field that is not there: what is, and which option says so. */
function missing(what: "timestamp" | "value", name: string, found: readonly string[]): string {
  const guess = found.find((f) => LIKELY[what].test(f) && !(what === "value" && LIKELY.timestamp.test(f)));
  const option = `--${what}-field`;
  const advice =
    found.length === 0
      ? ""
      : guess === undefined
        ? `; say which one it is with ${option}`
        : `; try ${option} ${word(guess)}`;
  return `no ${name} (${list(found)})${advice}`;
}

/** A name as a shell takes it. */
function word(name: string): string {
  return /^[\w./:-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

function field(code: BadCode, context: Context, found: readonly string[]): string {
  const { fields, plan } = context;
  if (code === "missing_timestamp") return missing("timestamp", plan.timestampField, found);
  if (code === "missing_value") return missing("value", plan.valueField, found);
  if (code === "bad_timestamp") {
    const text = textOf(context, TIMESTAMP);
    const why = text === undefined ? notAString(context, TIMESTAMP) : explainInstant(text);
    return `${plan.timestampField} ${excerpt(context, TIMESTAMP)}: ${why}`;
  }
  if (code === "value_too_large")
    return `${plan.valueField} ${excerpt(context, VALUE)}: more than 1e15 kWh in one reading; is it of another unit (--unit)?`;
  if (code === "bad_value") {
    const kind = fields.kind[VALUE];
    const text = kind === Kind.number ? undefined : textOf(context, VALUE);
    const why =
      text === undefined ? `${naming(kind)} where a number was expected` : explainDecimal(text, plan.decimalComma);
    return `${plan.valueField} ${excerpt(context, VALUE)}: ${why}`;
  }
  for (let f = SOURCE; f < fields.names.length; f++) {
    const kind = fields.kind[f];
    if (kind === Kind.absent || kind === Kind.null) continue;
    const text = textOf(context, f);
    if (text === "" && kind !== Kind.number) continue;
    const why =
      kind === Kind.number
        ? "a number that is not an integer; ids are strings or integers"
        : text === undefined
          ? `${naming(kind)}; ids are strings or integers`
          : "a NUL character in the id";
    return `${fields.names[f]} ${excerpt(context, f)}: ${why}`;
  }
  return "no source";
}

/** The text of a string or cell, `undefined` for other values. */
function textOf(context: Context, f: number): string | undefined {
  const kind = context.fields.kind[f];
  if (kind !== Kind.string && kind !== Kind.escaped && kind !== Kind.cell && kind !== Kind.quotedCell) return undefined;
  return Buffer.from(context.judge.plain(f)).toString("utf8");
}

function excerpt(context: Context, f: number): string {
  const text = textOf(context, f);
  if (text !== undefined) return JSON.stringify(cut(text));
  return raw(context.kernel.bytes.subarray(context.fields.start[f], context.fields.end[f]));
}

function naming(kind: number): string {
  if (kind === Kind.null) return "null";
  if (kind === Kind.true || kind === Kind.false) return "true or false";
  if (kind === Kind.object) return "an object";
  if (kind === Kind.array) return "an array";
  return "a number";
}

function notAString(context: Context, f: number): string {
  if (context.fields.kind[f] === Kind.number) {
    const text = raw(context.kernel.bytes.subarray(context.fields.start[f], context.fields.end[f]));
    const why = explainInstant(text);
    return why.startsWith("looks like") ? why : 'a number; write it as ISO 8601 in quotes, as "2024-01-31T13:00:00Z"';
  }
  return `${naming(context.fields.kind[f])} where a string was expected, as "2024-01-31T13:00:00Z"`;
}

function typeOf(first: number): string {
  if (first === 91) return "an array";
  if (first === 34) return "a string";
  if (first === 110) return "null";
  if (first === 116 || first === 102) return "true or false";
  return "a number";
}

export const explain = {
  field,
  missing,
  tooLong: "longer than 16 MiB; is a quote or a bracket missing?",
  badText: (what: string, at: number) =>
    `${what} at its byte ${at + 1}; ${what.includes("UTF-8") ? "convert the file to UTF-8" : "the text was cut inside a character"}`,
  notJson: (bytes: Uint8Array, why: string) => `not JSON: ${why}: ${quoted(bytes)}`,
  notARecord: (bytes: Uint8Array) => `${typeOf(bytes[0])} where a record was expected: ${raw(bytes)}`,
  structure: (bytes: Uint8Array, why: string) =>
    `not JSON: ${why}: ${quoted(bytes)}; inside an array the rest cannot be trusted`,
  twoArrays: (names: readonly string[]) =>
    `more than one array of objects: ${names.map((name) => pointer([name])).join(", ")}; say which with --records ${word(pointer([names[0]]))}`,
  noArray: (tokens: readonly string[]) => `no array at ${JSON.stringify(pointer(tokens))} (--records)`,
  recordOrWrapper: (name: string) =>
    `an object with the fields of a record and an array of objects; say --records ${word(pointer([name]))} if its records are there`,
  cells: (found: number, expected: number) =>
    `${found} ${found === 1 ? "cell" : "cells"} where the header has ${expected}`,
  quote: (why: string, bytes: Uint8Array) => `${why}: ${quoted(bytes)}`,
  twice: (name: string) => `the header names ${JSON.stringify(name)} more than once`,
  noHeader: (line: Uint8Array, why: string) =>
    `neither JSON nor CSV with a header that has the needed fields: its first line is ${quoted(line)}: ${why}`,
};

/** JSON pointer (RFC 6901) of tokens. */
function pointer(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
