import { StrictError } from "../base/errors.js";
import { option, say, textOf } from "../base/message.js";
import { countOf, type Warning, type WarningText } from "../base/warning.js";
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

  /**
   * Call this before anything is written.
   * @param from the first that counts
   * @param name what they are about, if not the whole run
   * @throws StrictError if there are warnings, and `strict` makes them errors
   */
  check(strict: boolean | undefined, { undone = "nothing was written", from = 0, name = "" } = {}): void {
    const counted = this.all.slice(from);
    if (!strict || counted.length === 0) return;
    const about = name === "" ? "" : `${name}: `;
    throw new StrictError(say`${about}${option("strict", true)}: ${countOf(counted)}, so ${undone}`, counted);
  }
}

/**
 * The warning for a summary without a reading.
 * @param outOfPeriod readings outside the period
 * @param none the message if there are not even those
 * @param energy in the period, of readings that begin before it and reach into it
 */
export function noReadings(outOfPeriod: number, none: string, energy = 0n): WarningText {
  if (energy !== 0n) {
    const message = "no reading begins in the period, but its sums have energy of intervals that begin before it";
    return { code: "no_readings", message };
  }
  const message = outOfPeriod > 0 ? `no reading lies in the period: all ${outOfPeriod} are outside it` : none;
  return { code: "no_readings", message };
}

/** The warning for inputs in which there is nothing, beside others. */
export function emptyInputs(inputs: readonly { readonly name: string }[]): WarningText | undefined {
  const [first] = inputs;
  if (first === undefined) return undefined;
  const others = inputs.length - 1;
  const names = others === 0 ? first.name : `${first.name} and ${others} other ${others === 1 ? "input" : "inputs"}`;
  return { code: "no_readings", message: `${names}: there are no readings in ${others === 0 ? "it" : "them"}` };
}
