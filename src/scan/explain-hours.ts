/** Tables of a date and the number of an hour, or of another part of the day, in two columns. */
import { type Message, type OptionNamed, option, say, together } from "../base/message.js";
import type { Field } from "../quality/field-names.js";
import { suggestFormats } from "../time/suggest-format.js";
import type { Column, Told } from "./explain-column.js";
import type { ScanPlan } from "./plan.js";

const HOUR_NAME =
  /^(?:h|he|hr|hrs|hour|stunde|std|heure|hora|ora|uur|godzina)s?$|^(?:hour|hr)[\s_-]*(?:ending|end|beginning|begin|start|starting|of[\s_-]*day|number|no|nr)$/i;
/** Of hours that are told by their ends. */
const ENDING = /end|^he$/i;
/** Other parts of the day that are counted. */
const PART_NAME = /^(?:settlement|trading)?[\s_-]*(?:period|interval|intervall|slot|periode|viertelstunde|quarter)s?$/i;
const COUNT = /^\d{1,3}$/;
const HOUR = /^(?:\d|1\d|2[0-4])$|^0\d$/;
/** What makes a timestamp of a date, and its format. */
const MIDNIGHT = " 00:00";
const MIDNIGHT_FORMAT = " %H:%M";
const HOUR_FORMAT = " %H";

/** The column that has the number of the hour or of another part of the day, by its name; `undefined` if there is none. */
export function partOfDay(columns: readonly Column[]): Column | undefined {
  return columns.find(({ name, cells }) => isPartOfDay(name) && cells.every((cell) => COUNT.test(cell)));
}

/**
 * What reads a date and the number of the hour.
 * @returns `undefined` where nothing does, or hours may be counted from 0 or from 1
 */
export function hoursAdvice(among: readonly Column[], hour: Column, plan: ScanPlan): Told | undefined {
  if (plan.timestampFormat !== undefined || !HOUR_NAME.test(hour.name.trim())) return undefined;
  if (!hour.cells.every((cell) => HOUR.test(cell))) return undefined;
  const hours = hour.cells.map(Number);
  const ends = hours.includes(24) || (!hours.includes(0) && ENDING.test(hour.name));
  if (ends === hours.includes(0)) return undefined;
  const found = among.flatMap((date) => {
    const formats = date === hour ? [] : commonFormats(date.cells);
    return formats.length === 1 ? [{ date, format: formats[0] as string }] : [];
  });
  const [only, another] = found;
  if (only === undefined || another !== undefined) return undefined;
  const { name } = only.date;
  return {
    names: [name, hour.name],
    options: [
      ...(name === plan.timestampField ? [] : [option("timestampField", name)]),
      option("timeField", hour.name),
      option("timestampFormat", `${only.format}${HOUR_FORMAT}`),
      ...(ends && !plan.stampsEnd ? [option("stamps", "end")] : []),
    ],
  };
}

/**
 * What to do with the date of a record that has the number of the hour, or of another part of the day, in a field of its own.
 * @param inTable whether the record is a row
 * @returns `undefined` if there is no such field
 */
export function explainHour(date: string, fields: readonly Field[], inTable: boolean): Message | undefined {
  const formats = commonFormats([date]);
  const [name, count = ""] = fields.find(([name, text]) => isPartOfDay(name) && COUNT.test(text)) ?? [];
  if (name === undefined || formats.length === 0) return undefined;
  const where = `a date alone; the part of the day is in the field ${JSON.stringify(name)}`;
  if (!inTable || !HOUR_NAME.test(name.trim()) || !HOUR.test(count))
    return `${where}, which is not read: give each reading a timestamp with its time`;
  const ways = formats.map((format): OptionNamed[] => [
    option("timeField", name),
    option("timestampFormat", `${format}${HOUR_FORMAT}`),
  ]);
  const all = ways.map(together).reduce((one, other) => say`${one} or ${other}`);
  if (Number(count) === 24)
    return say`${where}: say ${all}, and ${option("stamps", "end")}, as hours are counted from 1 to 24`;
  if (Number(count) === 0) return say`${where}: if hours are counted from 0 to 23, say ${all}`;
  return say`${where}: if hours are counted from 0 to 23, say ${all}, and if from 1 to 24, ${option("stamps", "end")}, too`;
}

function isPartOfDay(name: string): boolean {
  return HOUR_NAME.test(name.trim()) || PART_NAME.test(name.trim());
}

/** The formats that all of these dates may have. */
function commonFormats(dates: readonly string[]): string[] {
  const formatsOf = (date: string) =>
    suggestFormats(date + MIDNIGHT).flatMap(({ format }) =>
      format.endsWith(MIDNIGHT_FORMAT) ? [format.slice(0, -MIDNIGHT_FORMAT.length)] : [],
    );
  const [first = "", ...others] = [...new Set(dates)];
  return formatsOf(first).filter((format) => others.every((date) => formatsOf(date).includes(format)));
}
