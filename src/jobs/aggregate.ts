/** The job of `electro aggregate`: readings in, summary and files out. */

import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../base/errors.js";
import { yieldToEventLoop } from "../base/event-loop.js";
import { option, say } from "../base/message.js";
import { hashFile } from "../input/hash.js";
import type { Input } from "../input/input.js";
import { openFolder } from "../output/folder.js";
import { isTemporaryName } from "../output/journal.js";
import type { Manifest, ManifestFile, ManifestInput } from "../output/manifest.js";
import { isDataName, MANIFEST_NAME, REJECTS_NAME } from "../output/names.js";
import type { RejectsWriter } from "../output/rejects.js";
import { openRejects } from "../output/rejects-file.js";
import type { Plan } from "../pipeline/plan.js";
import { Rejections } from "../pipeline/rejections.js";
import type { RunContext } from "../pipeline/run.js";
import type { Scan } from "../pipeline/totals.js";
import { Warnings } from "../pipeline/warnings.js";
import { energyText } from "../tally/energy.js";
import { dayText, instantLabel } from "../time/period.js";
import { findInputs } from "./inputs.js";
import { manifestOptions } from "./manifest-options.js";
import { OPTIONS } from "./option-table.js";
import type { AggregateOptions } from "./options.js";
import { planOf } from "./plan.js";
import type { AggregateResult } from "./results.js";
import { type Sum, sumInputs } from "./sum.js";
import { platform, version } from "./version.js";
import { writeSummary } from "./write.js";

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
  if (inputs.length === 0)
    throw new UsageError("missing_input", "there is no input; name files, folders, globs or addresses");
  const plan = planOf(options);
  const shown = options.output ?? OPTIONS.output.default;
  const folder = resolve(context.cwd, shown);
  const rejectsPath = options.rejects === undefined ? undefined : resolve(context.cwd, options.rejects);
  if (rejectsPath !== undefined) checkRejects(rejectsPath, folder, options.rejects as string);
  const exclude = rejectsPath === undefined ? [folder] : [folder, rejectsPath];
  const warnings = new Warnings(context);
  const resolved = await findInputs(inputs, exclude, context, warnings);

  const output = await openFolder(folder, {
    displayName: shown,
    force: options.force,
    inSequence: options.workers === 1,
  });
  let rejects: RejectsWriter | undefined;
  try {
    if (rejectsPath !== undefined) rejects = openRejects(rejectsPath, options.rejects);
    const keep =
      rejects !== undefined
        ? () => rejects as RejectsWriter
        : options.onError === "skip"
          ? () => output.rejects()
          : undefined;
    const kept = options.rejects ?? join(shown, REJECTS_NAME);
    const rejections = new Rejections(context, (reject) => keep?.().add(reject));
    const sum = await sumInputs(resolved, plan, options, {
      rejections,
      warnings,
      kept,
      context,
      scratch: output.scratch,
      lastPeriod: output.lastPeriod,
    }).finally(() => rejects?.finish());
    const hashes = options.hashInputs ? await hashesOf(resolved, sum.scan, context.signal) : [];
    const manifest = await writeSummary(
      output,
      sum.answer.summary,
      options,
      (files) =>
        manifestOf({ plan, options, inputs: resolved, hashes, sum, rejections, warnings: warnings.all, files }),
      context,
    );
    return { manifest, summary: sum.answer.summary, folder };
  } finally {
    rejects?.abandon();
    output.close();
  }
}

/** Bad records may lie in the output folder, but not where another file of the output goes. */
function checkRejects(path: string, folder: string, shown: string): void {
  const name = basename(path);
  if (realFolder(dirname(path)) !== realFolder(folder)) return;
  if (name === MANIFEST_NAME || isDataName(name) || isTemporaryName(name))
    throw new UsageError(
      "rejects_is_output",
      say`${option("rejects", shown)} is the place of a file of the output; name another file, or leave it out: with ${option("onError", "skip")} bad records are kept in ${REJECTS_NAME} there`,
    );
}

/** A folder's path without links, as far as it is there. */
function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Files that are hashed before others get their turn: reading an empty one waits for nothing. */
const FILES_A_TURN = 16;

/** Hashes of inputs as they are stored: of streams taken while they were read, of files now. */
async function hashesOf(
  inputs: readonly Input[],
  scan: Scan,
  signal: AbortSignal | undefined,
): Promise<(string | undefined)[]> {
  const hashes: (string | undefined)[] = [];
  for (const [i, input] of inputs.entries()) {
    if (i % FILES_A_TURN === 0) await yieldToEventLoop(signal);
    hashes.push(input.kind === "file" ? await hashFile(input, signal) : scan.inputs[i].sha256);
  }
  return hashes;
}

interface Made {
  plan: Plan;
  options: AggregateOptions;
  inputs: readonly Input[];
  hashes: readonly (string | undefined)[];
  sum: Sum;
  rejections: Rejections;
  warnings: readonly { code: string; message: string }[];
  files: readonly ManifestFile[];
}

function manifestOf(made: Made): Manifest {
  const { plan, options, sum, rejections, warnings, files } = made;
  const { scan, answer } = sum;
  const { totals, period } = answer;
  return {
    electro: { version: version() },
    format: 1,
    versions: platform(),
    options: manifestOptions(
      "aggregate",
      { ...options },
      { timezone: plan.zone.name, inputTimezone: plan.inputZone.name },
    ),
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
      repeatedWallTimes: scan.repeated.readings,
      ambiguousWallTimes: scan.repeated.ambiguous,
      skippedWallTimes: totals.skippedWallTimes,
      outOfPeriod: totals.outOfPeriod,
      hoursFilled: totals.hoursFilled,
      sources: totals.sources,
      first: instantLabel(plan.zone, totals.first),
      last: instantLabel(plan.zone, totals.last),
      kWh: energyText(totals.energy),
    },
    period: period === undefined ? null : { from: dayText(period.first), to: dayText(period.last) },
    warnings,
    files,
  };
}
