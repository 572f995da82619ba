/** Files beside the output folder that the user names: bad records, a report. They may be in it, but not in place of its files. */
import { realpathSync } from "node:fs";
import { basename, dirname } from "node:path";
import { UsageError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import { isTemporaryName } from "../output/journal.js";
import { isDataName, MANIFEST_NAME, REJECTS_NAME } from "../output/names.js";

/** A file by its path, and as the user named it. */
export interface UserFile {
  readonly path: string;
  readonly given: string;
}

/** @throws UsageError `rejects_is_output` */
export function checkRejects({ path, given }: UserFile, folder: string): void {
  if (isOutput(path, folder))
    throw new UsageError(
      "rejects_is_output",
      say`${option("rejects", given)} is the place of an output file; name another file, or omit the option: with ${option("onError", "skip")}, bad records are kept in ${REJECTS_NAME} there`,
    );
}

/** @throws UsageError `report_is_output` */
export function checkReport({ path, given }: UserFile, folder: string, rejects: UserFile | undefined): void {
  if (isOutput(path, folder) || path === rejects?.path)
    throw new UsageError(
      "report_is_output",
      say`${option("report", given)} is the place of another file of this run; name another file`,
    );
}

function isOutput(path: string, folder: string): boolean {
  const name = basename(path);
  if (realFolder(dirname(path)) !== realFolder(folder)) return false;
  return name === MANIFEST_NAME || isDataName(name) || isTemporaryName(name);
}

/** A folder's path without links, if it exists. */
function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
