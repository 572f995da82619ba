/** A batch of the ledger in responses, and the receipt that its sender gets. */

import type { Batch } from "../../store/store.js";
import { energyText } from "../../tally/energy.js";

/** The members that both have. */
function contents({ notes, ...batch }: Batch) {
  return {
    readings: batch.readings,
    rejected: batch.rejected,
    rejected_by_reason: notes.rejectedByReason,
    rejects_kept: notes.rejectsKept,
    rounded: batch.rounded,
    repeated_wall_times: notes.repeatedWallTimes,
    skipped_wall_times: notes.skippedWallTimes,
    left_out: notes.leftOut,
    quality_flags: notes.qualityFlags,
    read_as: notes.readAs,
    warnings: notes.warnings,
    sources: batch.sources,
    first: instantText(batch.first),
    last: instantText(batch.last),
    total_kWh: energyText(batch.energy),
  };
}

/** When a batch stopped counting; `null` while it counts. */
function endOf({ ended }: Batch): string | null {
  return ended === undefined ? null : new Date(ended).toISOString();
}

export function batchDocument(batch: Batch): object {
  return {
    batch_id: batch.id,
    state: batch.state,
    received: new Date(batch.received).toISOString(),
    ended: endOf(batch),
    ...contents(batch),
    replaces: batch.replaces ?? null,
    replaced_by: batch.replacedBy ?? null,
    sender: batch.sender ?? null,
    file: batch.file ?? null,
    idempotency_key: batch.key ?? null,
  };
}

/** It is the same for the same batch, however often that is sent, until it has ended. */
export function receiptOf(batch: Batch): object {
  return {
    batch_id: batch.id,
    state: batch.state,
    ended: endOf(batch),
    replaced_by: batch.replacedBy ?? null,
    ...contents(batch),
    rejects: batch.notes.rejects,
  };
}

/** Epoch seconds as `2024-01-31T13:00:00Z`. */
export function instantText(second: number | undefined): string | null {
  return second === undefined ? null : `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
}
