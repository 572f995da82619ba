#!/usr/bin/env node
/** The command `electro`. For the version, which scripts request, nothing else is loaded. */
import { version } from "../jobs/version.js";

const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === "--version" || args[0] === "version" || args[0] === "-V")) {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exitCode = error.code === "EPIPE" ? 0 : 1;
  });
  process.stdout.write(`${version()}\n`);
} else {
  const { start } = await import("./start.js");
  await start(args);
}
