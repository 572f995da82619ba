/** From inputs to a summary: they are scanned, checked as a whole, and laid out in hours and days. */

import { availableParallelism, totalmem } from "node:os";
import { RunError } from "../base/errors.js";
import { notOverHttp, option, say } from "../base/message.js";
import type { WarningText } from "../base/warning.js";
import type { Input } from "../input/input.js";
import { sharedNames } from "../output/names.js";
import { BadRecordsError } from "../output/reject.js";
import type { LastOutput } from "../output/unowned.js";
import type { WallTimes } from "../pipeline/clock-changes.js";
import { collectAll } from "../pipeline/collect.js";
import { dataWarnings } from "../pipeline/data-warnings.js";
import { resultOfSpilled } from "../pipeline/disk-summary.js";
import { findRecord } from "../pipeline/find-record.js";
import { checkRoom, sharesOf } from "../pipeline/memory.js";
import type { MergeSettings } from "../pipeline/merged-rows.js";
import type { Plan } from "../pipeline/plan.js";
import type { Rejections } from "../pipeline/rejections.js";
import type { RunContext } from "../pipeline/run.js";
import { scanInputs } from "../pipeline/scan.js";
import type { Scan } from "../pipeline/totals.js";
import { emptyInputs, noReadings, type Warnings } from "../pipeline/warnings.js";
import { conflictTexts, type RegisterFindings } from "../quality/register-findings.js";
import { noExport } from "../scan/export-filter.js";
import { leftOutCount } from "../scan/left-out.js";
import { PeriodTooLong, type QueryResult, summarise, withCovering } from "../tally/summarise.js";
import { wallReadings } from "../tally/tally.js";
import { hourLabel } from "../time/period.js";
import { ROW_SECONDS } from "../time/resolution.js";
import { offsetAt, type Zone } from "../time/zone.js";
import { OPTIONS } from "./option-table.js";
import type { AggregateOptions } from "./options.js";
import { resolutionsOf } from "./plan.js";
import { checkOneProfile } from "./profile-conflict.js";
import { readAsOf } from "./read-as.js";
import { replacedOutput } from "./replaced-output.js";

export interface Sum {
  readonly scan: Scan;
  readonly answer: QueryResult;
}

export interface Told {
  readonly rejections: Rejections;
  readonly warnings: Warnings;
  /** Where bad records are kept, as messages name the place; `undefined` if they are not. */
  readonly rejectsPlace: string | undefined;
  readonly context: RunContext;
  /** The prefix of paths for spilled cells; `undefined`: the run fails if memory is not enough. */
  readonly scratch: string | undefined;
  /** The output that is to be replaced. */
  readonly lastOutput?: LastOutput | undefined;
}

/** Below this many bytes for cells, the scan's garbage is collected before the summary. */
const LITTLE = 128e6;
const DAY = 86_400;
/** Conflicts that an error names. */
const MOST_CONFLICTS = 5;
/** For runs that never merge on the disk. */
const NOWHERE = { prefix: "", displayName: "" };

/** @throws RunError if an input fails, if bad records are to fail the run, or if warnings are, with `strict` */
export async function sumInputs(
  inputs: readonly Input[],
  plan: Plan,
  options: AggregateOptions,
  told: Told,
): Promise<Sum> {
  const { rejections, warnings, context } = told;
  const memory = options.memory ?? totalmem() / 2;
  const spill =
    told.scratch === undefined
      ? undefined
      : { prefix: told.scratch, displayName: options.output ?? OPTIONS.output.default, question: plan };
  const scan = await scanInputs(inputs, plan, {
    workers: options.workers ?? availableParallelism(),
    memory,
    share: context.share,
    spill,
    hashInputs: options.hashInputs ?? false,
    rejections,
    emit: (event) => context.onEvent?.(event),
    surface: context.surface ?? "library",
    signal: context.signal,
  });
  checkOneProfile(scan.inputs, plan.scan);
  if (rejections.count > 0 && options.onError !== "skip")
    throw badRecords(rejections, scan, options.rejects === undefined ? undefined : told.rejectsPlace);
  if (scan.registers.counts.conflict > 0 && options.onError !== "skip") throw conflicting(scan.registers, plan.zone);
  const room = {
    plan: spill ?? NOWHERE,
    memory: sharesOf({ memory, spill, share: context.share }, 1, inputs.length).all,
    signal: context.signal,
  };
  const question = { ...plan, checkRoom: (days: number) => checkRoom(days, DAY / ROW_SECONDS[plan.rows], memory) };
  const answer = await answerOf(scan, inputs, question, room);
  warn(warnings, inputs, scan, answer, plan, options);
  const displayName = options.output ?? OPTIONS.output.default;
  if (told.lastOutput !== undefined)
    for (const warning of replacedOutput(told.lastOutput, answer.period, displayName)) warnings.add(warning);
  if (rejections.count > 0) {
    // With `strict`, this warning ends the run, and none of its output will exist.
    warnings.add(
      leftOut(rejections.count, options.strict && options.rejects === undefined ? undefined : told.rejectsPlace),
    );
  }
  warnings.check(options.strict);
  return { scan, answer };
}

/** @throws PeriodTooLong naming the record that makes the period too long, if its input can be read again */
async function answerOf(scan: Scan, inputs: readonly Input[], plan: Plan, room: MergeSettings): Promise<QueryResult> {
  try {
    if (scan.spilled.length > 0 || room.memory < LITTLE) await collectAll();
    const { spilled, parts, repeated } = scan;
    const answer = spilled.length === 0 ? summarise(parts, plan) : await resultOfSpilled(spilled, plan, room);
    return withCovering(answer, repeated);
  } catch (error) {
    if (!(error instanceof PeriodTooLong) || error.outlier === undefined) throw error;
    const second = Math.floor(error.outlier);
    const place = await findRecord(inputs, plan, second, room.signal);
    const label = hourLabel(plan.zone, second, offsetAt(plan.zone, second));
    throw new PeriodTooLong(
      say`${error.said}: ${place ?? "a reading"} is of ${label}${notOverHttp(say`; if that is right, allow more with ${option("maxDays")}`)}`,
      second,
    );
  }
}

function warn(
  warnings: Warnings,
  inputs: readonly Input[],
  scan: Scan,
  answer: QueryResult,
  plan: Plan,
  options: AggregateOptions,
): void {
  const { first, last, readings, outOfPeriod } = answer.totals;
  const found = scan.inputs.flatMap((input) => input.warnings);
  const said = options.inputTimezone !== undefined || options.timezone !== undefined;
  const all = {
    found,
    wallTimes: wallTimesOf(scan, answer),
    ...{ overall: scan.overall, registers: scan.registers },
    ...{ first, last },
    readAs: readAsOf(scan.inputs, plan.scan).map(({ profile }) => profile),
  };
  const question = { ...plan, bySource: options.bySource === true };
  for (const warning of dataWarnings(all, question, said)) warnings.add(warning);
  if (readings === 0)
    warnings.add(noReadings(outOfPeriod, "there are no readings, so there is nothing to sum", answer.totals.energy));
  else {
    warnings.add(noExport(plan.scan.exports, scan.hasExport));
    warnings.add(emptyInputs(inputs.filter((_, n) => scan.inputs[n].readings === 0 && scan.inputs[n].records === 0)));
  }
  const { days } = answer.summary.series("day");
  warnings.add(sharedNames(resolutionsOf(options), days, options.fileDate ?? OPTIONS.fileDate.default, options.format));
}

function wallTimesOf({ parts, spilled, repeated }: Scan, { totals }: QueryResult): WallTimes {
  const inMemory = parts.reduce((sum, part) => sum + wallReadings(part), 0);
  const once = spilled.reduce((sum, { sorted }) => sum + sorted.wallTimes, inMemory);
  return { once: once + repeated.once, skipped: totals.skippedWallTimes, repeated };
}

/** The warning about bad records that were set aside. @param rejectsPlace where they are kept */
export function leftOut(count: number, rejectsPlace: string | undefined): WarningText {
  const left = `${count} bad ${count === 1 ? "record was" : "records were"} set aside`;
  return { code: "rejected", message: rejectsPlace === undefined ? left : `${left} and kept in ${rejectsPlace}` };
}

/** The error of a run that different readings of one instant fail. */
export function conflicting(
  registers: RegisterFindings,
  zone: Zone,
  [input, undone] = ["", "nothing was written"],
): RunError {
  const places = conflictTexts(registers, zone);
  const { conflict } = registers.counts;
  const shown = places.slice(0, MOST_CONFLICTS).join("; ");
  const more = conflict > MOST_CONFLICTS ? `; and ${conflict - MOST_CONFLICTS} more` : "";
  return new RunError(
    "register_conflict",
    say`${input}a source has different cumulative readings of one instant: ${shown}${more}; ${undone}. ${option("onError", "skip")} sets such readings aside, and ${option("duplicates", "latest")} takes the one that was delivered last`,
  );
}

/**
 * The error of a run that bad records are to fail.
 * @param rejectsPlace where they are kept
 * @param undone what has not happened because of them, and what would happen to the rest
 */
export function badRecords(
  rejections: Rejections,
  scan: Scan,
  rejectsPlace: string | undefined,
  [undone, done] = ["nothing was written", "sums"],
): BadRecordsError {
  const { count, byReason } = rejections;
  const reasons = Object.entries(byReason)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, n]) => `${n} ${code}`)
    .join(", ");
  const where = rejectsPlace === undefined ? "" : `. Bad records are kept in ${rejectsPlace}`;
  // With several values a record, each of them is good or bad by itself.
  const values =
    scan.inputs.reduce((sum, { readings }) => sum + readings, count + leftOutCount(scan.leftOut)) -
    (scan.leftOut["total"] ?? 0);
  const [all, noun] = values > scan.records ? [values, "value"] : [scan.records, "record"];
  return new BadRecordsError(
    say`${count} of ${all} ${all === 1 ? noun : `${noun}s`} ${count === 1 ? "is" : "are"} bad (${reasons}); ${undone}${where}${
      // If no record is good, nothing would be left.
      count < all ? say`. ${option("onError", "skip")} sets bad records aside and ${done} the rest` : ""
    }`,
    rejections.first,
  );
}
