import type { WarningText } from "../base/warning.js";

/** What happens during a run, for showing it to people. */
export type RunEvent =
  | { kind: "progress"; bytes: number; totalBytes: number | undefined; readings: number; rejected: number }
  /** Files are being written; the total is an estimate. */
  | { kind: "writing"; bytes: number; totalBytes: number }
  /** One bad record; `message` is the whole line. Beyond the first 20, `extra` is true: shown with `-v` only. */
  | { kind: "rejected"; message: string; extra: boolean }
  /** Bad records beyond the first 20 that are not reported one by one. */
  | { kind: "more_rejected"; count: number }
  /** An input could not be read. The last such failure is not an event: the run rejects with it. */
  | { kind: "failed"; code: string; message: string }
  | ({ kind: "warning" } & WarningText)
  /** Worth knowing with `-v`. */
  | { kind: "detail"; message: string };
