/** From options to the way of sources: what several readings mean together. */
import { UsageError } from "../base/errors.js";
import { type Message, option, say } from "../base/message.js";
import type { KeepPlan, ScanPlan } from "../scan/plan.js";
import { DECIMAL_OK, type Decimal, readDecimal } from "../tally/decimal.js";
import { sizeOf } from "../tally/difference.js";
import { type RegisterRules, WAY_PARTS } from "../tally/way.js";
import { parseLength } from "../time/interval.js";
import type { Zone } from "../time/zone.js";
import type { ReadOptions } from "./options.js";

const POINT = 46;
const DAY = 86_400;
/** Options that say what an interval is, which cumulative readings have none of. */
const INTERVALS = ["interval", "endField", "durationField", "dayColumns", "end", "durationUnit"] as const;

/**
 * @param unitPower of the values
 * @throws UsageError naming the option
 */
export function keepPlanOf(options: ReadOptions, inputZone: Zone, unitPower: number): KeepPlan | undefined {
  const { values, duplicates = "add", totals } = options;
  const isExchange = values === "exchange";
  const said = WAY_PARTS.filter((part) => options[part] !== undefined);
  const shared = { said, isExchange, inputZone };
  if (values !== "register" && !isExchange) {
    checkNoRules(options);
    if (duplicates === "add") return undefined;
    if (totals === "skip")
      throw contradictory(
        "totals",
        say`${option("totals", totals)} and ${option("duplicates", duplicates)} exclude each other; use one of them at a time`,
      );
    return { ...shared, way: { duplicates, register: undefined }, stampsEnd: options.stamps === "end" };
  }
  checkNoIntervals(options, values);
  if (duplicates === "once")
    throw contradictory(
      "duplicates",
      say`${option("duplicates", duplicates)}: with ${option("values", values)}, equal readings always count once; leave it out`,
    );
  return { ...shared, way: { duplicates, register: rulesOf(options, unitPower) }, stampsEnd: false };
}

/** Options about registers go with them alone. */
function checkNoRules(options: ReadOptions): void {
  for (const name of ["register", "rollover", "gap", "across"] as const)
    if (options[name] !== undefined)
      throw contradictory(
        name,
        say`${option(name, options[name])} is about cumulative meter readings; say ${option("values", "register")}`,
      );
}

/** Options about what a reading covers do not go with registers. */
function checkNoIntervals(options: ReadOptions, values: string): void {
  for (const name of INTERVALS)
    if (options[name] !== undefined)
      throw contradictory(
        name,
        say`${option(name)} says what a reading covers; with ${option("values", values)}, energy lies between one reading and the next`,
      );
  if (options.stamps === "end")
    throw contradictory(
      "stamps",
      say`${option("stamps", "end")} is about readings of intervals; with ${option("values", values)}, a timestamp is the moment at which the meter was read`,
    );
  if (options.totals === "skip")
    throw contradictory(
      "totals",
      say`${option("totals", "skip")} is about readings of intervals, and ${option("values", values)} has none`,
    );
}

/** How the records of meter exchanges are read beside those of a plan: their fields have names of their own. */
export function exchangePlanOf(plan: Omit<ScanPlan, "known" | "exchanges">, inputZone: Zone): ScanPlan {
  const { keep, sourceFields, sourceJoined, sourceAsked } = plan;
  const rules: RegisterRules = { kind: "meter", rollover: undefined, gap: undefined, across: "spread" };
  return {
    ...plan,
    ...{ timestampField: "timestamp", valueFields: ["old_end", "new_start"], several: true, header: true },
    ...{ timeField: undefined, unitField: undefined, only: [], missing: [], endFields: [], durationField: undefined },
    ...{
      interval: undefined,
      skipTotals: false,
      exportMark: undefined,
      shortRows: false,
      records: undefined,
      known: [],
    },
    exchanges: undefined,
    sourceFields:
      sourceJoined || !sourceAsked ? sourceFields : [...new Set([...sourceFields, "meter_id", "source_id"])],
    keep: {
      ...{ inputZone, said: keep?.said ?? [], isExchange: true, stampsEnd: false },
      way: { duplicates: keep?.way.duplicates ?? "add", register: keep?.way.register ?? rules },
    },
  };
}

function rulesOf(options: ReadOptions, unitPower: number): RegisterRules {
  const { register: kind = "meter", rollover, gap, across } = options;
  if (rollover !== undefined && kind === "counter")
    throw contradictory(
      "rollover",
      say`${option("rollover", rollover)} is about meters; with ${option("register", "counter")}, a reading that is lower is a new beginning`,
    );
  if (across !== undefined && gap === undefined)
    throw contradictory(
      "across",
      say`${option("across", across)}: say from which distance on, with ${option("gap", "1d")}`,
    );
  return {
    kind,
    rollover: rollover === undefined ? undefined : sizeOfText(rollover, unitPower),
    gap: gap === undefined ? undefined : secondsOf(gap),
    across: across ?? "spread",
  };
}

function sizeOfText(text: string, unitPower: number): bigint {
  const value: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };
  const bytes = Buffer.from(text);
  const read = readDecimal(bytes, 0, bytes.length, POINT, unitPower, value);
  if (read === DECIMAL_OK && !value.negative && sizeOf(value) > 0n) return sizeOf(value);
  throw new UsageError(
    "bad_rollover",
    say`${option("rollover", text)} is not the number at which a display begins again at 0; write it as 100000`,
    { option: "rollover" },
  );
}

function secondsOf(text: string): number {
  const length = parseLength(text);
  if (typeof length === "string")
    throw new UsageError("bad_gap", say`${option("gap", text)} ${length}`, { option: "gap" });
  if (length.unit === "second") return length.count;
  if (length.unit === "day") return DAY;
  throw new UsageError(
    "bad_gap",
    say`${option("gap", text)}: a month has no fixed length; write it in hours, as 720h`,
    {
      option: "gap",
    },
  );
}

function contradictory(which: string, message: Message): UsageError {
  return new UsageError("contradiction", message, { option: which });
}
