/** `electro aggregate`: turns options into a job, its events and result into what people see, its end into an exit status. */
import type { aggregateFiles } from "../../jobs/aggregate.js";
import { jobOptions } from "../../jobs/option-table.js";
import type { CommandDefinition } from "../command.js";
import { checkInputs, checkShowFlags, runJob } from "../job.js";
import type { AggregateFlags } from "../options.js";
import { AGGREGATE_HELP } from "../terminal/help.js";
import { tellResult } from "../terminal/result.js";
import type { World } from "../world.js";

export type Job = typeof aggregateFiles;

export const aggregateCommand: CommandDefinition = {
  name: "aggregate",
  summary: "sum readings by hour and day into CSV files",
  description:
    "Sums the kWh readings of INPUT… by hour and by day, exactly, and writes hourly_data_DD_MM.csv for each " +
    "date, daily_data.csv and manifest.json. Hours and days without readings have a row too, with 0.",
  usage: "[options] INPUT…",
  argument: ["INPUT", "file, folder, glob, http(s):// address, or - for standard input"],
  help: AGGREGATE_HELP,
  run: (inputs, flags, world) =>
    aggregate(inputs, flags, world, async () => (await import("../../jobs/aggregate.js")).aggregateFiles),
};

/** Runs the job and resolves to the exit status. Throws a UsageError before anything begins, and nothing afterwards. */
export async function aggregate(
  inputs: readonly string[],
  flags: AggregateFlags,
  world: World,
  loadJob: () => Promise<Job>,
): Promise<number> {
  checkInputs(inputs, "aggregate");
  checkShowFlags(flags);
  return runJob(flags, world, { untouched: "the output folder", inputs }, async ({ log, context, done }) => {
    const job = await loadJob();
    const result = await job(inputs, jobOptions(flags), context);
    done();
    await tellResult(result, flags, world, log);
  });
}
