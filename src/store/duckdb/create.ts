/** Creates a store: wholly or not at all, and never readable by others meanwhile. */
import { chmodSync, linkSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { failedWith } from "../../base/disk-error.js";
import { syncFolder } from "../../base/temporary.js";
import { openDatabase } from "./database.js";
import { hidden } from "./files.js";
import { newIdentity } from "./identity.js";
import { prepareSchema } from "./schema.js";

/** A store is created in a second. */
const ABANDONED_MS = 600_000;

/**
 * Creates the tables in a folder that nobody else may read, and moves the file to its place when all of it is on disk.
 * So a store's file without tables is never one that was being created. If another process was faster, its store stays.
 * @param path the store as its user names it
 */
export async function createStore(path: string, file: string): Promise<void> {
  const folder = mkdtempSync(hidden(file, "new-"));
  try {
    const made = join(folder, "store");
    const { connection, close } = await openDatabase(made, 64 * 2 ** 20);
    try {
      await prepareSchema(connection, path);
      await newIdentity(connection);
      await connection.run("CHECKPOINT");
    } finally {
      close();
    }
    chmodSync(made, 0o600);
    put(made, file);
    syncFolder(dirname(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes what processes left behind that were killed while they created this store, some minutes later. */
export function removeAbandoned(file: string): void {
  const prefix = basename(hidden(file, "new-"));
  for (const name of readdirSync(dirname(file)))
    if (name.startsWith(prefix)) {
      const folder = join(dirname(file), name);
      const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
      if (made < Date.now() - ABANDONED_MS) rmSync(folder, { recursive: true, force: true });
    }
}

/** A link, unlike a rename, does not replace a file that was created meanwhile. */
function put(made: string, file: string): void {
  try {
    linkSync(made, file);
  } catch (error) {
    if (failedWith(error, "EEXIST")) return;
    // Not every file system has links.
    if (!failedWith(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK")) throw error;
    renameSync(made, file);
  }
}
