/** Options that take the place of what a recognised profile says about what a reading covers, where other inputs may want them. */
import { RunError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import type { InputResult } from "../pipeline/totals.js";
import type { ScanPlan } from "../scan/plan.js";

type Scanned = Pick<InputResult, "name" | "known" | "readings">;

/**
 * Of inputs that are read in one run: what one of them needs would shift the hours of another without a word.
 * @throws RunError `profile_replaced` for inputs of several profiles, or of one and none
 */
export function checkOneProfile(inputs: readonly Scanned[], plan: Pick<ScanPlan, "known">): void {
  const kinds = new Set(inputs.filter(({ readings }) => readings > 0).map(({ known }) => known));
  if (kinds.size > 1) for (const input of inputs) checkNotReplaced(input, plan);
}

/** @throws RunError `profile_replaced` for an input whose profile is replaced so */
export function checkNotReplaced({ name, known }: Scanned, plan: Pick<ScanPlan, "known">): void {
  // Tables are planned only once one is looked for.
  const table = known === 0 ? undefined : plan.known[known - 1];
  if (table?.replaced === undefined) return;
  throw new RunError(
    "profile_replaced",
    say`${name}: it is read as ${table.name}, and ${table.replaced}, while there are other inputs, which may need that option; read the files of each profile in a run of their own, or say ${option("profile", table.name)} if all are of that one`,
  );
}
