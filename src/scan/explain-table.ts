/** The options that would read a table, as far as its first rows tell them: by the cells, and by the names of columns. */
import { type OptionNamed, option } from "../base/message.js";
import { isSourceName, isUnitName, powerUnitOf } from "../quality/field-names.js";
import { channelAdvice, channelColumn } from "./channels.js";
import { ENERGY_UNITS } from "./energy-units.js";
import type { Column, Told } from "./explain-column.js";
import { daysAdvice } from "./explain-days.js";
import { isTime, LIKELY_EPOCH, timesAdvice } from "./explain-times.js";
import { isNumber, powerColumn, valueColumn } from "./explain-values.js";
import type { ScanPlan } from "./plan.js";

/** Rows below the header that are looked at. */
const SAMPLE_ROWS = 40;
/**
 * The options that would read a table with these rows, of which the first one with several cells is the header, unless it
 * has readings.
 * @param commas whether commas separate the cells
 * @returns `undefined` where something is missing, or could be meant in two ways
 */
export function tableAdvice(
  rows: readonly (readonly string[])[],
  plan: ScanPlan,
  commas: boolean,
): OptionNamed[] | undefined {
  const first = rows.findIndex((cells, n) => {
    const filled = cells.filter((cell) => cell !== "").length;
    return filled > 1 && (rows[n + 1]?.length === cells.length || (rows.length === 1 && cells.some(isTime)));
  });
  const header = rows[first];
  if (header === undefined) return undefined;
  // No header has nothing but numbers.
  const isNumbers = header.some((cell) => LIKELY_EPOCH.test(cell)) && header.every(isNumber);
  const isReading = isNumbers || header.some(isTime);
  if (isReading && (first > 0 || !plan.header)) return undefined;
  const names = isReading ? header.map((_, n) => `#${n + 1}`) : header;
  const sample = rows
    .slice(isReading ? 0 : first + 1)
    .filter((cells) => cells.length >= names.length)
    .slice(0, SAMPLE_ROWS);
  if (sample.length === 0) return undefined;
  const columns = names
    .map((name, at) => ({ name, cells: sample.map((cells) => cells[at] as string) }))
    .filter(({ name }) => name !== "" && names.indexOf(name) === names.lastIndexOf(name));
  const days = isReading ? undefined : daysAdvice(columns, names, plan, commas);
  if (days !== undefined) return days;
  const times = timesAdvice(columns, plan);
  if (times === undefined) return undefined;
  const others = columns.filter(({ name }) => !times.names.includes(name));
  const unit = plan.unitField === undefined ? others.find(hasUnits) : undefined;
  const numbers = others.filter((one) => one !== unit);
  const value =
    valueColumn(numbers, unit === undefined ? plan : { ...plan, unitField: unit.name }, commas) ??
    powerAdvice(numbers, times, plan, commas);
  if (value === undefined) return undefined;
  const units = unit === undefined ? [] : [option("unitField", unit.name)];
  const channel = channelColumn(
    others.filter((one) => one.name !== value.name && one !== unit),
    plan,
  );
  const sources = others.filter((one) => one.name !== value.name && one !== channel && isSourceName(one.name));
  const only = !plan.sourceAsked && sources.length === 1 ? [option("sourceField", sources[0]?.name)] : [];
  const source = channel === undefined ? only : channelAdvice(channel, only);
  return [...(isReading ? [option("header", "none")] : []), ...times.options, ...value.options, ...units, ...source];
}

/** Whether a column has the unit of each row, for some of them one of energy. */
function hasUnits({ name, cells }: Column): boolean {
  return isUnitName(name) && cells.some((cell) => ENERGY_UNITS[cell.toLowerCase()] !== undefined);
}

/** What reads the only column that is named after power, of intervals whose length the times tell. */
function powerAdvice(columns: readonly Column[], { step, options }: Told, plan: ScanPlan, commas: boolean) {
  const power = plan.interval === undefined ? powerColumn(columns) : undefined;
  if (power === undefined) return undefined;
  const found = valueColumn([power], { ...plan, valueFields: [power.name] }, commas);
  const isLong = options.some((one) => one.option === "endField" || one.option === "interval");
  if (found === undefined || (!isLong && step === undefined)) return undefined;
  const unit = powerUnitOf(power.name);
  return {
    name: power.name,
    options: [
      ...(plan.valueFields[0] === power.name ? [] : [option("valueField", power.name)]),
      option("values", "power"),
      ...(unit === undefined ? [] : [option("unit", unit)]),
      ...(isLong ? [] : [option("interval", step)]),
      ...found.options,
    ],
  };
}
