/** Turns system errors about writing files into messages that say where it happened and what to do. */
import { RunError } from "./errors.js";

const CHOOSE = "choose another place, or change its permissions";

/** System code → Electro's code, the meaning, what to do. */
const MEANINGS: Readonly<Record<string, readonly [code: string, meaning: string, todo: string]>> = {
  ENOSPC: ["disk_full", "the disk is full", "free some space, or choose a place on another disk"],
  EDQUOT: ["disk_full", "the disk quota is used up", "free some space, or choose a place on another disk"],
  EFBIG: ["file_too_large", "the file is larger than the disk or a limit allows", "choose a place on another disk"],
  EACCES: ["no_permission", "no permission to write there", CHOOSE],
  EPERM: ["no_permission", "the system does not permit writing there", CHOOSE],
  EROFS: ["read_only_disk", "the file system is read-only", "choose another place"],
  ENAMETOOLONG: ["name_too_long", "the name is too long for the file system", "choose a shorter one"],
  ENOTDIR: [
    "not_a_folder",
    "a part of the path is a file, not a folder",
    "choose another place, or move that file away",
  ],
  EEXIST: ["in_the_way", "something else has that name", "move it away, or choose another place"],
  EISDIR: ["is_a_folder", "it is a folder, not a file", "choose another name, or move that folder away"],
  ENOENT: ["no_such_folder", "there is no such folder", "create it, or choose another place"],
  ELOOP: ["broken_link", "its symbolic links form a loop", "choose another place"],
  EMFILE: ["too_many_files", "too many files are open", "raise the limit of open files (ulimit -n)"],
  ENFILE: ["too_many_files", "too many files are open on this machine", "close other programs"],
  EIO: ["disk_failed", "the disk reports an error", "check the disk, or choose a place on another one"],
};

/**
 * A failed system call as a RunError that names `path`, as the user knows it. Any other error (an abort, a defect, a
 * RunError) is returned unchanged.
 */
export function diskError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return error;
  const known = MEANINGS[String(error.code)] ?? ["write_failed", error.message, "choose another place"];
  const [code, meaning, todo] = known;
  return new RunError(code, `cannot write ${path}: ${meaning}; ${todo}`, { cause: error });
}

/** Runs `action`. @throws RunError that names `path` if a system call fails */
export function onDisk<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw diskError(error, path);
  }
}

/** Whether an error has one of these system codes. */
export function failedWith(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
