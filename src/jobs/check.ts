/** The job of `electro check`: whether a store's sums are what its batches add up to. */

import type { RunContext } from "../pipeline/run.js";
import { Warnings } from "../pipeline/warnings.js";
import type { Difference } from "../store/store.js";
import { withStore } from "./opened.js";
import { callService, type ServiceOptions, textOf } from "./service-call.js";

export interface Proof {
  readonly proven: boolean;
  /** Batches and sources that count, and their readings. */
  readonly batches: number;
  readonly sources: number;
  readonly readings: number;
  /** The first 100. */
  readonly differences: readonly Difference[];
}

/**
 * Works out all sums of a store anew.
 * @param store its address; default `duckdb:electro.duckdb`
 * @throws RunError where the store cannot be read
 */
export async function proveStore(store: string | undefined, context: RunContext): Promise<Proof> {
  return withStore(store, { create: false }, { context, warnings: new Warnings(context) }, async (opened) => {
    const { batches, sources, readings } = await opened.state();
    const differences = await opened.check(context.signal);
    return { proven: differences.length === 0, batches, sources, readings, differences };
  });
}

/** The same through a service that has the store open. @throws RunError where it refuses, or does not answer */
export async function proveThrough(service: ServiceOptions, { signal }: RunContext): Promise<Proof> {
  const response = await callService(service, "POST", "v1/check", signal);
  return JSON.parse(await textOf(response, service.service));
}
