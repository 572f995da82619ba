/** The report of a run: its sums by source and over all sources, packed into a page. */
import { resolve } from "node:path";
import { UsageError } from "../base/errors.js";
import { type Message, option, say, textOf } from "../base/message.js";
import type { Manifest } from "../output/manifest.js";
import { openReport, reportPage } from "../output/report.js";
import type { RunContext } from "../pipeline/run.js";
import { type About, extractBytes } from "../profile/extract.js";
import type { QueryResult } from "../tally/summarise.js";
import type { Resolution } from "../time/resolution.js";
import { entriesOf } from "./option-table.js";
import { packedSums, totalOf } from "./report-sums.js";
import type { ReportResult } from "./results.js";
import type { UserFile } from "./user-files.js";

/** Names of inputs, and warnings, that a report lists. */
const MOST_LISTED = 20;
/** Warnings about the output folder, which are no matter of who has the report, and what it says in other words. */
const NOT_LISTED = new Set(["days_lost", "edited_output", "shared_file_names", "rejected"]);

export interface ReportOptions {
  readonly report?: string | undefined;
  readonly force?: boolean | undefined;
  readonly bySource?: boolean | undefined;
  readonly resolutions?: readonly Resolution[] | undefined;
}

/** Options that give the sums of a report: by source, and by quarter hour. */
export function finelySummed<T extends ReportOptions>(options: T, resolutions: readonly Resolution[]): T {
  return { ...options, bySource: true, resolutions: ["15min", ...resolutions] };
}

/** The file of a report; `undefined` if none is asked for. */
export function reportFile({ report }: ReportOptions, { cwd }: RunContext): UserFile | undefined {
  if (report === "-")
    throw new UsageError("bad_option", say`${option("report", "-")}: a report is a file; give it a name`, {
      option: "report",
    });
  return report === undefined ? undefined : { path: resolve(cwd, report), given: report };
}

/** A report that is being made. */
export interface Report {
  /** The result that the files are written from. */
  readonly answer: QueryResult;
  /** Writes it, next to its destination. @param manifest without its files */
  write(manifest: Omit<Manifest, "files">): Promise<ReportResult>;
  /** Puts it in place. */
  place(): void;
}

/**
 * Opens the file of a report, and removes it again if the job fails.
 * @throws RunError if the file is in the way, or the disk refuses; what the job throws
 */
export async function withReport<T>(
  options: ReportOptions,
  context: RunContext,
  job: (reportOf: (answer: QueryResult) => Promise<Report | undefined>) => Promise<T>,
): Promise<T> {
  const at = reportFile(options, context);
  if (at === undefined) return job(async () => undefined);
  const { file, place } = openReport(at.path, at.given, options.force === true);
  const reportOf = async (answer: QueryResult): Promise<Report> => {
    const total = await totalOf(answer, context);
    return {
      place,
      answer: options.bySource === true ? answer : total,
      write: async (manifest) => {
        const about = aboutOf(manifest, context);
        const packed = await packedSums(answer, total, about, context);
        file.write(await reportPage(`${about.title} · Electro`, extractBytes(packed)));
        context.signal?.throwIfAborted();
        return { ...file.finish(), sources: packed.sources, kept: packed.columns.length };
      },
    };
  };
  try {
    return await job(reportOf);
  } finally {
    // Once it is in place, there is nothing to remove.
    file.abandon();
  }
}

/** What the page says of itself: from what it was made, how, by what, and what was warned of. */
function aboutOf(manifest: Omit<Manifest, "files">, context: RunContext): About {
  const { electro, inputs, store, totals, period } = manifest;
  const timezone = String(manifest.options["timezone"]);
  const warnings = manifest.warnings.filter(({ code }) => !NOT_LISTED.has(code));
  const surface = context.surface ?? "library";
  const names = inputs.map(({ name }) => name);
  const more = names.length - MOST_LISTED;
  const listed = `${names.slice(0, MOST_LISTED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const when =
    context.now === undefined ? "" : ` on ${new Date(context.now()).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const from =
    store === undefined
      ? listed
      : `version ${store.version} of a store with ${store.batches} ${store.batches === 1 ? "batch" : "batches"}`;
  const given = optionsGiven(manifest).map((message) => textOf(message, surface));
  const { rejected = 0 } = totals;
  return {
    title: store !== undefined ? "Energy" : titleOf(names),
    timezone,
    lines: [
      `Made by Electro ${electro.version}${when}, from ${from === "" ? "no input" : from}.`,
      ...(period === null ? [] : [`The hours and days of ${timezone}, ${period.from} to ${period.to}.`]),
      given.length === 0 ? "All options are as by default." : `Options: ${given.join(" ")}`,
      ...(rejected > 0 ? [`${rejected} bad ${rejected === 1 ? "record was" : "records were"} set aside.`] : []),
      ...warnings.slice(0, MOST_LISTED).map(({ message }) => `Warning: ${message}`),
      ...(warnings.length > MOST_LISTED ? [`and ${warnings.length - MOST_LISTED} more warnings`] : []),
    ],
  };
}

/** The names of the inputs without their folders. */
function titleOf(names: readonly string[]): string {
  const [first = "Energy"] = names;
  const name = first.replace(/\/+$/, "").replace(/^.*[/\\]/, "");
  return names.length < 2 ? name : `${name} and ${names.length - 1} more`;
}

/** The options that are not as they are by default. */
function optionsGiven(manifest: Omit<Manifest, "files">): Message[] {
  const command = manifest.store === undefined ? "aggregate" : "export";
  return entriesOf(command).flatMap(([name, { kind, default: usual, each }]): Message[] => {
    const value = manifest.options[name];
    if (value === undefined || value === null || value === false || String(value) === String(usual)) return [];
    // Unless it is given, it is as the zone of the sums.
    if (name === "inputTimezone" && value === manifest.options["timezone"]) return [];
    if ((kind === "texts" || kind === "names") && Array.isArray(value))
      return value.map((one) => say`${option(each ?? name, one)}`);
    return [say`${option(name, value === true ? true : String(value))}`];
  });
}
