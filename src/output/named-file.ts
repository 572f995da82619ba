/**
 * A file of the user's choice. It is written next to its destination under a name of this run's own, and renamed when it is
 * complete.
 */
import { closeSync, openSync, readdirSync, readSync, realpathSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { onDisk } from "../base/disk-error.js";
import { RunError } from "../base/errors.js";
import type { Message } from "../base/message.js";
import { lives, ownerText, parseOwner, thisOwner } from "../base/owner.js";
import { followed, removeIfThere, syncFolder, TemporaryFile } from "../base/temporary.js";

export interface NamedFile {
  readonly file: TemporaryFile;
  /** Moves the finished file to its destination. */
  place(): void;
}

/** Which existing file may be replaced. */
export interface Replaceable {
  /** Whether a file that begins with this text may be; an empty one always may. */
  accepts(head: string): boolean;
  /** What is to be said of any other. */
  readonly refusal: Message;
}

let opened = 0;

/**
 * Opens `path`. A link is followed, since the user named it. Anything other than a regular file (a pipe, a terminal,
 * /dev/null) is written directly.
 * @param displayName its name in messages
 * @throws RunError if the disk fails, or the file is in the way
 */
export function openNamed(path: string, displayName: string, { accepts, refusal }: Replaceable): NamedFile {
  const stats = onDisk(displayName, () => followed(path));
  if (stats?.isDirectory()) {
    throw new RunError("is_a_folder", `cannot write ${displayName}: it is a folder; name a file in it`);
  }
  if (stats && !stats.isFile()) return { file: new TemporaryFile(path, displayName, true), place: () => undefined };
  const target = stats ? onDisk(displayName, () => realpathSync(path)) : path;
  if (stats && !onDisk(displayName, () => mayBeReplaced(target, accepts))) throw new RunError("in_the_way", refusal);
  const dir = dirname(target);
  const prefix = `.electro-${basename(target)}`;
  onDisk(displayName, () => removeAbandoned(dir, prefix));
  const temporary = join(dir, `${prefix}.${ownerText(thisOwner())}.${opened++}.tmp`);
  return {
    file: new TemporaryFile(temporary, displayName),
    place: () =>
      onDisk(displayName, () => {
        renameSync(temporary, target);
        syncFolder(dir);
      }),
  };
}

/** Bytes that hold a line's first members: an input's name may be as long as a path, with each byte escaped as six. */
const HEAD_BYTES = 32 * 1024;

/** Any other file belongs to somebody else. */
function mayBeReplaced(path: string, accepts: (head: string) => boolean): boolean {
  const fd = openSync(path, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const text = head.toString("latin1", 0, readSync(fd, head));
    return text === "" || accepts(text);
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
