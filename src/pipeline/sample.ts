/** The first readings of an input, examined for signs that they are of the wrong kind. */
import type { Warning } from "../base/warning.js";
import { dailyWarning, registerWarning, type Sample } from "../quality/wrong-kind.js";
import type { Kernel } from "../scan/kernel.js";

const SAMPLE = 8_000;

/** Starts keeping readings as a sample. */
export function startSample(kernel: Kernel): void {
  kernel.startSample(SAMPLE);
}

/** Ends the sample, and returns the warnings about it. */
export function sampleWarnings(kernel: Kernel, input: string): Warning[] {
  return warningsOf(kernel.takeSample(), kernel, input);
}

/** The warnings about a sample that was taken from a kernel. */
export function warningsOf(flat: Float64Array, kernel: Kernel, input: string): Warning[] {
  const sample = sampleOf(flat, kernel);
  const nameOf = (source: number) => Buffer.from(kernel.idOf(source)).toString("utf8");
  return [registerWarning, dailyWarning].flatMap((check) => check(input, sample, nameOf) ?? []);
}

/** From flat triples of source, second and kWh. */
function sampleOf(flat: Float64Array, kernel: Kernel): Sample {
  const length = flat.length / 3;
  const source = new Uint32Array(length);
  const second = new Float64Array(length);
  const kWh = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    source[i] = kernel.exports.settled(flat[3 * i]);
    second[i] = flat[3 * i + 1];
    kWh[i] = flat[3 * i + 2];
  }
  return { length, source, second, kWh };
}
