/** From options, whose values `check-options.ts` or a surface has checked, to a plan: what they mean together. Nothing is executed. */

import { UsageError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import type { IngestionPlan, Plan, SummaryPlan } from "../pipeline/plan.js";
import { columnNumber } from "../scan/fields.js";
import type { ScanPlan } from "../scan/plan.js";
import { isPattern } from "../scan/value-names.js";
import { QUARTER_CLOCK } from "../tally/quarter-pages.js";
import { mostDays } from "../tally/summarise.js";
import { dayOf } from "../time/period.js";
import { repeatsOf } from "../time/repeated-hours.js";
import { inOrder, type Resolution } from "../time/resolution.js";
import { type Fit, fitOf, quarterFitOf } from "../time/slot-width.js";
import { compileFormat } from "../time/timestamp-format.js";
import { gapsOf, type Zone, zoneOf } from "../time/zone.js";
import { intervalPlanOf, unitPowerOf } from "./interval-plan.js";
import { DEFAULT_RESOLUTIONS } from "./job-options.js";
import { OPTIONS } from "./option-table.js";
import type { AggregateOptions, ReadOptions, SummaryOptions } from "./options.js";

/** The resolutions that are asked for, the finest first. */
export function resolutionsOf({
  resolutions = DEFAULT_RESOLUTIONS,
}: Pick<SummaryOptions, "resolutions">): Resolution[] {
  return inOrder(resolutions);
}

/** @throws UsageError naming the option */
export function summaryPlanOf(options: SummaryOptions): SummaryPlan & Pick<Plan, "rows"> {
  const zone = named("timezone", () => zoneOf(options.timezone ?? OPTIONS.timezone.default));
  const from = options.from === undefined ? undefined : named("from", () => dayOf(options.from as string));
  const to = options.to === undefined ? undefined : named("to", () => dayOf(options.to as string));
  if (from !== undefined && to !== undefined && from > to)
    throw new UsageError(
      "period_backwards",
      say`${option("from", options.from)} is after ${option("to", options.to)}`,
      {
        option: "from",
      },
    );
  const maxDays = options.maxDays ?? OPTIONS.maxDays.default;
  if (from !== undefined && to !== undefined && to - from + 1 > maxDays)
    throw new UsageError(
      "period_too_long",
      say`${option("from", options.from)} to ${option("to", options.to)} is ${to - from + 1} days, more than ${mostDays(maxDays)}`,
    );
  const rows = resolutionsOf(options).includes("15min") ? "15min" : "hour";
  return { zone, rows, from, to, bySource: options.bySource ?? false, maxDays };
}

/** @throws UsageError naming the option */
export function planOf(options: AggregateOptions): Plan {
  const summary = summaryPlanOf(options);
  const { zone, from, to, bySource } = summary;
  const inputZone =
    options.inputTimezone === undefined ? zone : named("inputTimezone", () => zoneOf(options.inputTimezone as string));
  const fitting = summary.rows === "15min" ? quarterFitOf : fitOf;
  const instants = fitting([zone]);
  const walls = fitting([inputZone, zone]);
  // Even without `bySource`, the number of sources in a given period requires cells by source.
  const tallyBySource = bySource || from !== undefined || to !== undefined;
  const read = readPlan(options, { inputZone, zone, from });
  const scan: ScanPlan = {
    ...read,
    bySource: tallyBySource,
    instants: { width: instants.width, from: instants.from },
    walls: wallsOf(inputZone, walls, read.stampsEnd),
  };
  return { ...summary, scan, inputZone, clock: { instantWidth: instants.width, wallWidth: walls.width } };
}

/** @throws UsageError naming the option */
export function ingestionPlanOf(options: ReadOptions): IngestionPlan {
  const inputZone = named("inputTimezone", () => zoneOf(options.inputTimezone ?? OPTIONS.timezone.default));
  const walls = quarterFitOf([inputZone]);
  const read = readPlan(options, { inputZone, zone: inputZone, from: undefined });
  return {
    scan: {
      ...read,
      bySource: true,
      instants: { width: QUARTER_CLOCK.instantWidth, from: Number.NEGATIVE_INFINITY },
      walls: wallsOf(inputZone, walls, read.stampsEnd),
    },
    inputZone,
    clock: QUARTER_CLOCK,
  };
}

function wallsOf(zone: Zone, { width, from }: Fit, ends: boolean): ScanPlan["walls"] {
  return { width, from, gaps: gapsOf(zone), repeats: repeatsOf(zone, ends) };
}

function readPlan(options: ReadOptions, where: Parameters<typeof intervalPlanOf>[1]) {
  const {
    timestampField = OPTIONS.timestampField.default,
    stamps = OPTIONS.stamps.default,
    repeatedHour = OPTIONS.repeatedHour.default,
    header = OPTIONS.header.default,
    timeField,
    timestampFormat,
  } = options;
  const valueFields = [options.valueField ?? OPTIONS.valueField.default].flat();
  const sourceFields = options.sourceField === undefined ? ["meter_id", "source_id"] : [options.sourceField];
  if (valueFields.includes(timestampField))
    throw new UsageError(
      "same_field",
      `timestamp and value cannot both be in the field ${JSON.stringify(timestampField)}`,
    );
  if (timeField !== undefined && [timestampField, ...valueFields, options.sourceField].includes(timeField))
    throw new UsageError(
      "same_field",
      say`${option("timeField", timeField)} is the field of the timestamp, the value or the source`,
      { option: "timeField" },
    );
  const unitPower = unitPowerOf(options);
  const covering = intervalPlanOf(options, where);
  if (timestampFormat !== undefined)
    named("timestampFormat", () => compileFormat(timestampFormat, covering.interval !== undefined));
  if (sourceFields.length === 1 && [timestampField, ...valueFields].includes(sourceFields[0]))
    throw new UsageError(
      "same_field",
      say`${option("sourceField", sourceFields[0])} is the field of the timestamp or the value`,
    );
  if (header === "none")
    checkNumbers([
      ["timestampField", timestampField],
      ...valueFields.map((field) => ["valueField", field] as const),
      ...(options.sourceField === undefined ? [] : [["sourceField", options.sourceField] as const]),
    ]);
  return {
    timestampField,
    timeField,
    timestampFormat,
    valueFields,
    several: valueFields.length > 1 || valueFields.some(isPattern),
    header: header !== "none",
    missing: options.missing ?? [],
    // If a default name of the source is also the name of a required field, it is that field.
    sourceAsked: options.sourceField !== undefined,
    sourceFields: sourceFields.filter((name) => ![timestampField, ...valueFields, timeField].includes(name)),
    records: options.records === undefined ? undefined : pointerOf(options.records),
    unitPower,
    ...covering,
    decimalComma: options.decimalComma ?? false,
    stampsEnd: stamps === "end",
    repeatedHour,
  };
}

/** Without a header, columns have no names. */
function checkNumbers(fields: readonly (readonly [name: string, field: string])[]): void {
  for (const [name, field] of fields)
    if (columnNumber(field) === 0)
      throw new UsageError(
        "no_column_number",
        say`${option("header", "none")}: the columns have no names, so say which one it is by its number: ${option(name, "#1")} is the first`,
        { option: name },
      );
}

/** The tokens of a JSON pointer (RFC 6901). */
function pointerOf(text: string): string[] {
  if (text !== "" && !text.startsWith("/"))
    throw new UsageError(
      "bad_pointer",
      say`${option("records")} ${JSON.stringify(text)} is not a JSON pointer; it begins with /, as in /data/readings`,
      { option: "records" },
    );
  if (/~(?![01])/.test(text))
    throw new UsageError(
      "bad_pointer",
      say`${option("records")} ${JSON.stringify(text)} is not a JSON pointer; write ~ in a name as ~0`,
      { option: "records" },
    );
  return text
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Adds to an error which option it is about. */
function named<T>(which: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof UsageError)
      throw new UsageError(error.code, say`${option(which)}: ${error.said}`, { option: which, cause: error });
    throw error;
  }
}
