/** From options, whose values `check-options.ts` or a surface has checked, to a plan: what they mean together. Nothing is executed. */

import { UsageError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import type { IngestionPlan, Plan, SummaryPlan } from "../pipeline/plan.js";
import { columnNumber } from "../scan/fields.js";
import type { ExportRule, ScanPlan } from "../scan/plan.js";
import { QUARTER_CLOCK } from "../tally/quarter-pages.js";
import { mostDays } from "../tally/summarise.js";
import { dayOf, hoursOf } from "../time/period.js";
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

/** Of the days of NEM12, which knows no other and no summer time. */
const NEM_ZONE = "+10:00";

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
    exports: exportsOf(options),
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
      exports: options.export ?? "ask",
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

/** @throws UsageError */
function exportsOf({ export: rule, bySource }: AggregateOptions): ExportRule {
  if (!bySource) return rule ?? "ask";
  if (rule === "add" || rule === "subtract")
    throw new UsageError(
      "contradiction",
      say`${option("export", rule)} is about sums of all sources; with ${option("bySource", true)} consumption and export have rows of their own`,
      { option: "export" },
    );
  return rule ?? "apart";
}

/** Zones and days that readings which cover time depend on. */
interface Where {
  readonly inputZone: Zone;
  /** Of the rows. */
  readonly zone: Zone;
  /** The first day of the period, if it was given. */
  readonly from: number | undefined;
}

function readPlan(options: ReadOptions, { inputZone, zone, from }: Where) {
  const {
    timestampField = OPTIONS.timestampField.default,
    valueField = OPTIONS.valueField.default,
    stamps = OPTIONS.stamps.default,
    repeatedHour = OPTIONS.repeatedHour.default,
    header = OPTIONS.header.default,
    timeField,
    timestampFormat,
  } = options;
  const sourceFields = options.sourceField === undefined ? ["meter_id", "source_id"] : [options.sourceField];
  if (timestampField === valueField)
    throw new UsageError("same_field", `timestamp and value cannot both be in the field ${JSON.stringify(valueField)}`);
  if (timeField !== undefined && [timestampField, valueField, options.sourceField].includes(timeField))
    throw new UsageError(
      "same_field",
      say`${option("timeField", timeField)} is the field of the timestamp, the value or the source`,
      { option: "timeField" },
    );
  const unitPower = unitPowerOf(options);
  const covering = intervalPlanOf(options, inputZone);
  if (timestampFormat !== undefined)
    named("timestampFormat", () => compileFormat(timestampFormat, covering.interval !== undefined));
  if (sourceFields.length === 1 && (sourceFields[0] === timestampField || sourceFields[0] === valueField))
    throw new UsageError(
      "same_field",
      say`${option("sourceField", sourceFields[0])} is the field of the timestamp or the value`,
    );
  if (header === "none") checkNumbers({ timestampField, valueField, sourceField: options.sourceField });
  return {
    timestampField,
    timeField,
    timestampFormat,
    valueField,
    header: header !== "none",
    missing: options.missing ?? [],
    // If a default name of the source is also the name of a required field, it is that field.
    sourceAsked: options.sourceField !== undefined,
    sourceFields: sourceFields.filter((name) => ![timestampField, valueField, timeField].includes(name)),
    records: options.records === undefined ? undefined : pointerOf(options.records),
    unitPower,
    ...covering,
    rows: { zone, from: from === undefined ? undefined : hoursOf(zone, from, from + 1).start[0] },
    nemZone: options.inputTimezone === undefined ? zoneOf(NEM_ZONE) : inputZone,
    decimalComma: options.decimalComma ?? false,
    stampsEnd: stamps === "end",
    repeatedHour,
  };
}

/** Without a header, columns have no names. */
function checkNumbers(
  fields: { readonly [Name in "timestampField" | "valueField" | "sourceField"]?: string | undefined },
): void {
  for (const [name, field] of Object.entries(fields))
    if (field !== undefined && columnNumber(field) === 0)
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
