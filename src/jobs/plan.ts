/** From options to a plan: everything checked, nothing done yet. */

import { UsageError } from "../base/errors.js";
import { either, option, say } from "../base/message.js";
import type { KeepPlan, Plan, SummaryPlan } from "../pipeline/plan.js";
import type { ScanPlan } from "../scan/plan.js";
import { QUARTER_CLOCK } from "../tally/quarter-pages.js";
import { mostDays } from "../tally/summarise.js";
import { dayOf } from "../time/period.js";
import { repeatsOf } from "../time/repeated-hours.js";
import { type Fit, fitOf, quarterFitOf } from "../time/slot-width.js";
import { gapsOf, type Zone, zoneOf } from "../time/zone.js";
import type { AggregateOptions, ReadOptions, SummaryOptions } from "./options.js";

const UNIT_POWER = { Wh: 15, kWh: 18, MWh: 21 } as const;
const MAX_DAYS = 3660;

/** @throws UsageError naming the option */
export function summaryPlanOf(options: SummaryOptions): SummaryPlan {
  const zone = named("timezone", () => zoneOf(options.timezone ?? "UTC"));
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
  const maxDays = whole("maxDays", options.maxDays ?? MAX_DAYS, 1, 110_000);
  if (from !== undefined && to !== undefined && to - from + 1 > maxDays)
    throw new UsageError(
      "period_too_long",
      say`${option("from", options.from)} to ${option("to", options.to)} is ${to - from + 1} days, more than ${mostDays(maxDays)}`,
    );
  return { zone, from, to, bySource: options.bySource ?? false, maxDays };
}

/** @throws UsageError naming the option */
export function planOf(options: AggregateOptions): Plan {
  const summary = summaryPlanOf(options);
  const { zone, from, to, bySource } = summary;
  const inputZone =
    options.inputTimezone === undefined ? zone : named("inputTimezone", () => zoneOf(options.inputTimezone as string));
  if (options.decimals !== undefined) whole("decimals", options.decimals, 0, 18);
  checkResources(options);
  const instants = fitOf([zone]);
  const walls = fitOf([inputZone, zone]);
  // Without it, a period of which both the sums and the number of sources are asked for needs to know which had readings in it.
  const tallyBySource = bySource || from !== undefined || to !== undefined;
  const read = readPlan(options);
  const scan: ScanPlan = {
    ...read,
    bySource: tallyBySource,
    instants: { width: instants.width, from: instants.from },
    walls: wallsOf(inputZone, walls, read.stampsEnd),
  };
  return { ...summary, scan, inputZone, clock: { instantWidth: instants.width, wallWidth: walls.width } };
}

/** @throws UsageError naming the option */
export function keepPlanOf(options: ReadOptions): KeepPlan {
  const inputZone = named("inputTimezone", () => zoneOf(options.inputTimezone ?? "UTC"));
  const walls = quarterFitOf([inputZone]);
  const read = readPlan(options);
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

function readPlan(options: ReadOptions) {
  const timestampField = fieldName("timestampField", options.timestampField ?? "timestamp");
  const valueField = fieldName("valueField", options.valueField ?? "kWh_value");
  const sourceFields =
    options.sourceField === undefined ? ["meter_id", "source_id"] : [fieldName("sourceField", options.sourceField)];
  if (timestampField === valueField)
    throw new UsageError("same_field", `timestamp and value cannot both be in the field ${JSON.stringify(valueField)}`);
  if (sourceFields.length === 1 && (sourceFields[0] === timestampField || sourceFields[0] === valueField))
    throw new UsageError(
      "same_field",
      say`${option("sourceField", sourceFields[0])} is the field of the timestamp or the value`,
    );
  return {
    timestampField,
    valueField,
    // Where the default name of a source is the name of a needed field, it is that.
    sourceFields: sourceFields.filter((name) => name !== timestampField && name !== valueField),
    records: options.records === undefined ? undefined : pointerOf(options.records),
    unitPower: UNIT_POWER[choice("unit", options.unit ?? "kWh", ["Wh", "kWh", "MWh"])],
    decimalComma: options.decimalComma ?? false,
    stampsEnd: choice("stamps", options.stamps ?? "start", ["start", "end"]) === "end",
    repeatedHour: choice("repeatedHour", options.repeatedHour ?? "order", ["order", "first", "last", "fail"]),
  };
}

function fieldName(which: string, name: string): string {
  if (name === "")
    throw new UsageError("bad_field", say`${option(which)}: it is empty; name the field as it is in the records`, {
      option: which,
    });
  return name;
}

/** Tokens of a JSON pointer (RFC 6901). */
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

function choice<T extends string>(which: string, value: string, values: readonly T[]): T {
  const found = values.find((one) => one === value);
  if (found === undefined)
    throw new UsageError("bad_choice", say`${option(which)} ${JSON.stringify(value)}: it must be ${either(values)}`, {
      option: which,
    });
  return found;
}

/** @throws UsageError naming the option */
export function checkResources({ workers, memory }: Pick<AggregateOptions, "workers" | "memory">): void {
  if (workers !== undefined) whole("workers", workers, 1, 1024);
  if (memory !== undefined) whole("memory", memory, 1, Number.MAX_SAFE_INTEGER);
}

function whole(which: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(
      "bad_number",
      say`${option(which, value)}: it must be a whole number from ${least} to ${most}`,
      {
        option: which,
      },
    );
  return value;
}

/** Says which option an error is about. */
function named<T>(which: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof UsageError)
      throw new UsageError(error.code, say`${option(which)}: ${error.said}`, { option: which, cause: error });
    throw error;
  }
}
