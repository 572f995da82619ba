/** The jobs for callers of the library: one object of options, checked; nothing is printed. */

import { UsageError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import type { WarningText } from "../base/warning.js";
import { summaryFiles } from "../output/files.js";
import type { Reject } from "../output/reject.js";
import {
  type DailyRow,
  type HourlyRow,
  type MonthlyRow,
  type QuarterHourlyRow,
  rowsOf,
  type TotalRow,
  type WeeklyRow,
  type YearlyRow,
} from "../output/rows.js";
import type { RunEvent } from "../pipeline/event.js";
import type { Plan } from "../pipeline/plan.js";
import { Rejections } from "../pipeline/rejections.js";
import type { RunContext } from "../pipeline/run.js";
import { Warnings } from "../pipeline/warnings.js";
import { registerCounts } from "../quality/register-findings.js";
import type { LeftOut } from "../scan/left-out.js";
import { energyText } from "../tally/energy.js";
import { checkOptions } from "./check-options.js";
import type { Dataset, Datasets, Places } from "./dataset.js";
import { datasetOf, findWithExchanges, placesOf } from "./inputs.js";
import { JOB_OPTIONS } from "./job-options.js";
import { periodDays } from "./manifest-parts.js";
import { type Command, isAboutFiles } from "./option.js";
import type { FilesOnly } from "./option-table.js";
import type { AggregateOptions, ExportOptions, LoadOptions, QualityOptions } from "./options.js";
import { planOf, resolutionsOf } from "./plan.js";
import { withProfile } from "./profiles.js";
import { readAsOf } from "./read-as.js";
import type { AggregateResult, LoadResult, QualityResult, ReadAs } from "./results.js";
import { sumInputs } from "./sum.js";

/** What every job accepts besides its own options. */
export interface CallOptions {
  /** Relative paths start here. Default: the process's folder. */
  cwd?: string | undefined;
  /** Stops the job, which then rejects with the signal's reason and leaves no partial output. */
  signal?: AbortSignal | undefined;
  /** Receives progress, warnings and bad records while the job runs. */
  onEvent?: ((event: RunEvent) => void) | undefined;
}

/** Options of `aggregate`: those of `aggregateFiles` that are about reading and summing. */
export type DataOptions = Omit<AggregateOptions, FilesOnly> & CallOptions;

export interface Aggregation {
  /** The first and last day, inclusive; `null` if there was neither a reading nor a given period. */
  readonly period: { readonly from: string; readonly to: string } | null;
  /** Readings in the period, and outside it. */
  readonly readings: number;
  readonly outOfPeriod: number;
  /** Distinct sources with a reading in the period, including the unnamed one. */
  readonly sources: number;
  /** The exact sum of the readings in the period, in kWh. */
  readonly kWh: string;
  /** Readings that were rounded at the 18th decimal place of a kWh. */
  readonly rounded: number;
  /** What is no reading by the options, counted by why: `missing`. */
  readonly leftOut: LeftOut;
  /** What was found out about cumulative readings, by name: `exchanges`, `falls`, `spreadHours`; absent if that is nothing. */
  readonly registers?: Readonly<Record<string, number>> | undefined;
  /** The inputs that were recognised as known exports. */
  readonly readAs: readonly ReadAs[];
  /** Hours without a reading. */
  readonly hoursFilled: number;
  /** Wall times that a clock change repeats; those among them that the order of rows did not resolve; and those that it skips. */
  readonly repeatedWallTimes: number;
  readonly ambiguousWallTimes: number;
  readonly skippedWallTimes: number;
  readonly warnings: readonly WarningText[];
  /** Bad records, with `onError: "skip"`. */
  readonly rejected: readonly Reject[];
  /** One row for each hour (and source), in the order of the files. */
  hourly(): Iterable<HourlyRow>;
  /** One row for each day (and source). */
  daily(): Iterable<DailyRow>;
  /** One row for each week, month or year (and source), with what of it lies in the period. */
  weekly(): Iterable<WeeklyRow>;
  monthly(): Iterable<MonthlyRow>;
  yearly(): Iterable<YearlyRow>;
  /** One row for the period (and source). */
  total(): Iterable<TotalRow>;
  /** One row for each quarter hour (and source). @throws UsageError unless `15min` is among the `resolutions` */
  quarterHourly(): Iterable<QuarterHourlyRow>;
  /** The files as the command line writes them, without the manifest. */
  csv(): Iterable<{ readonly name: string; readonly text: string }>;
}

/**
 * Sums readings by hour and day, exactly.
 * @param data one dataset, or an array of places and bytes
 * @throws UsageError for wrong options or data
 * @throws BadRecordsError if a record is bad and `onError` is not `"skip"`
 * @throws RunError if data cannot be read
 */
export async function aggregate(data: Dataset | Datasets, given: DataOptions = {}): Promise<Aggregation> {
  const context = contextOf("aggregate", given, false);
  const options = withProfile(given, context.cwd);
  const plan = planOf(options);
  const resolutions = resolutionsOf(options);
  const rejected: Reject[] = [];
  const warnings = new Warnings(context);
  const keeps = options.onError === "skip" ? Number.POSITIVE_INFINITY : 0;
  const onReject = (reject: Reject) => {
    if (keeps > 0) rejected.push(reject);
  };
  const rejections = new Rejections(context, onReject, keeps);
  const { places, streams } = datasetOf(data, fieldsOf(plan));
  const found = await findWithExchanges(checkedPlaces(places), options.exchanges, [], context, warnings);
  const inputs = [...streams, ...found];
  const { answer, scan } = await sumInputs(inputs, plan, options, {
    rejections,
    warnings,
    rejectsPlace: undefined,
    context,
    scratch: undefined,
  });
  const { totals, summary } = answer;
  return {
    period: periodDays(answer),
    readings: totals.readings,
    outOfPeriod: totals.outOfPeriod,
    sources: totals.sources,
    kWh: energyText(totals.energy),
    rounded: scan.rounded,
    leftOut: scan.leftOut,
    registers: registerCounts(scan.registers),
    readAs: readAsOf(scan.inputs, plan.scan),
    hoursFilled: totals.hoursFilled,
    repeatedWallTimes: scan.repeated.readings,
    ambiguousWallTimes: scan.repeated.ambiguous,
    skippedWallTimes: totals.skippedWallTimes,
    warnings: warnings.all,
    rejected,
    hourly: () => rowsOf(summary, "hour", options),
    daily: () => rowsOf(summary, "day", options),
    weekly: () => rowsOf(summary, "week", options),
    monthly: () => rowsOf(summary, "month", options),
    yearly: () => rowsOf(summary, "year", options),
    total: () => rowsOf(summary, "total", options),
    quarterHourly: () => {
      if (!resolutions.includes("15min"))
        throw new UsageError(
          "contradiction",
          say`the sums have no quarter hours; ask for them with ${option("resolutions", "15min")}`,
        );
      return rowsOf(summary, "15min", options);
    },
    csv: function* () {
      for (const { name, blocks } of summaryFiles(summary, { ...options, resolutions })) {
        let text = "";
        for (const block of blocks()) text += Buffer.from(block).toString("utf8");
        yield { name, text };
      }
    },
  };
}

/**
 * Sums the readings of inputs and writes the files of their hourly and daily sums, as `electro aggregate` does.
 * @throws UsageError for wrong options or inputs
 * @throws BadRecordsError if a record is bad and `onError` is not `"skip"`
 * @throws RunError if the input or the disk fails; the output folder is then as it was
 */
export async function aggregateFiles(
  inputs: Places,
  options: AggregateOptions & CallOptions = {},
): Promise<AggregateResult> {
  const context = contextOf("aggregate", options, true);
  const job = await import("./aggregate.js");
  return job.aggregateFiles(named(checkedPlaces(placesOf(inputs))), options, context);
}

/**
 * Loads inputs into a store, each once, as `electro load` does. If one cannot be read, or has bad records, the others are
 * loaded all the same: `failures` of the result has the reasons.
 * @throws UsageError for wrong options or inputs
 * @throws RunError if an input does not exist, before any is loaded; if the store or the disk fails: what was loaded until
 *   then stays
 */
export async function load(inputs: Places, options: LoadOptions & CallOptions = {}): Promise<LoadResult> {
  const context = contextOf("load", options, true);
  const job = await import("./load.js");
  return job.loadFiles(named(checkedPlaces(placesOf(inputs))), options, context);
}

/**
 * Writes the files that `aggregateFiles` would write for the readings in a store, as `electro export` does.
 * @throws UsageError for wrong options
 * @throws RunError if the store or the disk fails; the output folder is then as it was
 */
export async function exportFiles(options: ExportOptions & CallOptions = {}): Promise<AggregateResult> {
  const context = contextOf("export", options, true);
  const job = await import("./export.js");
  return job.exportFiles(options, context);
}

/**
 * Tells for each source of inputs, or of a store (with the option `store`, and no inputs), what came and what should have.
 * @throws UsageError for wrong options or inputs
 * @throws BadRecordsError if a record is bad and `onError` is not `"skip"`
 * @throws RunError if an input or the store fails, or the zone is off quarter hours
 */
export async function quality(inputs: Places, options: QualityOptions & CallOptions = {}): Promise<QualityResult> {
  const context = contextOf("quality", options, true);
  const places = checkedPlaces(placesOf(inputs));
  const job = await import("./quality.js");
  if (options.store === undefined) return job.qualityOfFiles(named(places), options, context);
  const ofFiles = Object.entries(JOB_OPTIONS).find(
    ([name, { heading }]) => isAboutFiles(heading, name) && options[name as keyof QualityOptions] !== undefined,
  );
  if (ofFiles !== undefined)
    throw new UsageError(
      "contradiction",
      `the option ${ofFiles[0]} is about reading files, and the store has read them already`,
    );
  if (places.length > 0)
    throw new UsageError(
      "contradiction",
      "there are inputs and the option store; look at files or at a store, not at both",
    );
  return job.qualityInStore(options, context);
}

/** The fields that records may have. */
function fieldsOf({ scan: { timestampField, valueFields, sourceFields, timeField } }: Plan): string[] {
  return [timestampField, ...valueFields, ...sourceFields, ...(timeField === undefined ? [] : [timeField])];
}

const CALL_OPTIONS: readonly (keyof CallOptions)[] = ["cwd", "signal", "onEvent"];

/** @throws UsageError for wrong options */
function contextOf(command: Command, options: CallOptions, files: boolean): RunContext {
  checkOptions(options, { command, files, others: CALL_OPTIONS });
  const { cwd = ".", signal, onEvent } = options;
  const check = (name: keyof CallOptions, wanted: string, right: boolean) => {
    if (!right) throw new UsageError("bad_option", `the option ${name} must be ${wanted}`, { option: name });
  };
  check("cwd", "the path of a folder", typeof cwd === "string" && cwd !== "" && !cwd.includes("\0"));
  check("signal", "an AbortSignal", signal === undefined || signal instanceof AbortSignal);
  check("onEvent", "a function", onEvent === undefined || typeof onEvent === "function");
  return { cwd, ...(signal && { signal }), ...(onEvent && { onEvent }) };
}

/** @throws UsageError for standard input */
function checkedPlaces(places: string[]): string[] {
  if (places.includes("-")) throw new UsageError("no_stdin", "standard input is for the command line; pass its bytes");
  return places;
}

/** @throws UsageError if there is none */
function named(places: string[]): string[] {
  if (places.length === 0)
    throw new UsageError("missing_input", "there is no input; name files, folders, globs or addresses");
  return places;
}
