/** From a store's address to a store. */

import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import { StoreError, UsageError } from "../base/errors.js";
import { bySurface, option, say } from "../base/message.js";
import type { Store, StoreNotice } from "./store.js";

/** A file where the command runs. */
export const DEFAULT_STORE = "duckdb:electro.duckdb";

export interface StoreOptions {
  /** Bytes that the engine may use for its own work; default 512 MB. */
  readonly memory?: number | undefined;
  /** Sources with readings, at most; default 1,000,000. */
  readonly maxSources?: number | undefined;
  /** Days from the first with readings to the last, at most; default 3660. */
  readonly maxDays?: number | undefined;
  /** Threads that the engine may use; default 2. */
  readonly threads?: number | undefined;
  /** Whether to make a store where there is none: for whoever only asks there is nothing to find then. Default true. */
  readonly create?: boolean;
  /** A relative path counts from here. Default: the process's folder. */
  readonly cwd?: string | undefined;
  /** Hears what whoever opened the store has to know: that acknowledged batches are missing, that its log was left. */
  readonly tell?: ((notice: StoreNotice) => void) | undefined;
}

/** Options that are whole numbers. */
const NUMBERS = ["memory", "maxSources", "maxDays", "threads"] as const;

/**
 * Opens the store at `url`, and creates it where there is none, unless it is not to. The engine is loaded no sooner than here.
 * @throws UsageError `bad_store` for an address that is none, `bad_number`
 * @throws StoreError `no_store`, `store_in_use`, `not_a_store`, `stray_log`, `log_mismatch`, `store_damaged`, `store_too_new`, `store_failed`, `disk_full`
 */
export async function openStore(url: string = DEFAULT_STORE, options: StoreOptions = {}): Promise<Store> {
  for (const name of NUMBERS) {
    const value = options[name];
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw new UsageError("bad_number", say`${option(name)}: it must be a whole number from 1`, { option: name });
  }
  const [, engine, path = ""] = /^([a-z]+):(.*)$/s.exec(url) ?? [];
  if (engine !== "duckdb")
    throw new UsageError(
      "bad_store",
      `store "${url}": an address begins with "duckdb:", as duckdb:${engine === undefined && url !== "" ? url : "electro.duckdb"}`,
    );
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
