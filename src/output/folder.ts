/**
 * The output folder. The files of a run replace those of the last run, all or none. Each is written under a temporary name
 * and flushed while the next ones are written, unless everything is in sequence; `journal.ts` then puts them in place.
 * Files that no manifest of Electro lists belong to somebody else, and are never touched unless they are in the way and
 * `force` is set.
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
import { MANIFEST_NAME, REJECTS_NAME } from "./names.js";
import { RejectsWriter } from "./rejects.js";
import { checkSpace, freeBytes } from "./space.js";
import { filesOfLastRun, type LastOutput, lastOutput, replaceable } from "./unowned.js";

/** Blocks written before yielding to the event loop: a few milliseconds' work. */
const BLOCKS_A_TURN = 16;

/** A file to write. */
export interface OutputFile {
  /** A name from `names.ts`. */
  readonly name: string;
  /** Rows of data, for the manifest. */
  readonly rows: number;
  /** Its contents. Each block is valid until the next one is requested. */
  blocks(): Iterable<Uint8Array>;
}

export interface FolderOptions {
  /** The folder's name in messages. Default: its path. */
  readonly displayName?: string | undefined;
  /** Replace files that no manifest lists. Default false. */
  readonly force?: boolean | undefined;
  /** Names of files that the run will write, if these are known: what is in their way is found early. */
  readonly known?: readonly string[] | undefined;
  /** Flush each file before the next one begins. Default false: files are flushed while the next ones are written. */
  readonly inSequence?: boolean | undefined;
}

/**
 * Creates the folder if need be, locks it for this run, and finishes what a killed run began. To be called before any
 * input is read, so that problems with the folder are known early. `close` must follow, whatever happens.
 * @throws RunError if the folder cannot be used
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
  private readonly known: readonly string[];
  private rejected: RejectsWriter | undefined;
  private done = false;
  /** Blocks written so far. */
  private blocks = 0;
  private closed = false;

  constructor(
    private readonly directory: Directory,
    private readonly displayName: string,
    { force = false, inSequence = false, known = [] }: FolderOptions,
    private readonly lock: Lock,
  ) {
    this.dir = directory.path;
    this.force = force;
    this.inSequence = inSequence;
    this.known = known;
  }

  /** Finishes or removes what a killed run left, and checks that none is in the way of files whose names are known. */
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
      replaceable(dir, displayName, [MANIFEST_NAME, ...this.known], force);
    });
  }

  /** The writer for bad records, which become a file of this output if there are any. */
  rejects(): RejectsWriter {
    this.rejected ??= new RejectsWriter(this.temporary(REJECTS_NAME));
    return this.rejected;
  }

  /**
   * Writes the files, one after another, and replaces the last run's files with them. The old output does not change until
   * the last file is flushed; until then `signal` may stop the run.
   * @param manifestOf makes the manifest from the list of written files
   * @throws RunError if the disk fails or a file is in the way
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

  /** Unlocks the folder for other runs, and removes incomplete files. Never fails. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      this.rejected?.abandon();
      // If there is a journal, the next run needs the temporary files; if the lock is lost, they are another run's.
      if (this.lock.held() && !hasJournal(this.dir)) removeTemporaries(this.dir);
      this.lock.release();
      if (!this.done) removeIfEmpty(this.directory);
    } catch {
      // The next run removes what cannot be removed now.
    }
  }

  /** The journal of a killed run. With `force`, a bad journal is removed; it is never followed. */
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
   * The prefix of paths for this run's scratch files: append letters and digits, then `.tmp`. They are removed when the
   * folder is closed or, after a kill, by the next run.
   */
  get scratch(): string {
    return join(this.dir, temporaryName(SCRATCH)).replace(/\.tmp$/, "");
  }

  /** The output that is there already. */
  lastOutput(): LastOutput {
    return onDisk(this.displayName, () => lastOutput(this.dir));
  }

  /** Free bytes on its disk. */
  get freeBytes(): number {
    return onDisk(this.displayName, () => freeBytes(this.dir));
  }

  /** @throws RunError `no_space` if the disk has fewer bytes free */
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
        // Writing blocks the thread, so yield to let signals through.
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
      throw new RunError("folder_taken", `another run took over ${displayName} while this one was writing; run again`);
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
        say`${failure.said}. The new files are written, but not all are in place yet; the next run into ${displayName} will finish that`,
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
