/** Resolves INPUT arguments to inputs. */

import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { UsageError } from "../base/errors.js";
import { yieldToEventLoop } from "../base/event-loop.js";
import type { WarningText } from "../base/warning.js";
import { addressOf, nameOf } from "./address.js";
import { datasetsIn, type Entry, joined } from "./folder.js";
import { isPattern, matchesOf } from "./glob.js";
import type { Input } from "./input.js";
import { inspect, statusOf } from "./inspect.js";
import { alsoOutput, outputsAt, realPathOf } from "./outputs.js";

export interface ResolveContext {
  /** Absolute; relative paths are resolved against it. */
  readonly cwd: string;
  /** What `-` reads. */
  readonly stdin?: Readable;
  /** Absolute paths of the folders and files that the run writes: never read. */
  readonly exclude: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Files inspected before yielding to the event loop: a few milliseconds' work, more if the disk is slow. */
const FILES_A_TURN = 16;

export interface Resolved {
  /** In the order of the arguments, without duplicates. */
  readonly inputs: readonly Input[];
  /** `input_twice`, `hidden_files`. */
  readonly warnings: readonly WarningText[];
}

/** Names of standard input as a file. It may be a socket, which cannot be opened by name. */
const STDIN_PATHS = new Set(["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]);

/**
 * Determines what each argument means: `-`, an address, a file, a folder, or a pattern. Files are inspected (existence,
 * permission, compression); addresses and pipes are not opened.
 * @throws UsageError if an argument cannot be an input, or is an output of the run
 * @throws RunError if a file does not exist or cannot be read; the signal's reason if it is aborted
 */
export async function resolveInputs(args: readonly string[], context: ResolveContext): Promise<Resolved> {
  const { signal } = context;
  const outputs = outputsAt(context.exclude);
  const inputs: Input[] = [];
  const warnings: WarningText[] = [];
  /** Names of the inputs so far, by file state or address. */
  const names = new Map<string, string>();
  let inspected = 0;

  function add(key: string, input: Input): void {
    const before = names.get(key);
    if (before === undefined) {
      names.set(key, input.name);
      inputs.push(input);
      return;
    }
    const what = before === input.name ? "it is named twice" : `it is the same as ${before}`;
    warnings.push({ code: "input_twice", message: `${input.name}: ${what}; it is read once` });
  }

  /** @param entry the entry as which the file was found, unless the user named it */
  async function addFile(path: string, name: string, entry?: Entry): Promise<void> {
    if (++inspected % FILES_A_TURN === 0) await yieldToEventLoop(signal);
    const status = statusOf(path, name);
    const outside = entry?.link === false;
    if (outputs.is(status.dev, status.ino) || (!outside && outputs.holds(realPathOf(path)))) {
      if (entry === undefined) throw alsoOutput(name);
      return;
    }
    const input = inspect(path, name, status);
    add(input.kind === "file" ? input.state : `${status.dev}:${status.ino}`, input);
  }

  function warnHidden(name: string, hidden: number): void {
    if (hidden === 0) return;
    const files = hidden === 1 ? "1 hidden file" : `${hidden} hidden files`;
    warnings.push({ code: "hidden_files", message: `${name}: skipped ${files}` });
  }

  for (const argument of args) {
    const path = resolve(context.cwd, argument);
    if (argument === "" || argument.includes("\0")) {
      throw new UsageError("bad_input_name", "the name of an input is empty or contains a NUL");
    }
    const address = addressOf(argument);
    if (argument === "-" || (STDIN_PATHS.has(argument) && context.stdin !== undefined)) {
      if (names.has("-")) throw new UsageError("stdin_twice", "standard input (-) can be read only once; name it once");
      if (context.stdin === undefined) throw new UsageError("no_stdin", "there is no standard input here to read (-)");
      add("-", { kind: "stream", name: "standard input", from: { stdin: context.stdin } });
    } else if (address !== undefined) {
      add(address.href, { kind: "stream", name: nameOf(address), from: { address: address.href } });
    } else if (isPattern(argument) && !isThere(path)) {
      const { folder, files, hidden } = await matchesOf(argument, context.cwd, outputs, signal);
      for (const file of files) await addFile(file.path, folder === "" ? file.below : joined(folder, file.below), file);
      warnHidden(argument, hidden);
    } else if (statusOf(path, argument).isDirectory()) {
      if (outputs.holds(realPathOf(path))) throw alsoOutput(argument);
      const { files, hidden } = await datasetsIn({ path, name: argument }, outputs, signal);
      for (const file of files) await addFile(file.path, joined(argument, file.below), file);
      warnHidden(argument, hidden);
    } else {
      await addFile(path, argument);
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
