/** Where the bytes of an archive are: in an open file, or in memory. */
import { readSync } from "node:fs";
import { unreadable } from "../inspect.js";

export interface ZipSource {
  /** Bytes. */
  readonly size: number;
  /** Fills a buffer from a position on. @returns the bytes read, fewer only at the end @throws RunError if the disk refuses */
  read(into: Uint8Array, position: number): number;
}

/** @param name for messages */
export function fileSource(fd: number, size: number, name: string): ZipSource {
  return {
    size,
    read(into, position) {
      let done = 0;
      try {
        while (done < into.length) {
          const bytes = readSync(fd, into, done, into.length - done, position + done);
          if (bytes === 0) break;
          done += bytes;
        }
      } catch (error) {
        throw unreadable(name, error);
      }
      return done;
    },
  };
}

export function memorySource(bytes: Uint8Array): ZipSource {
  return {
    size: bytes.length,
    read(into, position) {
      const there = bytes.subarray(position, position + into.length);
      into.set(there);
      return there.length;
    },
  };
}
