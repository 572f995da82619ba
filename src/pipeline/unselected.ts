/** Records are to be selected by a field that none of an input has: the name is probably wrong. */
import { RunError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import type { ScanResult } from "../scan/input-scan.js";
import type { ScanPlan } from "../scan/plan.js";

/** @param results of the input, or of each of its parts */
export function unselected(
  input: string,
  { only }: ScanPlan,
  results: readonly Pick<ScanResult, "checked" | "present">[],
): RunError | undefined {
  if (only.length === 0 || results.every(({ checked }) => checked === 0)) return undefined;
  const present = results.reduce((all, one) => all | one.present, 0);
  const lacking = only.find((_, n) => (present & (1 << n)) === 0);
  if (lacking === undefined) return undefined;
  const asked = option("only", `${lacking.name}=${lacking.values[0]}`);
  return new RunError(
    "unselected",
    say`${input}: no record has ${JSON.stringify(lacking.name)}, which ${asked} is about`,
  );
}
