/**
 * Reads inputs whose format delivers readings again: twice, in their order, on one thread. So what counts does not depend
 * on who read what, and only the index of sources and days has to be in memory, not the readings.
 */
import { RunError } from "../base/errors.js";
import { PASSES } from "../scan/deliveries.js";
import type { DeliveredInput, ScannedInput, Thread } from "./thread.js";

/**
 * @returns the result of each
 * @throws RunError if the choice is missing how export counts
 */
export async function scanDelivered(all: readonly DeliveredInput[], thread: Thread): Promise<ScannedInput[]> {
  const { scanner } = thread;
  const held = all.reduce((sum, { kept }) => sum + kept.reduce((bytes, { length }) => bytes + length, 0), 0);
  let results: ScannedInput[] = [];
  for (const pass of PASSES) {
    if (pass === "count") scanner.deliveries.beforeCounting(scanner.plan.exports);
    results = [];
    for (const one of all) {
      const result = await thread.revisit(one, pass, held);
      results.push(result);
      if (result.failure?.ofRun) throw new RunError(result.failure.code, result.failure.message);
    }
    // What cannot be read is told once, and nothing of the others is needed then.
    if (results.some(({ failure }) => failure !== undefined)) return results;
  }
  return results;
}
