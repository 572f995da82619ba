/**
 * Temporary files: written under a temporary name, hashed on the way, and flushed to the disk before anybody may rely on
 * them. Also a few file system calls for careful writing.
 */
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, lstatSync, openSync, type Stats, statSync, unlinkSync, writeSync } from "node:fs";
import { failedWith, onDisk } from "./disk-error.js";
import type { FsyncQueue } from "./fsync-queue.js";

/** The size and hash of a written file. */
export interface Written {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** The name of the file `name` until it is complete: hidden, and not a name that a user would choose. */
export function temporaryName(name: string): string {
  return `.electro-${name}.tmp`;
}

export class TemporaryFile {
  private readonly hash = createHash("sha256");
  private bytes = 0;
  private open = true;
  private readonly fd: number;

  /**
   * Creates `path`, which must not exist, so that no link is followed.
   * @param displayName its name in messages
   * @param device open an existing file that cannot be replaced: a terminal, a pipe, /dev/null
   * @throws RunError if the disk fails
   */
  constructor(
    readonly path: string,
    private readonly displayName: string,
    private readonly device = false,
  ) {
    this.fd = onDisk(displayName, () => openSync(path, device ? "w" : "wx"));
  }

  /** @throws RunError if the disk fails */
  write(block: Uint8Array): void {
    onDisk(this.displayName, () => {
      for (let at = 0; at < block.length; ) at += writeSync(this.fd, block, at);
    });
    this.hash.update(block);
    this.bytes += block.length;
  }

  /** Flushes and closes it. @throws RunError if the disk fails */
  finish(): Written {
    onDisk(this.displayName, () => {
      if (!this.device) fsyncSync(this.fd);
      this.open = false;
      closeSync(this.fd);
    });
    return this.written();
  }

  /** Lets `flushes` flush and close it. */
  finishBy(flushes: FsyncQueue): Written {
    this.open = false;
    flushes.add(this.fd);
    return this.written();
  }

  private written(): Written {
    return { bytes: this.bytes, sha256: this.hash.digest("hex") };
  }

  /** Closes and removes it, finished or not. Never fails. */
  abandon(): void {
    try {
      if (this.open) closeSync(this.fd);
      this.open = false;
      if (!this.device) removeIfThere(this.path);
    } catch {
      // The next run removes what cannot be removed now.
    }
  }
}

/** The status of `path` without following a link; undefined if it does not exist. */
export function standing(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** The status of `path` with links followed; undefined if it does not exist. */
export function followed(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

/** Removes a file if it exists. */
export function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!failedWith(error, "ENOENT")) throw error;
  }
}

/** Flushes a folder to the disk: which files were created, renamed and removed in it. */
export function syncFolder(path: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    fsyncSync(fd);
  } catch (error) {
    // Some systems cannot flush a folder, or only one that may be listed; nothing can be done about that.
    if (!failedWith(error, "EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP", "EBADF")) throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
