/**
 * A file that is not there yet: written under a temporary name, hashed on the way, and flushed to the disk before
 * anybody may rely on it. Plus the few calls that every careful writer needs.
 */
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, lstatSync, openSync, type Stats, statSync, unlinkSync, writeSync } from "node:fs";
import { failedWith, onDisk } from "./disk-error.js";
import type { FsyncQueue } from "./fsync-queue.js";

/** What is known of a file once it is written. */
export interface Written {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** The name that `name` has until it is whole; hidden, and no name that a user would give. */
export function temporaryName(name: string): string {
  return `.electro-${name}.tmp`;
}

export class TemporaryFile {
  private readonly hash = createHash("sha256");
  private bytes = 0;
  private open = true;
  private readonly fd: number;

  /**
   * Creates `path`, which must not exist, so that no link is followed; `displayName` is what messages call it.
   * With `device` it is opened as it stands, for what cannot be replaced: a terminal, a pipe, /dev/null.
   */
  constructor(
    readonly path: string,
    private readonly displayName: string,
    private readonly device = false,
  ) {
    this.fd = onDisk(displayName, () => openSync(path, device ? "w" : "wx"));
  }

  /** RunError when the disk refuses. */
  write(block: Uint8Array): void {
    onDisk(this.displayName, () => {
      for (let at = 0; at < block.length; ) at += writeSync(this.fd, block, at);
    });
    this.hash.update(block);
    this.bytes += block.length;
  }

  /** Flushes and closes it. RunError when the disk refuses. */
  finish(): Written {
    onDisk(this.displayName, () => {
      if (!this.device) fsyncSync(this.fd);
      this.open = false;
      closeSync(this.fd);
    });
    return this.written();
  }

  /** Leaves it to `flushes` to flush and close it. */
  finishBy(flushes: FsyncQueue): Written {
    this.open = false;
    flushes.add(this.fd);
    return this.written();
  }

  private written(): Written {
    return { bytes: this.bytes, sha256: this.hash.digest("hex") };
  }

  /** Closes and removes it, finished or not; never fails. */
  abandon(): void {
    try {
      if (this.open) closeSync(this.fd);
      this.open = false;
      if (!this.device) removeIfThere(this.path);
    } catch {
      // What cannot be removed now is removed by the next run.
    }
  }
}

/** What stands at `path`, without following a link; undefined if nothing does. */
export function standing(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** What `path` leads to, links followed; undefined if that is nothing. */
export function followed(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

export function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!failedWith(error, "ENOENT")) throw error;
  }
}

/** Makes the names in a folder durable: what was created, renamed and removed in it. */
export function syncFolder(path: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    fsyncSync(fd);
  } catch (error) {
    // Some systems cannot flush a folder, or only one that may be listed; they are on their own then.
    if (!failedWith(error, "EISDIR", "EPERM", "EACCES", "EINVAL", "ENOTSUP", "EBADF")) throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
