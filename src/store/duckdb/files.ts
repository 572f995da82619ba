/**
 * The files of a store: `electro.duckdb`, beside it the engine's log of changes (`.wal`) and the mark (`.mark`); and, while
 * it is open, a hidden folder of temporary files, which copying `electro.duckdb*` omits. Only their owner has access.
 */
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { platform } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { StoreError } from "../../base/errors.js";
import type { StoreNotice } from "../store.js";

/** Others have no access to a store's files; a group that the owner admitted may read them. */
const NOT_FOR_OTHERS = 0o027;
/** What a database begins with, after a checksum: https://duckdb.org/docs/stable/internals/storage. */
const MAGIC = "DUCK";
const MAGIC_AT = 8;
/** The most links that are followed to a file that does not exist yet. */
const MOST_LINKS = 40;

/** Bytes of the log; 0 if there is none. */
export function logSize(file: string): number {
  return statSync(`${file}.wal`, { throwIfNoEntry: false })?.size ?? 0;
}

/** The engine's existing logs: the second and third only exist while it moves the first into the file. */
export function logsOf(file: string): string[] {
  return [".wal", ".wal.checkpoint", ".wal.recovery"].map((end) => file + end).filter((log) => existsSync(log));
}

/** Creates an empty log if there is none, since the engine would create one that others can read. */
export function makeLog(file: string): void {
  closeSync(openBeside(file, ".wal", constants.O_WRONLY | constants.O_APPEND));
}

/** Removes a log that has no changes. */
export function removeEmptyLog(file: string): void {
  if (existsSync(`${file}.wal`) && logSize(file) === 0) rmSync(`${file}.wal`);
}

/**
 * Opens a file beside a store, and creates it if it does not exist: with the store's own mode at most, and for the store's
 * owner, so that a command run by root locks nobody out.
 */
export function openBeside(file: string, end: string, flags: number): number {
  const { mode, uid, gid } = statSync(file);
  const fd = openSync(file + end, flags | constants.O_CREAT, (mode & 0o640) | 0o600);
  try {
    const made = fstatSync(fd);
    if (made.uid !== uid || made.gid !== gid) fchownSync(fd, uid, gid);
  } catch {
    // Only root may give a file to another user; at least this user can read what it made.
  }
  return fd;
}

/** Removes access that an earlier version, or a copy, gave to others. */
export function closeToOthers(file: string, tell: (notice: StoreNotice) => void): void {
  if (platform() === "win32") return;
  for (const path of [file, ...logsOf(file), `${file}.mark`]) {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined || (mode & NOT_FOR_OTHERS) === 0) continue;
    try {
      chmodSync(path, mode & 0o777 & ~NOT_FOR_OTHERS);
    } catch {
      const octal = (mode & 0o777).toString(8).padStart(4, "0");
      const message = `${path} has mode ${octal}, so others than its owner can read or change it, and this user may not change that; run chmod 600 ${path}`;
      tell({ level: "warning", code: "store_mode", message });
    }
  }
}

/** A name beside a store's file for what must not be copied with it. */
export function hidden(file: string, end: string): string {
  return join(dirname(file), `.${basename(file)}.${end}`);
}

/** Creates an empty folder for temporary files: what a killed process left in it is useless. */
export function makeTemporaryFolder(file: string): void {
  const folder = hidden(file, "tmp");
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
  } catch {
    // Whoever needs the folder will notice.
  }
}

export function removeTemporaryFolder(file: string): void {
  try {
    rmdirSync(hidden(file, "tmp"));
  } catch {
    // It is gone, or will be removed when the store is opened next.
  }
}

/** The file's real path, whatever links lead to it. @throws StoreError `no_such_folder`, `not_a_store` */
export function realFile(path: string): string {
  const full = linked(path, resolve(path), 0);
  const folder = dirname(full);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new StoreError(
      "no_such_folder",
      `store ${path}: there is no folder ${folder}; create it, or choose another place`,
    );
  if (!existsSync(full)) return join(realpathSync(folder), basename(full));
  if (!statSync(full).isFile())
    throw new StoreError("not_a_store", `store ${path}: it is not a file; choose another name`);
  return realpathSync(full);
}

/** If a link leads to nothing yet, its target is created: otherwise the log would be beside the link. */
function linked(path: string, full: string, links: number): string {
  const link = lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (!link || existsSync(full)) return full;
  if (links === MOST_LINKS)
    throw new StoreError("not_a_store", `store ${path}: its links form a loop; choose another name`);
  return linked(path, resolve(realpathSync(dirname(full)), readlinkSync(full)), links + 1);
}

/**
 * Rejects what is not a database, without advice that could cost somebody a file of another kind.
 * @throws StoreError `not_a_store`
 */
export function checkMagic(path: string, file: string): void {
  const fd = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(MAGIC_AT + MAGIC.length);
    const read = readSync(fd, bytes, 0, bytes.length, 0);
    if (read === bytes.length && bytes.toString("latin1", MAGIC_AT) === MAGIC) return;
  } finally {
    closeSync(fd);
  }
  throw new StoreError("not_a_store", `store ${path}: the file is not a store; choose another name, or move it away`);
}

/**
 * Rejects a log without its store: a store created beside it would take it for its own, or the engine would delete it.
 * @throws StoreError `stray_log`
 */
export function checkNoStrayLog(path: string, file: string): void {
  const [log] = existsSync(file) ? [] : logsOf(file);
  if (log === undefined) return;
  throw new StoreError(
    "stray_log",
    `store ${path}: the file does not exist, but ${log} does: a store's log of changes, which may hold acknowledged batches; put the store's file back beside it, or, to start with an empty store, move the log away`,
  );
}
