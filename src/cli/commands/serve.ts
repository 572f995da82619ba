/** `electro serve`: keeps readings and answers queries about them, until it is told to stop. */

import { resolve } from "node:path";
import { ElectroError, UsageError } from "../../base/errors.js";
import { textOf } from "../../base/message.js";
import { type FlagsOf, OPTIONS } from "../../jobs/option-table.js";
import { DEFAULT_STORE } from "../../store/open.js";
import type { CommandDefinition } from "../command.js";
import { logDefect } from "../defect.js";
import { checkShowFlags, SAME_SIGNAL_MS } from "../job.js";

import { STATUS, STOPPED, type StopSignal } from "../status.js";
import { SERVE_HELP } from "../terminal/help.js";
import { type Log, leastLevel } from "../terminal/log.js";
import { openLog } from "../terminal/process-log.js";
import type { World } from "../world.js";

type ServeFlags = FlagsOf<"serve">;

export const serveCommand: CommandDefinition = {
  name: "serve",
  summary: "keep readings in a store, and answer queries over HTTP",
  description:
    "Takes batches of readings over HTTP, each wholly and once, and answers with exact hourly and daily sums. A batch " +
    "is on disk before it is acknowledged. SIGTERM or SIGINT stops it, once it has finished what it has accepted.",
  usage: "[options]",
  help: SERVE_HELP,
  run: (_args, flags, world) => serve(flags, world),
};

async function serve(flags: ServeFlags, world: World): Promise<number> {
  checkShowFlags(flags);
  const log = openLog(world, { format: flags.logFormat ?? "text", least: leastLevel(flags) });
  const stop = stopSignal(world, log);
  try {
    const service = await start(flags, world, log);
    log({
      level: "info",
      code: "listening",
      message: `listening on ${service.address}${service.open ? "; there are no tokens, so only this machine is answered" : ""}`,
      fields: { address: service.address },
    });
    const by = await stop;
    await service.stop();
    log({ level: "info", code: "stopped", message: `stopped by ${by}; everything acknowledged is in the store` });
    return STOPPED[by];
  } catch (error) {
    if (!(error instanceof ElectroError)) logDefect(error, log);
    else log({ level: "error", code: error.code, message: textOf(error.said, "commandLine") });
    return error instanceof UsageError ? STATUS.usage : STATUS.failed;
  }
}

async function start(flags: ServeFlags, world: World, log: Log) {
  const displayName = flags.tokens ?? OPTIONS.tokens.default;
  const file = { path: resolve(world.cwd, displayName), displayName };
  const { openTokens } = await import("../../service/auth/tokens.js");
  const access = openTokens(file, (code, message) => log({ level: "warning", code, message }), world.now);
  const { open } = access;
  if (open && flags.tokens !== undefined)
    throw new UsageError(
      "no_tokens_file",
      `--tokens ${displayName}: there is no such file; make one with electro token add NAME --scope read,write --tokens ${displayName}`,
    );
  const { checkHost, checkOrigins, serve } = await import("../../service/serve.js");
  const host = flags.host ?? OPTIONS.host.default;
  const trustedProxies = flags.trustedProxies ?? [];
  checkHost(host, access, trustedProxies);
  checkOrigins(flags.cors ?? []);
  const { openStore } = await import("../../store/open.js");
  const store = await openStore(flags.store ?? DEFAULT_STORE, { maxDays: flags.maxDays, tell: log });
  try {
    const limits = {
      ...(flags.maxBody !== undefined && { body: flags.maxBody }),
      ...(flags.rateLimit !== undefined && { rate: flags.rateLimit }),
      ...(flags.maxDays !== undefined && { days: flags.maxDays }),
    };
    const serving = await serve({
      store,
      access,
      host,
      port: flags.port ?? OPTIONS.port.default,
      log,
      limits,
      files: world.openFiles(),
      trustedProxies,
      cors: flags.cors,
    });
    return { ...serving, open };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The first signal; the next one ends the process at once. */
function stopSignal(world: World, log: Log): Promise<StopSignal> {
  return new Promise((resolve) => {
    let first: number | undefined;
    world.onStop((signal) => {
      // npm and the terminal may both forward one Ctrl-C: signals this close together count as one.
      if (first !== undefined && world.now() - first < SAME_SIGNAL_MS) return;
      if (first !== undefined) world.exit(STOPPED[signal]);
      first = world.now();
      log({
        level: "info",
        code: "stopping",
        message: `${signal}: finishing what was accepted; send it again to stop at once`,
      });
      resolve(signal);
    });
  });
}
