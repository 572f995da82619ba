/** `electro quality`: what came and what should have, for each source, as a table, CSV or JSON on standard output. */
import { RunError, UsageError } from "../../base/errors.js";
import { leastText } from "../../base/size.js";
import { LEAST_WITH_STORE } from "../../jobs/job-options.js";
import { isAboutFiles } from "../../jobs/option.js";
import { type FlagsOf, jobOptions } from "../../jobs/option-table.js";
import type { SourceQuality } from "../../quality/quality.js";
import type { Zone } from "../../time/zone.js";
import type { CommandDefinition } from "../command.js";
import { checkInputs, checkShowFlags, runJob } from "../job.js";
import { flagsOf } from "../options.js";
import { readAsLines } from "../terminal/finish.js";
import { QUALITY_HELP } from "../terminal/help.js";
import type { World } from "../world.js";

type QualityFlags = FlagsOf<"quality">;

export const qualityCommand: CommandDefinition = {
  name: "quality",
  summary: "find gaps, duplicate readings and other faults, source by source",
  description:
    "Finds how often each source of INPUT… has a reading, and tells what is missing, what came twice, what is negative, " +
    "and how much a summary fills with 0; the worst sources first. Its precision is quarter hours.",
  usage: "[options] INPUT… | --store URL",
  argument: ["INPUT", "file, folder, glob, http(s):// address, or - for standard input"],
  help: QUALITY_HELP,
  run: quality,
};

async function quality(inputs: readonly string[], flags: QualityFlags, world: World): Promise<number> {
  if (flags.store === undefined) checkInputs(inputs, "quality");
  else checkStore(inputs, flags);
  checkShowFlags(flags);
  checkForm(flags);
  return runJob(flags, world, { untouched: "everything", inputs }, async ({ log, context, done }) => {
    const { qualityInStore, qualityOfFiles, qualityPlanOf } = await import("../../jobs/quality.js");
    const { zone } = qualityPlanOf(flags);
    const { sources, readAs } = await (flags.store === undefined
      ? qualityOfFiles(inputs, jobOptions(flags), context)
      : qualityInStore(jobOptions(flags), context));
    done();
    const { qualitySummary } = await import("../terminal/quality-table.js");
    const { lines, fields } = qualitySummary(sources, zone, flags);
    log({ level: "info", code: "done", lines: [...readAsLines(readAs), ...lines], fields });
    for await (const piece of pieces(sources, zone, flags, world)) {
      if (world.stdout.gone) break;
      await world.stdout.write(piece);
    }
    if (world.stdout.failure)
      throw new RunError("stdout_failed", `cannot write to standard output: ${world.stdout.failure.message}`);
  });
}

function checkStore(inputs: readonly string[], flags: QualityFlags): void {
  if (inputs.length > 0)
    throw new UsageError("contradiction", `--store and ${inputs[0]}: look at files or at a store, not at both`);
  if (flags.memory !== undefined && flags.memory < LEAST_WITH_STORE)
    throw new UsageError("bad_option_value", `--memory: with --store the least is ${leastText(LEAST_WITH_STORE)}`);
  for (const { name, long, entry } of flagsOf("quality")) {
    if (isAboutFiles(entry.heading, name) && Object.hasOwn(flags, name))
      throw new UsageError("contradiction", `${long} is about reading files, and --store has read them already`);
  }
}

function checkForm({ csv, json, findings }: QualityFlags): void {
  if (csv && json) throw new UsageError("contradiction", "--csv and --json both want standard output; choose one");
  if (json && findings)
    throw new UsageError("contradiction", "--json has all findings already; --findings goes with --csv or the table");
}

async function* pieces(
  sources: readonly SourceQuality[],
  zone: Zone,
  { csv, json, findings, from, to }: QualityFlags,
  { stdout }: World,
): AsyncGenerator<string, void> {
  if (!csv && !json) {
    const { findingsTable, sourcesTable } = await import("../terminal/quality-table.js");
    yield* findings ? findingsTable(sources, zone) : sourcesTable(sources, zone, stdout.columns());
    return;
  }
  const output = await import("../../output/quality.js");
  if (json) {
    const { before, after } = output.qualityFrame(zone, { from: from ?? null, to: to ?? null });
    yield before;
    for (const [n, source] of sources.entries())
      yield `${n > 0 ? "," : ""}\n${JSON.stringify(output.qualityObject(source, zone))}`;
    yield `\n${after}\n`;
  } else if (findings) {
    yield output.FINDINGS_HEADING;
    for (const source of sources) yield* output.findingLines(source, zone);
  } else {
    yield output.QUALITY_HEADING;
    for (const source of sources) yield output.qualityLine(source, zone);
  }
}
