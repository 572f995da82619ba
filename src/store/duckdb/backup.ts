/**
 * A copy of a store that keeps working. Between two checkpoints, the engine changes nothing in the file that its header
 * leads to, and only appends to the log. So the file, copied while no checkpoint may begin, and the log up to a moment
 * between two transactions are together what a power failure at that moment would have left. The copy is opened in the
 * same way, so that the engine moves the copied log into the copied file, and gets an identity of its own.
 */
import { closeSync, openSync, read, rmSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { StoreError } from "../../base/errors.js";
import { freeBytes, spaceText } from "../../output/space.js";
import type { Checkpoints } from "./checkpoint.js";
import { openDatabase } from "./database.js";
import { hidden, makeLog } from "./files.js";
import { newIdentity } from "./identity.js";
import { type Now, readNow } from "./ledger.js";

const readAt = promisify(read);

/** Free space that a copy leaves: it may be on the store's disk, where batches keep coming in. */
const ROOM = 4 * 2 ** 20;
/** Bytes that are copied at a time. */
const BLOCK = 1 << 20;

/** A moment between two transactions: the parts of a store's file and log that belong together, and their version. */
interface Moment {
  readonly file: string;
  /** Descriptor of the file. */
  readonly fd: number;
  readonly bytes: number;
  readonly logBytes: number;
  readonly version: number;
}

/**
 * A store's file, for reading. It stays open for as long as the engine has the file: when a process closes a descriptor,
 * the system releases all the process's locks on that file, and another process could open the store.
 */
export class SourceFile {
  private fd: number | undefined;
  private closed = false;

  constructor(private readonly path: string) {}

  /** @throws StoreError `backup_failed` once the engine has closed the file */
  get descriptor(): number {
    if (this.closed)
      throw new StoreError("backup_failed", `store ${this.path}: it was reopened; make the backup again`);
    this.fd ??= openSync(this.path, "r");
    return this.fd;
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.closed = true;
  }
}

/** What a copy is made of. */
interface Source {
  readonly file: string;
  readonly source: SourceFile;
  readonly now: Pick<Now, "version">;
}

/** The copies of a store: while one is being made, no checkpoint may begin. */
export class Copies {
  private running: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;

  constructor(
    private readonly checkpoints: Pick<Checkpoints, "held" | "logged">,
    private readonly memory: number,
  ) {}

  /** Begins to copy between two transactions, which may continue at once; it resolves when the copy exists. */
  begin({ file, source, now: { version } }: Source, path: string, signal?: AbortSignal): Promise<void> {
    const { logged: logBytes } = this.checkpoints;
    // `descriptor` throws if the engine has been reopened meanwhile.
    const from = { file, fd: source.descriptor, bytes: statSync(file).size, logBytes, version };
    const stop = new AbortController();
    const leave = () => stop.abort(signal?.reason);
    signal?.addEventListener("abort", leave, { once: true });
    if (signal?.aborted) leave();
    this.checkpoints.held = true;
    const done = copyMoment(from, path, this.memory, stop.signal).finally(() => {
      signal?.removeEventListener("abort", leave);
      this.checkpoints.held = false;
      this.running = undefined;
    });
    this.running = { stop, done: done.catch(() => undefined) };
    return done;
  }

  /** Ends the copy that is being made, if there is one. */
  async stop(reason: Error): Promise<void> {
    this.running?.stop.abort(reason);
    await this.running?.done;
  }
}

/**
 * Copies a moment of a store, while no checkpoint may begin. If it fails, nothing is left.
 * @param path of the copy, which must not exist
 * @param memory bytes that the engine may use
 * @throws StoreError `backup_failed` if the copy is not that moment; errors of the system and the engine
 */
async function copyMoment(moment: Moment, path: string, memory: number, signal: AbortSignal): Promise<void> {
  const room = moment.bytes + 2 * moment.logBytes + ROOM;
  if (freeBytes(dirname(path)) < room)
    throw new StoreError(
      "disk_full",
      `${path}: the disk has no room for a copy of the store, which takes ${spaceText(room)}`,
    );
  // On failure, only what was made here may be removed.
  const copy = await open(path, "wx", 0o600);
  let whole = false;
  try {
    try {
      await copyLog(moment, `${path}.wal`, signal);
      await copyBytes(moment.fd, copy, moment.bytes, signal);
      await copy.sync();
    } finally {
      await copy.close();
    }
    await settle(path, moment, memory);
    whole = true;
  } finally {
    if (!whole) removeCopy(path);
  }
}

/** Removes whatever exists of a copy. */
export function removeCopy(path: string): void {
  for (const one of [path, `${path}.wal`, hidden(path, "tmp")]) rmSync(one, { recursive: true, force: true });
}

async function copyLog({ file, logBytes }: Moment, to: string, signal: AbortSignal): Promise<void> {
  if (logBytes === 0) return;
  const [log, copy] = [await open(`${file}.wal`, "r"), await open(to, "wx", 0o600)];
  try {
    await copyBytes(log.fd, copy, logBytes, signal);
  } finally {
    await log.close();
    await copy.close();
  }
}

async function copyBytes(from: number, to: FileHandle, bytes: number, signal: AbortSignal): Promise<void> {
  const block = Buffer.allocUnsafe(BLOCK);
  for (let at = 0; at < bytes; ) {
    signal.throwIfAborted();
    const { bytesRead } = await readAt(from, block, 0, Math.min(BLOCK, bytes - at), at);
    if (bytesRead === 0) throw new StoreError("backup_failed", "the store's file became shorter while it was copied");
    for (let done = 0; done < bytesRead; )
      done += (await to.write(block, done, bytesRead - done, at + done)).bytesWritten;
    at += bytesRead;
  }
}

/** Turns the copy and its log into one file, a store of its own. */
async function settle(path: string, moment: Moment, memory: number): Promise<void> {
  const { connection, close } = await openDatabase(path, memory);
  try {
    const { version } = await readNow(connection);
    if (version !== moment.version)
      throw new StoreError("backup_failed", `the copy has version ${version} of the store, not ${moment.version}`);
    makeLog(path);
    await newIdentity(connection);
    await connection.run("CHECKPOINT");
  } finally {
    close();
  }
}
