/** Guesses the formats of timestamps that are not ISO 8601, for messages. Each guess reads the text that it was made from. */
import { FormatReader } from "./read-format.js";
import { compileFormat } from "./timestamp-format.js";

/** A format, and its form in words. */
export interface Suggestion {
  readonly format: string;
  readonly looks: string;
}

/** Characters of a text that are looked at. */
const LONGEST = 60;
const TIME =
  /^(?<hour>\d{1,2})(?<mark>[:.])\d{2}(?<seconds>\k<mark>\d{2}(?:(?<point>[.,])\d+)?)?(?:(?<blank>\s?)(?<half>[AP]M))?(?<gap>\s?)(?<offset>Z|[+-]\d{2}:?(?:\d{2})?)?$/i;
const NUMERIC = /^(\d{1,4})([/.\- ])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/;
const NAMED = /^(\d{1,2}|[A-Za-z]{3,9})([/.\- ]*)(\d{1,2}|[A-Za-z]{3,9})([/.\-, ]*)(\d{4}|\d{2})(?!\d)/;
const DIGITS = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?$/;
/** Digits of seconds since 1970, in 1973 to 2286. */
const SECONDS_DIGITS = [9, 10];
const EPOCHS = [
  { format: "epoch-s", looks: "seconds since 1970", more: 0 },
  { format: "epoch-ms", looks: "milliseconds since 1970", more: 3 },
  { format: "epoch-us", looks: "microseconds since 1970", more: 6 },
];
const PARTS: Readonly<Record<string, string>> = {
  ...{ "%d": "day", "%m": "month", "%b": "month", "%y": "year", "%Y": "year" },
};

/** The formats that a text may have, most likely first; none if it has none that is known, or lacks the time. */
export function suggestFormats(text: string): Suggestion[] {
  if (text.length > LONGEST) return [];
  return [...numberFormats(text), ...dateFormats(text)].filter(({ format }) => reads(format, text));
}

function numberFormats(text: string): Suggestion[] {
  const digits = DIGITS.exec(text);
  if (digits !== null) {
    const format = `%Y%m%d%H%M${digits[6] === undefined ? "" : "%S"}`;
    if (reads(format, text)) return [{ format, looks: "date and time run together" }];
  }
  const whole = /^(\d+)(?:\.\d*)?$/.exec(text)?.[1]?.length ?? 0;
  return EPOCHS.filter(({ more }) => SECONDS_DIGITS.includes(whole - more));
}

function dateFormats(text: string): Suggestion[] {
  const numeric = NUMERIC.exec(text);
  const named = numeric === null ? NAMED.exec(text) : null;
  const date = (numeric ?? named)?.[0];
  if (date === undefined) return [];
  const between = /^(?:T|,?\s+|[:\-/])/i.exec(text.slice(date.length))?.[0];
  const time = between === undefined ? undefined : timeFormat(text.slice(date.length + between.length));
  if (time === undefined) return [];
  const orders = numeric !== null ? numericDates(numeric) : named !== null ? namedDates(named) : [];
  return orders.map((parts) => ({
    format: `${parts.join("")}${between}${time}`.replace(/\s+/g, " "),
    looks: parts.flatMap((part) => PARTS[part] ?? []).join("/"),
  }));
}

function numericDates([, first = "", mark = "", second = "", last = ""]: RegExpExecArray): string[][] {
  if (first.length > 2) return first.length === 4 ? [["%Y", mark, "%m", mark, "%d"]] : [];
  const year = last.length === 4 ? "%Y" : "%y";
  const orders = [
    ["%d", mark, "%m", mark, year],
    ["%m", mark, "%d", mark, year],
  ];
  // With points, dates begin with the day wherever they are written.
  if (mark === "." && last.length === 4 && Number(second) <= 12) return orders.slice(0, 1);
  return last.length === 4 ? orders : [...orders, ["%y", mark, "%m", mark, "%d"]];
}

function namedDates([, first = "", mark = "", , mark2 = "", last = ""]: RegExpExecArray): string[][] {
  const year = last.length === 4 ? "%Y" : "%y";
  return [/^\d/.test(first) ? ["%d", mark, "%b", mark2, year] : ["%b", mark, "%d", mark2, year]];
}

function timeFormat(text: string): string | undefined {
  const parts = TIME.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { mark = "", seconds, point, half, blank = "", gap = "", offset } = parts;
  const fraction = point === undefined ? "" : `${point}%f`;
  return `${half === undefined ? "%H" : "%I"}${mark}%M${seconds === undefined ? "" : `${mark}%S${fraction}`}${
    half === undefined ? "" : `${blank}%p`
  }${offset === undefined ? gap : `${gap}%z`}`;
}

function reads(format: string, text: string): boolean {
  const bytes = new TextEncoder().encode(text);
  const stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };
  return new FormatReader(compileFormat(format)).read(bytes, 0, bytes.length, stamp);
}
