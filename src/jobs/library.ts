/** The job of `aggregate` in code: readings from wherever they are, to rows and CSV in memory. */
import { Readable } from "node:stream";
import { UsageError } from "../base/errors.js";
import type { Input } from "../input/input.js";
import { summaryFiles } from "../output/files.js";
import type { Reject } from "../output/rejects.js";
import { type DailyRow, dailyRows, type HourlyRow, hourlyRows } from "../output/rows.js";
import { Rejections } from "../pipeline/rejections.js";
import { Warnings } from "../pipeline/warnings.js";
import { energyText } from "../tally/energy.js";
import { dayText } from "../time/period.js";
import { checkOptions } from "./check-options.js";
import { findInputs } from "./inputs.js";
import type { FilesOnly } from "./option-table.js";
import type { AggregateOptions } from "./options.js";
import { planOf } from "./plan.js";
import { sumInputs } from "./sum.js";

/** One record. Its fields have other names where the options say so; further ones are ignored. */
export type ReadingRecord = Readonly<Record<string, unknown>>;

/**
 * Where readings come from: the path of a file or folder, a glob or an http(s) address; the bytes of a dataset; or
 * records, as an array or as anything that can be iterated over.
 */
export type Dataset = string | Uint8Array | Iterable<ReadingRecord> | AsyncIterable<ReadingRecord>;

/** Options of `aggregate`: those of the command line that are about reading and summing. */
export type DataOptions = Omit<AggregateOptions, FilesOnly> & {
  /** Relative paths count from here. Default: the process's folder. */
  cwd?: string;
  /** Stops the run, which then rejects with the signal's reason. */
  signal?: AbortSignal;
};

export interface Aggregation {
  /** The first and last day, inclusive; `null` where there was neither a reading nor a period asked for. */
  readonly period: { readonly from: string; readonly to: string } | null;
  /** Readings in the period, and left outside it. */
  readonly readings: number;
  readonly outOfPeriod: number;
  /** Distinct sources with a reading in the period, the unnamed one among them. */
  readonly sources: number;
  /** Exact sum of the readings in the period, in kWh. */
  readonly kWh: string;
  /** Readings that were rounded at the 18th decimal place of a kWh. */
  readonly rounded: number;
  /** Hourly rows without a reading. */
  readonly hoursFilled: number;
  /** Wall times that a clock change repeats, those among them whose rows' order did not tell which is meant, and those that it skips. */
  readonly repeatedWallTimes: number;
  readonly ambiguousWallTimes: number;
  readonly skippedWallTimes: number;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** Bad records, with `onError: "skip"`. */
  readonly rejected: readonly Reject[];
  /** One row for each hour (and source), in the order of the files. */
  hourly(): Iterable<HourlyRow>;
  /** One row for each day (and source). */
  daily(): Iterable<DailyRow>;
  /** The files as the command line writes them, without the manifest. */
  csv(): Iterable<{ readonly name: string; readonly text: string }>;
}

/**
 * Sums readings by hour and day, exactly.
 * @param data one dataset, or an array of paths and bytes
 * @throws UsageError for wrong options
 * @throws RunError where data cannot be read, or a record is bad and `onError` is not `"skip"`: its message counts them,
 * its `cause` is an `Error` with the first ones' messages
 */
export async function aggregate(
  data: Dataset | readonly (string | Uint8Array)[],
  options: DataOptions = {},
): Promise<Aggregation> {
  checkOptions(options, false, ["cwd", "signal"]);
  const plan = planOf(options);
  const messages: string[] = [];
  const rejected: Reject[] = [];
  const warnings = new Warnings({});
  const rejections = new Rejections(
    {
      onEvent(event) {
        if (event.kind === "rejected" && !event.extra) messages.push(event.message);
      },
    },
    (reject) => {
      if (options.onError === "skip") rejected.push(reject);
    },
  );
  const inputs = await inputsOf(data, options, warnings);
  const context = { cwd: ".", ...(options.signal && { signal: options.signal }) };
  const { answer, scan } = await sumInputs(inputs, plan, options, {
    rejections,
    warnings,
    kept: undefined,
    context,
    scratch: undefined,
  }).catch((error) => {
    if (messages.length > 0 && error instanceof Error) error.cause ??= new Error(messages.join("\n"));
    throw error;
  });
  const { totals, period, summary } = answer;
  return {
    period: period === undefined ? null : { from: dayText(period.first), to: dayText(period.last) },
    readings: totals.readings,
    outOfPeriod: totals.outOfPeriod,
    sources: totals.sources,
    kWh: energyText(totals.energy),
    rounded: scan.rounded,
    hoursFilled: totals.hoursFilled,
    repeatedWallTimes: scan.repeated.readings,
    ambiguousWallTimes: scan.repeated.ambiguous,
    skippedWallTimes: totals.skippedWallTimes,
    warnings: warnings.all,
    rejected,
    hourly: () => hourlyRows(summary, options),
    daily: () => dailyRows(summary, options),
    csv: function* () {
      for (const { name, blocks } of summaryFiles(summary, options)) {
        let text = "";
        for (const block of blocks()) text += Buffer.from(block).toString("utf8");
        yield { name, text };
      }
    },
  };
}

async function inputsOf(
  data: Dataset | readonly (string | Uint8Array)[],
  { cwd = ".", signal }: DataOptions,
  warnings: Warnings,
): Promise<Input[]> {
  const parts = typeof data === "string" || data instanceof Uint8Array ? [data] : isList(data) ? data : undefined;
  if (parts === undefined) {
    if (!isIterable(data))
      throw new UsageError(
        "bad_data",
        "data is a path, bytes (a Uint8Array), an array of these, or records that can be iterated over",
      );
    return [stream("records", lines(data))];
  }
  const paths = parts.filter((part) => typeof part === "string");
  if (paths.includes("-"))
    throw new UsageError("no_stdin", "standard input is for the command line; hand over its bytes");
  const resolved = await findInputs(paths, [], { cwd, ...(signal && { signal }) }, warnings);
  const bytes = parts.filter((part) => typeof part !== "string");
  return [...resolved, ...bytes.map((part, i) => stream(bytes.length === 1 ? "data" : `data ${i + 1}`, [part]))];
}

function isList(data: unknown): data is readonly (string | Uint8Array)[] {
  const isPart = (part: unknown) => typeof part === "string" || part instanceof Uint8Array;
  return Array.isArray(data) && data.length > 0 && data.every(isPart);
}

function isIterable(data: unknown): data is Iterable<ReadingRecord> | AsyncIterable<ReadingRecord> {
  return typeof data === "object" && data !== null && (Symbol.iterator in data || Symbol.asyncIterator in data);
}

function stream(name: string, bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Input {
  return { kind: "stream", name, from: { stdin: Readable.from(bytes, { objectMode: true }) } };
}

/**
 * Records as newline-delimited JSON, some at a time; bytes, as a file's stream gives them, as they are. Numbers are
 * written with the fewest digits that tell them apart.
 */
async function* lines(records: Iterable<ReadingRecord> | AsyncIterable<ReadingRecord>): AsyncGenerator<Uint8Array> {
  let text = "";
  let first = true;
  for await (const record of records) {
    if (record instanceof Uint8Array) {
      yield record;
      continue;
    }
    // An array without records: so that it is JSON, whatever the first record is.
    if (first) text = "[] ";
    first = false;
    text += `${JSON.stringify(record, (_, value) => (typeof value === "bigint" ? String(value) : value)) ?? "undefined"}\n`;
    if (text.length < 65536) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(text);
}
