/** Which columns of a table have the time that readings are of, and the options that read them: told by the cells. */
import { type OptionNamed, option } from "../base/message.js";
import { MAX_INTERVAL } from "../time/interval.js";
import { readInstant } from "../time/read-instant.js";
import { StampReader } from "../time/stamp-reader.js";
import { suggestFormats } from "../time/suggest-format.js";
import type { Column, Told } from "./explain-column.js";
import { hoursAdvice, partOfDay } from "./explain-hours.js";
import { columnNumber } from "./fields.js";
import type { ScanPlan } from "./plan.js";

/** Columns that may have the ends of intervals, and these in seconds. */
interface End {
  readonly names: readonly string[];
  readonly ends: readonly number[];
}

/** How timestamps are written: by a format, or `undefined`: in ISO 8601. */
interface Form {
  readonly format: string | undefined;
}

const TIME = /^\d{1,2}[:.]\d{2}([:.]\d{2})?(\s?[AP]M)?$/i;
const TIME_NAME = /time|stamp|date|epoch|zeit|datum|fecha|hora|ora\b|\bts\b/i;
/** The end of an interval. */
const END_NAME = /\b(end|ends|until|till|to|bis|ende|tot|fin|hasta|fine|eind|einde)\b|endzeit|enddatum/i;
/** A second, or millisecond, of 2001 to 2033. */
export const LIKELY_EPOCH = /^1\d{9}(\d{3})?$/;
/** What makes a timestamp of a date alone, and its format. */
const MIDNIGHT = " 00:00";
const MIDNIGHT_FORMAT = " %H:%M";
const DAY = 86_400;
/** Seconds between the days of rows that are months. */
const SHORTEST_MONTH = 28 * DAY;
/** Lengths of intervals are whole minutes: an end that lacks one, or a second, names the last one. */
const WHOLE = 300;

/** What reads the time; `undefined` where nothing does, or it could be meant in two ways. */
export function timesAdvice(columns: readonly Column[], plan: ScanPlan): Told | undefined {
  const asked = columns.filter(({ name }) => name === plan.timestampField);
  const among = asked.length > 0 ? asked : columns;
  const timed = wholeStamps(columns, among, plan) ?? datesAndTimes(columns, among, plan);
  if (timed !== undefined) return timed;
  const part = plan.timeField === undefined ? partOfDay(columns) : undefined;
  return part === undefined ? dates(among, plan) : hoursAdvice(among, part, plan);
}

/** Whether a cell has a timestamp, or a date, so that its row is no header. */
export function isTime(cell: string): boolean {
  const whole = (text: string) =>
    isInstant(text) || suggestFormats(text).some(({ format }) => !format.startsWith("epoch-"));
  return whole(cell) || (cell.length > 5 && !TIME.test(cell) && whole(cell + MIDNIGHT));
}

function wholeStamps(columns: readonly Column[], among: readonly Column[], plan: ScanPlan): Told | undefined {
  const found = among.flatMap((column) => {
    const form = formOf(column.cells, plan, column.name);
    return form === undefined ? [] : [{ column, form }];
  });
  const start = startOf(found, ({ column }) => column.name);
  if (start === undefined) return undefined;
  const { column, form } = start;
  const starts = secondsOf(column.cells, form);
  const ends = columns.flatMap((other) => {
    if (other === column || starts === undefined) return [];
    const read = secondsOf(other.cells, form) ?? timesAfter(other, starts);
    return read === undefined ? [] : [{ names: [other.name], ends: read }];
  });
  const end = endOf(starts, ends, plan);
  // Without names, an id of as many digits could be the time as well.
  const numbers = found.filter((one) => one.form.format?.startsWith("epoch-") && columnNumber(one.column.name) > 0);
  if (numbers.some((one) => one.column !== column && !end.names.includes(one.column.name))) return undefined;
  return told([column.name], [...named(column, plan), ...formatted(form)], end, starts);
}

/** A date and a time in two columns. */
function datesAndTimes(columns: readonly Column[], among: readonly Column[], plan: ScanPlan): Told | undefined {
  if (plan.timeField !== undefined) return undefined;
  const times = columns.filter(({ cells }) => cells.every((cell) => TIME.test(cell)));
  const time = startOf(times, ({ name }) => name);
  if (time === undefined) return undefined;
  const together = (date: Column, other: Column) => date.cells.map((cell, n) => `${cell} ${other.cells[n]}`);
  const found = among.flatMap((date) => {
    const form = times.includes(date) ? undefined : formOf(together(date, time), plan, date.name);
    return form === undefined ? [] : [{ date, form }];
  });
  const start = startOf(found, ({ date }) => date.name);
  if (start === undefined) return undefined;
  const { date, form } = start;
  const starts = secondsOf(together(date, time), form);
  const ends = times.flatMap((other) => {
    if (other === time || starts === undefined) return [];
    const dated = found.filter((one) => one.date !== date && END_NAME.test(one.date.name));
    const whole = dated.flatMap((one) => {
      const read = secondsOf(together(one.date, other), form);
      return read === undefined ? [] : [{ names: [one.date.name, other.name], ends: read }];
    });
    const after = timesAfter(other, starts);
    return [...whole, ...(after === undefined ? [] : [{ names: [other.name], ends: after }])];
  });
  const options = [...named(date, plan), option("timeField", time.name), ...formatted(form)];
  return told([date.name, time.name], options, endOf(starts, ends, plan), starts);
}

/** Dates alone: of intervals whose end is another date, or of days or months. */
function dates(columns: readonly Column[], plan: ScanPlan): Told | undefined {
  if (plan.timestampFormat !== undefined || plan.timeField !== undefined || plan.interval !== undefined)
    return undefined;
  const found = dateColumns(columns, plan);
  const start = startOf(found, ({ column }) => column.name);
  if (start === undefined) return undefined;
  const { column, form } = start;
  const starts = secondsOf(column.cells, form);
  if (starts === undefined) return undefined;
  const ends = found.flatMap((other) => {
    const read = other === start ? undefined : secondsOf(other.column.cells, form);
    return read === undefined ? [] : [{ names: [other.column.name], ends: read }];
  });
  const end = endOfDates(starts, ends, plan);
  if (end === undefined) return undefined;
  const days = [...new Set(starts)].sort((a, b) => a - b);
  const months = days.length > 1 && days.every((day, n) => n === 0 || day - (days[n - 1] ?? 0) >= SHORTEST_MONTH);
  const length = end.names.length > 0 ? end : { names: [], options: [option("interval", months ? "1mo" : "1d")] };
  return told([column.name], [...named(column, plan), ...formatted(form)], length);
}

/** What reads the only column of dates, whose rows are days. */
export function datesAdvice(columns: readonly Column[], plan: ScanPlan): Told | undefined {
  const asked = columns.filter(({ name }) => name === plan.timestampField);
  const [only, another] = dateColumns(asked.length > 0 ? asked : columns, plan);
  if (only === undefined || another !== undefined) return undefined;
  return { names: [only.column.name], options: [...named(only.column, plan), ...formatted(only.form)] };
}

function dateColumns(columns: readonly Column[], plan: ScanPlan): { column: Column; form: Form }[] {
  return columns.flatMap((column) => {
    const midnights = column.cells.map((cell) => cell + MIDNIGHT);
    const form = formOf(midnights, plan, "");
    return form === undefined ? [] : [{ column, form: { format: form.format?.replace(MIDNIGHT_FORMAT, "") } }];
  });
}

/** The first column whose name is not that of an end. */
function startOf<T>(found: readonly T[], nameOf: (one: T) => string): T | undefined {
  return found.find((one) => !END_NAME.test(nameOf(one))) ?? found[0];
}

function told(
  names: readonly string[],
  options: readonly OptionNamed[],
  end: Told,
  starts: readonly number[] | undefined = undefined,
): Told {
  return { names: [...names, ...end.names], options: [...options, ...end.options], step: stepOf(starts ?? []) };
}

/** The time between neighbours among these starts; `undefined` where it differs. */
function stepOf(starts: readonly number[]): string | undefined {
  const sorted = [...new Set(starts)].sort((a, b) => a - b);
  const [step, another] = new Set(sorted.slice(1).map((at, n) => at - (sorted[n] ?? 0)));
  if (step === undefined || another !== undefined || step % 60 !== 0 || step > DAY) return undefined;
  return step % 3600 === 0 ? `${step / 3600}h` : `${step / 60}m`;
}

function named({ name }: Column, plan: ScanPlan): OptionNamed[] {
  return name === plan.timestampField ? [] : [option("timestampField", name)];
}

function formatted({ format }: Form): OptionNamed[] {
  return format === undefined ? [] : [option("timestampFormat", format)];
}

/** How all of these timestamps are written; `undefined` where nothing reads them, or more than one format does. */
function formOf(texts: readonly string[], { timestampFormat, timestampField }: ScanPlan, name: string) {
  if (timestampFormat !== undefined) return undefined;
  if (texts.every(isInstant)) return { format: undefined };
  const [first = "", ...others] = texts;
  const [only, another] = suggestFormats(first).filter(({ format }) =>
    others.every((text) => suggestFormats(text).some((other) => other.format === format)),
  );
  if (only === undefined || another !== undefined) return undefined;
  // Numbers that may be seconds may be anything else, too.
  const mayBe = TIME_NAME.test(name) || (columnNumber(name) > 0 && texts.every((text) => LIKELY_EPOCH.test(text)));
  const isOther = only.format.startsWith("epoch-") && name !== timestampField && !mayBe;
  return isOther ? undefined : { format: only.format };
}

/** What says where intervals end, of columns that may have it; nothing where none has. */
function endOf(starts: readonly number[] | undefined, found: readonly End[], { interval, stampsEnd }: ScanPlan): Told {
  const nothing = { names: [], options: [] };
  if (starts === undefined || interval !== undefined || stampsEnd) return nothing;
  const end = found.find(({ names, ends }) => {
    const follow = [0, 1, 60].some((gap) => followed(starts, ends, gap).every(Boolean));
    return (
      (names.every((name) => END_NAME.test(name)) || (ends.length > 1 && follow)) &&
      ends.every((at, n) => at > (starts[n] ?? 0) && at - (starts[n] ?? 0) <= MAX_INTERVAL)
    );
  });
  if (end === undefined) return nothing;
  const lacks = (seconds: number) =>
    end.ends.every((at, n) => (at - (starts[n] ?? 0) + seconds) % WHOLE === 0 && at - (starts[n] ?? 0) < DAY);
  return toldEnd(end.names, lacks(60) || lacks(1));
}

/**
 * The same of dates alone, where an end may be the day on which the interval ends, or the one after.
 * @returns `undefined` where the rows do not tell which
 */
function endOfDates(
  starts: readonly number[],
  found: readonly End[],
  { interval, stampsEnd }: ScanPlan,
): Told | undefined {
  if (interval !== undefined || stampsEnd) return { names: [], options: [] };
  const end = found.find(
    ({ names, ends }) =>
      (names.every((name) => END_NAME.test(name)) ||
        (ends.length > 1 && [0, DAY].some((gap) => followed(starts, ends, gap).every(Boolean)))) &&
      ends.every((at, n) => at >= (starts[n] ?? 0) && at - (starts[n] ?? 0) <= MAX_INTERVAL),
  );
  if (end === undefined) return { names: [], options: [] };
  const isMonths = (last: number) =>
    starts.every((at, n) => isFirst(at) && isFirst((end.ends[n] ?? 0) + last) && (end.ends[n] ?? 0) > at);
  if (end.ends.some((at, n) => at === starts[n])) return toldEnd(end.names, true);
  // A day may be missing between two intervals, but these do not overlap.
  if (followed(starts, end.ends, 0).some(Boolean) || isMonths(0)) return toldEnd(end.names, false);
  return followed(starts, end.ends, DAY).some(Boolean) || isMonths(DAY) ? toldEnd(end.names, true) : undefined;
}

/** For each row but the last, whether its end is so many seconds before the next start. */
function followed(starts: readonly number[], ends: readonly number[], gap: number): boolean[] {
  return ends.slice(0, -1).map((at, n) => at + gap === starts[n + 1]);
}

/** Whether a second is on the first day of a month. */
function isFirst(second: number): boolean {
  return new Date(second * 1000).getUTCDate() === 1;
}

function toldEnd(names: readonly string[], inclusive: boolean): Told {
  const how = inclusive ? [option("end", "inclusive")] : [];
  return { names, options: [...names.map((name) => option("endField", name)), ...how] };
}

/** Epoch seconds, or seconds of the wall; `undefined` if some cannot be read. */
function secondsOf(texts: readonly string[], { format }: Form): number[] | undefined {
  const reader = new StampReader(format, true);
  const seconds = texts.map((text) => {
    const stamp = { wall: 0, fraction: false, nanos: 0, offset: 0 };
    const bytes = Buffer.from(text);
    return reader.read(bytes, 0, bytes.length, stamp) ? stamp.wall - (stamp.offset || 0) : Number.NaN;
  });
  return seconds.some(Number.isNaN) ? undefined : seconds;
}

/** Times of day alone as the first ones after the starts. */
function timesAfter({ cells }: Column, starts: readonly number[]): number[] | undefined {
  if (!cells.every((cell) => /^\d{1,2}:\d{2}(:\d{2})?$/.test(cell))) return undefined;
  return cells.map((cell, n) => {
    const [hours = 0, minutes = 0, seconds = 0] = cell.split(":").map(Number);
    const start = starts[n] ?? 0;
    const at = Math.floor(start / DAY) * DAY + hours * 3600 + minutes * 60 + seconds;
    return at > start ? at : at + DAY;
  });
}

function isInstant(text: string): boolean {
  const bytes = Buffer.from(text);
  return readInstant(bytes, 0, bytes.length, { wall: 0, fraction: false, nanos: 0, offset: 0 });
}
