/** From options to how readings cover time. */
import { UsageError } from "../base/errors.js";
import { type Message, option, say } from "../base/message.js";
import type { IntervalPlan } from "../scan/plan.js";
import { parseLength } from "../time/interval.js";
import type { Zone } from "../time/zone.js";
import { OPTIONS } from "./option-table.js";
import type { ReadOptions } from "./options.js";

/** Powers of ten that make 10⁻¹⁸ kWh, or kW, of a unit. */
const ENERGIES = { Wh: 15, kWh: 18, MWh: 21, GWh: 24 } as const;
const POWERS = { W: 15, kW: 18, MW: 21 } as const;
const SECONDS = { s: 1, m: 60, h: 3600 } as const;
/** An end is one field, or a date and a time. */
const MOST_ENDS = 2;

/** Zones and days that intervals depend on. */
export interface Where {
  readonly inputZone: Zone;
  /** Of the rows. */
  readonly zone: Zone;
  /** The first day of the period, if it was given. */
  readonly from: number | undefined;
}

/** The power of ten that converts values to 10⁻¹⁸ kWh, or kW. @throws UsageError naming the option */
export function unitPowerOf({ values = OPTIONS.values.default, unit }: ReadOptions): number {
  const powers: Readonly<Record<string, number>> = values === "power" ? POWERS : ENERGIES;
  const power = powers[unit ?? (values === "power" ? "kW" : "kWh")];
  if (power !== undefined) return power;
  throw new UsageError(
    "unit_of_other_values",
    values === "power"
      ? say`${option("unit", unit)} is a unit of energy, and ${option("values", "power")} has W, kW or MW`
      : say`${option("unit", unit)} is a unit of power; say ${option("values", "power")}, and how long each value holds, as ${option("interval", "15m")}`,
    { option: "unit" },
  );
}

/** @throws UsageError naming the option */
export function intervalPlanOf(
  options: ReadOptions,
  { inputZone }: Where,
): { endFields: readonly string[]; durationField: string | undefined; interval: IntervalPlan | undefined } {
  const { interval, endField: endFields = [], durationField, durationUnit, end, stamps } = options;
  const power = options.values === "power";
  const given = [
    ...(interval === undefined ? [] : ["interval"]),
    ...(endFields.length === 0 ? [] : ["endField"]),
    ...(durationField === undefined ? [] : ["durationField"]),
    ...(options.dayColumns === undefined ? [] : ["dayColumns"]),
  ];
  const [first, second] = given;
  if (first !== undefined && second !== undefined)
    throw contradictory(
      first,
      say`${option(first)} and ${option(second)} both say how long an interval is; give one of them`,
    );
  if (end === "inclusive" && endFields.length === 0)
    throw contradictory(
      "end",
      say`${option("end", end)} is about the field of the end; say which that is with ${option("endField")}`,
    );
  if (durationUnit !== undefined && durationField === undefined)
    throw contradictory(
      "durationUnit",
      say`${option("durationUnit")} is about the field of the length; say which that is with ${option("durationField")}`,
    );
  if (endFields.length > MOST_ENDS)
    throw contradictory(
      "endField",
      say`${option("endField")} is given more than twice; it is one field, or a date and a time`,
    );
  if (options.dayColumns !== undefined && stamps === "end")
    throw contradictory(
      "stamps",
      say`${option("stamps", stamps)}: with ${option("dayColumns")}, a timestamp is the day whose values follow`,
    );
  if (endFields.length > 0 && stamps === "end")
    throw contradictory(
      "stamps",
      say`${option("stamps", stamps)}: with ${option("endField")}, timestamps mark the start`,
    );
  if (first === undefined) {
    if (power)
      throw contradictory(
        "values",
        say`${option("values", "power")}: say how long each value holds, with ${option("interval")}, ${option("endField")} or ${option("durationField")}`,
      );
    if (options.totals === "skip" && isDescribed(options))
      throw contradictory(
        "totals",
        say`${option("totals", "skip")} needs to know which time a reading covers; say ${option("endField")}, ${option("durationField")} or ${option("interval")}`,
      );
    return { endFields: [], durationField: undefined, interval: undefined };
  }
  return {
    endFields,
    durationField,
    interval: {
      length: lengthFor(options),
      durationUnit: SECONDS[durationUnit ?? OPTIONS.durationUnit.default],
      inclusive: end === "inclusive",
      power,
      inputZone,
    },
  };
}

/** Whether nothing will be recognised, which could tell how long intervals are. */
function isDescribed({ timestampField, valueField, profile }: ReadOptions): boolean {
  return timestampField !== undefined || valueField !== undefined || profile !== undefined;
}

function lengthFor({ interval, durationField, dayColumns }: ReadOptions): IntervalPlan["length"] {
  if (interval !== undefined) return lengthOf(interval);
  if (dayColumns !== undefined) return "columns";
  return durationField === undefined ? "end" : "duration";
}

function lengthOf(text: string) {
  const length = parseLength(text);
  if (typeof length !== "string") return length;
  throw new UsageError("bad_interval", say`${option("interval", text)} ${length}`, { option: "interval" });
}

function contradictory(which: string, message: Message): UsageError {
  return new UsageError("contradiction", message, { option: which });
}
