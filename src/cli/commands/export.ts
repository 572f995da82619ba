/** `electro export`: the files of `electro aggregate`, from a store. */
import { type FlagsOf, jobOptions } from "../../jobs/option-table.js";
import type { CommandDefinition } from "../command.js";
import { checkShowFlags, runJob } from "../job.js";

import { EXPORT_HELP } from "../terminal/help.js";
import { tellResult } from "../terminal/result.js";
import type { World } from "../world.js";

export const exportCommand: CommandDefinition = {
  name: "export",
  summary: "write the hourly and daily files from a store",
  description:
    "Writes hourly_data_DD_MM.csv for each date, daily_data.csv and manifest.json from the readings in a store: the " +
    "same bytes that electro aggregate writes from the files that were loaded.",
  usage: "[options]",
  help: EXPORT_HELP,
  run: (_, flags, world) => runExport(flags, world),
};

async function runExport(flags: FlagsOf<"export">, world: World): Promise<number> {
  checkShowFlags(flags);
  return runJob(flags, world, { untouched: "the output folder" }, async ({ log, context, done }) => {
    const { exportFiles } = await import("../../jobs/export.js");
    const result = await exportFiles(jobOptions(flags), context);
    done();
    await tellResult(result, flags, world, log);
  });
}
