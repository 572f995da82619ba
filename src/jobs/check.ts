/** The job of `electro check`: whether a store's sums are what its batches add up to. */

import type { RunContext } from "../pipeline/run.js";
import { openStore } from "../store/open.js";
import type { Difference } from "../store/store.js";
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
export async function proveStore(store: string | undefined, { signal, onEvent }: RunContext): Promise<Proof> {
  const tell = ({ code, message }: { code: string; message: string }) => onEvent?.({ kind: "warning", code, message });
  const opened = await openStore(store, { create: false, tell });
  try {
    const { batches, sources, readings } = await opened.state();
    const differences = await opened.check(signal);
    return { proven: differences.length === 0, batches, sources, readings, differences };
  } finally {
    await opened.close();
  }
}

/** The same through a service that has the store open. @throws RunError where it refuses, or does not answer */
export async function proveThrough(service: ServiceOptions, { signal }: RunContext): Promise<Proof> {
  const response = await callService(service, "POST", "v1/check", signal);
  return JSON.parse(await textOf(response, service.service));
}
