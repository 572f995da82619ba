/** From the command line's INPUT arguments to inputs. */
import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { UsageError } from "../base/errors.js";
import { yieldToEventLoop } from "../base/event-loop.js";
import { addressOf, nameOf } from "./address.js";
import { datasetsIn, type Entry, joined } from "./folder.js";
import { isPattern, matchesOf } from "./glob.js";
import type { Input, Warning } from "./input.js";
import { inspect, statusOf } from "./inspect.js";
import { alsoOutput, outputsAt, realPathOf } from "./outputs.js";

export interface ResolveContext {
  /** Absolute; relative paths count from here. */
  readonly cwd: string;
  /** What `-` reads. */
  readonly stdin?: Readable;
  /** Absolute paths of the folders and files that the run writes: never read. */
  readonly exclude: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Files that are looked at before others get their turn: some milliseconds' work, more where a disk is slow. */
const FILES_A_TURN = 16;

export interface Resolved {
  /** In the order of the arguments; each file once. */
  readonly inputs: readonly Input[];
  /** `input_twice`, `hidden_files`. */
  readonly warnings: readonly Warning[];
}

/** Names of standard input as a file. What is behind them may be a socket, which cannot be opened by name. */
const STDIN_PATHS = new Set(["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]);

/**
 * Finds out what each argument means: `-`, an address, a file, a folder, or a pattern. Files are looked at (is it
 * there, may it be read, is it packed), addresses and pipes are not opened.
 * @throws UsageError for an argument that cannot be an input, or is an output of the run
 * @throws RunError for what is not there or may not be read; the signal's reason if it is aborted
 */
export async function resolveInputs(args: readonly string[], context: ResolveContext): Promise<Resolved> {
  const { signal } = context;
  const outputs = outputsAt(context.exclude);
  const inputs: Input[] = [];
  const warnings: Warning[] = [];
  /** What has been taken, by file or address, and its name. */
  const taken = new Map<string, string>();
  let looked = 0;

  function take(key: string, input: Input): void {
    const before = taken.get(key);
    if (before === undefined) {
      taken.set(key, input.name);
      inputs.push(input);
      return;
    }
    const what = before === input.name ? "it is named twice" : `it is the same as ${before}`;
    warnings.push({ code: "input_twice", message: `${input.name}: ${what}; it is read once` });
  }

  /** @param entry as which it was found, unless the user named it */
  async function takeFile(path: string, name: string, entry?: Entry): Promise<void> {
    if (++looked % FILES_A_TURN === 0) await yieldToEventLoop(signal);
    const status = statusOf(path, name);
    const outside = entry?.link === false;
    if (outputs.is(status.dev, status.ino) || (!outside && outputs.holds(realPathOf(path)))) {
      if (entry === undefined) throw alsoOutput(name);
      return;
    }
    const input = inspect(path, name, status);
    take(input.kind === "file" ? input.state : `${status.dev}:${status.ino}`, input);
  }

  function warnHidden(name: string, hidden: number): void {
    if (hidden === 0) return;
    const files = hidden === 1 ? "1 hidden file" : `${hidden} hidden files`;
    warnings.push({ code: "hidden_files", message: `${name}: skipped ${files}` });
  }

  for (const argument of args) {
    const path = resolve(context.cwd, argument);
    if (argument === "" || argument.includes("\0")) {
      throw new UsageError("bad_input_name", "the name of an input is empty or holds a NUL");
    }
    const address = addressOf(argument);
    if (argument === "-" || (STDIN_PATHS.has(argument) && context.stdin !== undefined)) {
      if (taken.has("-")) throw new UsageError("stdin_twice", "standard input (-) can be read once only; name it once");
      if (context.stdin === undefined) throw new UsageError("no_stdin", "there is no standard input here to read (-)");
      take("-", { kind: "stream", name: "standard input", from: { stdin: context.stdin } });
    } else if (address !== undefined) {
      take(address.href, { kind: "stream", name: nameOf(address), from: { address: address.href } });
    } else if (isPattern(argument) && !isThere(path)) {
      const { folder, files, hidden } = await matchesOf(argument, context.cwd, outputs, signal);
      for (const file of files)
        await takeFile(file.path, folder === "" ? file.below : joined(folder, file.below), file);
      warnHidden(argument, hidden);
    } else if (statusOf(path, argument).isDirectory()) {
      if (outputs.holds(realPathOf(path))) throw alsoOutput(argument);
      const { files, hidden } = await datasetsIn({ path, name: argument }, outputs, signal);
      for (const file of files) await takeFile(file.path, joined(argument, file.below), file);
      warnHidden(argument, hidden);
    } else {
      await takeFile(path, argument);
    }
  }
  return { inputs, warnings };
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
