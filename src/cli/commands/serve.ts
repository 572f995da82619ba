/** `electro serve`: keeps readings and answers for them, until it is told to stop. */

import { resolve } from "node:path";
import { ElectroError, UsageError } from "../../base/errors.js";
import { textOf } from "../../base/message.js";
import { DEFAULT_STORE } from "../../store/open.js";
import type { CommandDefinition } from "../command.js";
import { logDefect } from "../defect.js";
import { checkShowFlags, SAME_SIGNAL_MS } from "../job.js";
import { DEFAULT_TOKENS, group, logOptions, maxDays, type ShowFlags, valued } from "../options.js";
import { STATUS, STOPPED, type StopSignal } from "../status.js";
import { SERVE_HELP } from "../terminal/help.js";
import { type Log, leastLevel } from "../terminal/log.js";
import { openLog } from "../terminal/process-log.js";
import { size, text, texts, wholeNumber } from "../values.js";
import type { World } from "../world.js";

interface ServeFlags extends ShowFlags {
  store?: string;
  host?: string;
  port?: number;
  tokens?: string;
  maxBody?: number;
  rateLimit?: number;
  maxDays?: number;
  trustedProxy?: string[];
}

/** The smallest limit of bodies, bytes. */
const LEAST_BODY = 1000;

export const serveCommand: CommandDefinition = {
  name: "serve",
  summary: "keep readings in a store, and answer for them over HTTP",
  description:
    "Takes batches of readings over HTTP, each wholly and once, and answers with exact hourly and daily sums. A batch " +
    "is on disk before it is acknowledged. Stops when it gets SIGTERM or SIGINT, and finishes what it has accepted.",
  usage: "[options]",
  options: () => [
    ...group("Service:", [
      valued("--store <URL>", `where readings are kept (default: ${DEFAULT_STORE})`, text),
      valued(
        "--host <HOST>",
        "address to listen on; any but this machine's own needs tokens (default: 127.0.0.1)",
        text,
      ),
      valued("--port <N>", "port to listen on; 0: one that is free (default: 8080)", (name) =>
        wholeNumber(name, 0, 65535),
      ),
      valued(
        "--tokens <FILE>",
        `access tokens, as electro token keeps them (default: ${DEFAULT_TOKENS}, if there)`,
        text,
      ),
      valued(
        "--trusted-proxy <ADDRESS>",
        "address of a proxy, or range as 10.0.0.0/8, whose X-Forwarded-For says who its client is; may be repeated",
        texts,
      ),
      valued("--max-body <SIZE>", "the largest body that is taken, as 100MB (default: 256MiB)", (name) =>
        size(name, LEAST_BODY),
      ),
      valued("--rate-limit <N>", "requests a second from one token or address (default: 10000)", (name) =>
        wholeNumber(name, 1, 1_000_000),
      ),
      maxDays("days from the first to the last reading that are kept, and days that are answered (default: 3660)"),
    ]),
    ...logOptions(),
  ],
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
    log({ level: "info", code: "stopped", message: `stopped by ${by}; all that was acknowledged is in the store` });
    return STOPPED[by];
  } catch (error) {
    if (!(error instanceof ElectroError)) logDefect(error, log);
    else log({ level: "error", code: error.code, message: textOf(error.said, "commandLine") });
    return error instanceof UsageError ? STATUS.usage : STATUS.failed;
  }
}

async function start(flags: ServeFlags, world: World, log: Log) {
  const shown = flags.tokens ?? DEFAULT_TOKENS;
  const file = { path: resolve(world.cwd, shown), shown };
  const { openTokens } = await import("../../service/auth/tokens.js");
  const access = openTokens(file, (code, message) => log({ level: "warning", code, message }));
  const { open } = access;
  if (open && flags.tokens !== undefined)
    throw new UsageError(
      "no_tokens_file",
      `--tokens ${shown}: there is no such file; make one with electro token add NAME --scope read,write --tokens ${shown}`,
    );
  const { checkHost, serve } = await import("../../service/serve.js");
  const host = flags.host ?? "127.0.0.1";
  const trustedProxies = flags.trustedProxy ?? [];
  checkHost(host, access, trustedProxies);
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
      port: flags.port ?? 8080,
      log,
      limits,
      files: world.openFiles(),
      trustedProxies,
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
      // npm and a terminal may both pass on one Ctrl-C: signals so close together are one.
      if (first !== undefined && world.now() - first < SAME_SIGNAL_MS) return;
      if (first !== undefined) world.exit(STOPPED[signal]);
      first = world.now();
      log({
        level: "info",
        code: "stopping",
        message: `${signal}: finishing what was accepted; once more to stop at once`,
      });
      resolve(signal);
    });
  });
}
