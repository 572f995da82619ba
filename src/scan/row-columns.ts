/**
 * The order of rows, stored in columns. A *run* is the rows of one source on the days of one clock change. Its *entries*
 * are the rows at repeated wall times; neighbouring rows at the same time share an entry.
 * Times are nanoseconds from the start of the change's days: exact in a double.
 */
import { addEnergy } from "../tally/cell.js";
import type { Held } from "./spread.js";

/** Flags of a run. The lowest four bits are two counts, up to 2: steps to a later and to an earlier time. */
export const Flag = {
  up: 1,
  down: 4,
  /** A step to a later, or an earlier, time that does not lead from one repeated time to another. */
  otherUp: 16,
  otherDown: 32,
  /** Two neighbouring rows share a time that is not a repeated one. */
  otherTwice: 64,
  /** It has a reading at a time that the clock shows twice. */
  repeated: 128,
  /** Its order cannot tell any more, whatever rows follow; its entries are gone. */
  disordered: 256,
} as const;

/** Limbs of an entry's energy: four for its first row, four for the sum of the others. */
export const ENTRY_LIMBS = 8;

/** A reading that covers time, for each of the two passes that it may be of, and if nothing tells which. */
export type HeldReading = readonly [first: Held, second: Held, unclear: Held];

/** Those of an entry: of its first row, and of the others. */
interface HeldOfEntry {
  readonly first: HeldReading[];
  readonly others: HeldReading[];
}

/** Some runs and their entries. Can be sent to another thread. */
export interface Runs {
  readonly source: Uint32Array;
  readonly change: Uint16Array;
  readonly flags: Uint16Array;
  /** Times of the first and last row. */
  readonly first: Float64Array;
  readonly last: Float64Array;
  /** The entries of run n begin at `ends[n - 1]`, or 0, and end before `ends[n]`. */
  readonly ends: Uint32Array;
  readonly time: Float64Array;
  readonly rows: Float64Array;
  /** Readings in the first row, 0 or 1, and in the others: a row may have none. */
  readonly firstReadings: Uint8Array;
  readonly otherReadings: Float64Array;
  readonly energy: Uint32Array;
  /** Readings that cover time, by entry. They are in none of the other columns. */
  readonly held: ReadonlyMap<number, HeldOfEntry>;
}

const MIN_LENGTH = 16;
/** Columns longer than this are released when they are cleared. */
const MAX_RETAINED = 4096;
const NONE = -1;
/** About what an entry with held readings takes. */
const HELD_BYTES = 600;
/** Stands for the source of a run that was handed over. */
export const NO_SOURCE = 0xffffffff;

/** Runs and entries as they arrive. The entries of a run are a linked list. */
export class RowColumns {
  runs = 0;
  source = new Uint32Array(MIN_LENGTH);
  change = new Uint16Array(MIN_LENGTH);
  flags = new Uint16Array(MIN_LENGTH);
  first = new Float64Array(MIN_LENGTH);
  last = new Float64Array(MIN_LENGTH);
  /** Position in the input, in rows or in parts, of the run's last row. */
  lastPosition = new Float64Array(MIN_LENGTH);
  /** First and last entry, or -1. */
  head = new Int32Array(MIN_LENGTH);
  tail = new Int32Array(MIN_LENGTH);
  /** Hash table with open addressing: number of a run plus 1, by source and change. */
  private table = new Int32Array(4 * MIN_LENGTH);

  time = new Float64Array(MIN_LENGTH);
  rows = new Float64Array(MIN_LENGTH);
  firstReadings = new Uint8Array(MIN_LENGTH);
  otherReadings = new Float64Array(MIN_LENGTH);
  energy = new Uint32Array(MIN_LENGTH * ENTRY_LIMBS);
  next = new Int32Array(MIN_LENGTH);
  readonly held = new Map<number, HeldOfEntry>();
  private entries = 0;
  /** The first of a list of entries to reuse. */
  private spare = NONE;

  /** Bytes that the columns take. */
  get bytes(): number {
    return this.source.length * 40 + this.table.byteLength + this.time.length * 61 + this.held.size * HELD_BYTES;
  }

  /** The run of a source and change. Adds one without rows if there is none. */
  runOf(source: number, change: number): number {
    const mask = this.table.length - 1;
    let i = hashOf(source, change) & mask;
    for (; this.table[i] !== 0; i = (i + 1) & mask) {
      const run = this.table[i] - 1;
      if (this.source[run] === source && this.change[run] === change) return run;
    }
    if (this.runs === this.source.length) {
      this.enlargeRuns();
      return this.runOf(source, change);
    }
    const run = this.runs++;
    this.table[i] = run + 1;
    this.source[run] = source;
    this.change[run] = change;
    this.flags[run] = 0;
    this.first[run] = Number.NaN;
    this.lastPosition[run] = 0;
    this.head[run] = NONE;
    this.tail[run] = NONE;
    return run;
  }

  /** Appends an entry without energy to a run. */
  push(run: number, time: number): number {
    let entry = this.spare;
    if (entry !== NONE) this.spare = this.next[entry];
    else {
      if (this.entries === this.time.length) this.enlargeEntries();
      entry = this.entries++;
    }
    this.time[entry] = time;
    this.rows[entry] = 0;
    this.firstReadings[entry] = 0;
    this.otherReadings[entry] = 0;
    this.energy.fill(0, entry * ENTRY_LIMBS, (entry + 1) * ENTRY_LIMBS);
    this.next[entry] = NONE;
    if (this.head[run] === NONE) this.head[run] = entry;
    else this.next[this.tail[run]] = entry;
    this.tail[run] = entry;
    return entry;
  }

  /** Keeps readings of an entry, to whose rows their row has yet to be added. */
  hold(entry: number, { first, others }: HeldOfEntry): void {
    let held = this.held.get(entry);
    if (held === undefined) {
      held = { first: [], others: [] };
      this.held.set(entry, held);
    }
    (this.rows[entry] === 0 ? held.first : held.others).push(...first);
    held.others.push(...others);
  }

  /** Adds a row to an entry. @param limbs the energy of its reading, if it has one */
  addRow(entry: number, limbs: Uint32Array, readings: 0 | 1): void {
    this.addTo(entry, limbs, 0, 1, readings);
  }

  /** Adds rows to an entry: the first row of all, or others. @param limbs the energy of their readings, four from `at` on */
  addTo(entry: number, limbs: Uint32Array, at: number, rows: number, readings: number): void {
    const first = this.rows[entry] === 0;
    this.rows[entry] += rows;
    if (readings === 0) return;
    addEnergy(this.energy, entry * ENTRY_LIMBS + (first ? 0 : 4), limbs, at);
    if (first) this.firstReadings[entry] = readings;
    else this.otherReadings[entry] += readings;
  }

  /** Frees the entries of a run. */
  drop(run: number): void {
    if (this.head[run] === NONE) return;
    if (this.held.size > 0)
      for (let entry = this.head[run]; entry !== NONE; entry = this.next[entry]) this.held.delete(entry);
    this.next[this.tail[run]] = this.spare;
    this.spare = this.head[run];
    this.head[run] = NONE;
    this.tail[run] = NONE;
  }

  /** Hands over a run, which has no source here from then on. */
  takeRun(run: number): Runs {
    const taken = this.copy(run, run + 1);
    this.drop(run);
    this.source[run] = NO_SOURCE;
    return taken;
  }

  /** Hands over all runs. */
  take(): Runs {
    const taken = this.copy(0, this.runs);
    this.clear();
    return taken;
  }

  private copy(from: number, to: number): Runs {
    const ends = new Uint32Array(to - from);
    const entries: number[] = [];
    for (let run = from; run < to; run++) {
      for (let entry = this.head[run]; entry !== NONE; entry = this.next[entry]) entries.push(entry);
      ends[run - from] = entries.length;
    }
    const { length } = entries;
    const energy = new Uint32Array(length * ENTRY_LIMBS);
    entries.forEach((entry, n) => {
      const at = entry * ENTRY_LIMBS;
      for (let limb = 0; limb < ENTRY_LIMBS; limb++) energy[n * ENTRY_LIMBS + limb] = this.energy[at + limb];
    });
    return {
      source: this.source.slice(from, to),
      change: this.change.slice(from, to),
      flags: this.flags.slice(from, to),
      first: this.first.slice(from, to),
      last: this.last.slice(from, to),
      ends,
      time: Float64Array.from(entries, (entry) => this.time[entry]),
      rows: Float64Array.from(entries, (entry) => this.rows[entry]),
      firstReadings: Uint8Array.from(entries, (entry) => this.firstReadings[entry]),
      otherReadings: Float64Array.from(entries, (entry) => this.otherReadings[entry]),
      energy,
      held: new Map(
        this.held.size === 0
          ? []
          : entries.flatMap((entry, n) => {
              const held = this.held.get(entry);
              return held === undefined ? [] : [[n, held]];
            }),
      ),
    };
  }

  /** Forgets everything, and releases memory if there is a lot of it. */
  clear(): void {
    if (this.runs > 0 && this.source.length <= MAX_RETAINED && this.time.length <= MAX_RETAINED) this.table.fill(0);
    else if (this.runs > 0) Object.assign(this, new RowColumns());
    this.runs = 0;
    this.entries = 0;
    this.spare = NONE;
    this.held.clear();
  }

  private enlargeRuns(): void {
    const length = 2 * this.source.length;
    this.source = grown(this.source, new Uint32Array(length));
    this.change = grown(this.change, new Uint16Array(length));
    this.flags = grown(this.flags, new Uint16Array(length));
    this.first = grown(this.first, new Float64Array(length));
    this.last = grown(this.last, new Float64Array(length));
    this.lastPosition = grown(this.lastPosition, new Float64Array(length));
    this.head = grown(this.head, new Int32Array(length));
    this.tail = grown(this.tail, new Int32Array(length));
    this.table = new Int32Array(4 * length);
    const mask = this.table.length - 1;
    for (let run = 0; run < this.runs; run++) {
      if (this.source[run] === NO_SOURCE) continue;
      let i = hashOf(this.source[run], this.change[run]) & mask;
      while (this.table[i] !== 0) i = (i + 1) & mask;
      this.table[i] = run + 1;
    }
  }

  private enlargeEntries(): void {
    const length = 2 * this.time.length;
    this.time = grown(this.time, new Float64Array(length));
    this.rows = grown(this.rows, new Float64Array(length));
    this.firstReadings = grown(this.firstReadings, new Uint8Array(length));
    this.otherReadings = grown(this.otherReadings, new Float64Array(length));
    this.energy = grown(this.energy, new Uint32Array(length * ENTRY_LIMBS));
    this.next = grown(this.next, new Int32Array(length));
  }
}

function grown<T extends Uint8Array | Uint32Array | Uint16Array | Int32Array | Float64Array>(old: T, into: T): T {
  into.set(old);
  return into;
}

function hashOf(source: number, change: number): number {
  const h = Math.imul(source, 0x9e3779b1) ^ Math.imul(change, 0x85ebca6b);
  return (h ^ (h >>> 15)) >>> 0;
}
