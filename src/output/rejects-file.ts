/**
 * `--rejects FILE`: bad records in a file of the user's choice. It is written beside its place under a name that
 * belongs to this run, and renamed at the end, also if the run fails.
 */
import { readdirSync, realpathSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { onDisk } from "../base/disk-error.js";
import { RunError } from "../base/errors.js";
import { lives, ownerText, parseOwner, thisOwner } from "../base/owner.js";
import { followed, removeIfThere, syncFolder, TemporaryFile } from "../base/temporary.js";
import { RejectsWriter } from "./rejects.js";

let opened = 0;

/**
 * Opens `path` for bad records; `shown` is what messages call it. A link is followed, since the user named it; what
 * is no file (a pipe, a terminal, /dev/null) is written as it stands. RunError when the disk refuses.
 */
export function openRejects(path: string, shown: string = path): RejectsWriter {
  const stats = onDisk(shown, () => followed(path));
  if (stats?.isDirectory()) {
    throw new RunError("is_a_folder", `cannot write ${shown}: it is a folder; name a file in it`);
  }
  if (stats && !stats.isFile()) return new RejectsWriter(new TemporaryFile(path, shown, true));
  const target = stats ? onDisk(shown, () => realpathSync(path)) : path;
  const dir = dirname(target);
  const prefix = `.electro-${basename(target)}`;
  onDisk(shown, () => removeAbandoned(dir, prefix));
  const temporary = join(dir, `${prefix}.${ownerText(thisOwner())}.${opened++}.tmp`);
  return new RejectsWriter(new TemporaryFile(temporary, shown), () =>
    onDisk(shown, () => {
      renameSync(temporary, target);
      syncFolder(dir);
    }),
  );
}

/** Removes what killed runs left of the same file. */
function removeAbandoned(dir: string, prefix: string): void {
  for (const name of readdirSync(dir)) {
    if (!name.startsWith(`${prefix}.`)) continue;
    const owner = parseOwner(/^(.+)\.\d+\.tmp$/.exec(name.slice(prefix.length + 1))?.[1] ?? "");
    if (owner && lives(owner) === false) removeIfThere(join(dir, name));
  }
}
