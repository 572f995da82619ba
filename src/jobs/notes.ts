/** The ledger's notes about an input that becomes a batch, and the errors of one that does not. */

import { RunError, StoreError } from "../base/errors.js";
import { option, type Surface, say } from "../base/message.js";
import type { Input } from "../input/input.js";
import { BadRecordsError } from "../output/reject.js";
import { type BatchRejects, shortened } from "../pipeline/batch-rejects.js";
import { wallTimesOf } from "../pipeline/clock-changes.js";
import { instantsOf } from "../pipeline/contribute.js";
import { dataWarnings } from "../pipeline/data-warnings.js";
import { findRecord } from "../pipeline/find-record.js";
import type { IngestionPlan } from "../pipeline/plan.js";
import type { Rejections } from "../pipeline/rejections.js";
import type { Scan } from "../pipeline/totals.js";
import type { StorePeriodTooLong } from "../store/period-too-long.js";
import type { Notes } from "../store/store.js";
import { instantLabel } from "../time/period.js";
import { readAsOf } from "./read-as.js";
import { badRecords, conflicting, leftOut } from "./sum.js";

/** @param rejectsPlace the file where bad records are kept, if there is one @param said whether the user named the zone of wall times */
export function notesOf(
  { name }: Input,
  { parts, inputs, repeated, overall, registers, leftOut: notRead, flags: qualityFlags }: Scan,
  { byReason, count: rejected }: Rejections,
  { first, count }: BatchRejects,
  plan: IngestionPlan,
  said: boolean,
  surface: Surface,
  rejectsPlace: string | undefined,
): Notes {
  const times = wallTimesOf(parts, plan, repeated);
  const extent = instantsOf(parts, plan);
  const readAs = readAsOf(inputs, plan.scan).map(({ profile }) => profile);
  const all = {
    found: inputs[0].warnings,
    wallTimes: times,
    ...{ overall, registers },
    first: extent?.first,
    last: extent?.last,
    readAs,
  };
  const warnings = dataWarnings(all, { ...plan, zone: plan.inputZone }, said, name);
  const { code, message } = leftOut(rejected, rejectsPlace);
  const rejectedWarning = { code, message: `${name}: ${message}` };
  return {
    ...{ rejectedByReason: byReason, rejects: first, rejectsKept: count },
    ...{ repeatedWallTimes: repeated.readings, skippedWallTimes: times.skipped, leftOut: notRead },
    qualityFlags,
    readAs,
    warnings: [...warnings, ...(rejected > 0 ? [rejectedWarning] : [])].map((warning) => shortened(warning, surface)),
  };
}

/** The same error, for loading an input: with the record that would make the store's period too long. */
export async function withRecord(
  { code, second, period }: StorePeriodTooLong,
  input: Input,
  plan: IngestionPlan,
  signal: AbortSignal | undefined,
): Promise<StoreError> {
  const place = (await findRecord([input], plan, second, signal)) ?? `${input.name}: a reading`;
  const { from, to, days, most } = period;
  return new StoreError(
    code,
    say`${place} is of ${`${instantLabel(plan.inputZone, second)}`}: with it the store would have ${days} days, from ${from} to ${to}, more than ${option("maxDays", most)}; if that is right, allow more with ${option("maxDays")}`,
  );
}

/** Errors of a store that concern one batch, while others can still come in. */
const OF_THE_BATCH = new Set(
  "too_much_energy too_many_sources stretches_period key_reused no_such_batch already_ended readings_there other_way register_conflict".split(
    " ",
  ),
);

/** Whether an error concerns one input and its batch only. */
export function isOfBatch(error: unknown): error is RunError {
  return error instanceof RunError && (!(error instanceof StoreError) || OF_THE_BATCH.has(error.code));
}

/** The same error; about readings that are there already, with the name of the input. */
export function withName(error: unknown, { name }: Input): unknown {
  if (!(error instanceof StoreError) || error.code !== "readings_there") return error;
  return new StoreError(error.code, say`${name}: ${error.said}`);
}

/** Checks that no bad record, and no conflict of readings, keeps an input from being loaded. @throws BadRecordsError, RunError */
export function checkGood(
  { name }: Input,
  rejections: Rejections,
  scan: Scan,
  { inputZone }: Pick<IngestionPlan, "inputZone">,
  { rejects }: { readonly rejects?: string | undefined },
): void {
  if (rejections.count > 0) {
    const { said, rejected } = badRecords(rejections, scan, rejects, ["it was not loaded", "loads"]);
    throw new BadRecordsError(say`${name}: ${said}`, rejected);
  }
  if (scan.registers.counts.conflict > 0)
    throw conflicting(scan.registers, inputZone, [`${name}: `, "it was not loaded"]);
}
