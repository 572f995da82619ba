/** The process around the command line: its streams, its last message, its end. */
import { logDefect } from "./defect.js";
import { run } from "./program.js";
import { STATUS } from "./status.js";
import { openEarlyLog } from "./terminal/process-log.js";
import { processWorld, type World } from "./world.js";

/** Runs the command line and ends the process, even if something (such as an open pipe) would keep it alive. */
export async function start(args: readonly string[]): Promise<void> {
  const world = processWorld();
  const log = openEarlyLog(args, world);
  const apologise = (error: unknown) => {
    logDefect(error, log);
    return end(STATUS.failed, world);
  };
  process.on("uncaughtException", apologise);
  // Node's own warnings mean nothing to people who sum readings, and are not JSON.
  process.removeAllListeners("warning");
  process.on("warning", (warning) => log({ level: "debug", message: `${warning.name}: ${warning.message}` }));
  try {
    const status = await run(args, world);
    await world.stdout.write("");
    const { failure } = world.stdout;
    // A command reports by itself what it could not print; help and version do not.
    if (failure && status === STATUS.done) {
      log({ level: "error", code: "stdout_failed", message: `cannot write to standard output: ${failure.message}` });
    }
    await end(failure && status === STATUS.done ? STATUS.failed : status, world);
  } catch (error) {
    await apologise(error);
  }
}

async function end(status: number, world: World): Promise<void> {
  await Promise.all([world.stdout.write(""), world.stderr.write("")]);
  world.exit(status);
}
