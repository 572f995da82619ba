/** Whose the files in an output folder are: the last run's, as its manifest says, or somebody else's. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../base/errors.js";
import { type Message, option, say } from "../base/message.js";
import { standing } from "../base/temporary.js";
import { filesListed, periodListed, withoutInputs } from "./manifest.js";
import { MANIFEST_NAME } from "./names.js";

/** The files of the last run, its manifest included; none if there is no manifest, or one that is not Electro's. */
export function filesOfLastRun(dir: string): Set<string> {
  const text = lastManifest(dir);
  const listed = text === undefined ? undefined : filesListed(text);
  return new Set(listed && [MANIFEST_NAME, ...listed]);
}

/** The first and last day of the last run's files; undefined if there were none, or it is not known. */
export function periodOfLastRun(dir: string): ReturnType<typeof periodListed> {
  const text = lastManifest(dir);
  return text === undefined ? undefined : periodListed(text);
}

function lastManifest(dir: string): string | undefined {
  const path = join(dir, MANIFEST_NAME);
  return standing(path)?.isFile() ? withoutInputs(readFileSync(path)) : undefined;
}

/**
 * Which of `names` are taken, now, by a file that may be replaced: one of the last run's, or with `force` any. Throws
 * a RunError for the first that may not be: a link or a folder never is the last run's, and a folder is never replaced.
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
