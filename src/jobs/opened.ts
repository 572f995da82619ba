/** What jobs open and close: a file for bad records, a store. */
import { resolve } from "node:path";
import type { RejectsWriter } from "../output/rejects.js";
import { openRejects } from "../output/rejects-file.js";
import type { RunContext } from "../pipeline/run.js";
import type { Warnings } from "../pipeline/warnings.js";
import { openStore, type StoreOptions } from "../store/open.js";
import type { Store } from "../store/store.js";

/** The file that the option `rejects` names; none if it is not given. */
export function rejectsFiles({ rejects }: { readonly rejects?: string | undefined }, { cwd }: RunContext): string[] {
  return rejects === undefined ? [] : [resolve(cwd, rejects)];
}

/**
 * Opens the file that the option `rejects` names, and finishes it when the job ends, even if that fails.
 * @throws RunError if the disk refuses; what the job throws
 */
export async function withRejects<T>(
  options: { readonly rejects?: string | undefined },
  context: RunContext,
  job: (rejects: RejectsWriter | undefined) => Promise<T>,
): Promise<T> {
  const [path] = rejectsFiles(options, context);
  if (path === undefined) return job(undefined);
  const rejects = openRejects(path, options.rejects);
  try {
    return await job(rejects).finally(() => rejects.finish());
  } finally {
    rejects.abandon();
  }
}

/**
 * Opens a store for a job, and closes it again. Its notices become warnings.
 * @param url its address; default: `openStore`'s
 * @throws UsageError, StoreError as `openStore`; what the job throws
 */
export async function withStore<T>(
  url: string | undefined,
  options: Omit<StoreOptions, "tell" | "cwd">,
  { context: { cwd }, warnings }: { context: RunContext; warnings: Warnings },
  job: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore(url, { ...options, cwd, tell: (notice) => warnings.add(notice) });
  try {
    return await job(store);
  } finally {
    await store.close();
  }
}
