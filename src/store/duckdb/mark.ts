/**
 * How far a store's batches were acknowledged, kept outside of the engine's files: `electro.duckdb.mark`. The engine takes
 * what it finds for all there is, also where its log was cut, left behind, or belongs to a later state than the file. So
 * each commit, once it is on disk and before anybody is told, raises this mark, and whoever opens the store compares.
 *
 * The mark is one record in one block of the disk, written by one call and not flushed: a killed process leaves it written,
 * and a loss of power a lower one, which is never a false alarm. Without a mark one is made, without a word.
 */
import { createHash } from "node:crypto";
import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "../../base/temporary.js";
import type { StoreNotice } from "../store.js";
import { openBeside } from "./files.js";
import { seqOf } from "./ledger.js";

/** Bytes of the record: no disk writes less at a time. */
const SIZE = 512;
/** Of these the last are a checksum, after a blank and before the line's end. */
const CHECKSUM = 16;
const TEXT = SIZE - CHECKSUM - 2;

/** A state of a store: its version, and the id of its last batch, `""` before there is one. */
export interface Point {
  readonly version: number;
  readonly batch: string;
}

/** What a start has found missing, and nobody has accepted yet. */
export interface Loss {
  /** When it was found first, ISO 8601. */
  readonly since: string;
  /** Batches that are missing, and transactions, which may have ended batches instead; 0: nobody knows how many. */
  readonly batches: number;
  readonly changes: number;
  /** The last batch that was acknowledged, if it is among them: it is there again once the right files are. */
  readonly last: string | null;
}

interface Entry extends Point {
  /** Identity of the store. */
  readonly store: string;
  readonly loss: Loss | null;
}

/** What a mark says when a store is opened. */
export type Found = { readonly kind: "none" | "damaged" } | { readonly kind: "mark"; readonly entry: Entry };

export function readMark(file: string): Found {
  const bytes = Buffer.alloc(SIZE);
  let length: number;
  try {
    const fd = openSync(`${file}.mark`, "r");
    try {
      length = readSync(fd, bytes, 0, SIZE, 0);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return { kind: (error as NodeJS.ErrnoException).code === "ENOENT" ? "none" : "damaged" };
  }
  // It was being made.
  if (length === 0) return { kind: "none" };
  const text = bytes.toString("utf8", 0, TEXT);
  if (length < SIZE || bytes.toString("latin1", TEXT + 1, SIZE - 1) !== checksum(text)) return { kind: "damaged" };
  return { kind: "mark", entry: JSON.parse(text) };
}

export class Mark {
  private fd: number | undefined;
  private failed = false;

  private constructor(
    private readonly file: string,
    private entry: Entry,
    private readonly tell: (notice: StoreNotice) => void,
  ) {}

  get loss(): Loss | undefined {
    return this.entry.loss ?? undefined;
  }

  /**
   * Compares the mark that was found with the store as it is, says what that means, and makes it the mark of the store.
   * @param store its identity
   * @param found as `readMark` gave it; of this store, or of another one
   * @param alone whether the file was in use and has no log beside it
   * @param has whether the ledger has a batch
   * @param now epoch milliseconds
   */
  static async open(
    file: string,
    { store, found, point, alone }: { store: string; found: Found; point: Point; alone: boolean },
    has: (batch: string) => Promise<boolean>,
    now: number,
    tell: (notice: StoreNotice) => void,
  ): Promise<Mark> {
    const before = found.kind === "mark" && found.entry.store === store ? found.entry : undefined;
    const mark = new Mark(file, { ...point, store, loss: null }, tell);
    if (before !== undefined) mark.entry = { ...mark.entry, loss: await lossOf(before, point, has, now) };
    // Without a mark nothing tells what the log had; with it, a log that was just moved into the file has had nothing.
    else if (alone) mark.entry = { ...mark.entry, loss: { ...UNKNOWN, since: new Date(now).toISOString() } };
    else if (found.kind === "mark" && found.entry.batch !== "") tell(otherStore(file));
    else if (found.kind === "damaged") tell(damaged(file));
    mark.make();
    if (mark.loss !== undefined) tell(missing(file, mark.loss));
    else if (before?.loss) tell(complete(file));
    return mark;
  }

  /** After a commit that is on disk, before anybody is told of it. @param batch the last that came in, if any has */
  raise(version: number, batch: string | undefined): void {
    this.entry = { ...this.entry, version, batch: batch ?? this.entry.batch };
    this.write();
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
    this.fd = undefined;
  }

  private make(): void {
    try {
      this.fd = openBeside(this.file, ".mark", constants.O_RDWR);
      this.write();
      fsyncSync(this.fd);
      syncFolder(dirname(this.file));
    } catch (error) {
      this.fail(error);
    }
  }

  private write(): void {
    if (this.fd === undefined) return;
    const text = JSON.stringify({ electro: "mark", ...this.entry }).padEnd(TEXT);
    try {
      writeSync(this.fd, `${text} ${checksum(text)}\n`, 0);
    } catch (error) {
      this.fail(error);
    }
  }

  /** What was acknowledged is on disk all the same, so it goes on; a mark that stays low alarms nobody. */
  private fail(error: unknown): void {
    if (this.failed) return;
    this.failed = true;
    const message = `${this.file}.mark cannot be written (${(error as Error).message}); nothing is lost, but a loss of batches would not be noticed`;
    this.tell({ level: "warning", code: "mark_failed", message });
  }
}

const UNKNOWN = { batches: 0, changes: 0, last: null };

async function lossOf(
  before: Entry,
  point: Point,
  has: (batch: string) => Promise<boolean>,
  now: number,
): Promise<Loss | null> {
  const there = before.batch === "" || (await has(before.batch));
  if (there && point.version >= before.version) {
    const { loss } = before;
    // Once the batch is there that was missing, the right files have been put back.
    return loss?.last && (await has(loss.last)) ? null : loss;
  }
  const batches = Math.max(there ? 0 : 1, seqOf(before.batch) - seqOf(point.batch));
  return {
    since: before.loss?.since ?? new Date(now).toISOString(),
    batches: (before.loss?.batches ?? 0) + batches,
    changes: (before.loss?.changes ?? 0) + Math.max(1, before.version - point.version),
    last: before.loss?.last ?? (there ? null : before.batch),
  };
}

/** What is missing: `3 batches that were acknowledged are missing`. */
export function lossText({ batches, changes }: Loss): string {
  if (batches + changes === 0) return "batches that were acknowledged may be missing";
  const many = batches > 0 ? batches : changes;
  const what = batches > 0 ? ["batch", "batches"] : ["retraction or replacement", "retractions or replacements"];
  return many === 1
    ? `1 ${what[0]} that was acknowledged is missing`
    : `${many} ${what[1]} that were acknowledged are missing`;
}

function missing(file: string, loss: Loss): StoreNotice {
  return {
    level: "error",
    code: "batches_missing",
    message: `store ${file}: ${lossText(loss)}, as was found first at ${loss.since}: its log (${file}.wal) was cut or is not there, or an older file was put in its place. What is there counts. Stop whatever has the store open, and put back the files that belong together (${file}*), or load or send again what is missing; then, or if it is to stay missing, remove ${file}.mark, and this is not said again`,
  };
}

function complete(file: string): StoreNotice {
  const message = `store ${file}: the batches that were missing are there again`;
  return { level: "warning", code: "batches_found", message };
}

function otherStore(file: string): StoreNotice {
  const message = `store ${file}: ${file}.mark was that of another store, in whose place this one stands now (a backup that was restored, or a new store), and has been made anew; what the other store took in since is not in this one`;
  return { level: "warning", code: "other_store", message };
}

function damaged(file: string): StoreNotice {
  const message = `store ${file}: ${file}.mark could not be read, and has been made anew; whether batches that were acknowledged are missing cannot be told this time`;
  return { level: "warning", code: "mark_damaged", message };
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, CHECKSUM);
}
