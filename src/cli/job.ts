/** What all commands with a job have in common: the log, the progress bar, the signals that stop it, the exit status. */

import { ElectroError, RunError, UsageError } from "../base/errors.js";
import { textOf } from "../base/message.js";
import { limitYoungObjects } from "../pipeline/collect.js";
import type { RunContext } from "../pipeline/run.js";
import { logDefect } from "./defect.js";
import type { ShowFlags } from "./options.js";
import { STATUS, STOPPED, type StopSignal } from "./status.js";
import { type Log, leastLevel } from "./terminal/log.js";
import { openLog } from "./terminal/process-log.js";
import { type Bar, createBar } from "./terminal/progress.js";
import { createReporter } from "./terminal/report.js";
import type { World } from "./world.js";

/** What a job receives. */
export interface Running {
  readonly log: Log;
  /** The run's context: its signal stops the job, which then rejects with the signal's reason. */
  readonly context: RunContext;
  /** Call this when the job is done and only its result remains to be shown: it can no longer be stopped, and no event follows. */
  done(): void;
}

export interface JobFlags extends ShowFlags {
  onError?: "fail" | "skip";
  strict?: boolean;
  memory?: number;
}

/**
 * @param about `untouched` names what a stopped run leaves as it was, such as `the output folder`; standard input is opened
 *   if `-` is among the inputs
 */
export async function runJob(
  flags: JobFlags,
  world: World,
  { untouched, inputs = [] }: { untouched: string; inputs?: readonly string[] },
  job: (running: Running) => Promise<void>,
): Promise<number> {
  const { logFormat = "text", memory = Number.POSITIVE_INFINITY } = flags;
  limitYoungObjects(memory);
  const showsBar = world.stderr.isTTY && logFormat === "text" && !flags.quiet && world.env["TERM"] !== "dumb";
  const bar = showsBar ? createBar(world.stderr, world.now) : undefined;
  const log = openLog(world, { format: logFormat, least: leastLevel(flags), bar });
  const reporter = createReporter(log, bar, flags, flags.verbose === true);
  const stop = stopBySignal(world, bar);
  try {
    await job({
      log,
      context: {
        ...{ cwd: world.cwd, surface: "commandLine", signal: stop.signal, onEvent: reporter.onEvent },
        everyBadRecord: flags.verbose === true,
        now: world.now,
        ...(inputs.includes("-") && { stdin: openStdin(world, log) }),
      },
      done: () => {
        stop.tooLate();
        reporter.end();
      },
    });
    return STATUS.done;
  } catch (error) {
    reporter.end();
    return failed(error, stop.by(), untouched, log);
  }
}

/** @throws UsageError before anything begins */
export function checkShowFlags(flags: ShowFlags): void {
  if (flags.json && flags.print) {
    throw new UsageError("contradiction", "--json and --print both want standard output; choose one");
  }
  if (flags.quiet && flags.verbose) {
    throw new UsageError("contradiction", "--quiet and --verbose say the opposite; choose one");
  }
}

/** @throws UsageError if there is no input, or an empty one */
export function checkInputs(inputs: readonly string[], command: string): void {
  if (inputs.length === 0) {
    throw new UsageError(
      "missing_input",
      `no INPUT; name the files, folders, globs or http(s) addresses to read, or - for standard input, as in electro ${command} readings.json`,
    );
  }
  if (inputs.includes("")) {
    throw new UsageError("missing_input", "an INPUT is empty; perhaps a shell variable is not set");
  }
}

/** npm and the terminal may both forward one Ctrl-C: signals this close together count as one. */
export const SAME_SIGNAL_MS = 500;

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
    /** The signal that stopped the job, if any. */
    by: () => (late ? undefined : by),
    /** Call this when the job is done: there is nothing left to clean up. */
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

function failed(error: unknown, stoppedBy: StopSignal | undefined, untouched: string, log: Log): number {
  if (stoppedBy) {
    log({ level: "error", code: "stopped", message: `stopped by ${stoppedBy}; ${untouched} is as it was` });
    return STOPPED[stoppedBy];
  }
  if (!(error instanceof ElectroError)) {
    logDefect(error, log);
    return STATUS.failed;
  }
  log({ level: "error", code: error.code, message: textOf(error.said, "commandLine") });
  if (error.cause !== undefined) log({ level: "debug", message: `caused by: ${error.cause}` });
  return error instanceof UsageError ? STATUS.usage : STATUS.failed;
}
