/** `electro export`: the files of `electro aggregate`, from what a store keeps. */
import type { ExportOptions } from "../../jobs/export.js";
import type { CommandDefinition } from "../command.js";
import { checkShowFlags, runJob } from "../job.js";
import {
  fileOptions,
  flag,
  group,
  resourceOptions,
  type ShowFlags,
  showOptions,
  storeOptions,
  summaryOptions,
  valued,
} from "../options.js";
import { EXPORT_HELP } from "../terminal/help.js";
import { tellResult } from "../terminal/result.js";
import { LEAST_WITH_STORE, texts } from "../values.js";
import type { World } from "../world.js";

interface ExportFlags extends Omit<ExportOptions, "sources">, ShowFlags {
  source?: string[];
}

export const exportCommand: CommandDefinition = {
  name: "export",
  summary: "write the hourly and daily files from a store",
  description:
    "Writes hourly_data_DD_MM.csv for each date, daily_data.csv and manifest.json of the readings that a store keeps: " +
    "the same bytes that electro aggregate writes of the files that were loaded.",
  usage: "[options]",
  options: () => [
    ...storeOptions(),
    ...summaryOptions(),
    ...group("What to sum:", [
      valued("--source <ID>", "only this source's readings, as if there were no others; may be repeated", texts),
    ]),
    ...fileOptions().filter(({ long }) => long !== "--hash-inputs"),
    ...group("Files:", [flag("--strict", "make warnings errors: then nothing is written")]),
    ...showOptions(),
    ...resourceOptions(
      LEAST_WITH_STORE,
      "threads that read the store, 1 to 1024; with 1 everything happens in sequence (default: 2)",
    ),
  ],
  help: EXPORT_HELP,
  run: (_, flags, world) => runExport(flags, world),
};

async function runExport(flags: ExportFlags, world: World): Promise<number> {
  checkShowFlags(flags);
  const { source, print: _p, json: _j, logFormat: _l, quiet: _q, verbose: _v, ...rest } = flags;
  const options: ExportOptions = { ...rest, ...(source && { sources: source }) };
  return runJob(flags, world, "the output folder", async ({ log, onEvent, signal, done }) => {
    const { exportFiles } = await import("../../jobs/export.js");
    const result = await exportFiles(options, { cwd: world.cwd, surface: "commandLine" as const, signal, onEvent });
    done();
    await tellResult(result, flags, world, log);
  });
}
