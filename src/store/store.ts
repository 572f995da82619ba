/**
 * What a store does, whichever engine keeps it. A batch's contribution counts wholly and once from the moment that
 * `ingest` resolves, and is on disk by then; it stops counting when it is retracted or replaced. All sums are exact.
 */

import { StoreError } from "../base/errors.js";
import type { WarningCode, WarningText } from "../base/warning.js";
import type { Packed } from "./packed.js";

/** What the ledger tells of a batch beside its numbers: what was wrong with it, or is odd about it. */
export interface Notes {
  /** How many bad records were set aside for which reason. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
  /** The first of them. */
  readonly rejects: readonly BadRecord[];
  /** How many of them are kept word for word. */
  readonly rejectsKept: number;
  /** Wall times that a clock change repeats or skips. */
  readonly repeatedWallTimes: number;
  readonly skippedWallTimes: number;
  readonly warnings: readonly WarningText[];
}

/** A record that was set aside: where it was, counted from 1, and what is wrong with it. */
export interface BadRecord {
  readonly record: number;
  readonly line: number;
  readonly code: string;
  /** The whole line as people read it. */
  readonly message: string;
}

export const NO_NOTES: Notes = {
  rejectedByReason: {},
  rejects: [],
  rejectsKept: 0,
  repeatedWallTimes: 0,
  skippedWallTimes: 0,
  warnings: [],
};

export interface NewBatch {
  /** Names the batch for its sender: the same key of the same sender again changes nothing. At most 255 characters. */
  readonly key: string | undefined;
  /** SHA-256, in hex, of the body and of the options that change its meaning: what a key stands for; without one not needed. */
  readonly sha256: string | undefined;
  /** Id of a batch that stops counting when this one begins to. */
  readonly replaces: string | undefined;
  /** Who sent it: a token's name; `undefined` for whoever needs none, as files that are loaded. */
  readonly sender: string | undefined;
  /** What it came from, where that is a file: its path. */
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
  /** Default: nothing to tell. */
  readonly notes?: Notes | undefined;
  /** Its bad records word for word, lines of JSON in parts, each packed with gzip; they go when the batch ends. */
  readonly rejects?: readonly Uint8Array[] | undefined;
}

export type BatchState = "counts" | "retracted" | "replaced";

/** A batch as the ledger has it. */
export interface Batch extends Omit<NewBatch, "contribution" | "absolute" | "notes" | "rejects"> {
  readonly id: string;
  readonly notes: Notes;
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
export interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly sources?: readonly string[] | undefined;
}

/** The cells of a UTC day as a store keeps them, for `addDay`; days count from 1970. */
export type PackedDay = readonly [day: number, cells: Uint8Array];

/** A source, and its days, ascending. */
export interface SourceDays {
  readonly source: string;
  readonly days: readonly PackedDay[];
}

/** One moment of a store: what a reader sees does not change under it. */
export interface Snapshot {
  /** Grows with every change of what counts. */
  readonly version: number;
  /** First and last slot with readings, of all sources or of some. */
  extent(sources?: readonly string[]): Promise<{ first: number; last: number } | undefined>;
  /**
   * Sums over all sources, or over those named, in pieces: all days that have a slot of the stretch, whole and ascending
   * over all pieces; what is there of one day more than once adds up.
   */
  totals(stretch: SlotRange): AsyncIterable<readonly PackedDay[]>;
  /**
   * By source, in pieces: sources ascending over all pieces, each in one piece. Days are whole, so a source may be there
   * that has nothing in the stretch itself.
   */
  bySource(stretch: SlotRange): AsyncIterable<readonly SourceDays[]>;
  /** How many sources have a reading in the stretch. */
  sourceCount(stretch: SlotRange): Promise<number>;
  /** Ascending by id from after `after` on; only those `among` some ids, if any are given. */
  sources(page: SourcesPage): Promise<SourceEntry[]>;
  /** The id of the source that begins like this, and has this SHA-256 in hex. */
  sourceOf(start: string, sha256: string): Promise<string | undefined>;
  /** Those of some ids that have no reading, each once. */
  unknown(sources: readonly string[]): Promise<string[]>;
  /** Where the reading comes from that is in a slot of `extent`, the first or the last of these sources. */
  origin(slot: number, sources?: readonly string[]): Promise<{ source: string; batch: Batch } | undefined>;
  batch(id: string): Promise<Batch | undefined>;
  /** Latest first, from before `before` (an id) on. */
  batches(page: BatchesPage): Promise<Batch[]>;
  /** Bad records of a batch, as `NewBatch` has them; none once it has ended. */
  rejects(id: string): Promise<Uint8Array[]>;
  /** Batches that count and came from files of these names, latest first; by file, of those that have any. */
  batchesOfFiles(files: readonly string[]): Promise<Map<string, Batch[]>>;
}

export interface SourcesPage {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly among?: readonly string[] | undefined;
}

export interface BatchesPage {
  readonly before?: string | undefined;
  readonly limit: number;
  readonly state?: BatchState | undefined;
  /** Only this sender's. */
  readonly sender?: string | undefined;
}

/** What whoever opened a store has to know, beside what is answered and thrown. */
export interface StoreNotice {
  /** An error: something that was acknowledged is missing. */
  readonly level: "error" | "warning";
  readonly code: WarningCode;
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
   * `replaces` names a batch that no longer counts, `stretches_period` (a StretchesPeriod), `too_much_energy`,
   * `too_many_sources`, or `store_failed`.
   * @param owner whose batches alone it may replace; default: anybody's
   */
  ingest(batch: NewBatch, owner?: string): Promise<Ingested>;
  /** The batch that a sender gave a key, if there is one: before its body is scanned once more. */
  batchOfKey(key: string, sender?: string): Promise<Batch | undefined>;
  /** The same of many keys, by key, of those that have one. */
  batchesOfKeys(keys: readonly string[], sender?: string): Promise<Map<string, Batch>>;
  /**
   * Ends a batch; one that has ended already stays as it is. `undefined` where there is none of that id.
   * @param owner whose batches alone there are; default: anybody's
   */
  retract(id: string, owner?: string): Promise<Batch | undefined>;
  read<T>(job: (reader: Snapshot) => Promise<T>): Promise<T>;
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
   * Rejects with StoreError `backup_running` while another one is being made, and RunError `disk_full` or another where the
   * disk or the engine fails; with the signal's reason.
   */
  backup(path: string | undefined, signal?: AbortSignal): Promise<string>;
  /** Writes what is queued and gives the store up. */
  close(): Promise<void>;
}

/** Days of UTC, as `2024-01-31`, both inclusive; how many they are, and how many they may be. */
export interface LongPeriod {
  readonly from: string;
  readonly to: string;
  readonly days: number;
  readonly most: number;
}

/** A batch would make the store's period longer than it may be. */
export class StretchesPeriod extends StoreError {
  constructor(
    /** Epoch seconds of the reading that does. */
    readonly second: number,
    readonly period: LongPeriod,
  ) {
    const { from, to, days, most } = period;
    const of = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    super(
      "stretches_period",
      `with the reading of ${of} the store would have ${days} days, from ${from} to ${to}, more than ${most}`,
    );
  }
}
