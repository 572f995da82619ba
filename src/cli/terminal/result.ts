/** Reports written files: the closing summary, and what was requested on standard output. */
import { RunError } from "../../base/errors.js";
import { DEFAULT_RESOLUTIONS } from "../../jobs/job-options.js";
import { OPTIONS } from "../../jobs/option-table.js";
import type { ReportResult } from "../../jobs/results.js";
import type { Manifest } from "../../output/manifest.js";
import type { Summary } from "../../tally/summary.js";
import { inOrder, type Resolution } from "../../time/resolution.js";
import type { ShowFlags } from "../options.js";
import type { World } from "../world.js";
import { finishLines } from "./finish.js";
import type { Log } from "./log.js";

interface Result {
  readonly report?: ReportResult | undefined;
  readonly manifest: Manifest;
  readonly summary: Summary;
}

interface Flags extends ShowFlags {
  report?: string;
  output?: string;
  decimals?: number;
  withCounts?: boolean;
  resolutions?: readonly Resolution[];
}

/** @throws RunError `stdout_failed` */
export async function tellResult(result: Result, flags: Flags, world: World, log: Log): Promise<void> {
  const { manifest, summary, report } = result;
  const folder = flags.output ?? OPTIONS.output.default;
  const lines = finishLines({
    manifest,
    zone: summary.zone.name,
    hours: summary.series("hour").length,
    columns: summary.columns,
    folder,
    report: report && { ...report, name: flags.report ?? "" },
  });
  const { totals, period } = manifest;
  log({ level: "info", code: "done", lines, fields: { folder, period, totals, ...(report && { report }) } });
  await show(result, flags, folder, world);
}

/** Writes what was requested to standard output. It is not an error if the reader closes the pipe. */
async function show({ manifest, summary }: Result, flags: Flags, folder: string, { stdout }: World): Promise<void> {
  if (flags.json) {
    const { manifestBlocks } = await import("../../output/manifest.js");
    for (const piece of manifestBlocks(manifest)) {
      if (stdout.gone) break;
      await stdout.write(piece);
    }
  }
  if (flags.print) {
    const { tables } = await import("./table.js");
    const { decimals, withCounts = false, resolutions = DEFAULT_RESOLUTIONS } = flags;
    for (const piece of tables(summary, inOrder(resolutions), { decimals, withCounts })) {
      if (stdout.gone) break;
      await stdout.write(piece);
    }
  }
  if (stdout.failure) {
    throw new RunError(
      "stdout_failed",
      `cannot write to standard output: ${stdout.failure.message}; the files in ${folder} are complete`,
    );
  }
}
