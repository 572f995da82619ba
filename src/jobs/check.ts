/** The job of `electro check`: whether a store's sums agree with its batches. */

import type { RunContext } from "../pipeline/run.js";
import { Warnings } from "../pipeline/warnings.js";
import type { Difference } from "../store/store.js";
import { withStore } from "./opened.js";
import { callService, type ServiceOptions, textOf } from "./service-call.js";

export interface Proof {
  readonly proven: boolean;
  /** The numbers of batches that count, and of their sources and readings. */
  readonly batches: number;
  readonly sources: number;
  readonly readings: number;
  /** The first 100. */
  readonly differences: readonly Difference[];
}

/**
 * Computes all sums of a store again.
 * @param store its address; default `duckdb:electro.duckdb`
 * @throws RunError if the store cannot be read
 */
export async function proveStore(store: string | undefined, context: RunContext): Promise<Proof> {
  return withStore(store, { create: false }, { context, warnings: new Warnings(context) }, async (opened) => {
    const { batches, sources, readings } = await opened.state();
    const differences = await opened.check(context.signal);
    return { proven: differences.length === 0, batches, sources, readings, differences };
  });
}

/** The same through a service that has the store open. @throws RunError if it refuses, or does not answer */
export async function proveThrough(service: ServiceOptions, { signal }: RunContext): Promise<Proof> {
  const response = await callService(service, "POST", "v1/check", signal);
  return JSON.parse(await textOf(response, service.service));
}
