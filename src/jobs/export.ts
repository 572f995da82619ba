/** The job of `electro export`: the files of `electro aggregate`, from a store. */
import { totalmem } from "node:os";
import { resolve } from "node:path";
import { openFolder } from "../output/folder.js";
import type { Manifest, ManifestStore } from "../output/manifest.js";
import { sharedNames, wholeNames } from "../output/names.js";
import { storeMemory } from "../pipeline/memory.js";
import type { RunContext } from "../pipeline/run.js";
import { noReadings, Warnings } from "../pipeline/warnings.js";
import type { QueryResult } from "../tally/summarise.js";
import { manifestOptions, periodDays, totalsOf, writtenBy } from "./manifest-parts.js";
import { withStore } from "./opened.js";
import { OPTIONS } from "./option-table.js";
import type { ExportOptions } from "./options.js";
import { resolutionsOf } from "./plan.js";
import { type AskPlan, ask, askPlanOf } from "./query.js";
import { replacedOutput } from "./replaced-output.js";
import { finelySummed, reportFile, withReport } from "./report.js";
import type { AggregateResult } from "./results.js";
import { checkReport } from "./user-files.js";
import { writeSummary } from "./write.js";

/**
 * Writes the files that `aggregateFiles` would write for the readings in a store.
 * @throws UsageError for wrong options
 * @throws RunError where the store or the disk fails; the output folder is then as it was
 */
export async function exportFiles(options: ExportOptions, context: RunContext): Promise<AggregateResult> {
  const plan = askPlanOf(options);
  const resolutions = resolutionsOf(options);
  const memory = options.memory ?? totalmem() / 2;
  const displayName = options.output ?? OPTIONS.output.default;
  const folder = resolve(context.cwd, displayName);
  const reportPlace = reportFile(options, context);
  if (reportPlace !== undefined) checkReport(reportPlace, folder, undefined);
  // A report needs finer sums than the files.
  const sums = options.report === undefined ? plan : askPlanOf(finelySummed(options, resolutions), plan.exports);
  const warnings = new Warnings(context);
  // The store and the sums work at the same time, so each gets a part of the run's memory.
  const forStore = { create: false, memory: storeMemory(memory), threads: options.workers };
  return withStore(options.store, forStore, { context, warnings }, async (store) => {
    const output = await openFolder(folder, {
      displayName,
      force: options.force,
      known: wholeNames(resolutions, options.format),
      inSequence: options.workers === 1,
    });
    try {
      return await withReport(options, context, async (reportOf) => {
        const spill = { prefix: output.scratch, displayName };
        const { batches } = await store.state();
        const { unknown, found, state } = await store.read(async (reader) => ({
          unknown: await reader.unknown(plan.sources ?? []),
          found: await ask(reader, sums, { countOutside: true, memory: memory / 4, spill, signal: context.signal }),
          state: { version: reader.version, batches },
        }));
        const report = await reportOf(found);
        const answer = report?.answer ?? found;
        warn(warnings, answer, unknown, options);
        for (const warning of replacedOutput(output.lastOutput(), answer.period, displayName)) warnings.add(warning);
        warnings.check(options.strict);
        const made = { ...manifestOf(plan, options, answer, state), warnings: warnings.all };
        const written = await report?.write(made);
        const { summary } = answer;
        const manifest = await writeSummary(
          output,
          summary,
          { ...options, resolutions },
          (files) => ({ ...made, files }),
          context,
        );
        report?.place();
        return { manifest, summary, folder, report: written };
      });
    } finally {
      output.close();
    }
  });
}

function warn(
  warnings: Warnings,
  { totals, summary }: QueryResult,
  unknown: readonly string[],
  options: ExportOptions,
): void {
  // If all are unknown, there are no readings, which is reported below.
  if (unknown.length > 0 && unknown.length < new Set(options.sources).size)
    warnings.add({
      code: "unknown_source",
      message: `the store has no readings of ${unknown.map((id) => JSON.stringify(id)).join(", ")}; is ${unknown.length === 1 ? "the id" : "each id"} right?`,
    });
  if (totals.readings === 0)
    warnings.add(
      noReadings(
        totals.outOfPeriod,
        `the store has no readings${options.sources === undefined ? "" : " of these sources"}, so there is nothing to sum`,
        totals.energy,
      ),
    );
  const { days } = summary.series("day");
  warnings.add(sharedNames(resolutionsOf(options), days, options.fileDate ?? OPTIONS.fileDate.default, options.format));
}

function manifestOf(
  plan: AskPlan,
  options: ExportOptions,
  answer: QueryResult,
  store: ManifestStore,
): Omit<Manifest, "warnings" | "files"> {
  return {
    ...writtenBy(),
    options: manifestOptions("export", options, {
      resolutions: resolutionsOf(options),
      timezone: plan.zone.name,
      sources: plan.sources,
    }),
    inputs: [],
    store,
    totals: totalsOf(answer, plan.zone),
    period: periodDays(answer),
  };
}
