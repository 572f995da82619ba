/**
 * Locks an output folder, or a file, for one run at a time. Each run has a lock file of its own, `<prefix>.<owner>.<n>`. It
 * holds the lock if there is no lock file with that prefix of another running process. Since each name belongs to one run,
 * anybody can remove the lock file of a killed run at any time, without the risk of removing that of a running one.
 */

import { closeSync, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { failedWith, onDisk } from "./disk-error.js";
import { RunError } from "./errors.js";
import { option, say } from "./message.js";
import { lives, type Owner, ownerText, parseOwner, thisOwner } from "./owner.js";
import { removeIfThere, standing } from "./temporary.js";

export interface Lock {
  /** Whether the lock file still exists: a run that was taken for dead must not go on. */
  held(): boolean;
  release(): void;
}

const FOLDER = ".electro-lock";
/** How often a lock file is touched. */
const HEARTBEAT_MS = 10_000;
/** A lock file of another host, whose processes cannot be seen, is stale if it was not touched for this long. */
const STALE_MS = 120_000;
/** How many times, and at which interval, to check whether the other run gives way. */
const MAX_RETRIES = 100;
const PAUSE_MS = 10;

/**
 * Locks a folder.
 * @param displayName its name in messages
 * @throws RunError `folder_in_use` if another run holds the lock
 */
export async function lockFolder(dir: string, displayName: string): Promise<Lock> {
  const lock = await takeLock(dir, FOLDER, displayName);
  if ("owner" in lock) throw inUse(displayName, lock);
  return lock;
}

/** Takes the lock `prefix` in the folder `dir`, or returns the run that holds it. @throws RunError if the disk fails */
export async function takeLock(dir: string, prefix: string, displayName: string): Promise<Lock | OtherRun> {
  const { name, fd } = onDisk(displayName, () => create(dir, prefix));
  const path = join(dir, name);
  const heartbeat = setInterval(() => touch(fd), HEARTBEAT_MS).unref();
  const release = () => {
    clearInterval(heartbeat);
    closeSync(fd);
    removeIfThere(path);
  };
  try {
    let other = onDisk(displayName, () => otherRun(dir, prefix, name));
    // Two runs that begin at the same time see each other. The one whose name sorts first waits; the other gives way.
    for (let retry = 0; other !== undefined && other.name > name && retry < MAX_RETRIES; retry++) {
      await sleep(PAUSE_MS);
      other = onDisk(displayName, () => otherRun(dir, prefix, name));
    }
    if (other !== undefined) {
      release();
      return other;
    }
  } catch (error) {
    release();
    throw error;
  }
  return { held: () => standing(path) !== undefined, release };
}

export interface OtherRun {
  readonly name: string;
  readonly owner: Owner;
}

function create(dir: string, prefix: string): { name: string; fd: number } {
  const owner = ownerText(thisOwner());
  for (let n = 0; ; n++) {
    const name = `${prefix}.${owner}.${n}`;
    try {
      return { name, fd: openSync(join(dir, name), "wx") };
    } catch (error) {
      if (!failedWith(error, "EEXIST")) throw error;
    }
  }
}

/** The first lock of another running process. Removes those of dead runs. */
function otherRun(dir: string, prefix: string, mine: string): OtherRun | undefined {
  for (const name of readdirSync(dir).sort()) {
    const owner = name !== mine && name.startsWith(`${prefix}.`) ? ownerOf(name.slice(prefix.length + 1)) : undefined;
    if (owner === undefined) continue;
    const alive = lives(owner);
    if (alive === true || (alive === "unknown" && touchedRecently(dir, name, mine))) return { name, owner };
    removeIfThere(join(dir, name));
  }
  return undefined;
}

/** @param rest `<owner>.<n>` */
function ownerOf(rest: string): Owner | undefined {
  return parseOwner(/^(.+)\.\d+$/.exec(rest)?.[1] ?? "");
}

/** Compares the times of two files, both set by the file server, so that the clocks of hosts need not agree. */
function touchedRecently(dir: string, name: string, mine: string): boolean {
  const other = statSync(join(dir, name), { throwIfNoEntry: false });
  return other !== undefined && statSync(join(dir, mine)).mtimeMs - other.mtimeMs < STALE_MS;
}

function touch(fd: number): void {
  try {
    writeSync(fd, ".", 0);
  } catch {
    // For example, the disk is full; the run itself will report that.
  }
}

function inUse(displayName: string, { name, owner }: OtherRun): RunError {
  const away = lives(owner) === "unknown";
  return new RunError(
    "folder_in_use",
    say`another run is writing to ${displayName} (process ${owner.pid}${away ? ` on ${owner.host}` : ""}); wait until it has finished, or choose another folder with ${option("output")}${away ? `; if it was killed, wait two minutes, or remove ${name}` : ""}`,
  );
}
