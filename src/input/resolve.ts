/** Resolves INPUT arguments to inputs. */

import { lstatSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { RunError, UsageError } from "../base/errors.js";
import { yieldToEventLoop } from "../base/event-loop.js";
import type { WarningText } from "../base/warning.js";
import { addressOf, nameOf } from "./address.js";
import { Skipped, skippedWarnings } from "./endings.js";
import { datasetsIn, type Entry, joined, type WalkContext } from "./folder.js";
import { isPattern, matchesOf } from "./glob.js";
import type { FileInput, Input } from "./input.js";
import { inspect, statusOf } from "./inspect.js";
import { alsoOutput, outputsAt, realPathOf } from "./outputs.js";

export interface ResolveContext extends WalkContext {
  /** Absolute; relative paths are resolved against it. */
  readonly cwd: string;
  /** What `-` reads. */
  readonly stdin?: Readable;
  /** Absolute paths of the folders and files that the run writes: never read. */
  readonly exclude: readonly string[];
}

/** Files inspected before yielding to the event loop: a few milliseconds' work, more if the disk is slow. */
const FILES_A_TURN = 16;

/** Paths compared before yielding to the event loop. */
const PATHS_A_TURN = 4096;

export interface Resolved {
  /** In the order of the arguments, without duplicates. */
  readonly inputs: readonly Input[];
  /** `input_twice`, `hidden_files`, `skipped_files`, `same_name_twice`. */
  readonly warnings: readonly WarningText[];
}

/** Names of standard input as a file. It may be a socket, which cannot be opened by name. */
const STDIN_PATHS = new Set(["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]);

/**
 * Determines what each argument means: `-`, an address, a file, a folder, or a pattern. Files are inspected (existence,
 * permission, compression); addresses and pipes are not opened.
 * @throws UsageError if an argument cannot be an input, or is an output of the run
 * @throws RunError if a file does not exist or cannot be read (of files in folders, unless `onFailure` hears of it); the
 * signal's reason if it is aborted
 */
export async function resolveInputs(args: readonly string[], context: ResolveContext): Promise<Resolved> {
  const { signal, onFailure } = context;
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

  async function addFound(file: Entry, name: string): Promise<void> {
    try {
      await addFile(file.path, name, file);
    } catch (error) {
      if (!(error instanceof RunError) || signal?.aborted || onFailure === undefined) throw error;
      onFailure(name, error);
    }
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
    if (input.kind === "file" && input.compression === "zip") await addMembers(input);
    else add(input.kind === "file" ? input.state : `${status.dev}:${status.ino}`, input);
  }

  /** Each member of an archive is an input of its own. */
  async function addMembers(archive: FileInput): Promise<void> {
    const before = names.get(archive.state);
    if (before !== undefined) {
      add(archive.state, archive);
      return;
    }
    const { membersOf } = await import("./zip/members.js");
    try {
      const { members, warnings: found } = await membersOf(archive, signal);
      names.set(archive.state, archive.name);
      for (const member of members) inputs.push(member);
      warnings.push(...found);
    } catch (error) {
      if (!(error instanceof RunError) || signal?.aborted || onFailure === undefined) throw error;
      onFailure(archive.name, error);
    }
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
      const skipped = new Skipped();
      const { folder, files } = await matchesOf(argument, context.cwd, outputs, skipped, context);
      for (const file of files) await addFound(file, folder === "" ? file.below : joined(folder, file.below));
      warnings.push(...skippedWarnings(argument, skipped, "in a folder"));
    } else if (statusOf(path, argument).isDirectory()) {
      if (outputs.holds(realPathOf(path))) throw alsoOutput(argument);
      const skipped = new Skipped();
      const files = await datasetsIn({ path, name: argument }, outputs, skipped, context);
      for (const file of files) await addFound(file, joined(argument, file.below));
      warnings.push(...skippedWarnings(argument, skipped, "in a folder"));
    } else {
      await addFile(path, argument);
    }
  }
  const pairs = await sameNames(inputs, signal);
  if (pairs.length > 0) warnings.push({ code: "same_name_twice", message: sameNamesText(pairs) });
  return { inputs, warnings };
}

function plainName(path: string): string {
  return path.replace(/\.(gz|zst)$/i, "");
}

/** Files of the same name, but for `.gz` or `.zst`, in the same folder. */
async function sameNames(inputs: readonly Input[], signal: AbortSignal | undefined): Promise<[string, string][]> {
  const pairs: [string, string][] = [];
  const names = new Map<string, string>();
  const members: { readonly place: string; readonly name: string }[] = [];
  for (const [n, input] of inputs.entries()) {
    if (n % PATHS_A_TURN === 0) await yieldToEventLoop(signal);
    if (input.kind !== "file") continue;
    const { path, name, member } = input;
    if (member !== undefined) {
      members.push({ place: plainName(join(dirname(path), member.name)), name });
      continue;
    }
    const plain = plainName(path);
    const before = names.get(plain);
    if (before === undefined) names.set(plain, name);
    else pairs.push([before, name]);
  }
  // A file beside the archive that it was unpacked from.
  for (const { place, name } of members) {
    const before = names.get(place);
    if (before !== undefined) pairs.push([before, name]);
  }
  return pairs;
}

function sameNamesText([[one, other], ...more]: readonly [string, string][]): string {
  const others =
    more.length === 0 ? "" : `, and so are ${more.length} more ${more.length === 1 ? "pair" : "pairs"} of files`;
  return `${one} and ${other} are both read${others}; if they hold the same readings, these count twice: name only one of them`;
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
