/**
 * Flushes files in the background while further files are written. A disk flushes many files about as fast as one, so
 * hundreds of small files take hardly longer than writing them.
 */
import { closeSync, fdatasync } from "node:fs";
import { diskError } from "./disk-error.js";

/** The most files that may wait to be flushed. Each of them is open. */
export const MOST_WAITING = 64;

export class FsyncQueue {
  private waiting = 0;
  private failure: unknown;
  private wake = () => {};

  /** @param displayName the name in messages of the folder that the files are in */
  constructor(private readonly displayName: string) {}

  /** Flushes a file, then closes it. */
  add(fd: number): void {
    this.waiting++;
    fdatasync(fd, (error) => {
      this.failure ??= error ?? closed(fd);
      this.waiting--;
      this.wake();
    });
  }

  /** Waits until fewer than `most` files wait to be flushed. @throws RunError if any flush has failed */
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

/** Closes a file. @returns the error, if there is one */
function closed(fd: number): unknown {
  try {
    closeSync(fd);
    return undefined;
  } catch (error) {
    return error;
  }
}
