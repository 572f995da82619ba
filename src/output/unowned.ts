/** Tells which files in an output folder belong to the last run, according to its manifest, and which to somebody else. */

import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../base/errors.js";
import { type Message, option, say } from "../base/message.js";
import { standing } from "../base/temporary.js";
import { filesListed, hashesListed, periodListed, withoutInputs } from "./manifest.js";
import { MANIFEST_NAME } from "./names.js";

/** The files of the last run, including its manifest; empty if there is no manifest of Electro's. */
export function filesOfLastRun(dir: string): Set<string> {
  const text = lastManifest(dir);
  const listed = text === undefined ? undefined : filesListed(text);
  return new Set(listed && [MANIFEST_NAME, ...listed]);
}

/** The output of the last run. */
export interface LastOutput {
  /** Its first and last day; undefined if it has none, or that is not known. */
  readonly period: ReturnType<typeof periodListed>;
  /** Files that were changed since the run wrote them. */
  readonly edited: readonly string[];
}

export function lastOutput(dir: string): LastOutput {
  const text = lastManifest(dir);
  if (text === undefined) return { period: undefined, edited: [] };
  const written = standing(join(dir, MANIFEST_NAME))?.mtimeMs ?? 0;
  const edited = hashesListed(text).filter(({ name = "", bytes, sha256 }) => {
    const stats = standing(join(dir, name));
    if (!stats?.isFile() || typeof bytes !== "number" || typeof sha256 !== "string") return false;
    // The manifest is written last, so a file that is not newer is as it was.
    return stats.size !== bytes || (stats.mtimeMs > written && hashOfFile(join(dir, name)) !== sha256);
  });
  return { period: periodListed(text), edited: edited.map(({ name = "" }) => name) };
}

function hashOfFile(path: string): string {
  const hash = createHash("sha256");
  const block = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, "r");
  try {
    for (let bytes = readSync(file, block); bytes > 0; bytes = readSync(file, block))
      hash.update(block.subarray(0, bytes));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

function lastManifest(dir: string): string | undefined {
  const path = join(dir, MANIFEST_NAME);
  return standing(path)?.isFile() ? withoutInputs(readFileSync(path)) : undefined;
}

/**
 * Those of `names` for which a file exists that may be replaced: one of the last run's or, with `force`, any. Links and
 * folders never belong to the last run, and folders are never replaced.
 * @throws RunError for the first file that may not be replaced
 */
export function replaceable(dir: string, displayName: string, names: readonly string[], force: boolean): string[] {
  const own = filesOfLastRun(dir);
  return names.filter((name) => {
    const stats = standing(join(dir, name));
    if (stats === undefined) return false;
    if (stats.isDirectory()) {
      throw new RunError("is_a_folder", `${join(displayName, name)} is in the way: it is a folder; move it away`);
    }
    if (!force && !(stats.isFile() && own.has(name)))
      throw new RunError("foreign_file", foreignMessage(displayName, name));
    return true;
  });
}

function foreignMessage(displayName: string, name: string): Message {
  const why =
    name === MANIFEST_NAME
      ? "Electro did not write it like this"
      : "no manifest says that it is an earlier run's output";
  return say`${join(displayName, name)} is in the way: ${why}; move it away, choose another folder with ${option("output")}, or have it replaced with ${option("force", true)}`;
}
