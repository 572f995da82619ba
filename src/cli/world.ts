/** Everything that the command line reads from its process, so that tests can replace it. */
import { fstatSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { StopSignal } from "./status.js";
import { type Out, outOf } from "./terminal/out.js";

export interface World {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Opened by the first call only: standard input is not touched unless it is needed. */
  stdin(): Readable & { isTTY?: boolean };
  stdout: Out;
  stderr: Out;
  /** Milliseconds since 1970. */
  now(): number;
  /** The number of files, including connections, that the process may have open; infinite if unknown. */
  openFiles(): number;
  /** Calls back for every signal to stop. */
  onStop(listener: (signal: StopSignal) => void): void;
  /** Ends the process at once. */
  exit(status: number): void;
}

export function processWorld(): World {
  return {
    cwd: process.cwd(),
    env: process.env,
    stdin: () => (fstatSync(0).isFile() ? Readable.from(fileBytes(0)) : process.stdin),
    stdout: outOf(process.stdout),
    stderr: outOf(process.stderr),
    now: Date.now,
    openFiles: () => {
      const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
      const soft = userLimits?.open_files?.soft;
      return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY;
    },
    onStop: (listener) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, listener);
    },
    exit: (status) => process.exit(status),
  };
}

/** Bytes that are read at once if standard input is a file. */
const BLOCK = 256 * 1024;

/** A file's bytes, read on demand: the process's own stream would read ahead while other files are written. */
async function* fileBytes(fd: number): AsyncGenerator<Uint8Array> {
  for (;;) {
    await nextTurn();
    const block = Buffer.allocUnsafeSlow(BLOCK);
    const bytes = readSync(fd, block);
    if (bytes === 0) return;
    yield block.subarray(0, bytes);
  }
}

/** Whether a stream gets colour: on a terminal, unless NO_COLOR is set or the terminal is dumb. */
export function wantsColour(out: Out, env: World["env"]): boolean {
  return out.isTTY && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}
