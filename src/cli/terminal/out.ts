/**
 * An output stream that never throws. A closed pipe (`| head`) is not an error; any other failure, such as a full disk, is
 * recorded in `failure`.
 */
import type { WriteStream } from "node:tty";

export interface Out {
  readonly isTTY: boolean;
  /** The terminal's width; undefined if it is not a terminal. */
  columns(): number | undefined;
  /** Resolves when the stream has accepted the text, as such or in UTF-8, or failed. */
  write(text: string | Uint8Array): Promise<void>;
  /** Whether the stream is closed, so that further writes are lost. */
  readonly gone: boolean;
  /** Why it is closed, unless the reader closed it. */
  readonly failure: Error | undefined;
}

const READER_LEFT: ReadonlySet<unknown> = new Set(["EPIPE", "ECONNRESET", "EOF", "ERR_STREAM_DESTROYED"]);

export function outOf(stream: WriteStream): Out {
  let gone = false;
  let failure: Error | undefined;

  function fail(error: NodeJS.ErrnoException): void {
    if (!gone && !READER_LEFT.has(error.code)) failure = error;
    gone = true;
  }

  stream.on("error", fail);
  return {
    isTTY: stream.isTTY === true,
    columns: () => stream.columns,
    write: (text) =>
      new Promise((resolve) => {
        if (gone) return resolve();
        stream.write(text, (error) => {
          if (error) fail(error);
          resolve();
        });
      }),
    get gone() {
      return gone;
    },
    get failure() {
      return failure;
    },
  };
}
