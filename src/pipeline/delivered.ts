/**
 * Reads inputs whose format delivers readings again: twice, in their order, on one thread. So what counts does not depend
 * on who read what, and only the index of sources and days has to be in memory, not the readings.
 */
import { RunError } from "../base/errors.js";
import { PASSES, type Pass } from "../scan/deliveries.js";
import type { DeliveredInput } from "./aside.js";
import { readInput } from "./read.js";
import { sampleWarnings, startSample } from "./sample.js";
import type { ScannedInput, Thread } from "./thread.js";

/** What came of reading one again. */
export type Revisited = Omit<ScannedInput, "aside" | "name">;

/**
 * @param beside which directions other inputs have, as bits
 * @returns the result of each
 * @throws RunError if the choice is missing how export counts
 */
export async function scanDelivered(
  all: readonly DeliveredInput[],
  beside: number,
  thread: Thread,
): Promise<Revisited[]> {
  const { scanner } = thread;
  const held = all.reduce((sum, { kept }) => sum + kept.reduce((bytes, { length }) => bytes + length, 0), 0);
  let results: Revisited[] = [];
  for (const pass of PASSES) {
    if (pass === "count") scanner.deliveries.beforeCounting(scanner.plan.exports, beside);
    results = [];
    for (const one of all) {
      const result = await revisit(thread, one, pass, held);
      results.push(result);
      if (result.failure?.ofRun) throw new RunError(result.failure.code, result.failure.message);
    }
    // What cannot be read is told once, and nothing of the others is needed then.
    if (results.some(({ failure }) => failure !== undefined)) return results;
  }
  return results;
}

/** Reads an input that was put aside. @param held bytes of all such inputs that are in memory */
async function revisit(
  thread: Thread,
  { input, kind, kept, onBad }: DeliveredInput,
  pass: Pass,
  held: number,
): Promise<Revisited> {
  const { scanner, reading } = thread;
  if (pass === "count") startSample(scanner.kernel);
  const scan = scanner.revisit(kind, pass, onBad);
  const turn = async (bytes: number) => {
    scanner.noteHeld(held);
    await reading.turn(pass === "count" ? bytes : 0);
  };
  const failure = await thread.attempt(async () => {
    // What Green Button says is known from the first pass.
    if (kind === "green_button" && pass === "count") return scan.finish();
    if (input.kind === "file") return readInput(input, scan, { ...reading, turn });
    scan.isUtf8();
    for (const bytes of kept) {
      scan.put(bytes);
      await turn(0);
    }
    scan.finish();
  });
  const warnings = pass === "count" ? sampleWarnings(scanner, scan, input.name) : [];
  return { ...scan.result(), warnings, failure };
}
