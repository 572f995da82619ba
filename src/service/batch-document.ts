/** A batch of the ledger as answers show it. */
import { energyText } from "../domain/energy.js";
import type { Batch } from "../store/store.js";

export interface BatchDocument {
  readonly batch_id: string;
  readonly state: Batch["state"];
  /** When it was received, and when it stopped counting. */
  readonly received: string;
  readonly ended: string | null;
  readonly readings: number;
  readonly rejected: number;
  readonly rounded: number;
  readonly sources: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly total_kWh: string;
  readonly replaces: string | null;
  readonly replaced_by: string | null;
  /** The name of the token that sent it, or the file that it came from. */
  readonly sender: string | null;
  readonly file: string | null;
  readonly idempotency_key: string | null;
}

export function batchDocument(batch: Batch): BatchDocument {
  return {
    batch_id: batch.id,
    state: batch.state,
    received: new Date(batch.received).toISOString(),
    ended: batch.ended === undefined ? null : new Date(batch.ended).toISOString(),
    readings: batch.readings,
    rejected: batch.rejected,
    rounded: batch.rounded,
    sources: batch.sources,
    first: instantText(batch.first),
    last: instantText(batch.last),
    total_kWh: energyText(batch.energy),
    replaces: batch.replaces ?? null,
    replaced_by: batch.replacedBy ?? null,
    sender: batch.sender ?? null,
    file: batch.file ?? null,
    idempotency_key: batch.key ?? null,
  };
}

/** Epoch seconds as `2024-01-31T13:00:00Z`. */
export function instantText(second: number | undefined): string | null {
  return second === undefined ? null : `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
}
