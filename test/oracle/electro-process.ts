/** Runs the built command in a process of its own: for what needs one. */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { Readable as Stream } from "node:stream";
import { pipeline } from "node:stream/promises";
import { within } from "../wait.mjs";
import type { Ended } from "./electro.js";

const MAIN = new URL("../../dist/bin/electro.js", import.meta.url).pathname;

export async function electroProcess(args: readonly string[], cwd: string, stdin?: Buffer | Readable): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ["pipe", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const source = stdin instanceof Stream ? stdin : Stream.from(stdin === undefined ? [] : [stdin]);
  // A run that fails early closes its end; what it says then is what counts.
  await pipeline(source, child.stdin).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && error.code !== "ECONNRESET") throw error;
  });
  const status = await within(`the end of electro ${args.join(" ")}`, ended).finally(() => child.kill("SIGKILL"));
  return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}
