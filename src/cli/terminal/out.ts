/**
 * A standard stream to write to that never throws: a reader that went away (`| head`) is no error, and any other
 * failure, a full disk say, is kept for whoever asks.
 */
import type { WriteStream } from "node:tty";

export interface Out {
  readonly isTTY: boolean;
  /** The terminal's width; undefined where it is none. */
  columns(): number | undefined;
  /** Resolves when the stream has taken the text, or never will. */
  write(text: string): Promise<void>;
  /** Nothing that is written arrives any more. */
  readonly gone: boolean;
  /** Why, unless the reader just left. */
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
