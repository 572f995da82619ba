/** Standard input, and pipes that have a name. */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";
import { RunError } from "../base/errors.js";
import { unreadable } from "./inspect.js";

/**
 * The bytes of a stream.
 * @throws RunError if reading fails, the stream has been read before, or it gives text
 */
export async function* readStream(stream: Readable, name: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (stream.readableDidRead || stream.destroyed) {
    throw new RunError("input_read_before", `${name}: it has been read or closed before, and can be read once only`);
  }
  try {
    for await (const chunk of addAbortSignal(signal, stream)) {
      if (!(chunk instanceof Uint8Array)) {
        throw new RunError("input_not_bytes", `${name}: the stream must give bytes; set no encoding on it`);
      }
      yield chunk;
    }
  } catch (error) {
    throw error instanceof RunError || signal.aborted ? error : unreadable(name, error);
  }
}

/** Opens a named pipe; bytes come once somebody writes to it. */
export function openPipe(path: string, name: string): Readable {
  try {
    // Opened the usual way, a pipe without a writer would hold a thread until one comes, and even the end of the process.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(fd).isFIFO()) return new Socket({ fd, readable: true, writable: false });
    closeSync(fd);
  } catch (error) {
    throw unreadable(name, error);
  }
  throw new RunError("input_changed", `${name}: it was a pipe and is none any more; run again`);
}
