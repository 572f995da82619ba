/** Why a timestamp is bad, and the options that would read it, where they can be told from its record. */
import { type Message, type OptionNamed, option, say, together } from "../base/message.js";
import type { Field } from "../quality/field-names.js";
import { explainFormat } from "../time/explain-format.js";
import { explainInstant } from "../time/instant.js";
import { readInstant } from "../time/read-instant.js";
import { suggestFormats } from "../time/suggest-format.js";
import { explainHour } from "./explain-hours.js";
import type { ScanPlan } from "./plan.js";

/** More possibilities than these help nobody. */
const MOST = 4;
const TIME = /^\d{1,2}[:.]\d{2}([:.]\d{2}([.,]\d+)?)?\s?([AP]M)?\s?(Z|[+-]\d{2}:?(\d{2})?)?$/i;
/** A time that is added to a date, to see whether it is one. */
const SOME_TIME = "13:45";
const MIDNIGHT = " 00:00";
const MIDNIGHT_FORMAT = " %H:%M";
/** Characters of a date with the name of its month. */
const LONGEST_DATE = 20;

const NEARLY_ISO = /^\d{4}-/;
/** Characters of a date alone, at most. */
const DATE = 10;

/** Options that would read a timestamp, and what it looks like then. */
interface Advice {
  readonly looks: string;
  readonly options: readonly OptionNamed[];
}

/**
 * @param text of the timestamp, or of date and time joined by a blank
 * @param fields of the record
 * @param inTable whether that is a row of a table
 */
export function explainTimestamp(text: string, plan: ScanPlan, fields: readonly Field[], inTable = false): Message {
  const { timestampFormat: format } = plan;
  const advice = adviceFor(text, plan, fields);
  const looks = advice.length === 0 ? "" : say`looks like ${likely(advice)}: ${choices(advice)}`;
  if (format === undefined) {
    if (looks === "") return explainDate(text, plan, fields, inTable) ?? explainInstant(text);
    // Among others that are ISO 8601, it is likelier to be mended than to be read by a format.
    return NEARLY_ISO.test(text) &&
      plan.timeField === undefined &&
      advice[0]?.options.length === 1 &&
      text.length > DATE
      ? say`${explainInstant(text)}; or, if all are like this, ${choices(advice)}`
      : looks;
  }
  const why = say`does not fit ${option("timestampFormat", format)}: ${explainFormat(format, text)}`;
  return looks === "" ? why : say`${why}; it ${looks}`;
}

/** What a date alone needs; `undefined` if it is none. */
function explainDate(
  text: string,
  { interval, timeField }: ScanPlan,
  fields: readonly Field[],
  inTable: boolean,
): Message | undefined {
  const isDay = interval?.length === "columns";
  if ((interval !== undefined && !isDay) || timeField !== undefined || text.length > LONGEST_DATE) return undefined;
  const hour = isDay ? undefined : explainHour(text, fields, inTable);
  if (hour !== undefined) return hour;
  if (!isDay && (isInstant(`${text}${MIDNIGHT}`) || isInstant(`${text}T0000`)))
    return say`${explainInstant(text)}, or, if readings are of whole days, say ${option("interval", "1d")}`;
  const found = suggestFormats(`${text}${MIDNIGHT}`);
  if (found.length === 0) return undefined;
  const looks = found.map((one) => one.looks).join(" or ");
  const ways = found.map(({ format }) =>
    together([
      option("timestampFormat", format.replace(MIDNIGHT_FORMAT, "")),
      ...(isDay ? [] : [option("interval", "1d")]),
    ]),
  );
  const all = ways.reduce((all, way) => say`${all} or ${way}`);
  return isDay
    ? say`looks like ${looks}: ${all}`
    : say`looks like ${looks} without a time; if readings are of whole days, say ${all}`;
}

function adviceFor(text: string, plan: ScanPlan, fields: readonly Field[]): Advice[] {
  const whole = plan.timestampFormat === undefined && isInstant(text) ? [] : formats(text);
  if (whole.length > 0) return whole.length > MOST ? [] : whole;
  if (plan.timeField !== undefined) return [];
  const { timestampField, valueFields, sourceFields } = plan;
  const others = fields.filter(([name]) => ![timestampField, ...valueFields, ...sourceFields].includes(name));
  const found = TIME.test(text)
    ? others.flatMap(([name, date]) =>
        joined(date, text).map(({ looks, options }) => ({
          looks,
          options: [option("timestampField", name), option("timeField", timestampField), ...options],
        })),
      )
    : others
        .filter(([, time]) => TIME.test(time))
        .flatMap(([name, time]) =>
          joined(text, time).map(({ looks, options }) => ({ looks, options: [option("timeField", name), ...options] })),
        );
  return found.length > MOST ? [] : found;
}

/** What reads a date and a time that are two fields. */
function joined(date: string, time: string): Advice[] {
  // A time alone may make a timestamp of much that is not a date.
  if (!isInstant(`${date} ${SOME_TIME}`) && formats(`${date} ${SOME_TIME}`).length === 0) return [];
  const text = `${date} ${time}`;
  if (isInstant(text)) return [{ looks: "a date whose time is in another field", options: [] }];
  return formats(text).map(({ looks, options }) => ({ looks: `${looks} with the time in another field`, options }));
}

function formats(text: string): Advice[] {
  return suggestFormats(text).map(({ format, looks }) => ({ looks, options: [option("timestampFormat", format)] }));
}

function isInstant(text: string): boolean {
  const bytes = Buffer.from(text);
  return readInstant(bytes, 0, bytes.length, { wall: 0, fraction: false, nanos: 0, offset: 0 });
}

/** What it looks like, each form once. */
function likely(advice: readonly Advice[]): string {
  return [...new Set(advice.map(({ looks }) => looks))].join(" or ");
}

function choices(advice: readonly Advice[]): Message {
  return advice.reduce<Message>(
    (before, { options }, n) => (n === 0 ? together(options) : say`${before} or ${together(options)}`),
    "",
  );
}
