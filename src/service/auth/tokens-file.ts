/**
 * The file of tokens. Changes are atomic: written to a temporary file, flushed and renamed, one after another. A file that
 * is not valid is an error and never read in part, since the missing part would be guessed.
 */
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { platform } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { failedWith, onDisk } from "../../base/disk-error.js";
import { RunError } from "../../base/errors.js";
import { type Lock, takeLock } from "../../base/lock.js";
import { reasonOf } from "../../base/system-error.js";
import { followed, removeIfThere, syncFolder, temporaryName } from "../../base/temporary.js";
import { faultOf, type StoredToken } from "./token.js";

/** A file by its path, and by the name that its user gave. */
export interface TokensFile {
  readonly path: string;
  readonly displayName: string;
}

const VERSION = 1;
/** About 30,000 tokens. */
const MOST_BYTES = 8e6;
/** Owner and group may read it, the owner alone may write. */
const WRONG_MODE = 0o027;
/** How long a change waits for the lock, and about how long between attempts. */
const LOCK_TIMEOUT_MS = 10_000;
const PAUSE_MS = 40;

/** The tokens in the file; `undefined` if there is no file. @throws RunError if the file is not valid */
export function readTokens(file: TokensFile): readonly StoredToken[] | undefined {
  let text: string;
  try {
    const size = followed(file.path)?.size;
    if (size === undefined) return undefined;
    if (size > MOST_BYTES) throw broken(file, `it is larger than ${MOST_BYTES / 1e6} MB`);
    text = readFileSync(file.path, "utf8");
  } catch (error) {
    if (error instanceof RunError) throw error;
    if (failedWith(error, "ENOENT")) return undefined;
    throw new RunError("tokens_unreadable", `${file.displayName}: cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  return parse(text, file);
}

/** A warning if others may read or write the file. */
export function modeWarning({ path, displayName }: TokensFile): string | undefined {
  const mode = followed(path)?.mode;
  if (mode === undefined || platform() === "win32" || (mode & WRONG_MODE) === 0) return undefined;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  return `${displayName} has mode ${octal}, so others than its owner can read or change it; run chmod 600 ${displayName}`;
}

/** Replaces the tokens with the result of `change`. Changes by several processes are serialised by a lock. @throws RunError */
export async function changeTokens(
  file: TokensFile,
  change: (tokens: readonly StoredToken[]) => readonly StoredToken[],
): Promise<void> {
  // If `path` is a link, change the file that it points to.
  const path = followed(file.path) ? realpathSync(file.path) : file.path;
  const lock = await lockFile(path, file.displayName);
  try {
    const tokens = change(readTokens({ ...file, path }) ?? []);
    onDisk(file.displayName, () => replace(path, textOf(tokens)));
  } finally {
    lock.release();
  }
}

function textOf(tokens: readonly StoredToken[]): string {
  const lines = tokens.map((token) => `    ${JSON.stringify(token)}`);
  const list = lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n  ]`;
  return `{\n  "electro": "tokens",\n  "version": ${VERSION},\n  "tokens": ${list}\n}\n`;
}

function parse(text: string, file: TokensFile): StoredToken[] {
  let value: Record<string, unknown> | null;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken(file, "it is not JSON", error);
  }
  if (typeof value !== "object" || value?.["electro"] !== "tokens") throw broken(file, "it is not a file of tokens");
  const { version, tokens } = value;
  if (version !== VERSION) {
    throw broken(file, `its format has version ${JSON.stringify(version)}, but this Electro knows ${VERSION}`);
  }
  if (!Array.isArray(tokens)) throw broken(file, "it has no list of tokens");
  const [names, ids] = [new Set<string>(), new Set<string>()];
  for (const [i, token] of tokens.entries()) {
    const fault = faultOf(token);
    if (fault !== undefined) throw broken(file, `its token ${i + 1} ${fault}`);
    if (names.has(token.name) || ids.has(token.id)) throw broken(file, `its token ${i + 1} is a duplicate`);
    names.add(token.name);
    ids.add(token.id);
  }
  return tokens;
}

function broken({ displayName }: TokensFile, what: string, cause?: unknown): RunError {
  return new RunError(
    "tokens_broken",
    `${displayName}: ${what}; restore it from a backup, or move it away and make new tokens with electro token add`,
    { cause },
  );
}

async function lockFile(path: string, displayName: string): Promise<Lock> {
  const prefix = `.electro-${basename(path)}.lock`;
  for (let waited = 0; ; ) {
    const lock = await takeLock(dirname(path), prefix, displayName);
    if (!("owner" in lock)) return lock;
    if (waited > LOCK_TIMEOUT_MS) {
      const { name, owner } = lock;
      throw new RunError(
        "tokens_in_use",
        `process ${owner.pid} on ${owner.host} is changing ${displayName}; if that was killed, wait two minutes, or remove ${name}`,
      );
    }
    // Random pauses, so that waiting processes do not keep colliding.
    const pause = PAUSE_MS * (0.5 + Math.random());
    waited += pause;
    await sleep(pause);
  }
}

function replace(path: string, text: string): void {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  const before = followed(path);
  removeIfThere(temporary);
  const fd = openSync(temporary, "wx", 0o600);
  try {
    // Whoever could read the file before, such as the service's own user, still can.
    const made = fstatSync(fd);
    if (before && (before.uid !== made.uid || before.gid !== made.gid)) fchownSync(fd, before.uid, before.gid);
    if (before) fchmodSync(fd, before.mode & 0o777);
    // Unlike `writeSync`, this writes everything or throws.
    writeFileSync(fd, text);
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    removeIfThere(temporary);
    throw error;
  }
  closeSync(fd);
  renameSync(temporary, path);
  syncFolder(dirname(path));
}
