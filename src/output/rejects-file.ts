/**
 * `--rejects FILE`: bad records in a file of the user's choice. It is written next to its destination under a name of this
 * run's own, and renamed at the end, even if the run fails.
 */
import { closeSync, openSync, readdirSync, readSync, realpathSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { onDisk } from "../base/disk-error.js";
import { RunError } from "../base/errors.js";
import { lives, ownerText, parseOwner, thisOwner } from "../base/owner.js";
import { followed, removeIfThere, syncFolder, TemporaryFile } from "../base/temporary.js";
import { RejectsWriter } from "./rejects.js";

let opened = 0;

/**
 * Opens `path` for bad records. A link is followed, since the user named it. Anything other than a regular file (a pipe, a
 * terminal, /dev/null) is written directly.
 * @param displayName its name in messages
 * @throws RunError if the disk fails, or the file is not one of bad records
 */
export function openRejects(path: string, displayName: string = path): RejectsWriter {
  const stats = onDisk(displayName, () => followed(path));
  if (stats?.isDirectory()) {
    throw new RunError("is_a_folder", `cannot write ${displayName}: it is a folder; name a file in it`);
  }
  if (stats && !stats.isFile()) return new RejectsWriter(new TemporaryFile(path, displayName, true));
  const target = stats ? onDisk(displayName, () => realpathSync(path)) : path;
  if (stats && !onDisk(displayName, () => mayBeReplaced(target)))
    throw new RunError(
      "in_the_way",
      `cannot write ${displayName}: the file exists and does not contain bad records; name another file, or move it away`,
    );
  const dir = dirname(target);
  const prefix = `.electro-${basename(target)}`;
  onDisk(displayName, () => removeAbandoned(dir, prefix));
  const temporary = join(dir, `${prefix}.${ownerText(thisOwner())}.${opened++}.tmp`);
  return new RejectsWriter(new TemporaryFile(temporary, displayName), () =>
    onDisk(displayName, () => {
      renameSync(temporary, target);
      syncFolder(dir);
    }),
  );
}

/** Bytes that hold a line's first members: an input's name may be as long as a path, with each byte escaped as six. */
const HEAD_BYTES = 32 * 1024;

/** Whether a file is empty or begins like a file of bad records. Any other file belongs to somebody else. */
function mayBeReplaced(path: string): boolean {
  const fd = openSync(path, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const text = head.toString("latin1", 0, readSync(fd, head));
    return text === "" || /^\{"input":"(?:[^"\\]|\\.)*","record":\d+,"line":\d+,/.test(text);
  } finally {
    closeSync(fd);
  }
}

/** Removes the temporary files that killed runs left for the same file. */
function removeAbandoned(dir: string, prefix: string): void {
  for (const name of readdirSync(dir)) {
    if (!name.startsWith(`${prefix}.`)) continue;
    const owner = parseOwner(/^(.+)\.\d+\.tmp$/.exec(name.slice(prefix.length + 1))?.[1] ?? "");
    if (owner && lives(owner) === false) removeIfThere(join(dir, name));
  }
}
