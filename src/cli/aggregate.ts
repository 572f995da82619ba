/** `electro aggregate`: options to a job, its events and its result to what people see, its end to an exit status. */
import { ElectroError, RunError, UsageError } from "../domain/errors.js";
import type { aggregateFiles } from "../run/aggregate.js";
import type { AggregateOptions } from "../run/options.js";
import { logDefect } from "./defect.js";
import { finishLines } from "./finish.js";
import { type Log, leastLevel } from "./log.js";
import { openLog } from "./logs.js";
import type { AggregateFlags } from "./options.js";
import { type Bar, createBar } from "./progress.js";
import { createReporter, type Reporter } from "./report.js";
import { STATUS, STOPPED, type StopSignal } from "./status.js";
import type { World } from "./world.js";

export type Job = typeof aggregateFiles;
type Result = Awaited<ReturnType<Job>>;

/** Runs the job and resolves to the exit status. Throws a UsageError before anything began, and nothing after. */
export async function aggregate(
  inputs: readonly string[],
  flags: AggregateFlags,
  world: World,
  loadJob: () => Promise<Job>,
): Promise<number> {
  checkFlags(inputs, flags);
  const { print: _print, json: _json, logFormat = "text", quiet, verbose, ...options } = flags;

  const showsBar = world.stderr.isTTY && logFormat === "text" && !quiet && world.env["TERM"] !== "dumb";
  const bar = showsBar ? createBar(world.stderr, world.now) : undefined;
  const log = openLog(world, { format: logFormat, least: leastLevel(flags), bar });
  const reporter = createReporter(log, bar, options, verbose === true);
  const stop = stopBySignal(world, bar);
  try {
    const job = await loadJob();
    const result = await job(inputs, options, {
      cwd: world.cwd,
      signal: stop.signal,
      onEvent: reporter.onEvent,
      ...(inputs.includes("-") && { stdin: openStdin(world, log) }),
    });
    stop.tooLate();
    finish(result, options, log, reporter);
    await show(result, flags, world);
    return STATUS.done;
  } catch (error) {
    reporter.end();
    return failed(error, stop.by(), log);
  }
}

function checkFlags(inputs: readonly string[], flags: AggregateFlags): void {
  if (inputs.length === 0) {
    throw new UsageError(
      "missing_input",
      "no INPUT; name the files, folders, globs or http(s) addresses to read, or - for standard input, as in electro aggregate readings.json",
    );
  }
  if (inputs.includes("")) {
    throw new UsageError("missing_input", "an INPUT is empty; perhaps a variable of the shell is not set");
  }
  if (flags.json && flags.print) {
    throw new UsageError("contradiction", "--json and --print both want standard output; choose one");
  }
  if (flags.quiet && flags.verbose) {
    throw new UsageError("contradiction", "--quiet and --verbose say the opposite; choose one");
  }
}

/** npm and a terminal may both pass on one Ctrl-C: signals so close together are one. */
const SAME_SIGNAL_MS = 500;

/** The first signal asks the job to stop and clean up; a second one, or one after the job, ends the process at once. */
function stopBySignal(world: World, bar: Bar | undefined) {
  const controller = new AbortController();
  let by: StopSignal | undefined;
  let late = false;
  let first = 0;
  world.onStop((signal) => {
    if (by !== undefined && world.now() - first < SAME_SIGNAL_MS) return;
    first = world.now();
    if (by || late) {
      bar?.clear();
      world.exit(STOPPED[signal]);
    }
    by = signal;
    controller.abort(new RunError("stopped", `stopped by ${signal}`));
  });
  return {
    signal: controller.signal,
    /** What stopped the job, if anything. */
    by: () => (late ? undefined : by),
    /** The job is done: there is nothing left to clean up. */
    tooLate: () => {
      late = true;
    },
  };
}

function openStdin(world: World, log: Log) {
  const stdin = world.stdin();
  if (stdin.isTTY)
    log({ level: "info", message: "reading from the terminal; Ctrl-D on a line of its own ends the input" });
  return stdin;
}

function finish({ manifest, summary }: Result, options: AggregateOptions, log: Log, reporter: Reporter): void {
  const { totals, period } = manifest;
  reporter.end();
  const folder = options.output ?? "output_data";
  const lines = finishLines({
    manifest,
    zone: summary.zone.name,
    hours: summary.hours.length,
    columns: summary.columns,
    folder,
  });
  log({ level: "info", code: "done", lines, fields: { folder, period, totals } });
}

/** What was asked for on standard output. That its reader goes away is no error. */
async function show({ manifest, summary }: Result, flags: AggregateFlags, { stdout }: World): Promise<void> {
  if (flags.json) {
    const { manifestText } = await import("../output/manifest.js");
    await stdout.write(manifestText(manifest));
  }
  if (flags.print) {
    const { tables } = await import("./table.js");
    const { decimals, withCounts = false } = flags;
    for (const piece of tables(summary, { decimals, withCounts })) {
      if (stdout.gone) break;
      await stdout.write(piece);
    }
  }
  if (stdout.failure) {
    throw new RunError(
      "stdout_failed",
      `cannot write to standard output: ${stdout.failure.message}; the files in ${flags.output ?? "output_data"} are complete`,
    );
  }
}

function failed(error: unknown, stoppedBy: StopSignal | undefined, log: Log): number {
  if (stoppedBy) {
    log({ level: "error", code: "stopped", message: `stopped by ${stoppedBy}; the output folder is as it was` });
    return STOPPED[stoppedBy];
  }
  if (!(error instanceof ElectroError)) {
    logDefect(error, log);
    return STATUS.failed;
  }
  log({ level: "error", code: error.code, message: error.message });
  if (error.cause !== undefined) log({ level: "debug", message: `caused by: ${error.cause}` });
  return error instanceof UsageError ? STATUS.usage : STATUS.failed;
}
