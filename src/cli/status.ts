/** The exit statuses of `electro`, as docs/cli.md lists them. */
export type StopSignal = "SIGINT" | "SIGTERM";

export const STATUS = {
  done: 0,
  /** The input or the disk failed, or Electro has a defect. */
  failed: 1,
  usage: 2,
} as const;

/** By convention, 128 plus the signal's number. */
export const STOPPED: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };
