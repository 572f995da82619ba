/** The job of `electro aggregate`: readings in, summary and files out. */
import { availableParallelism, totalmem } from "node:os";
import { resolve } from "node:path";
import { RunError } from "../domain/errors.js";
import { energyText } from "../domain/energy.js";
import { dayText, hourLabel } from "../domain/period.js";
import { type Answer, summarise } from "../domain/summarise.js";
import type { Summary } from "../domain/summary.js";
import { endStampsWarning } from "../domain/suspicion.js";
import { offsetAt, type Zone } from "../domain/zone.js";
import { hashFile } from "../input/hash.js";
import type { Input } from "../input/input.js";
import { resolveInputs } from "../input/resolve.js";
import { summaryFiles } from "../output/files.js";
import { type OutputFolder, openFolder } from "../output/folder.js";
import type { Manifest, ManifestFile, ManifestInput } from "../output/manifest.js";
import { sharedNames } from "../output/names.js";
import { openRejects } from "../output/rejects-file.js";
import type { RejectsWriter } from "../output/rejects.js";
import type { AggregateOptions, RunContext, RunEvent } from "./options.js";
import { type Plan, planOf } from "./plan.js";
import { Rejections } from "./rejections.js";
import { type Scan, scanInputs } from "./scan.js";
import { platform, version } from "./version.js";

export interface AggregateResult {
  readonly manifest: Manifest;
  readonly summary: Summary;
  /** Absolute path of the output folder. */
  readonly folder: string;
}

/**
 * Reads inputs and writes the files of their hourly and daily sums.
 * @param inputs files, folders, globs, addresses, or `-`
 * @throws UsageError for wrong options or inputs
 * @throws RunError where the input or the disk fails; the output folder is then as it was
 */
export async function aggregateFiles(
  inputs: readonly string[],
  options: AggregateOptions,
  context: RunContext,
): Promise<AggregateResult> {
  const plan = planOf(options);
  const shown = options.output ?? "output_data";
  const folder = resolve(context.cwd, shown);
  const rejectsPath = options.rejects === undefined ? undefined : resolve(context.cwd, options.rejects);
  const exclude = rejectsPath === undefined ? [folder] : [folder, rejectsPath];
  const emit = context.onEvent ?? (() => {});
  const resolved = await resolveInputs(inputs, { cwd: context.cwd, exclude, ...(context.stdin && { stdin: context.stdin }) });
  const warnings = new Warnings(emit);
  resolved.warnings.forEach((warning) => warnings.add(warning));

  const output = await openFolder(folder, { shown, force: options.force });
  let rejects: RejectsWriter | undefined;
  try {
    const writer =
      rejectsPath !== undefined
        ? () => (rejects ??= openRejects(rejectsPath, options.rejects))
        : options.onError === "skip"
          ? () => output.rejects()
          : undefined;
    if (rejectsPath !== undefined) writer?.();
    const rejections = new Rejections(emit, writer);
    const scan = await scanInputs(resolved.inputs, plan, {
      workers: options.workers ?? availableParallelism(),
      memory: options.memory ?? totalmem() / 2,
      hashInputs: options.hashInputs ?? false,
      rejections,
      emit,
      signal: context.signal,
    });
    rejects?.finish();
    if (rejections.count > 0 && options.onError !== "skip") throw failed(rejections, scan, options.rejects);
    const answer = summarise(scan.parts, plan);
    warn(warnings, scan, answer, plan, options);
    if (rejections.count > 0)
      emitSkipped(warnings, rejections, options.rejects ?? `${shown.replace(/\/$/, "")}/rejected.ndjson`);
    if (options.strict && warnings.all.length > 0) throw strictError(warnings.all.length);

    const hashes = options.hashInputs ? await hashesOf(resolved.inputs, scan, context.signal) : [];
    const manifest = await write(output, answer, (files) =>
      manifestOf({ plan, options, inputs: resolved.inputs, hashes, scan, answer, rejections, warnings: warnings.all, files }), options, context.signal);
    return { manifest, summary: answer.summary, folder };
  } finally {
    rejects?.abandon();
    output.close();
  }
}

class Warnings {
  readonly all: { code: string; message: string }[] = [];

  constructor(private readonly emit: (event: RunEvent) => void) {}

  add(warning: { readonly code: string; readonly message: string } | undefined): void {
    if (warning === undefined) return;
    this.all.push({ code: warning.code, message: warning.message });
    this.emit({ kind: "warning", ...warning });
  }
}

function warn(warnings: Warnings, scan: Scan, answer: Answer, plan: Plan, options: AggregateOptions): void {
  const { first, last, readings, outOfPeriod } = answer.totals;
  scan.warnings.forEach((warning) => warnings.add(warning));
  const daily = scan.warnings.some((warning) => warning.code === "daily_readings");
  if (first !== undefined && last !== undefined && !plan.scan.stampsEnd && plan.to === undefined)
    warnings.add(endStampsWarning(plan.zone, first, last, daily));
  if (readings === 0)
    warnings.add({
      code: "no_readings",
      message:
        outOfPeriod > 0
          ? `no reading lies in the period; all ${outOfPeriod} are outside it`
          : "there are no readings: the files hold no sums",
    });
  warnings.add(sharedNames(answer.summary.days, options.fileDate ?? "dd_mm"));
}

function emitSkipped(warnings: Warnings, rejections: Rejections, file: string): void {
  const { count } = rejections;
  warnings.add({
    code: "rejected",
    message: `${count} bad ${count === 1 ? "record was" : "records were"} left out and kept in ${file}`,
  });
}

function strictError(count: number): RunError {
  return new RunError("strict", `--strict: ${count} ${count === 1 ? "warning" : "warnings"}, so nothing was written`);
}

function failed(rejections: Rejections, scan: Scan, rejects: string | undefined): RunError {
  const { count } = rejections;
  const reasons = Object.entries(rejections.byReason)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, n]) => `${n} ${code}`)
    .join(", ");
  const kept = rejects === undefined ? "" : ` They are kept in ${rejects}.`;
  return new RunError(
    "bad_records",
    `${count} of ${scan.records} records ${count === 1 ? "is" : "are"} bad (${reasons}); nothing was written.${kept} --on-error skip sets bad records aside and sums the rest`,
  );
}

/** Hashes of inputs as they are stored: of streams taken while they were read, of files now. */
async function hashesOf(inputs: readonly Input[], scan: Scan, signal: AbortSignal | undefined): Promise<(string | undefined)[]> {
  const hashes: (string | undefined)[] = [];
  for (const [i, input] of inputs.entries())
    hashes.push(input.kind === "file" ? await hashFile(input, signal) : scan.inputs[i].sha256);
  return hashes;
}

async function write(
  output: OutputFolder,
  { summary }: Answer,
  manifest: (files: readonly ManifestFile[]) => Manifest,
  options: AggregateOptions,
  signal: AbortSignal | undefined,
): Promise<Manifest> {
  const files = summaryFiles(summary, {
    withCounts: options.withCounts ?? false,
    decimals: options.decimals,
    rawIds: options.rawIds ?? false,
    fileDate: options.fileDate ?? "dd_mm",
  });
  return output.write(files, manifest, signal);
}

interface Made {
  plan: Plan;
  options: AggregateOptions;
  inputs: readonly Input[];
  hashes: readonly (string | undefined)[];
  scan: Scan;
  answer: Answer;
  rejections: Rejections;
  warnings: readonly { code: string; message: string }[];
  files: readonly ManifestFile[];
}

function manifestOf(made: Made): Manifest {
  const { plan, options, scan, answer, rejections, warnings, files } = made;
  const { totals, period } = answer;
  return {
    electro: { version: version() },
    format: 1,
    versions: platform(),
    options: optionsOf(options, plan),
    inputs: made.inputs.map(
      (input, i): ManifestInput => ({
        name: input.name,
        size: input.size ?? null,
        modified: input.modified ?? null,
        sha256: made.hashes[i],
        records: scan.inputs[i].records,
        readings: scan.inputs[i].readings,
      }),
    ),
    totals: {
      records: scan.records,
      readings: totals.readings,
      rejected: rejections.count,
      rejectedByReason: rejections.byReason,
      rounded: scan.rounded,
      repeatedWallTimes: totals.repeatedWallTimes,
      skippedWallTimes: totals.skippedWallTimes,
      outOfPeriod: totals.outOfPeriod,
      hoursFilled: totals.hoursFilled,
      sources: totals.sources,
      first: label(plan.zone, totals.first),
      last: label(plan.zone, totals.last),
      kWh: energyText(totals.energy),
    },
    period: period === undefined ? null : { from: dayText(period.first), to: dayText(period.last) },
    warnings,
    files,
  };
}

function label(zone: Zone, second: number | undefined): string | null {
  if (second === undefined) return null;
  const whole = Math.floor(second);
  return hourLabel(zone, whole, offsetAt(zone, whole));
}

/** The options that change what the files hold, with their defaults. */
function optionsOf(options: AggregateOptions, plan: Plan): Manifest["options"] {
  return {
    timezone: plan.zone.name,
    inputTimezone: plan.inputZone.name,
    from: options.from ?? null,
    to: options.to ?? null,
    bySource: plan.bySource,
    withCounts: options.withCounts ?? false,
    timestampField: plan.scan.timestampField,
    valueField: plan.scan.valueField,
    sourceField: options.sourceField ?? null,
    records: options.records ?? null,
    unit: options.unit ?? "kWh",
    decimalComma: plan.scan.decimalComma,
    stamps: options.stamps ?? "start",
    onError: options.onError ?? "fail",
    maxDays: plan.maxDays,
    fileDate: options.fileDate ?? "dd_mm",
    decimals: options.decimals ?? null,
    rawIds: options.rawIds ?? false,
  };
}
