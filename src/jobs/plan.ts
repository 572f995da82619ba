/** From options, whose values `check-options.ts` or a surface has checked, to a plan: what they mean together. Nothing is executed. */

import { UsageError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import type { IngestionPlan, Plan, SummaryPlan } from "../pipeline/plan.js";
import type { KnownTable, ScanPlan } from "../scan/plan.js";
import { isPattern } from "../scan/value-names.js";
import { QUARTER_CLOCK } from "../tally/quarter-pages.js";
import { mostDays } from "../tally/summarise.js";
import { dayOf } from "../time/period.js";
import { repeatsOf } from "../time/repeated-hours.js";
import { inOrder, type Resolution } from "../time/resolution.js";
import { type Fit, fitOf, quarterFitOf } from "../time/slot-width.js";
import { compileFormat } from "../time/timestamp-format.js";
import { gapsOf, type Zone, zoneOf } from "../time/zone.js";
import { checkExportMark, exportsOf, nemZoneOf, rowsOf } from "./delivery-plan.js";
import { intervalPlanOf, unitPowerOf, type Where } from "./interval-plan.js";
import { DEFAULT_RESOLUTIONS } from "./job-options.js";
import { OPTIONS } from "./option-table.js";
import type { AggregateOptions, ReadOptions, SummaryOptions } from "./options.js";
import { pointerOf } from "./pointer.js";
import { knownTables, type Profiled } from "./profiles.js";
import { checkNumbers, checkThousands, encodingPlan } from "./text-plan.js";
import { exchangePlanOf, keepPlanOf } from "./way-plan.js";

/** How often an option may be given, and so the most names that each record is searched for. */
const MOST_REPEATS = 30;

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

/** @param exports how export counts, whatever the options say @throws UsageError naming the option */
export function planOf(options: AggregateOptions, exports = exportsOf(options)): Plan {
  const summary = summaryPlanOf(options);
  const { zone, from, to, bySource } = summary;
  const inputZone =
    options.inputTimezone === undefined ? zone : named("inputTimezone", () => zoneOf(options.inputTimezone as string));
  const fitting = summary.rows === "15min" ? quarterFitOf : fitOf;
  const instants = fitting([zone]);
  const walls = fitting([inputZone, zone]);
  // Even without `bySource`, the number of sources in a given period requires cells by source.
  const tallyBySource = bySource || from !== undefined || to !== undefined;
  const where = { inputZone, zone, from };
  const read = readPlan(options, where);
  const scan: Omit<ScanPlan, "known" | "exchanges"> = {
    ...read,
    exports,
    bySource: tallyBySource,
    instants: { width: instants.width, from: instants.from },
    walls: wallsOf(inputZone, walls, read.stampsEnd),
  };
  const clock = { instantWidth: instants.width, wallWidth: walls.width };
  return { ...summary, scan: withTables(scan, options, where), inputZone, clock };
}

/** @throws UsageError naming the option */
export function ingestionPlanOf(options: ReadOptions): IngestionPlan {
  const inputZone = named("inputTimezone", () => zoneOf(options.inputTimezone ?? OPTIONS.timezone.default));
  const walls = quarterFitOf([inputZone]);
  const where = { inputZone, zone: inputZone, from: undefined };
  const read = readPlan(options, where);
  const scan: Omit<ScanPlan, "known" | "exchanges"> = {
    ...read,
    exports: options.export ?? "apart",
    bySource: true,
    instants: { width: QUARTER_CLOCK.instantWidth, from: Number.NEGATIVE_INFINITY },
    walls: wallsOf(inputZone, walls, read.stampsEnd),
  };
  return { scan: withTables(scan, options, where), inputZone, clock: QUARTER_CLOCK };
}

/** A plan with the tables that are recognised by their headers: planned only once one is looked for. */
function withTables(
  scan: Omit<ScanPlan, "known" | "exchanges">,
  options: ReadOptions & Pick<AggregateOptions, "exchanges">,
  where: Where,
): ScanPlan {
  let known: readonly KnownTable[] | undefined;
  checkExportMark(scan);
  if (options.values === "exchange") return exchangePlanOf(scan, where.inputZone);
  return {
    ...scan,
    exchanges: options.exchanges === undefined ? undefined : exchangePlanOf(scan, where.inputZone),
    get known() {
      known ??= knownTables(options, (own) => {
        const plan = { ...scan, ...readPlan(own, where), known: [], exchanges: undefined };
        checkExportMark(plan);
        return plan;
      });
      return known;
    },
  };
}

function wallsOf(zone: Zone, { width, from }: Fit, ends: boolean): ScanPlan["walls"] {
  return { width, from, gaps: gapsOf(zone), repeats: repeatsOf(zone, ends) };
}

function readPlan(options: Profiled, where: Where) {
  const {
    timestampField = OPTIONS.timestampField.default,
    stamps = OPTIONS.stamps.default,
    repeatedHour = OPTIONS.repeatedHour.default,
    header = OPTIONS.header.default,
    timeField,
    timestampFormat,
  } = options;
  if (options.dayColumns !== undefined && options.valueField !== undefined)
    throw new UsageError(
      "contradiction",
      say`${option("dayColumns", options.dayColumns)} names the values; leave ${option("valueField")} out`,
      { option: "dayColumns" },
    );
  const valueFields = [options.dayColumns ?? options.valueField ?? OPTIONS.valueField.default].flat();
  const askedSources = options.sourceField === undefined ? undefined : [options.sourceField].flat();
  const sourceFields = askedSources ?? ["meter_id", "source_id"];
  checkRepeats({ ...options, valueField: valueFields, sourceField: sourceFields });
  if (valueFields.includes(timestampField))
    throw new UsageError(
      "same_field",
      `timestamp and value cannot both be in the field ${JSON.stringify(timestampField)}`,
    );
  if (timeField !== undefined && [timestampField, ...valueFields, ...(askedSources ?? [])].includes(timeField))
    throw new UsageError(
      "same_field",
      say`${option("timeField", timeField)} is the field of the timestamp, the value or the source`,
      { option: "timeField" },
    );
  const only = onlyOf(options.only ?? [], valueFields);
  checkUnit(options, timestampField, valueFields);
  checkThousands(options);
  const unitPower = unitPowerOf(options);
  const covering = intervalPlanOf(options, where);
  const keep = keepPlanOf(options, where.inputZone, unitPower);
  if (timestampFormat !== undefined)
    named("timestampFormat", () => compileFormat(timestampFormat, covering.interval !== undefined));
  const same = askedSources?.find((name) => [timestampField, ...valueFields].includes(name));
  if (same !== undefined)
    throw new UsageError("same_field", say`${option("sourceField", same)} is the field of the timestamp or the value`);
  if (header === "none")
    checkNumbers([
      ["timestampField", timestampField],
      ...valueFields.map((field) => ["valueField", field] as const),
      ...(askedSources ?? []).map((field) => ["sourceField", field] as const),
      ...(options.unitField === undefined ? [] : [["unitField", options.unitField] as const]),
      ...only.map(({ name }) => ["only", name] as const),
    ]);
  return {
    timestampField,
    timeField,
    timestampFormat,
    valueFields,
    several: options.dayColumns !== undefined || valueFields.length > 1 || valueFields.some(isPattern),
    header: header !== "none",
    missing: options.missing ?? [],
    // If a default name of the source is also the name of a required field, it is that field.
    sourceAsked: options.sourceField !== undefined,
    sourceFields: sourceFields.filter((name) => ![timestampField, ...valueFields, timeField].includes(name)),
    sourceJoined: sourceFields.length > 1 && askedSources !== undefined,
    unitField: options.unitField,
    only,
    thousands: options.thousands,
    encoding: encodingPlan(options),
    records: options.records === undefined ? undefined : pointerOf(options.records),
    unitPower,
    ...covering,
    keep,
    skipTotals: options.totals === "skip",
    rows: rowsOf(where),
    nemZone: nemZoneOf(options, where),
    decimalComma: options.decimalComma ?? false,
    stampsEnd: stamps === "end",
    repeatedHour,
    ownZone: undefined,
    exportMark: options.exportMark,
    shortRows: options.shortRows ?? false,
  };
}

/** @throws UsageError where one of the options that may be repeated is given too often */
function checkRepeats(options: object): void {
  const lists = options as Readonly<Record<string, readonly string[] | undefined>>;
  for (const name of ["missing", "valueField", "sourceField", "only"])
    if ((lists[name]?.length ?? 0) > MOST_REPEATS)
      throw new UsageError("too_often", say`${option(name)} is given more than ${MOST_REPEATS} times`, {
        option: name,
      });
}

/** The fields that records are selected by, and their values. */
function onlyOf(texts: readonly string[], valueFields: readonly string[]): ScanPlan["only"] {
  const all = new Map<string, string[]>();
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1)
      throw new UsageError("bad_only", say`${option("only", text)}: it has to be NAME=VALUE`, { option: "only" });
    const name = text.slice(0, at);
    if (valueFields.length > 1 && valueFields.includes(name))
      throw new UsageError("same_field", say`${option("only", text)} is about the field of one of several values`, {
        option: "only",
      });
    all.set(name, [...(all.get(name) ?? []), text.slice(at + 1)]);
  }
  return [...all].map(([name, values]) => ({ name, values }));
}

/** @throws UsageError where the unit is given in two ways, or in the place of something else */
function checkUnit(
  { unit, unitField, values }: ReadOptions,
  timestampField: string,
  valueFields: readonly string[],
): void {
  if (unitField === undefined) return;
  if (values === "power")
    throw new UsageError(
      "contradiction",
      say`${option("values", values)} and ${option("unitField", unitField)} contradict each other: units in a field are those of energy; say ${option("unit")} instead`,
    );
  if (unit !== undefined)
    throw new UsageError(
      "contradiction",
      say`${option("unit", unit)} and ${option("unitField", unitField)} contradict each other; leave one out`,
    );
  if (unitField === timestampField || valueFields.includes(unitField))
    throw new UsageError(
      "same_field",
      say`${option("unitField", unitField)} is the field of the timestamp or the value`,
      {
        option: "unitField",
      },
    );
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
