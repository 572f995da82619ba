/** Tables of which each row is a day: a date, and columns that are the values of its hours, half hours or quarter hours. */
import { type OptionNamed, option } from "../base/message.js";
import { isSourceName } from "../quality/field-names.js";
import type { Column } from "./explain-column.js";
import { datesAdvice } from "./explain-times.js";
import { numbersAdvice } from "./explain-values.js";
import type { ScanPlan } from "./plan.js";
import { ValueNames } from "./value-names.js";

/** Values that a day may have for each hour, and the hours that it may have. */
const PER_HOUR = [1, 2, 4, 6, 12, 30, 60];
const HOURS = [23, 24, 25];
const MINUTES = 24 * 60;
const CLOCK = /^(?<before>.*?)(?<hour>\d{1,2})(?<mark>[:.])(?<minute>\d{2})(?:[:.]00)?(?:\s?[-–].*)?$/;
const COUNTED = /^(?<before>.*?)(?<count>\d{1,4})(?<after>\D*)$/;
/** What may stand before the number of a part of the day. Other things are counted, too: flats, meters, plugs. */
const PART =
  /^(?:h|hh|hr|hour|he|std|stunde|heure|hora|ora|uur|v|val|value|wert|t|p|period|interval|q|qh|sp|slot|[km]?wh)?[\s_.-]*$/i;

/** Columns whose names differ in their number or time alone. */
interface Group {
  readonly pattern: string;
  readonly columns: readonly Column[];
}

/**
 * What reads rows that are days.
 * @param names of all columns
 * @param commas whether commas separate the cells
 * @returns `undefined` if they are not, or no pattern fits their columns alone
 */
export function daysAdvice(
  columns: readonly Column[],
  names: readonly string[],
  plan: ScanPlan,
  commas: boolean,
): OptionNamed[] | undefined {
  if (plan.interval !== undefined || plan.stampsEnd) return undefined;
  const group = [clocks(columns), counts(columns)].find((one) => one !== undefined);
  if (group === undefined) return undefined;
  const others = columns.filter((one) => !group.columns.includes(one));
  const date = datesAdvice(others, plan);
  if (date === undefined) return undefined;
  const left = others.filter(({ name }) => !date.names.includes(name));
  const sources = plan.sourceAsked ? [] : left.filter(({ name }) => isSourceName(name));
  const source = sources.length === 1 ? [option("sourceField", sources[0]?.name)] : [];
  const taken = [...date.names, ...plan.sourceFields, ...source.map(({ value }) => value)];
  const several = new ValueNames([group.pattern]);
  const matched = names.filter((name) => !taken.includes(name) && several.fits(group.pattern, name));
  if (matched.length !== group.columns.length) return undefined;
  // Columns past those of 24 hours are empty on most days.
  const ordinary = group.columns.length - (group.columns.length % 25 === 0 ? group.columns.length / 25 : 0);
  const cells = group.columns.flatMap(({ cells }, n) => (n < ordinary ? cells : cells.filter((cell) => cell !== "")));
  const numbers = numbersAdvice({ name: group.columns[0]?.name ?? "", cells }, plan, commas);
  if (numbers === undefined) return undefined;
  return [...date.options, option("dayColumns", group.pattern), ...numbers, ...source];
}

/** Columns that are named after times of day: from 00:00 on, or from the end of the first part. */
function clocks(columns: readonly Column[]): Group | undefined {
  const found = columns.flatMap((column) => {
    const { before = "", hour, mark = "", minute } = CLOCK.exec(column.name)?.groups ?? {};
    return hour === undefined ? [] : [{ column, before, mark, at: Number(hour) * 60 + Number(minute) }];
  });
  const [first] = found;
  if (first === undefined || !isDay(found.length)) return undefined;
  const { before, mark } = first;
  const step = MINUTES / found.length;
  const fits = found.every(
    (one, n) => one.before === before && one.mark === mark && one.at % MINUTES === (first.at + n * step) % MINUTES,
  );
  if (!fits || (first.at !== 0 && first.at !== step) || before.includes("*")) return undefined;
  return { pattern: `${before}*${mark}*`, columns: found.map(({ column }) => column) };
}

/** Columns that are counted from 0 or 1 on. */
function counts(columns: readonly Column[]): Group | undefined {
  const groups = new Map<string, { readonly column: Column; readonly count: number }[]>();
  for (const column of columns) {
    const { before = "", count, after = "" } = COUNTED.exec(column.name)?.groups ?? {};
    if (count === undefined || !PART.test(before) || before.includes("*") || after.includes("*")) continue;
    const pattern = `${before}*${after}`;
    groups.set(pattern, [...(groups.get(pattern) ?? []), { column, count: Number(count) }]);
  }
  for (const [pattern, found] of groups) {
    const first = found[0]?.count ?? 0;
    if (isDay(found.length) && first <= 1 && found.every(({ count }, n) => count === first + n))
      return { pattern, columns: found.map(({ column }) => column) };
  }
  return undefined;
}

function isDay(values: number): boolean {
  return PER_HOUR.some((per) => HOURS.some((hours) => per * hours === values));
}
