/** What a run needs besides its inputs and options. */

import type { Readable } from "node:stream";
import type { Surface } from "../base/message.js";
import type { RunEvent } from "./event.js";

export interface RunContext {
  /** Relative paths count from here. */
  cwd: string;
  /** What the input `-` reads. */
  stdin?: Readable;
  /** Stops the run; it rejects with the signal's reason and leaves no partial output. */
  signal?: AbortSignal;
  /** Bytes that the sources and cells of each scanning thread may take. Default: follows from the option `memory`. */
  share?: number;
  /** The surface that its messages are worded for. Default `library`. */
  surface?: Surface;
  onEvent?: (event: RunEvent) => void;
  /** Whether each bad record is an event, not only the first 20. Default true. */
  everyBadRecord?: boolean;
  /** Milliseconds since 1970: a report says when it was made. Default: it does not. */
  now?: () => number;
}
