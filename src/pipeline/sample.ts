/** The first readings of an input, examined for signs that they are of the wrong kind. */
import { option, say, together } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { type Field, noSourceWarning, powerWarning } from "../quality/field-names.js";
import { registerWarning } from "../quality/registers.js";
import type { Sample } from "../quality/sample.js";
import { sparseWarning } from "../quality/sparse-readings.js";
import type { Mixed } from "../scan/channels.js";
import type { InputScan } from "../scan/input-scan.js";
import type { Kernel } from "../scan/kernel.js";
import type { Scanner } from "../scan/scanner.js";

/** Readings of an input. */
export const SAMPLE = 8_000;
/** Readings that tell nothing of their kind: most requests to the service have fewer. */
const FEWEST = 3;
const WORDS = 3;

/** Starts keeping readings as a sample. */
export function startSample(kernel: Kernel): void {
  kernel.startSample(SAMPLE);
}

/** Ends the sample, and returns the warnings about it and the first record. */
export function sampleWarnings(scanner: Scanner, scan: InputScan, input: string): Warning[] {
  const found = warningsOf(scanner.kernel.takeSample(), scanner, scan, input);
  const { register = 0 } = scan.kinds;
  if (register > 0) {
    const message = `${input}: ${register} cumulative meter ${register === 1 ? "reading was" : "readings were"} left out: they are not read yet`;
    found.push({ code: "registers_left_out", message });
  }
  return found;
}

/** The warnings about a sample that was taken from the kernel. */
export function warningsOf(
  flat: Float64Array,
  { kernel, plan, fields }: Scanner,
  { example, mixed }: InputScan,
  input: string,
): Warning[] {
  const { timestampField, valueFields, sourceFields, timeField, interval } = plan;
  const isRegister = plan.keep?.way.register !== undefined;
  const { several } = fields;
  const values = several ? example.map(([name]) => name).filter((name) => several.mayBe(name)) : valueFields;
  const wanted = [timestampField, values[0] ?? (valueFields[0] as string), ...sourceFields];
  const found: (Warning | undefined)[] = [];
  if (!interval?.power) found.push(powerWarning(input, values, [timestampField, ...sourceFields], example));
  if (mixed !== undefined) found.push(mixedWarning(input, mixed, example, sourceFields));
  const taken = [timeField, ...plan.endFields, plan.durationField];
  const others = example.filter(([name]) => !taken.includes(name));
  if ((plan.bySource && several === undefined) || plan.sourceAsked)
    found.push(noSourceWarning(input, wanted, others, plan.sourceAsked));
  if (flat.length >= FEWEST * WORDS && !isRegister) {
    const sample = sampleOf(flat, kernel);
    const nameOf = (source: number) => Buffer.from(kernel.idOf(source)).toString("utf8");
    if (!interval?.power) found.unshift(registerWarning(input, sample, nameOf));
    if (interval === undefined) found.unshift(sparseWarning(input, sample, nameOf));
  }
  return found.filter((warning) => warning !== undefined);
}

/** The sums add import and export. @param example the fields of a record */
function mixedWarning(
  input: string,
  mixed: Mixed,
  example: readonly Field[],
  sourceFields: readonly string[],
): Warning {
  const source = example.find(([name]) => sourceFields.includes(name))?.[0];
  const apart = [...(source === undefined ? [] : [option("sourceField", source)]), option("sourceField", mixed.name)];
  return {
    code: "import_and_export",
    message: say`${input}: the column ${JSON.stringify(mixed.name)} has codes of import (${mixed.import}) and of export (${mixed.export}), and sums add both. Select one, such as ${option("only", `${mixed.name}=${mixed.import}`)}, or keep each as a source: ${together(apart)}`,
  };
}

/** From flat triples of source, second and kWh. */
function sampleOf(flat: Float64Array, kernel: Kernel): Sample {
  const length = flat.length / WORDS;
  const source = new Uint32Array(length);
  const second = new Float64Array(length);
  const kWh = new Float64Array(length);
  /** Of the last reading, its number as it was counted, and as it is settled. */
  let number = -1;
  let settled = 0;
  for (let i = 0; i < length; i++) {
    if (flat[WORDS * i] !== number) {
      number = flat[WORDS * i];
      settled = kernel.exports.settled(number);
    }
    source[i] = settled;
    second[i] = flat[WORDS * i + 1];
    kWh[i] = flat[WORDS * i + 2];
  }
  return { length, source, second, kWh };
}
