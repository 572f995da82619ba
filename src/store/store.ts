/**
 * What a store does, whatever its engine. A batch's contribution counts, wholly and once, from the moment that `ingest`
 * resolves, and is on disk by then; it stops counting when it is retracted or replaced. All sums are exact.
 */

import type { WarningCode, WarningText } from "../base/warning.js";
import type { LeftOut } from "../scan/left-out.js";
import type { Packed } from "./packed.js";
import type { StoreChange, Watch } from "./watchers.js";

/** What the ledger tells about a batch beside its numbers: what was wrong with it, or is odd about it. */
export interface Notes {
  /** How many bad records were set aside, by reason. */
  readonly rejectedByReason: Readonly<Record<string, number>>;
  /** The first of them. */
  readonly rejects: readonly BadRecord[];
  /** How many of them are kept word for word. */
  readonly rejectsKept: number;
  /** Wall times that clock changes repeat or skip. */
  readonly repeatedWallTimes: number;
  readonly skippedWallTimes: number;
  /** What was no reading by the options, by why. */
  readonly leftOut: LeftOut;
  /** Readings by their flag of quality, where their format has them. */
  readonly qualityFlags: LeftOut;
  /** The profiles that it, or members of it, were recognised by. */
  readonly readAs: readonly string[];
  readonly warnings: readonly WarningText[];
}

/** A record that was set aside: where it was, counted from 1, and what is wrong with it. */
export interface BadRecord {
  readonly record: number;
  readonly line: number;
  readonly code: string;
  /** The whole line, for people to read. */
  readonly message: string;
}

export const NO_NOTES: Notes = {
  rejectedByReason: {},
  rejects: [],
  rejectsKept: 0,
  repeatedWallTimes: 0,
  skippedWallTimes: 0,
  leftOut: {},
  qualityFlags: {},
  readAs: [],
  warnings: [],
};

export interface NewBatch {
  /** Names the batch for its sender: sending the same key again changes nothing. At most 255 characters. */
  readonly key: string | undefined;
  /** SHA-256, in hex, of the body and of the options that change its meaning: what the key stands for; not needed without a key. */
  readonly sha256: string | undefined;
  /** The id of a batch that stops counting when this one starts to. */
  readonly replaces: string | undefined;
  /** Who sent it: a token's name; `undefined` without one, for example for files that are loaded. */
  readonly sender: string | undefined;
  /** The path of the file that it came from, if any. */
  readonly file: string | undefined;
  readonly readings: number;
  readonly rejected: number;
  readonly rounded: number;
  /** Epoch seconds of the first and last timestamp; `undefined` if there is no reading. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** The sum, and the sum of the |values|, in 10⁻¹⁸ kWh. */
  readonly energy: bigint;
  readonly absolute: bigint;
  readonly contribution: Packed;
  /** It is refused if readings of it begin in quarter hours of its sources where others count. Default false. */
  readonly apart?: boolean | undefined;
  /** Default: none. */
  readonly notes?: Notes | undefined;
  /** Its bad records word for word: lines of JSON in parts, each compressed with gzip. They are removed when the batch ends. */
  readonly rejects?: readonly Uint8Array[] | undefined;
}

export type BatchState = "counts" | "retracted" | "replaced";

/** A batch as the ledger has it. */
export interface Batch extends Omit<NewBatch, "contribution" | "apart" | "absolute" | "notes" | "rejects"> {
  readonly id: string;
  readonly notes: Notes;
  readonly state: BatchState;
  /** Sources with a reading. */
  readonly sources: number;
  /** Epoch milliseconds. */
  readonly received: number;
  readonly ended: number | undefined;
  /** The id of the batch that replaced it. */
  readonly replacedBy: string | undefined;
}

export interface Ingested {
  readonly batch: Batch;
  /** The key was known, so nothing has changed. */
  readonly repeated: boolean;
}

/** A source, to the precision of quarter hours. */
export interface SourceEntry {
  readonly id: string;
  /** Slots of the first and last quarter hour with readings. */
  readonly first: number;
  readonly last: number;
  readonly readings: number;
  readonly energy: bigint;
}

/** Sources that a question is about. */
export interface Chosen {
  /** Ids; `undefined`: all. */
  readonly sources?: readonly string[] | undefined;
  /** With `skip`, none that is export; with `subtract`, sums have the energy of those with the other sign. */
  readonly exports?: "skip" | "subtract" | undefined;
}

/** Slots `from` to `to` (exclusive), of some sources. */
export interface SlotRange extends Chosen {
  readonly from: number;
  readonly to: number;
}

/** Whether there are sources that are export, and others. A source is export if a batch that counts has it as that. */
export interface Directions {
  readonly exports: boolean;
  readonly consumption: boolean;
}

/** The cells of a UTC day as a store keeps them, for `addDay`; days count from 1970. */
export type PackedDay = readonly [day: number, cells: Uint8Array];

/** A source, and its days, ascending. */
export interface SourceDays {
  readonly source: string;
  readonly days: readonly PackedDay[];
}

/** One moment of a store: it does not change while it is read. */
export interface Snapshot {
  /** Grows with every change of what counts. */
  readonly version: number;
  /** Which there are among all sources, or some. */
  directions(sources?: readonly string[]): Promise<Directions>;
  /** First and last slot with readings, of all sources or of some. */
  extent(chosen?: Chosen): Promise<{ first: number; last: number } | undefined>;
  /**
   * Sums over all sources, or over those named, in pieces: all days that have a slot of the range, whole, and ascending
   * over all pieces. A day may come more than once; its cells then add up.
   */
  totals(range: SlotRange): AsyncIterable<readonly PackedDay[]>;
  /**
   * By source, in pieces: sources ascend over all pieces, and each is in one piece. Days are whole, so a source may be
   * included that has nothing in the range itself.
   */
  bySource(range: SlotRange): AsyncIterable<readonly SourceDays[]>;
  /**
   * As `bySource`, but in any order, which is several times as fast: for sums.
   * @param begin is told first how many sources there may be in the range
   * @param use is given the days of sources, these as their places in what is returned
   * @returns the sources, ascending
   * @throws what `begin` and `use` throw
   */
  eachDay(
    range: SlotRange,
    begin: (sources: number) => void,
    use: (place: number, day: number, cells: Uint8Array) => void,
  ): Promise<readonly string[]>;
  /** The number of sources with a reading in the range. */
  sourceCount(range: SlotRange): Promise<number>;
  /** Those after `after`; only those `among` some ids, if any are given. */
  sources(page: SourcesPage): Promise<SourceEntry[]>;
  /** The id of the source that begins like this, and has this SHA-256 in hex. */
  sourceOf(start: string, sha256: string): Promise<string | undefined>;
  /** Those of the given ids that have no reading, each once. */
  unknown(sources: readonly string[]): Promise<string[]>;
  /** Those of the given ids whose readings are cumulative. */
  registers(sources: readonly string[]): Promise<ReadonlySet<string>>;
  /** The origin of the reading in the first or last slot that `extent` gives for these sources. */
  origin(slot: number, chosen?: Chosen): Promise<{ source: string; batch: Batch } | undefined>;
  batch(id: string): Promise<Batch | undefined>;
  /** Latest first, those before the id `before`. */
  batches(page: BatchesPage): Promise<Batch[]>;
  /** The bad records of a batch, as in `NewBatch`; none once it has ended. */
  rejects(id: string): Promise<Uint8Array[]>;
  /** Batches that count and came from files with these names, latest first, by file; files without any are absent. */
  batchesOfFiles(files: readonly string[]): Promise<Map<string, Batch[]>>;
}

export interface SourcesPage {
  readonly after?: string | undefined;
  /** Only ids that begin like this. */
  readonly prefix?: string | undefined;
  /** By id, or by energy, the largest first. Default: `id`. */
  readonly order?: "id" | "total" | undefined;
  /** Skips so many. */
  readonly skip?: number | undefined;
  readonly limit: number;
  readonly among?: readonly string[] | undefined;
}

export interface BatchesPage {
  readonly before?: string | undefined;
  readonly limit: number;
  readonly state?: BatchState | undefined;
  /** Only this sender's. */
  readonly sender?: string | undefined;
  readonly key?: string | undefined;
  /** Only those with readings of this source, as long as any of them counts: ended ones may be found by it, or not. */
  readonly source?: string | undefined;
  readonly file?: string | undefined;
  /** Epoch milliseconds: received at the first or later, and before the second. */
  readonly receivedFrom?: number | undefined;
  readonly receivedTo?: number | undefined;
}

/** What whoever opened a store must know, beside what is returned and thrown. */
export interface StoreNotice {
  /** An error means that something that was acknowledged is missing. */
  readonly level: "error" | "warning";
  readonly code: WarningCode;
  readonly message: string;
}

/** Numbers for monitoring the store. */
export interface StoreState {
  readonly bytes: number;
  /** Bytes that nothing is on any more: `compact` gives them back. */
  readonly free: number;
  readonly batches: number;
  readonly sources: number;
  readonly readings: number;
  readonly energy: bigint;
  /** Batches waiting to be written. */
  readonly queued: number;
  /** Whether acknowledged changes are missing, and nobody has accepted that yet. */
  readonly incomplete: boolean;
}

/** Bytes of a store's files. */
export interface Compacted {
  readonly before: number;
  readonly after: number;
}

/** A place where a store's sums differ from what its batches contributed. */
export interface Difference {
  /** What it is about, what is kept, and what that should be. */
  readonly message: string;
  readonly batch?: string;
  readonly source?: string;
  /** `YYYY-MM-DD`, of UTC. */
  readonly day?: string;
  /** The sums that are kept, and those that the batches add up to: `3 readings with 1.5 kWh`. */
  readonly kept?: string;
  readonly found?: string;
}

export interface IngestOptions {
  /** Resolves to what would come of the batch, and stores nothing. Default false. */
  readonly dryRun?: boolean | undefined;
  /** Rejects with a StrictError if there are warnings, and stores nothing then. Default false. */
  readonly strict?: boolean | undefined;
}

export interface Store {
  /**
   * Rejects with StoreError `key_reused` if the key stands for another body, `no_such_batch`, `already_ended` if
   * `replaces` names a batch that no longer counts, `readings_there` if it is to be apart and is not, `stretches_period` (a StorePeriodTooLong), `too_much_energy`,
   * `too_many_sources`, or `store_failed`.
   * @param owner it may only replace this sender's batches; default: anybody's
   */
  ingest(batch: NewBatch, owner?: string, options?: IngestOptions): Promise<Ingested>;
  /** The batch with a sender's key, if there is one: so that its body need not be scanned again. */
  batchOfKey(key: string, sender?: string): Promise<Batch | undefined>;
  /** The same for many keys, by key; keys without a batch are absent. */
  batchesOfKeys(keys: readonly string[], sender?: string): Promise<Map<string, Batch>>;
  /**
   * Ends a batch; one that has ended already stays as it is. `undefined` if there is none with that id.
   * @param owner only this sender's batches are visible; default: anybody's
   */
  retract(id: string, owner?: string): Promise<Batch | undefined>;
  read<T>(job: (reader: Snapshot) => Promise<T>): Promise<T>;
  /**
   * Tells of each change of what counts, in order, once it is on disk and a new `read` sees it.
   * @param tell returns at once, and throws nothing
   * @param sources tells what changes of these only; default: of all
   * @returns from which version on it tells, without a gap
   */
  watch(tell: (change: StoreChange) => void, sources?: readonly string[]): Promise<Watch>;
  state(): Promise<StoreState>;
  /** Whether it can write; rejects with StoreError if not. */
  ready(): Promise<void>;
  /**
   * Checks that what is derived agrees with what the batches contributed, and that nothing acknowledged is missing: returns
   * an empty list, or the first 100 differences. Reads everything at one moment, while the store works.
   */
  check(signal?: AbortSignal): Promise<Difference[]>;
  /**
   * Writes a copy of one moment, while the store works. The copy is a store of its own, in a file that must not exist, only
   * for its owner, and flushed. Every batch that was acknowledged before is in it, each batch wholly or not at all. It takes
   * as much disk space as the store. If it fails, nothing of it is left.
   * @param path of the copy; `undefined`: a hidden file beside the store, which the caller must remove
   * @returns the copy's path
   * Rejects with StoreError `backup_running` while another one is being made; with RunError `disk_full` or another if the
   * disk or the engine fails; with the signal's reason.
   */
  backup(path: string | undefined, signal?: AbortSignal): Promise<string>;
  /**
   * Gives disk space back that batches took which have ended. Nothing that is read from the store changes. Others may read
   * and write meanwhile; a process that is killed loses nothing.
   * Rejects with StoreError `store_failed`, `disk_full`; with the signal's reason.
   */
  compact(signal?: AbortSignal): Promise<Compacted>;
  /** Writes what is queued, and closes the store. */
  close(): Promise<void>;
}
