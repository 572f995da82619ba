import { StrictError } from "../base/errors.js";
import { option, say, textOf } from "../base/message.js";
import type { Warning, WarningText } from "../base/warning.js";
import type { RunContext } from "./run.js";

/** A run's warnings: reported at once, and kept for the manifest. */
export class Warnings {
  readonly all: WarningText[] = [];

  constructor(private readonly context: Pick<RunContext, "onEvent" | "surface">) {}

  add(warning: Warning | undefined): void {
    if (warning === undefined) return;
    const { onEvent, surface = "library" } = this.context;
    const { code } = warning;
    const message = textOf(warning.message, surface);
    this.all.push({ code, message });
    onEvent?.({ kind: "warning", code, message });
  }

  /** Call this before anything is written. @throws StrictError if there are warnings, and `strict` makes them errors */
  check(strict: boolean | undefined, undone = "nothing was written"): void {
    const count = this.all.length;
    if (!strict || count === 0) return;
    throw new StrictError(
      say`${option("strict", true)}: ${count} ${count === 1 ? "warning" : "warnings"}, so ${undone}`,
      this.all,
    );
  }
}

/**
 * The warning for a summary without a reading.
 * @param outOfPeriod readings outside the period
 * @param none the message if there are not even those
 */
export function noReadings(outOfPeriod: number, none: string): WarningText {
  const message = outOfPeriod > 0 ? `no reading lies in the period: all ${outOfPeriod} are outside it` : none;
  return { code: "no_readings", message };
}
