/** The job of `electro aggregate`: readings in, summary and files out. */

import { join, resolve } from "node:path";
import { yieldToEventLoop } from "../base/event-loop.js";
import type { WarningText } from "../base/warning.js";
import { hashFile } from "../input/hash.js";
import type { Input } from "../input/input.js";
import { openFolder } from "../output/folder.js";
import type { Manifest, ManifestFile, ManifestInput } from "../output/manifest.js";
import { REJECTS_NAME, wholeNames } from "../output/names.js";
import type { Reject } from "../output/reject.js";
import type { Plan } from "../pipeline/plan.js";
import { Rejections } from "../pipeline/rejections.js";
import type { RunContext } from "../pipeline/run.js";
import type { Scan } from "../pipeline/totals.js";
import { Warnings } from "../pipeline/warnings.js";
import { registerCounts } from "../quality/register-findings.js";
import { findWithExchanges } from "./inputs.js";
import { manifestOptions, periodDays, totalsOf, writtenBy } from "./manifest-parts.js";
import { rejectsFiles, withRejects } from "./opened.js";
import { OPTIONS } from "./option-table.js";
import type { AggregateOptions } from "./options.js";
import { planOf, resolutionsOf } from "./plan.js";
import { withProfile } from "./profiles.js";
import { finelySummed, reportFile, withReport } from "./report.js";
import type { AggregateResult } from "./results.js";
import { type Sum, sumInputs } from "./sum.js";
import { checkRejects, checkReport } from "./user-files.js";
import { writeSummary } from "./write.js";

/**
 * Reads inputs and writes the files of their hourly and daily sums.
 * @param inputs files, folders, globs, addresses, or `-`
 * @throws UsageError for wrong options or inputs
 * @throws RunError where the input or the disk fails; the output folder is then as it was
 */
export async function aggregateFiles(
  inputs: readonly string[],
  given: AggregateOptions,
  context: RunContext,
): Promise<AggregateResult> {
  const options = withProfile(given, context.cwd);
  const plan = planOf(options);
  const resolutions = resolutionsOf(options);
  const displayName = options.output ?? OPTIONS.output.default;
  const folder = resolve(context.cwd, displayName);
  const rejectsPaths = rejectsFiles(options, context);
  const [rejectsFile] = rejectsPaths.map((path) => ({ path, given: options.rejects as string }));
  if (rejectsFile !== undefined) checkRejects(rejectsFile, folder);
  const reportPlace = reportFile(options, context);
  if (reportPlace !== undefined) checkReport(reportPlace, folder, rejectsFile);
  const warnings = new Warnings(context);
  const places = [folder, ...rejectsPaths, ...(reportPlace === undefined ? [] : [reportPlace.path])];
  const resolved = await findWithExchanges(inputs, options.exchanges, places, context, warnings);

  const output = await openFolder(folder, {
    displayName,
    force: options.force,
    known: wholeNames(resolutions, options.format),
    inSequence: options.workers === 1,
  });
  // A report needs finer sums than the files; without one, nothing more is summed.
  const sums = options.report === undefined ? plan : planOf(finelySummed(options, resolutions), plan.scan.exports);
  const summed = () =>
    withRejects(options, context, async (rejects) => {
      const keeps = rejects !== undefined || options.onError === "skip" ? Number.POSITIVE_INFINITY : 0;
      const onReject = (reject: Reject) => {
        if (keeps > 0) (rejects ?? output.rejects()).add(reject);
      };
      const rejections = new Rejections(context, onReject, keeps);
      const sum = await sumInputs(resolved, sums, options, {
        rejections,
        warnings,
        rejectsPlace: options.rejects ?? join(displayName, REJECTS_NAME),
        context,
        scratch: output.scratch,
        lastOutput: output.lastOutput(),
      });
      return { sum, rejections };
    });
  try {
    return await withReport(options, context, async (reportOf) => {
      const { sum: found, rejections } = await summed();
      const report = await reportOf(found.answer);
      const sum = report === undefined ? found : { ...found, answer: report.answer };
      const hashes = options.hashInputs ? await hashesOf(resolved, sum.scan, context.signal) : [];
      const made = { plan, options, inputs: resolved, hashes, sum, rejections, warnings: warnings.all };
      const written = await report?.write(manifestOf({ ...made, files: [] }));
      const { summary } = sum.answer;
      const manifest = await writeSummary(
        output,
        summary,
        { ...options, resolutions },
        (files) => manifestOf({ ...made, files }),
        context,
      );
      report?.place();
      return { manifest, summary, folder, report: written };
    });
  } finally {
    output.close();
  }
}

/** Files that are hashed before yielding to the event loop: reading an empty one never waits. */
const FILES_A_TURN = 16;

/** Hashes of the inputs as stored: those of streams were taken while reading, those of files are taken now. */
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
  warnings: readonly WarningText[];
  files: readonly ManifestFile[];
}

function manifestOf(made: Made): Manifest {
  const { plan, options, sum, rejections, warnings, files } = made;
  const { scan, answer } = sum;
  // Tables are planned only once one is looked for.
  const profileOf = (known: number) => (known === 0 ? undefined : plan.scan.known[known - 1]?.name);
  return {
    ...writtenBy(),
    options: manifestOptions(
      "aggregate",
      { ...options },
      { resolutions: resolutionsOf(options), timezone: plan.zone.name, inputTimezone: plan.inputZone.name },
    ),
    inputs: made.inputs.map(
      (input, i): ManifestInput => ({
        name: input.name,
        size: input.size ?? null,
        modified: input.modified ?? null,
        sha256: made.hashes[i],
        headerLine: scan.inputs[i].headerLine || undefined,
        profile: profileOf(scan.inputs[i].known),
        records: scan.inputs[i].records,
        readings: scan.inputs[i].readings,
      }),
    ),
    totals: {
      ...{ records: scan.records, readings: answer.totals.readings },
      rejected: rejections.count,
      rejectedByReason: rejections.byReason,
      rounded: scan.rounded,
      leftOut: scan.leftOut,
      qualityFlags: Object.keys(scan.flags).length === 0 ? undefined : scan.flags,
      registers: registerCounts(scan.registers),
      repeatedWallTimes: scan.repeated.readings,
      ambiguousWallTimes: scan.repeated.ambiguous,
      skippedWallTimes: answer.totals.skippedWallTimes,
      ...totalsOf(answer, plan.zone),
    },
    period: periodDays(answer),
    warnings,
    files,
  };
}
