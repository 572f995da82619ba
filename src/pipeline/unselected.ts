/** Records are to be selected by a field that none of an input has: the name is probably wrong. */
import { RunError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import type { ScanResult } from "../scan/input-scan.js";
import type { ScanPlan } from "../scan/plan.js";

/** @param results of the input, or of each of its parts */
export function unselected(
  input: string,
  { only }: ScanPlan,
  results: readonly Pick<ScanResult, "checked" | "present" | "delivered">[],
): RunError | undefined {
  const [first] = only;
  if (first === undefined) return undefined;
  const { delivered } = results.find((one) => one.delivered !== undefined) ?? {};
  if (delivered !== undefined) {
    const form = delivered === "nem12" ? "NEM12" : "Green Button";
    const asked = option("only", `${first.name}=${first.values[0]}`);
    return new RunError(
      "unselected",
      say`${input}: ${form} has no fields to select records by, and ${asked} names one; leave it out, or give this file a run of its own`,
    );
  }
  if (results.every(({ checked }) => checked === 0)) return undefined;
  const present = results.reduce((all, one) => all | one.present, 0);
  const lacking = only.find((_, n) => (present & (1 << n)) === 0);
  if (lacking === undefined) return undefined;
  const asked = option("only", `${lacking.name}=${lacking.values[0]}`);
  return new RunError(
    "unselected",
    say`${input}: no record has ${JSON.stringify(lacking.name)}, which ${asked} is about`,
  );
}
