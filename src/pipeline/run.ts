/** What a run carries with it, and what happens during one. */

import type { Readable } from "node:stream";
import type { Surface } from "../base/message.js";

/** What happens during a run, for whoever shows it to people. */
export type RunEvent =
  | { kind: "progress"; bytes: number; totalBytes: number | undefined; readings: number; rejected: number }
  /** Files are being written; the total is an estimate. */
  | { kind: "writing"; bytes: number; totalBytes: number }
  /** One bad record; `message` is the whole line. Beyond the first 20, `extra` is true: shown with `-v` only. */
  | { kind: "rejected"; message: string; extra: boolean }
  /** An input could not be read, and is not the last such one, which the run rejects with. */
  | { kind: "failed"; code: string; message: string }
  | { kind: "warning"; code: string; message: string }
  /** Worth knowing with `-v`. */
  | { kind: "detail"; message: string };

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
