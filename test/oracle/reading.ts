/** A record → a reading, or why it is none. */
import {
  type BadForm,
  DatasetError,
  type FieldsOf,
  type Found,
  fits,
  isSeveral,
  selecting,
  sourceNames,
  TIMESTAMP,
  valueNames,
} from "./dataset.js";
import { energyOf, type Unit } from "./energy.js";
import { type Covered, coverOf, covers, energyOver, lacksInterval, stampOrDate } from "./interval.js";
import type { Json } from "./json.js";
import type { Options } from "./options.js";
import { stampBy, stampOf } from "./timestamp.js";
import { isUnicode } from "./utf8.js";
import { instantOf, secondOf } from "./zone.js";

export interface Reading {
  readonly source: string;
  readonly energy: bigint;
  /** Whether the energy lost digits past the 18th place. */
  readonly rounded: boolean;
  /** The second that the reading is in, as its timestamp alone says. */
  readonly instant: number;
  /** Of a timestamp without an offset. */
  readonly wall: { readonly seconds: number; readonly nanos: number } | undefined;
  /** Whether it is past the start of that second. */
  readonly past: boolean;
  readonly kind: "once" | "repeated" | "skipped";
  /** What it covers, if its timestamp is at an instant; it has its energy from there. */
  readonly over?: ((instant: number, told?: boolean) => Covered | undefined) | undefined;
  readonly covered?: Covered | undefined;
}

/** A record without a reading. It still has its place in the order of rows. */
export interface NoReading {
  readonly none: string;
  /** Absent if it has no place there, either. */
  readonly source?: string;
  readonly wall?: Reading["wall"];
}

export function isReading(one: Reading | NoReading | Reason): one is Reading {
  return typeof one !== "string" && !("none" in one);
}

export type Reason =
  | BadForm
  | "no timestamp"
  | "no value"
  | "timestamp"
  | "repeated"
  | "no interval"
  | "interval"
  | "value"
  | "unit"
  | "too much energy"
  | "source";

/** @param around the objects that the record's array lies in, from the innermost one on */
/** The readings of a record: one, or one of each of its values. */
export function readingsOf(
  { record, names, values, around }: Found,
  options: Options,
): (Reading | NoReading | Reason)[] {
  if (typeof record === "string") return [record];
  const none = leftOut(record, options);
  if (none !== undefined) return [{ none }];
  if (!isSeveral(options)) return [readingOf(record, options, around)];
  // What the values have in common may be bad, whatever they are.
  const common = readingOf(record, options, around, { type: "number", text: "0" }, true);
  if (typeof common === "string") return [common];
  const { fields, lacking, isOne } = valuesOf(record, names, values, options);
  const all = [
    ...fields.map(([name, value]): Reading | NoReading | Reason => {
      const reading = readingOf(record, options, around, value);
      if (typeof reading === "string" || isOne) return reading;
      return { ...reading, source: reading.source === "" ? name : `${reading.source}/${name}` };
    }),
    ...lacking.map((): Reason => "no value"),
  ];
  // The record's one unit is bad once.
  return all.filter((one, n) => one !== "unit" || all.indexOf("unit") === n);
}

/** Why a record does not count: it is not asked for, or its unit is none of energy. */
function leftOut(record: FieldsOf, { only = [], unitField }: Options): string | undefined {
  const texts = new Map<string, string[]>();
  for (const one of only) {
    const at = one.indexOf("=");
    texts.set(one.slice(0, at), [...(texts.get(one.slice(0, at)) ?? []), one.slice(at + 1)]);
  }
  for (const [name, wanted] of texts) {
    const value = record(name);
    const text = value?.type === "string" ? value.value : value?.type === "number" ? value.text : undefined;
    if (!wanted.includes(value?.type === "literal" ? String(value.value) : (text ?? "\0"))) return "only";
  }
  const unit = unitField === undefined ? undefined : unitText(record(unitField));
  return unit === undefined || unit === "" || unitOf(unit) !== undefined ? undefined : `unit ${unit}`;
}

function unitText(value: Json | undefined): string | undefined {
  return value?.type === "string" ? value.value.replace(/^[ \t]+|[ \t]+$/g, "") : undefined;
}

function unitOf(text: string): Unit | undefined {
  return (["Wh", "kWh", "MWh", "GWh"] as const).find((unit) => unit.toLowerCase() === text.toLowerCase());
}

function valuesOf(
  record: FieldsOf,
  names: readonly string[],
  columns: readonly string[] | undefined,
  options: Options,
) {
  const { timestampField = TIMESTAMP, timeField } = options;
  const wanted = [...new Set(valueNames(options))];
  const others = [timestampField, timeField, ...sourceNames(options), ...selecting(options)];
  const found = new Map<string, Json>();
  const add = (name: string) => {
    const value = record(name);
    if (value !== undefined) found.set(name, value);
    return value !== undefined;
  };
  if (columns !== undefined) for (const name of columns) add(name);
  const lacking =
    columns !== undefined
      ? []
      : wanted.filter((name) => {
          if (names.includes(name) || !name.includes("*")) return !add(name);
          const fitting = names.filter((one) => !others.includes(one) && fits(name, one));
          return fitting.filter(add).length === 0;
        });
  const isOne = wanted.length === 1 && wanted[0]!.includes("*") && names.includes(wanted[0]!);
  return { fields: [...found], lacking, isOne };
}

/** @param given the value, if it is one of several */
export function readingOf(
  fields: FieldsOf,
  options: Options,
  around: readonly FieldsOf[] = [],
  given?: Json,
  isCommon = false,
): Reading | NoReading | Reason {
  const timestamp = fields(options.timestampField ?? TIMESTAMP);
  if (timestamp === undefined) return "no timestamp";
  const time = options.timeField === undefined ? undefined : fields(options.timeField);
  if (options.timeField !== undefined && time === undefined) return "no timestamp";
  const text = timestampText(timestamp, time, options);
  const { timestampFormat } = options;
  const stamp =
    text === undefined
      ? undefined
      : covers(options)
        ? stampOrDate(text, options)
        : timestampFormat === undefined
          ? stampOf(text)
          : stampBy(timestampFormat, text);
  if (stamp === undefined) return "timestamp";

  const zone = options.inputTimezone ?? options.timezone ?? "UTC";
  const { instant, kind } =
    stamp.offset === undefined
      ? instantOf(zone, stamp.wallSeconds)
      : { instant: stamp.wallSeconds - stamp.offset, kind: "once" as const };
  if (kind === "repeated" && options.repeatedHour === "fail") return "repeated";

  if (covers(options) && lacksInterval(fields, options)) return "no interval";
  const value = given ?? fields(valueNames(options)[0]!);
  if (value === undefined) return "no value";
  const isMissing = isOneOf(value, options.missing ?? []);
  const number = isMissing ? "0" : numberText(value, options);
  const { unitField } = options;
  const all = options.values === "power" ? "kWh" : ((options.unit ?? "kWh") as Unit);
  const unit = unitField === undefined ? all : unitOf(unitText(fields(unitField)) ?? "");
  if (unit === undefined && !isMissing && !isCommon) return "unit";
  const measured = number === undefined ? "not a number" : energyOf(number, unit ?? "kWh");
  if (measured === "not a number") return "value";
  if (measured === "too large") return "too much energy";

  const own = sourceOf(fields, options);
  if (own === undefined) return "source";
  const source = own === "" ? sourceAround(around, options) : own;
  const wall = stamp.offset === undefined ? { seconds: stamp.wallSeconds, nanos: stamp.nanos } : undefined;
  if (isMissing) return { none: "missing", source, wall };

  let over: Reading["over"];
  let energy = measured;
  if (covers(options)) {
    const inUnit = unitField === undefined ? options : { ...options, unit: unit ?? "kWh" };
    over = (at, isTold = false) => {
      const cover = coverOf(stamp, at, fields, options, isTold);
      const found = cover && energyOver(number!, cover, inUnit);
      return cover === undefined || typeof found !== "object" ? undefined : { ...cover, ...found };
    };
    const other = kind === "repeated" ? secondOf(zone, instant, stamp.wallSeconds) : instant;
    const some = over(instant) ?? over(other);
    if (some === undefined) return "interval";
    energy = some;
  }

  // An interval that ends as the clock is put forward ends at a time that it showed.
  const shown =
    options.stamps === "end" &&
    !stamp.past &&
    kind === "skipped" &&
    instantOf(zone, stamp.wallSeconds - 1).kind === "once";
  return {
    source,
    energy: energy.energy,
    rounded: energy.rounded,
    over,
    instant,
    past: stamp.past,
    wall,
    kind: shown ? "once" : kind,
  };
}

/** Date and time joined by a blank, if they are two fields. A number is only an epoch. */
function timestampText(timestamp: Json, time: Json | undefined, options: Options): string | undefined {
  if (time !== undefined)
    return timestamp.type === "string" && time.type === "string" ? `${timestamp.value} ${time.value}` : undefined;
  if (timestamp.type === "number") return options.timestampFormat?.startsWith("epoch-") ? timestamp.text : undefined;
  return timestamp.type === "string" ? timestamp.value : undefined;
}

/** Whether a string, a cell or a number is written just so; `null` is as the empty text. */
function isOneOf(value: Json, missing: readonly string[]): boolean {
  if (value.type === "literal") return value.value === null && missing.includes("");
  return (
    (value.type === "string" && missing.includes(value.value)) ||
    (value.type === "number" && missing.includes(value.text))
  );
}

/** A number's text in JSON's grammar, if it is one; strings may have blanks around it, and a decimal comma if asked. */
function numberText(value: Json, { decimalComma = false, thousands }: Options): string | undefined {
  if (value.type === "number") return value.text;
  if (value.type !== "string") return undefined;
  const whole = value.value.replace(/^[ \t]+|[ \t]+$/g, "");
  const text = thousands === undefined ? whole : withoutGroups(whole, thousands);
  if (!decimalComma) return text;
  return text?.includes(".") ? undefined : text?.replace(",", ".");
}

/** Groups after a mark have exactly three digits; the first has one to three, and is not `0`. */
function withoutGroups(text: string, mark: string): string | undefined {
  const marked = text.replaceAll(mark, "\0");
  if (!marked.includes("\0")) return text;
  const [, sign, whole, rest] = /^(-?)([1-9]\d{0,2}(?:\0\d{3})+)((?:[.,eE][^\0]*)?)$/.exec(marked) ?? [];
  return whole === undefined ? undefined : `${sign}${whole.replaceAll("\0", "")}${rest}`;
}

/** The source of the innermost object that has one. */
function sourceAround(around: readonly FieldsOf[], options: Options): string {
  for (const fields of around) {
    const source = sourceOf(fields, options);
    if (source === undefined) throw new DatasetError("an object around records has an id that is none");
    if (source !== "") return source;
  }
  return "";
}

/** `""` is the unnamed source; undefined stands for an id that cannot be one. */
function sourceOf(fields: FieldsOf, options: Options): string | undefined {
  const values = sourceNames(options).map((name) => fields(name));
  if (options.sourceField === undefined || values.length === 1)
    return idOf(values.find((value) => value !== undefined && !isNothing(value)));
  const parts = values.map((value) => (value === undefined || isNothing(value) ? "" : idOf(value)));
  if (parts.includes(undefined)) return undefined;
  return parts.every((part) => part === "") ? "" : parts.join("/");
}

function idOf(id: Json | undefined): string | undefined {
  if (id === undefined) return "";
  if (id.type === "number") return /^-?[0-9]+$/.test(id.text) ? id.text : undefined;
  return id.type === "string" && isUnicode(id.value) && !id.value.includes("\0") ? id.value : undefined;
}

function isNothing(value: Json): boolean {
  return (value.type === "literal" && value.value === null) || (value.type === "string" && value.value === "");
}
