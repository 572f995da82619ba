/** The log of this process, on standard error. It clears the progress bar, if there is one, before each line. */

import { type World, wantsColour } from "../world.js";
import { createLog, type Level, type Log, type LogFormat } from "./log.js";
import type { Bar } from "./progress.js";

export function openLog(world: World, settings: { format: LogFormat; least: Level; bar?: Bar | undefined }): Log {
  return createLog({
    format: settings.format,
    least: settings.least,
    colour: wantsColour(world.stderr, world.env),
    now: world.now,
    write: (line) => {
      settings.bar?.clear();
      void world.stderr.write(line);
    },
  });
}

/** The log for events before options are parsed, or outside any command. It searches the arguments itself. */
export function openEarlyLog(args: readonly string[], world: World): Log {
  const verbose = args.includes("-v") || args.includes("--verbose");
  return openLog(world, { format: earlyFormat(args), least: verbose ? "debug" : "error" });
}

export function earlyFormat(args: readonly string[]): LogFormat {
  const asked = args.some(
    (arg, i) => arg === "--log-format=json" || (arg === "json" && args[i - 1] === "--log-format"),
  );
  return asked ? "json" : "text";
}
