/** Patterns such as `data/2024-*.json`, in case no shell has expanded them. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type picomatch from "picomatch";
import { RunError } from "../base/errors.js";
import { yieldToEventLoop } from "../base/event-loop.js";
import { ENDINGS, isDataset, type Skipped } from "./endings.js";
import { datasetsIn, type Entry, inOrder, type WalkContext, walk } from "./folder.js";
import { alsoOutput, type Outputs, realPathOf } from "./outputs.js";

/** Entries matched before yielding to the event loop. */
const ENTRIES_A_TURN = 512;

/** `s`: names may contain line ends. */
const OPTIONS = { nonegate: true, flags: "s" };

const GLOB = /[*?[{]|[!+@]\(/;

export function isPattern(argument: string): boolean {
  return GLOB.test(argument);
}

/**
 * The files that a pattern matches, sorted by the bytes of their paths. If the last part of the pattern matches any name
 * (`*`, `**`), only datasets are selected, by extension. Matching folders are read like folders named by the user. As in a
 * shell, wildcards do not match a leading dot.
 * @returns paths relative to `folder`, which is the part of the pattern before the first wildcard
 * @throws RunError if there are none; the signal's reason if it is aborted
 */
export async function matchesOf(
  pattern: string,
  cwd: string,
  outputs: Outputs,
  skipped: Skipped,
  context: WalkContext,
): Promise<{ folder: string; files: Entry[] }> {
  const { signal } = context;
  // Loaded on demand, since a shell has usually expanded the pattern.
  const { default: match } = await import("picomatch");
  const parts = pattern.replace(/\/+$/, "").split("/");
  const fixed = parts.findIndex(isPattern);
  const folder = parts.slice(0, fixed).join("/") || (fixed === 0 ? "" : "/");
  const wanted = parts.slice(fixed).filter((part) => part !== "");
  const last = wanted.at(-1)!;
  const path = resolve(cwd, folder);
  if (!existsSync(path)) throw new RunError("no_files", `${pattern}: no file matches: there is no folder ${folder}`);
  if (outputs.holds(realPathOf(path))) throw alsoOutput(pattern);

  const matches = match(wanted.join("/"), OPTIONS);
  const entries = await walk({ path, name: folder || "." }, outputs, canContainMatches(wanted, match), context);
  const files: Entry[] = [];
  for (const [n, entry] of entries.entries()) {
    if (n % ENTRIES_A_TURN === 0) await yieldToEventLoop(signal);
    if (!matches(entry.below)) continue;
    if (!entry.folder) {
      if (!/^\*+$/.test(last) || isDataset(entry.below)) files.push(entry);
      else skipped.add(entry.below);
    } else if (last !== "**" && !outputs.holds(realPathOf(entry.path))) {
      const inside = await datasetsIn({ path: entry.path, name: entry.below }, outputs, skipped, context);
      for (const file of inside) files.push({ ...file, below: `${entry.below}/${file.below}` });
    }
  }
  if (files.length === 0) {
    const looked = /^\*+$/.test(last) ? `: looked for ${ENDINGS}` : "";
    throw new RunError("no_files", `${pattern}: no file matches${looked}`);
  }
  return { folder, files: await inOrder(files, signal) };
}

/** A test whether a folder can contain matches: each part of its path must match the corresponding part of the pattern. */
function canContainMatches(wanted: readonly string[], match: typeof picomatch): (below: string) => boolean {
  // If alternatives contain slashes, parts do not correspond.
  if (/[{(][^})]*\//.test(wanted.join("/"))) return () => true;
  const deep = wanted.findIndex((part) => part.includes("**"));
  const tests = (deep < 0 ? wanted.slice(0, -1) : wanted.slice(0, deep)).map((part) => match(part, OPTIONS));
  const dotted = wanted.some((part) => part.startsWith("."));
  return (below) => {
    const parts = below.split("/");
    if (deep < 0 && parts.length > tests.length) return false;
    if (!dotted && parts.some((part) => part.startsWith("."))) return false;
    return tests.every((test, at) => at >= parts.length || test(parts[at]!));
  };
}
