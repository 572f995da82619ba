/** The job of `electro compact`: gives back the disk space of batches that have ended. */

import type { RunContext } from "../pipeline/run.js";
import { Warnings } from "../pipeline/warnings.js";
import type { Compacted } from "../store/store.js";
import { withStore } from "./opened.js";
import { callService, type ServiceOptions, textOf } from "./service-call.js";

/**
 * Makes a store's file shorter.
 * @param store its address; default `duckdb:electro.duckdb`
 * @throws RunError if the store or the disk fails
 */
export async function compactStore(store: string | undefined, context: RunContext): Promise<Compacted> {
  return withStore(store, { create: false }, { context, warnings: new Warnings(context) }, (opened) =>
    opened.compact(context.signal),
  );
}

/** The same through a service that has the store open. @throws RunError if it refuses, or does not answer */
export async function compactThrough(service: ServiceOptions, { signal }: RunContext): Promise<Compacted> {
  const response = await callService(service, "POST", "v1/compact", signal);
  return JSON.parse(await textOf(response, service.service));
}
