/**
 * The output folder: one run's files take the place of the last run's, all of them or none. Files are written one
 * after another, each to a temporary name, and flushed while the next are written, unless all is to be in sequence;
 * `journal.ts` has the step from there to the new output. What no manifest of Electro's lists is somebody else's, and is never touched unless it is in the way and `force` is on.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { diskError, onDisk } from "../base/disk-error.js";
import { RunError } from "../base/errors.js";
import { FsyncQueue, MOST_WAITING } from "../base/fsync-queue.js";
import { type Lock, lockFolder } from "../base/lock.js";
import { say } from "../base/message.js";
import { removeIfThere, TemporaryFile, temporaryName } from "../base/temporary.js";
import { type Directory, makeDirectory, removeIfEmpty } from "./directory.js";
import {
  followJournal,
  hasJournal,
  isReady,
  isTemporaryName,
  readJournal,
  removeJournal,
  SCRATCH,
  writeJournal,
} from "./journal.js";
import { type Manifest, type ManifestFile, manifestBlocks } from "./manifest.js";
import { DAILY_NAME, MANIFEST_NAME, REJECTS_NAME } from "./names.js";
import { RejectsWriter } from "./rejects.js";
import { checkSpace, freeBytes } from "./space.js";
import { filesOfLastRun, periodOfLastRun, replaceable } from "./unowned.js";

/** Blocks that are written before signals and timers get their turn: some milliseconds' work. */
const BLOCKS_A_TURN = 16;

/** A file to write. */
export interface OutputFile {
  /** One that `names.ts` gives. */
  readonly name: string;
  /** Rows of data, for the manifest. */
  readonly rows: number;
  /** What it holds; each block is good until the next one is asked for. */
  blocks(): Iterable<Uint8Array>;
}

export interface FolderOptions {
  /** What messages call the folder. Default: its path. */
  readonly displayName?: string | undefined;
  /** Replace files that no manifest lists. Default false. */
  readonly force?: boolean | undefined;
  /** Whether each file is flushed before the next is begun. Default false: it may be flushed while the next are written. */
  readonly inSequence?: boolean | undefined;
}

/**
 * Makes the folder if need be, takes it for this run, and finishes what a killed run began. To be done before any
 * input is read, so that what is wrong with the folder is known early; `close` must follow, whatever happens.
 * RunError when the folder cannot be used.
 */
export async function openFolder(path: string, options: FolderOptions = {}): Promise<OutputFolder> {
  const displayName = options.displayName ?? path;
  const directory = makeDirectory(path, displayName);
  let lock: Lock;
  try {
    lock = await lockFolder(directory.path, displayName);
  } catch (error) {
    removeIfEmpty(directory);
    throw error;
  }
  const folder = new OutputFolder(directory, displayName, options, lock);
  try {
    folder.recover();
  } catch (error) {
    folder.close();
    throw error;
  }
  return folder;
}

export class OutputFolder {
  private readonly dir: string;
  private readonly force: boolean;
  private readonly inSequence: boolean;
  private rejected: RejectsWriter | undefined;
  private done = false;
  /** Blocks that were written. */
  private blocks = 0;
  private closed = false;

  constructor(
    private readonly directory: Directory,
    private readonly displayName: string,
    { force = false, inSequence = false }: FolderOptions,
    private readonly lock: Lock,
  ) {
    this.dir = directory.path;
    this.force = force;
    this.inSequence = inSequence;
  }

  /** Finishes or clears away what a killed run left, and looks whether a file that every run writes is in the way. */
  recover(): void {
    const { dir, displayName, force } = this;
    onDisk(displayName, () => {
      const journal = this.journal();
      if (journal) {
        const added = journal.write.filter((name) => isReady(dir, name) && !journal.replace.includes(name));
        replaceable(dir, displayName, added, force);
        followJournal(dir, displayName, journal);
      }
      removeTemporaries(dir);
      replaceable(dir, displayName, [MANIFEST_NAME, DAILY_NAME], force);
    });
  }

  /** Where bad records are kept that are to become a file of this output, if there are any. */
  rejects(): RejectsWriter {
    this.rejected ??= new RejectsWriter(this.temporary(REJECTS_NAME));
    return this.rejected;
  }

  /**
   * Writes the files, one after another, and has them replace the last run's. `manifestOf` makes the manifest from
   * what was written. Until the last file is flushed nothing of the old output has changed, and `signal` may stop it.
   * RunError when the disk refuses or a file is in the way.
   */
  async write(
    files: readonly OutputFile[],
    manifestOf: (files: readonly ManifestFile[]) => Manifest,
    signal?: AbortSignal,
  ): Promise<Manifest> {
    const { dir, displayName, force } = this;
    const names = files.map((file) => file.name);
    if (this.rejected?.count === 0) this.rejected.abandon();
    else if (this.rejected) names.push(REJECTS_NAME);
    onDisk(displayName, () => replaceable(dir, displayName, [...names, MANIFEST_NAME], force));

    const flushes = new FsyncQueue(displayName);
    try {
      const written: ManifestFile[] = [];
      for (const file of files) written.push(await this.stage(file, flushes, signal));
      if (this.rejected && this.rejected.count > 0) {
        written.push({ name: REJECTS_NAME, rows: this.rejected.count, ...this.rejected.finish() });
      }
      await flushes.fewerThan(1);
      signal?.throwIfAborted();
      const manifest = manifestOf(written);
      await this.stage(
        { name: MANIFEST_NAME, rows: 0, blocks: () => bytesOf(manifestBlocks(manifest)) },
        flushes,
        signal,
      );
      await flushes.fewerThan(1);
      this.replaceOutput(names);
      return manifest;
    } finally {
      await flushes.end();
    }
  }

  /** Gives the folder up for other runs to use; what was not written whole leaves no trace. Never fails. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      this.rejected?.abandon();
      // Where a journal is, the files that wait belong to the next run; where the lock is gone, to another one.
      if (this.lock.held() && !hasJournal(this.dir)) removeTemporaries(this.dir);
      this.lock.release();
      if (!this.done) removeIfEmpty(this.directory);
    } catch {
      // What cannot be cleared away now is cleared away by the next run.
    }
  }

  /** A bad journal is forced away, never followed. */
  private journal() {
    try {
      return readJournal(this.dir, this.displayName);
    } catch (error) {
      if (!(this.force && error instanceof RunError)) throw error;
      removeJournal(this.dir);
      return undefined;
    }
  }

  /**
   * The beginning of paths for files that are this run's own: letters and digits are to follow, then `.tmp`. They are
   * gone when the folder is closed, or, after a kill, with the next run.
   */
  get scratch(): string {
    return join(this.dir, temporaryName(SCRATCH)).replace(/\.tmp$/, "");
  }

  /** The first and last day of the output that is there; undefined if it has none. */
  get lastPeriod(): ReturnType<typeof periodOfLastRun> {
    return onDisk(this.displayName, () => periodOfLastRun(this.dir));
  }

  /** Bytes that may still be written to its disk. */
  get freeBytes(): number {
    return onDisk(this.displayName, () => freeBytes(this.dir));
  }

  /** @throws RunError `no_space` where the disk has not as many bytes left */
  checkSpace(bytes: number): void {
    checkSpace(this.freeBytes, this.displayName, bytes);
  }

  private temporary(name: string): TemporaryFile {
    return new TemporaryFile(join(this.dir, temporaryName(name)), join(this.displayName, name));
  }

  private async stage(
    { name, rows, blocks }: OutputFile,
    flushes: FsyncQueue,
    signal: AbortSignal | undefined,
  ): Promise<ManifestFile> {
    await flushes.fewerThan(MOST_WAITING);
    const file = this.temporary(name);
    try {
      for (const block of blocks()) {
        file.write(block);
        // Writing itself waits for the disk, so this is when a signal gets its turn.
        if (++this.blocks % BLOCKS_A_TURN === 0) await nextTurn();
        signal?.throwIfAborted();
      }
      return { name, rows, ...(this.inSequence ? file.finish() : file.finishBy(flushes)) };
    } catch (error) {
      file.abandon();
      throw error;
    }
  }

  private replaceOutput(names: readonly string[]): void {
    const { dir, displayName, force } = this;
    if (!this.lock.held()) {
      throw new RunError(
        "folder_taken",
        `another run has taken ${displayName} over while this one was writing; start it again`,
      );
    }
    try {
      const remove = [...filesOfLastRun(dir)].filter((name) => name !== MANIFEST_NAME && !names.includes(name));
      const replace = replaceable(dir, displayName, names, force);
      replaceable(dir, displayName, [MANIFEST_NAME], force);
      const journal = { write: names, replace, remove };
      writeJournal(dir, displayName, journal);
      followJournal(dir, displayName, journal);
    } catch (error) {
      const failure = diskError(error, displayName);
      if (!(failure instanceof RunError) || !hasJournal(dir)) throw failure;
      throw new RunError(
        failure.code,
        say`${failure.said}. The new files are written but not all are in place; the next run into ${displayName} finishes that`,
        { cause: error },
      );
    }
    this.done = true;
  }
}

function* bytesOf(texts: Iterable<string>): Generator<Uint8Array, void> {
  for (const text of texts) yield Buffer.from(text);
}

function removeTemporaries(dir: string): void {
  for (const name of readdirSync(dir)) if (isTemporaryName(name)) removeIfThere(join(dir, name));
}
