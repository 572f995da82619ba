/** From a store's address to a store. */

import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { StoreError, UsageError } from "../base/errors.js";
import { bySurface, option, say } from "../base/message.js";
import type { Store, StoreNotice } from "./store.js";

/** A file in the folder where the command runs. */
export const DEFAULT_STORE = "duckdb:electro.duckdb";

export interface StoreOptions {
  /** Bytes that the engine may use; default 512 MB. */
  readonly memory?: number | undefined;
  /** The most sources with readings; default 1,000,000. */
  readonly maxSources?: number | undefined;
  /** The most days from the first with readings to the last; default 3660. */
  readonly maxDays?: number | undefined;
  /** Threads that the engine may use; default 2. */
  readonly threads?: number | undefined;
  /** Whether to create a store that does not exist; pointless for a mere query. Default true. */
  readonly create?: boolean;
  /** Relative paths start here. Default: the process's folder. */
  readonly cwd?: string | undefined;
  /** Receives what whoever opened the store must know: acknowledged batches are missing, its log was left behind. */
  readonly tell?: ((notice: StoreNotice) => void) | undefined;
}

/** Options that are integers. */
const NUMBERS = ["memory", "maxSources", "maxDays", "threads"] as const;

/**
 * Opens the store at `url`, and creates it if it does not exist, unless told not to. The engine is only loaded here.
 * @throws UsageError `bad_store` for an invalid address, `bad_number`
 * @throws StoreError `no_store`, `store_in_use`, `not_a_store`, `stray_log`, `log_mismatch`, `store_damaged`, `store_too_new`, `store_failed`, `disk_full`
 */
export async function openStore(url: string = DEFAULT_STORE, options: StoreOptions = {}): Promise<Store> {
  for (const name of NUMBERS) {
    const value = options[name];
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw new UsageError("bad_number", say`${option(name)}: it must be a whole number from 1`, { option: name });
  }
  // One letter and a colon is a drive.
  const engine = /^[a-z][a-z0-9+.-]+(?=:)/i.exec(url)?.[0];
  if (engine !== undefined && engine !== "duckdb")
    throw new UsageError(
      "bad_store",
      `store "${url}": an address begins with "duckdb:", as in ${DEFAULT_STORE}, or is the path of a file`,
    );
  const path = engine === undefined ? url : url.slice(engine.length + 1);
  if (path === "" || path.includes("\0"))
    throw new UsageError("bad_store", `store "${url}": no file; write ${DEFAULT_STORE}, or another file's path`);
  const file = options.cwd === undefined || isAbsolute(path) ? path : relative("", resolve(options.cwd, path));
  if (options.create === false && !existsSync(file)) {
    const { checkNoStrayLog, realFile } = await import("./duckdb/files.js");
    checkNoStrayLog(file, realFile(file));
    throw new StoreError(
      "no_store",
      say`there is no store ${url}${bySurface({ commandLine: `; electro load INPUT… --store ${url} makes one` })}`,
    );
  }
  const { openDuckdb } = await import("./duckdb/store.js");
  return openDuckdb(file, {
    memory: options.memory ?? 512 * 2 ** 20,
    maxSources: options.maxSources ?? 1_000_000,
    maxDays: options.maxDays ?? 3660,
    tell: options.tell,
    threads: options.threads,
  });
}
