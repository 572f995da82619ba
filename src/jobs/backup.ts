/** The job of `electro backup`: a copy of a store in one file, which is a store of its own. */

import { closeSync, existsSync, fsyncSync, openSync, realpathSync, renameSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { diskError, onDisk } from "../base/disk-error.js";
import { RunError, UsageError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import { followed, removeIfThere, syncFolder, temporaryName } from "../base/temporary.js";
import type { RunContext } from "../pipeline/run.js";
import { Warnings } from "../pipeline/warnings.js";
import { DEFAULT_STORE } from "../store/open.js";
import { withStore } from "./opened.js";
import { callService, piecesOf, type ServiceOptions } from "./service-call.js";

export interface BackupOptions {
  /** The file to write. */
  output: string;
  /** Replace an existing file. Default false. */
  force?: boolean | undefined;
}

/**
 * Copies a store that no process has open.
 * @param store its address; default `duckdb:electro.duckdb`
 * @returns bytes of the copy
 * @throws UsageError if the copy would replace the store
 * @throws RunError if the store or the disk fails, or a file is in the way, which then stays as it was
 */
export async function backupStore(
  store: string = DEFAULT_STORE,
  options: BackupOptions,
  context: RunContext,
): Promise<number> {
  const { cwd, signal } = context;
  const target = targetOf(options, cwd);
  const source = resolve(cwd, store.replace(/^duckdb:/, ""));
  if (existsSync(source) && existsSync(target.path) && realpathSync(source) === realpathSync(target.path))
    throw new UsageError(
      "contradiction",
      say`${option("output", options.output)} is the store itself; choose another file`,
    );
  await withStore(store, { create: false }, { context, warnings: new Warnings(context) }, (opened) =>
    opened.backup(target.temporary, signal).catch((error) => {
      throw toldOf(error, options.output);
    }),
  );
  return target.finish();
}

/** The same for the store that a service has open. @throws RunError if it refuses, or the copy arrives incomplete */
export async function backupThrough(
  service: ServiceOptions,
  options: BackupOptions,
  { cwd, signal }: RunContext,
): Promise<number> {
  const target = targetOf(options, cwd);
  const response = await callService(service, "GET", "v1/backup", signal);
  try {
    const fd = onDisk(options.output, () => openSync(target.temporary, "wx", 0o600));
    try {
      for await (const piece of piecesOf(response, service.service))
        onDisk(options.output, () => {
          for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at);
        });
      onDisk(options.output, () => fsyncSync(fd));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    response.destroy();
    removeIfThere(target.temporary);
    throw error;
  }
  return target.finish();
}

/** Where the copy goes. Checks that nothing is in the way. */
function targetOf({ output, force }: BackupOptions, cwd: string) {
  const path = resolve(cwd, output);
  const there = followed(path);
  if (there !== undefined && !there.isFile())
    throw new RunError("in_the_way", `${output} is not a file; choose another name`);
  if (there !== undefined && !force)
    throw new RunError(
      "in_the_way",
      say`${output} already exists; choose another name, or use ${option("force", true)} to replace it`,
    );
  // The engine would read it into the copy.
  if (existsSync(`${path}.wal`))
    throw new RunError(
      "in_the_way",
      `${output}.wal exists, the log of another store; choose another name, or move it away`,
    );
  if (!existsSync(dirname(path)))
    throw new RunError(
      "no_such_folder",
      `${output}: there is no folder ${dirname(path)}; create it, or choose another place`,
    );
  const temporary = join(dirname(path), temporaryName(basename(path)));
  onDisk(output, () => {
    for (const left of [temporary, `${temporary}.wal`]) removeIfThere(left);
  });
  return {
    path,
    temporary,
    finish: () =>
      onDisk(output, () => {
        renameSync(temporary, path);
        syncFolder(dirname(path));
        return statSync(path).size;
      }),
  };
}

/** Turns an error that names the copy's temporary file, or the store, into one that names the requested file. */
function toldOf(error: unknown, output: string): unknown {
  if (!(error instanceof RunError)) return error;
  const full = error.code === "disk_full" && !isSystems(error.cause);
  const cause = full ? Object.assign(new Error("no room"), { syscall: "write", code: "ENOSPC" }) : error.cause;
  return isSystems(cause) ? diskError(cause, output) : error;
}

function isSystems(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
