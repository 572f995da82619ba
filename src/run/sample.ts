/** The first readings of an input, looked at for signs that they are of the wrong kind. */
import { dailyWarning, registerWarning, type Sample, type Warning } from "../domain/suspicion.js";
import type { Kernel } from "../scan/kernel.js";

const SAMPLE = 10_000;

/** From now on readings are kept as a sample. */
export function startSample(kernel: Kernel): void {
  kernel.startSample(SAMPLE);
}

/** Ends the sample, and says what it looks like. */
export function sampleWarnings(kernel: Kernel, input: string): Warning[] {
  const sample = sampleOf(kernel.takeSample());
  const nameOf = (source: number) => Buffer.from(kernel.idOf(source)).toString("utf8");
  return [registerWarning, dailyWarning].flatMap((check) => check(input, sample, nameOf) ?? []);
}

/** From flat triples of source, second and kWh. */
function sampleOf(flat: Float64Array): Sample {
  const length = flat.length / 3;
  return {
    length,
    source: Uint32Array.from({ length }, (_, i) => flat[3 * i]),
    second: Float64Array.from({ length }, (_, i) => flat[3 * i + 1]),
    kWh: Float64Array.from({ length }, (_, i) => flat[3 * i + 2]),
  };
}
