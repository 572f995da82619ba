/**
 * Replaces the old output with the new. All new files are ready under temporary names; then a journal that lists them is
 * written, and from then on the new output counts: this run, or the next one if this is killed, carries out the journal's
 * steps, as often as needed. The steps are: rename the files, remove those no longer needed, rename the manifest, remove
 * the journal. So the manifest stays the old one until all files of the new one are in place.
 */

import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { onDisk } from "../base/disk-error.js";
import { RunError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import { removeIfThere, standing, syncFolder, TemporaryFile, temporaryName } from "../base/temporary.js";
import { isDataName, MANIFEST_NAME } from "./names.js";

export interface Journal {
  /** The files to put in place, except for the manifest, which always comes last. */
  readonly write: readonly string[];
  /** Those of them that replaced an existing file when the journal was written. */
  readonly replace: readonly string[];
  /** The files to remove. */
  readonly remove: readonly string[];
}

const JOURNAL_NAME = ".electro-journal.json";
const TEMPORARY_JOURNAL = temporaryName("journal.json");
const FORMAT = 1;

/** Whether a name is that of a temporary file left by a killed run, which nobody needs unless there is a journal. */
export function isTemporaryName(name: string): boolean {
  const inner = /^\.electro-(.+)\.tmp$/.exec(name)?.[1];
  return name === TEMPORARY_JOURNAL || inner === MANIFEST_NAME || isDataName(inner) || isScratch(inner);
}

/** Prefix of the inner names of a run's scratch files; letters and digits follow. */
export const SCRATCH = "cells-";

function isScratch(inner: string | undefined): boolean {
  return inner !== undefined && /^cells-[a-z0-9]+$/.test(inner);
}

/** Whether there is a journal: then the new output counts. */
export function hasJournal(dir: string): boolean {
  return standing(join(dir, JOURNAL_NAME)) !== undefined;
}

/** Makes the new output count: before this, nothing has changed; after it, everything will. */
export function writeJournal(dir: string, displayName: string, journal: Journal): void {
  const path = join(dir, TEMPORARY_JOURNAL);
  const file = new TemporaryFile(path, displayName);
  try {
    file.write(Buffer.from(`${JSON.stringify({ format: FORMAT, ...journal })}\n`));
    file.finish();
    // The names of the temporary files must be on the disk before the journal's, which relies on them.
    syncFolder(dir);
    renameSync(path, join(dir, JOURNAL_NAME));
  } catch (error) {
    file.abandon();
    throw error;
  }
  syncFolder(dir);
}

/** The journal of a killed run, or undefined. @throws RunError `bad_journal` if Electro did not write it */
export function readJournal(dir: string, displayName: string): Journal | undefined {
  const path = join(dir, JOURNAL_NAME);
  const stats = standing(path);
  if (stats === undefined) return undefined;
  const journal = stats.isFile() ? parse(readFileSync(path, "utf8")) : undefined;
  if (journal) return journal;
  throw new RunError(
    "bad_journal",
    say`${join(displayName, JOURNAL_NAME)} should be the journal of a run that was stopped, but Electro did not write it like this: move it away, or have it removed with ${option("force", true)}`,
  );
}

/** Removes a journal that cannot be followed. */
export function removeJournal(dir: string): void {
  removeIfThere(join(dir, JOURNAL_NAME));
}

/** Carries out the remaining steps of a journal. */
export function followJournal(dir: string, displayName: string, journal: Journal): void {
  // If the new manifest is in place already, all earlier steps are done, and must not be repeated.
  if (isReady(dir, MANIFEST_NAME)) {
    for (const name of journal.write) if (isReady(dir, name)) putInPlace(dir, displayName, name);
    for (const name of journal.remove) if (standing(join(dir, name))?.isFile()) removeIfThere(join(dir, name));
    syncFolder(dir);
    putInPlace(dir, displayName, MANIFEST_NAME);
    syncFolder(dir);
  }
  removeJournal(dir);
  syncFolder(dir);
}

/** Whether a new file still has its temporary name. */
export function isReady(dir: string, name: string): boolean {
  return standing(join(dir, temporaryName(name))) !== undefined;
}

function putInPlace(dir: string, displayName: string, name: string): void {
  onDisk(join(displayName, name), () => renameSync(join(dir, temporaryName(name)), join(dir, name)));
}

function parse(text: string): Journal | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { format, write, replace, remove } = value as Record<string, unknown>;
  if (format !== FORMAT || !areNames(write) || !areNames(replace) || !areNames(remove)) return undefined;
  return { write, replace, remove };
}

function areNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isDataName);
}
