/** What is odd about readings, and is told wherever they are summed or kept. */

import { say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { duplicatesWarning } from "../quality/duplicates.js";
import { endStampsWarning } from "../quality/end-stamps.js";
import { overlappingWarning } from "../quality/overlapping.js";
import { type RegisterFindings, registerWarnings } from "../quality/register-findings.js";
import { dateAt } from "../time/period.js";
import type { Zone } from "../time/zone.js";
import { type WallTimes, wallWarnings } from "./clock-changes.js";
import type { Overall } from "./overall.js";
import type { IngestionPlan } from "./plan.js";

/** Readings as a whole. */
export interface Readings {
  /** What was found in each input. */
  readonly found: readonly Warning[];
  readonly wallTimes: WallTimes;
  readonly overall: Overall;
  readonly registers: RegisterFindings;
  /** Instants of the first and the last one, in epoch seconds with their fraction, if there are any. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** The profiles that inputs were recognised by. */
  readonly readAs: readonly string[];
}

interface Question {
  readonly zone: Zone;
  readonly to?: number | undefined;
  readonly bySource?: boolean;
}

/**
 * @param zone whose days count
 * @param said whether it was said which zone wall times are of
 * @param to the last day that was asked for, if one was
 * @param bySource whether rows are wanted by source
 * @param input the one that they are of; `undefined`: all
 */
export function dataWarnings(
  { found, wallTimes, overall, registers, first, last, readAs }: Readings,
  { scan, inputZone, zone, to, bySource = false }: Pick<IngestionPlan, "scan" | "inputZone"> & Question,
  said: boolean,
  input?: string,
): Warning[] {
  const noSource =
    overall.named || !(bySource || scan.sourceAsked) ? undefined : found.find(({ code }) => code === "no_source");
  const ofInputs = found.filter((warning) => warning.code !== "no_source" || warning === noSource);
  const codes = new Set(found.map(({ code }) => code));
  const others = overall.warnings.filter(({ code }) => !codes.has(code));
  const warnings = [...ofInputs, ...others, ...wallWarnings(wallTimes, inputZone, said, input)];
  const add = ({ code, message }: Warning) =>
    warnings.push({ code, message: input === undefined ? message : say`${input}: ${message}` });
  if (overall.duplicates !== undefined) add(duplicatesWarning(overall.duplicates, zone));
  if (overall.overlapping !== undefined) add(overlappingWarning(overall.overlapping, zone));
  for (const warning of registerWarnings(registers, zone)) add(warning);
  const recognised = readAs.length === 0 ? [] : scan.known.filter(({ name }) => readAs.includes(name));
  for (const { name, replaced } of recognised)
    if (replaced !== undefined) add({ code: "profile_replaced", message: say`read as ${name}, and ${replaced}` });
  const plans = [scan, ...recognised.map(({ plan }) => plan)];
  const saysEnds = plans.some(
    ({ stampsEnd, interval, keep }) => stampsEnd || interval !== undefined || keep?.way.register !== undefined,
  );
  if (saysEnds || first === undefined || last === undefined) return warnings;
  // The end of a period's last day is one of its own; what lies later is left to who asks for it.
  if (to !== undefined && dateAt(zone, last) > to + 1) return warnings;
  const ends = endStampsWarning(zone, first, last, overall.oneTime);
  if (ends !== undefined) add(ends);
  return warnings;
}
