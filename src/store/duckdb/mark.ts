/**
 * How far a store's batches were acknowledged, stored outside the engine's files: `electro.duckdb.mark`. The engine assumes
 * that what it finds is complete, even if its log was truncated, left behind, or belongs to a later state than the file. So
 * each commit, once it is on disk and before it is acknowledged, raises this mark, and whoever opens the store compares.
 *
 * The mark is one record in one block of the disk, written by one call and not flushed: a killed process leaves it written,
 * and a power failure may leave an earlier one, which is never a false alarm. A missing mark is created silently.
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
/** The last of these are a checksum, after a space and before the line end. */
const CHECKSUM = 16;
const TEXT = SIZE - CHECKSUM - 2;

/** A state of a store: its version, and the id of its last batch, `""` if there is none yet. */
export interface Point {
  readonly version: number;
  readonly batch: string;
}

/** What was found missing at a start, and nobody has accepted yet. */
export interface Loss {
  /** When it was first found, ISO 8601. */
  readonly since: string;
  /** Missing batches, and missing transactions, which may have ended batches instead; 0: unknown. */
  readonly batches: number;
  readonly changes: number;
  /** The last acknowledged batch, if it is missing: it reappears with the right files. */
  readonly last: string | null;
}

interface Entry extends Point {
  /** Identity of the store. */
  readonly store: string;
  readonly loss: Loss | null;
}

/** The mark when a store is opened. */
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
  // It was being created.
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
   * Compares the mark that was found with the store, reports what that means, and writes the store's new mark.
   * @param store its identity
   * @param found result of `readMark`; of this store, or of another one
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
    // Without a mark, nobody knows what the missing log had; a mark would show if it was just moved into the file.
    else if (alone) mark.entry = { ...mark.entry, loss: { ...UNKNOWN, since: new Date(now).toISOString() } };
    else if (found.kind === "mark" && found.entry.batch !== "") tell(otherStore(file));
    else if (found.kind === "damaged") tell(damaged(file));
    mark.make();
    if (mark.loss !== undefined) tell(missing(file, mark.loss));
    else if (before?.loss) tell(complete(file));
    return mark;
  }

  /** Call this after a commit is on disk, before it is acknowledged. @param batch the last that came in, if any has */
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

  /** What was acknowledged is on disk anyway, so work continues; a mark that stays low causes no alarm. */
  private fail(error: unknown): void {
    if (this.failed) return;
    this.failed = true;
    const message = `${this.file}.mark cannot be written (${(error as Error).message}); nothing is lost, but lost batches would not be noticed`;
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
    // If the missing batch is there, the right files have been put back.
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

/** What is missing: `3 acknowledged batches are missing`. */
export function lossText({ batches, changes }: Loss): string {
  if (batches + changes === 0) return "acknowledged batches may be missing";
  const many = batches > 0 ? batches : changes;
  const what = batches > 0 ? ["batch", "batches"] : ["retraction or replacement", "retractions or replacements"];
  return many === 1 ? `1 acknowledged ${what[0]} is missing` : `${many} acknowledged ${what[1]} are missing`;
}

function missing(file: string, loss: Loss): StoreNotice {
  return {
    level: "error",
    code: "batches_missing",
    message: `store ${file}: ${lossText(loss)}, as was first found at ${loss.since}: its log (${file}.wal) was truncated or is gone, or an older file was put in its place. What is there counts. Stop whatever has the store open, and put back the files that belong together (${file}*), or load or send again what is missing. Then, or if it is to stay missing, remove ${file}.mark to end this message`,
  };
}

function complete(file: string): StoreNotice {
  const message = `store ${file}: the missing batches are there again`;
  return { level: "warning", code: "batches_found", message };
}

function otherStore(file: string): StoreNotice {
  const message = `store ${file}: ${file}.mark belonged to another store, which this one replaces (a restored backup, or a new store), and has been written anew; what the other store took in since is not in this one`;
  return { level: "warning", code: "other_store", message };
}

function damaged(file: string): StoreNotice {
  const message = `store ${file}: ${file}.mark could not be read, and has been written anew; whether acknowledged batches are missing is unknown this time`;
  return { level: "warning", code: "mark_damaged", message };
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, CHECKSUM);
}
