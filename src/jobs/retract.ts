/** The job of `electro retract`: ends a batch, whose readings count no more. */

import { RunError } from "../base/errors.js";
import { bySurface, say } from "../base/message.js";
import type { RunContext } from "../pipeline/run.js";
import { Warnings } from "../pipeline/warnings.js";
import type { BatchState } from "../store/store.js";
import { energyText } from "../tally/energy.js";
import { withStore } from "./opened.js";
import { callService, type ServiceOptions, textOf } from "./service-call.js";

/** A batch that does not count. */
export interface EndedBatch {
  readonly id: string;
  /** `replaced` if it had been replaced before: then nothing has changed. */
  readonly state: Exclude<BatchState, "counts">;
  /** The id of the batch that replaced it. */
  readonly replacedBy: string | undefined;
  readonly readings: number;
  /** What its readings come to by themselves, in kWh. */
  readonly kWh: string;
}

/**
 * Ends a batch of a store. One that has ended already stays as it is.
 * @param store its address; default `duckdb:electro.duckdb`
 * @throws RunError if there is no such batch, or the store or the disk fails
 */
export async function retractInStore(id: string, store: string | undefined, context: RunContext): Promise<EndedBatch> {
  return withStore(store, { create: false }, { context, warnings: new Warnings(context) }, async (opened) => {
    const batch = await opened.retract(id);
    if (batch === undefined)
      throw new RunError(
        "no_such_batch",
        say`there is no batch ${JSON.stringify(id)} in the store${bySurface({ commandLine: "; electro load --json prints the ids of batches" })}`,
      );
    const { state, replacedBy, readings, energy } = batch;
    return { id, state: state as EndedBatch["state"], replacedBy, readings, kWh: energyText(energy) };
  });
}

/** The same through a service that has the store open. @throws RunError if it refuses, or does not answer */
export async function retractThrough(id: string, service: ServiceOptions, { signal }: RunContext): Promise<EndedBatch> {
  const response = await callService(service, "DELETE", `v1/batches/${encodeURIComponent(id)}`, signal);
  const { state, replaced_by, readings, total_kWh } = JSON.parse(await textOf(response, service.service));
  return { id, state, replacedBy: replaced_by ?? undefined, readings, kWh: total_kWh };
}
