/** Finds what the sums do not remember: where a record is. */

import type { Input } from "../input/input.js";
import { Scanner } from "../scan/scanner.js";
import { offsetAt } from "../time/zone.js";
import type { Plan } from "./plan.js";
import { readInput } from "./read.js";

/**
 * Reads the files among the inputs once more, and looks for the first record of a second.
 * @param second epoch seconds
 * @returns its input, record and line, as messages name them; `undefined` if it came from a stream
 */
export async function findRecord(
  inputs: readonly Input[],
  plan: Pick<Plan, "scan" | "inputZone">,
  second: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const lookFor = { instant: second, wall: second + offsetAt(plan.inputZone, second) };
  const scanner = new Scanner({ ...plan.scan, bySource: false, repeatedHour: "first", lookFor });
  for (const input of inputs) {
    if (input.kind !== "file") continue;
    const scan = scanner.begin(() => {});
    const turn = async () => {
      signal?.throwIfAborted();
      if (scan.foundAt !== undefined) throw new Found();
    };
    try {
      await readInput(input, scan, { turn, signal });
    } catch (error) {
      if (!(error instanceof Found)) throw error;
    }
    if (scan.foundAt !== undefined)
      return `${input.name}: record ${scan.foundAt.record + 1} (line ${scan.foundAt.line + 1})`;
  }
  return undefined;
}

/** It was found, so reading can stop. */
class Found extends Error {}
