/**
 * Flushes under way while further files are written. Each waits for the disk, and a disk takes many as fast as one: so
 * nobody waits for a single one, and hundreds of small files take hardly longer than writing them does.
 */
import { closeSync, fdatasync } from "node:fs";
import { diskError } from "./disk-error.js";

/** Files that may wait for their flush, each of them open. */
export const MOST_WAITING = 64;

export class FsyncQueue {
  private waiting = 0;
  private failure: unknown;
  private wake = () => {};

  /** @param displayName what messages call the folder that the files are in */
  constructor(private readonly displayName: string) {}

  /** Flushes a file that is written, then closes it. */
  add(fd: number): void {
    this.waiting++;
    fdatasync(fd, (error) => {
      this.failure ??= error ?? closed(fd);
      this.waiting--;
      this.wake();
    });
  }

  /** Waits until fewer than `most` files wait for their flush. RunError when the disk has refused any. */
  async fewerThan(most: number): Promise<void> {
    await this.wait(most);
    if (this.failure !== undefined) throw diskError(this.failure, this.displayName);
  }

  /** Waits until all files are closed, whether they could be flushed or not. */
  async end(): Promise<void> {
    await this.wait(1);
  }

  private async wait(most: number): Promise<void> {
    while (this.waiting >= most) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}

/** Closes a file; what went wrong, if anything. */
function closed(fd: number): unknown {
  try {
    closeSync(fd);
    return undefined;
  } catch (error) {
    return error;
  }
}
