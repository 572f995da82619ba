/**
 * One run at a time in an output folder, or at a file. A run's lock is a file of its own, `<prefix>.<owner>.<n>`; it has
 * the folder if no other living run's lock of that prefix is there. Since every name belongs to one run only, the lock
 * that a killed run left can be removed by anybody, at any time, without ever removing the lock of a run that lives.
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
  /** Whether the lock file is still there: a run that somebody took for dead must not go on. */
  held(): boolean;
  release(): void;
}

const FOLDER = ".electro-lock";
/** A lock's file is touched this often, … */
const BEAT_MS = 10_000;
/** … so one of another host, whose processes cannot be seen, is a dead run's when it was not touched for so long. */
const DEAD_MS = 120_000;
/** How often, and how long, to look again whether the other run goes away. */
const LOOKS = 100;
const PAUSE_MS = 10;

/** Takes the folder `dir`, which messages call `displayName`. RunError "folder_in_use" while another run has it. */
export async function lockFolder(dir: string, displayName: string): Promise<Lock> {
  const lock = await takeLock(dir, FOLDER, displayName);
  if ("owner" in lock) throw inUse(displayName, lock);
  return lock;
}

/** Takes the lock `prefix` in the folder `dir`, or tells which run has it. RunError when the disk refuses. */
export async function takeLock(dir: string, prefix: string, displayName: string): Promise<Lock | OtherRun> {
  const { name, fd } = onDisk(displayName, () => create(dir, prefix));
  const path = join(dir, name);
  const beat = setInterval(() => touch(fd), BEAT_MS).unref();
  const release = () => {
    clearInterval(beat);
    closeSync(fd);
    removeIfThere(path);
  };
  try {
    let other = onDisk(displayName, () => otherRun(dir, prefix, name));
    // Two that begin at once see each other. The one whose name comes first waits, the other one gives way.
    for (let look = 0; other !== undefined && other.name > name && look < LOOKS; look++) {
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

/** The first living other run's lock; those of dead runs are removed. */
function otherRun(dir: string, prefix: string, mine: string): OtherRun | undefined {
  for (const name of readdirSync(dir).sort()) {
    const owner = name !== mine && name.startsWith(`${prefix}.`) ? ownerOf(name.slice(prefix.length + 1)) : undefined;
    if (owner === undefined) continue;
    const alive = lives(owner);
    if (alive === true || (alive === "unknown" && touchedLately(dir, name, mine))) return { name, owner };
    removeIfThere(join(dir, name));
  }
  return undefined;
}

/** @param rest `<owner>.<n>` */
function ownerOf(rest: string): Owner | undefined {
  return parseOwner(/^(.+)\.\d+$/.exec(rest)?.[1] ?? "");
}

/** Compares two files' times, both set by the machine that keeps the files, so that no two clocks need to agree. */
function touchedLately(dir: string, name: string, mine: string): boolean {
  const other = statSync(join(dir, name), { throwIfNoEntry: false });
  return other !== undefined && statSync(join(dir, mine)).mtimeMs - other.mtimeMs < DEAD_MS;
}

function touch(fd: number): void {
  try {
    writeSync(fd, ".", 0);
  } catch {
    // A full disk, for one; the run itself will meet it and say so.
  }
}

function inUse(displayName: string, { name, owner }: OtherRun): RunError {
  const away = lives(owner) === "unknown";
  return new RunError(
    "folder_in_use",
    say`another run is writing to ${displayName} (process ${owner.pid}${away ? ` on ${owner.host}` : ""}); wait until it has finished, or choose another folder with ${option("output")}${away ? `; if it was killed, wait two minutes, or remove ${name}` : ""}`,
  );
}
