/** What a run carries with it. */

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
  /** Bytes that the sources and cells of each scanning thread may take. Default: what follows from the option `memory`. */
  share?: number;
  /** Whose words its messages are in. Default `library`. */
  surface?: Surface;
  onEvent?: (event: RunEvent) => void;
}
