/** Which inputs were recognised, and as what. */
import type { InputResult } from "../pipeline/totals.js";
import type { ScanPlan } from "../scan/plan.js";
import type { ReadAs } from "./results.js";

export function readAsOf(
  inputs: readonly Pick<InputResult, "name" | "known">[],
  { known: tables }: Pick<ScanPlan, "known">,
): ReadAs[] {
  return inputs.flatMap(({ name, known }) => {
    const table = known > 0 ? tables[known - 1] : undefined;
    return table === undefined ? [] : [{ name, profile: table.name }];
  });
}
