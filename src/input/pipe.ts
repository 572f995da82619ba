/** Reads standard input and named pipes. */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";
import { RunError } from "../base/errors.js";
import { unreadable } from "./inspect.js";

/**
 * Reads the bytes of a stream.
 * @throws RunError if reading fails, the stream has been read before, or it yields text
 */
export async function* readStream(stream: Readable, name: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (stream.readableDidRead || stream.destroyed) {
    throw new RunError("input_read_before", `${name}: it has already been read or closed, and can be read only once`);
  }
  try {
    for await (const chunk of addAbortSignal(signal, stream)) {
      if (!(chunk instanceof Uint8Array)) {
        throw new RunError("input_not_bytes", `${name}: the stream must yield bytes; do not set an encoding on it`);
      }
      yield chunk;
    }
  } catch (error) {
    throw error instanceof RunError || signal.aborted ? error : unreadable(name, error);
  }
}

/** Opens a named pipe. Bytes arrive once somebody writes to it. */
export function openPipe(path: string, name: string): Readable {
  try {
    // Opened in blocking mode, a pipe without a writer would block a thread, and even the end of the process.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(fd).isFIFO()) return new Socket({ fd, readable: true, writable: false });
    closeSync(fd);
  } catch (error) {
    throw unreadable(name, error);
  }
  throw new RunError("input_changed", `${name}: it was a pipe but no longer is; run again`);
}
