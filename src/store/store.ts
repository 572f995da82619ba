/**
 * What a store does, whichever engine keeps it. A batch's contribution counts wholly and once from the moment that
 * `ingest` resolves, and is on disk by then; it stops counting when it is retracted or replaced. All sums are exact.
 */
import type { Contribution } from "../domain/contribution.js";
import type { Packed } from "./packed.js";

export interface NewBatch {
  /** Names the batch for its sender: the same key again changes nothing. At most 255 characters. */
  readonly key: string | undefined;
  /** SHA-256, in hex, of the body and of the options that change its meaning: what a key stands for; without one not needed. */
  readonly sha256: string | undefined;
  /** Id of a batch that stops counting when this one begins to. */
  readonly replaces: string | undefined;
  /** What the batch came from: a token's name, or a file's path. */
  readonly sender: string | undefined;
  readonly file: string | undefined;
  readonly readings: number;
  readonly rejected: number;
  readonly rounded: number;
  /** Epoch seconds of the first and last timestamp; `undefined` where there is no reading. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** Sum, and sum of the |values|, in 10⁻¹⁸ kWh. */
  readonly energy: bigint;
  readonly absolute: bigint;
  readonly contribution: Packed;
}

export type BatchState = "counts" | "retracted" | "replaced";

/** A batch as the ledger has it. */
export interface Batch extends Omit<NewBatch, "contribution" | "absolute"> {
  readonly id: string;
  readonly state: BatchState;
  /** Sources with a reading. */
  readonly sources: number;
  /** Epoch milliseconds. */
  readonly received: number;
  readonly ended: number | undefined;
  /** Id of the batch that replaced it. */
  readonly replacedBy: string | undefined;
}

export interface Ingested {
  readonly batch: Batch;
  /** The key was known, and nothing has changed. */
  readonly repeated: boolean;
}

/** A source as far as quarter hours show it. */
export interface SourceEntry {
  readonly id: string;
  /** Slots of the first and last quarter hour with readings. */
  readonly first: number;
  readonly last: number;
  readonly readings: number;
  readonly energy: bigint;
}

/** Slots `from` to `to` (exclusive); ids, or all sources. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly sources?: readonly string[] | undefined;
}

/** One moment of a store: what a reader sees does not change under it. */
export interface Reader {
  /** Grows with every change of what counts. */
  readonly version: number;
  /** First and last slot with readings, of all sources or of some. */
  extent(sources?: readonly string[]): Promise<{ first: number; last: number } | undefined>;
  /** Sums over all sources, or over those named: one source, `""`, has them. */
  totals(stretch: Stretch): Promise<Contribution>;
  /** By source, in pieces: sources ascending over all pieces, each source in one piece. */
  bySource(stretch: Stretch): AsyncIterable<Contribution>;
  /** How many sources have a reading in the stretch. */
  sourceCount(stretch: Stretch): Promise<number>;
  /** Ascending by id from after `after` on. */
  sources(page: { after?: string | undefined; limit: number }): Promise<SourceEntry[]>;
  batch(id: string): Promise<Batch | undefined>;
  /** Latest first, from before `before` (an id) on. */
  batches(page: { before?: string | undefined; limit: number; state?: BatchState | undefined }): Promise<Batch[]>;
  /** Batches that count and came from files of these names, latest first; by file, of those that have any. */
  batchesOfFiles(files: readonly string[]): Promise<Map<string, Batch[]>>;
}

/** What whoever opened a store has to know, beside what is answered and thrown. */
export interface StoreNotice {
  /** An error: something that was acknowledged is missing. */
  readonly level: "error" | "warning";
  readonly code: string;
  readonly message: string;
}

/** Numbers for whoever watches the store. */
export interface StoreState {
  readonly bytes: number;
  readonly batches: number;
  readonly sources: number;
  readonly readings: number;
  readonly energy: bigint;
  /** Batches that wait to be written. */
  readonly queued: number;
  /** Whether changes that were acknowledged are missing, and nobody has accepted that yet. */
  readonly incomplete: boolean;
}

/** Where what a store keeps differs from what its batches contributed. */
export interface Difference {
  /** What it is about, what is kept, and what it should be. */
  readonly message: string;
  readonly batch?: string;
  readonly source?: string;
  /** `YYYY-MM-DD`, of UTC. */
  readonly day?: string;
  /** The sums that are kept, and those that what counts adds up to: `3 readings with 1.5 kWh`. */
  readonly kept?: string;
  readonly found?: string;
}

export interface Store {
  /**
   * Rejects with StoreError `key_reused` where the key stands for another body, `no_such_batch`, `already_ended` where
   * `replaces` names a batch that no longer counts, `too_much_energy`, `too_many_sources`, or `store_failed`.
   */
  ingest(batch: NewBatch): Promise<Ingested>;
  /** The batch of a key, if there is one: before its body is scanned once more. */
  batchOfKey(key: string): Promise<Batch | undefined>;
  /** The same of many keys, by key, of those that have one. */
  batchesOfKeys(keys: readonly string[]): Promise<Map<string, Batch>>;
  /** Ends a batch; one that has ended already stays as it is. `undefined` where there is none of that id. */
  retract(id: string): Promise<Batch | undefined>;
  read<T>(job: (reader: Reader) => Promise<T>): Promise<T>;
  state(): Promise<StoreState>;
  /** Whether it can write; rejects with StoreError if not. */
  ready(): Promise<void>;
  /**
   * Whether what is derived agrees with what the batches contributed, and nothing that was acknowledged is missing: an
   * empty list, or the first 100 things that differ. Reads all of one moment, while the store works.
   */
  check(signal?: AbortSignal): Promise<Difference[]>;
  /**
   * Writes a copy of one moment, while the store works: a store of its own, to a file that must not be there, for its owner
   * alone, and flushed. Every batch that was acknowledged before is in it, each batch wholly or not at all. It takes as
   * much of the disk as the store. Where it fails, nothing is left of it.
   * @param path of the copy; `undefined`: a hidden file beside the store, to be removed by whoever asked for it
   * @returns the copy's path
   * Rejects with StoreError `backup_running` while another one is being made, `disk_full`, `store_failed`.
   */
  backup(path: string | undefined, signal?: AbortSignal): Promise<string>;
  /** Writes what is queued and gives the store up. */
  close(): Promise<void>;
}
