/** Tells which files in an output folder belong to the last run, according to its manifest, and which to somebody else. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../base/errors.js";
import { type Message, option, say } from "../base/message.js";
import { standing } from "../base/temporary.js";
import { filesListed, periodListed, withoutInputs } from "./manifest.js";
import { MANIFEST_NAME } from "./names.js";

/** The files of the last run, including its manifest; empty if there is no manifest of Electro's. */
export function filesOfLastRun(dir: string): Set<string> {
  const text = lastManifest(dir);
  const listed = text === undefined ? undefined : filesListed(text);
  return new Set(listed && [MANIFEST_NAME, ...listed]);
}

/** The first and last day of the last run's files; undefined if there are none, or it is not known. */
export function periodOfLastRun(dir: string): ReturnType<typeof periodListed> {
  const text = lastManifest(dir);
  return text === undefined ? undefined : periodListed(text);
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
