/**
 * Which row of NEM12 counts for each source and day. All rows are noted first, in the order in which they are read; then
 * each is asked for again, in the same order. The latest update counts; without a time it is earlier than any. Of rows
 * with the same update and the same content one counts; another content is a conflict.
 */

/** Places at first; and what part of them is taken before there are more. */
const FIRST = 1024;
const FULL = 0.6;
/** Bytes of a place. */
const PLACE = 41;

/** What becomes of a row. */
export type Verdict = "counts" | "superseded" | "repeated" | "conflict";

/** A row, as far as the index has to know it. */
export interface DayRow {
  /** The kernel's number. */
  readonly source: number;
  /** Since 1970-01-01. */
  readonly day: number;
  /** Any number that grows with time; 0: there is none. */
  readonly update: number;
  /** 64 bits of its readings, and 32 of their flags. */
  readonly hash: number;
  readonly hash2: number;
  readonly flags: number;
}

/** Open addressing with linear probing; a place is empty where `row` is 0. */
export class DayIndex {
  /** Rows that were noted or asked for, so far. */
  private rows = 0;
  private count = 0;
  private size = FIRST;
  private source = new Uint32Array(FIRST);
  private day = new Int32Array(FIRST);
  private update = new Float64Array(FIRST);
  private hash = new Uint32Array(FIRST);
  private hash2 = new Uint32Array(FIRST);
  private flags = new Uint32Array(FIRST);
  /** The number of the row that counts, from 1. */
  private row = new Float64Array(FIRST);
  private conflict = new Uint8Array(FIRST);

  get bytes(): number {
    return this.size * PLACE;
  }

  note({ source, day, update, hash, hash2, flags }: DayRow): void {
    const row = ++this.rows;
    if (this.count >= this.size * FULL) this.enlarge();
    const at = this.placeOf(source, day);
    const isNew = this.row[at] === 0;
    if (!isNew && update < this.update[at]) return;
    if (!isNew && update === this.update[at]) {
      if (hash !== this.hash[at] || hash2 !== this.hash2[at]) this.conflict[at] = 1;
      // Which of them counts must not depend on their order.
      if (flags >= this.flags[at]) return;
    } else this.conflict[at] = 0;
    if (isNew) this.count++;
    this.source[at] = source;
    this.day[at] = day;
    this.update[at] = update;
    this.hash[at] = hash;
    this.hash2[at] = hash2;
    this.flags[at] = flags;
    this.row[at] = row;
  }

  /** From now on rows are asked for, from the first on. */
  restart(): void {
    this.rows = 0;
  }

  verdict({ source, day, update }: Pick<DayRow, "source" | "day" | "update">): Verdict {
    const row = ++this.rows;
    const at = this.placeOf(source, day);
    if (update !== this.update[at]) return "superseded";
    if (this.conflict[at] === 1) return "conflict";
    return row === this.row[at] ? "counts" : "repeated";
  }

  private placeOf(source: number, day: number): number {
    const mask = this.size - 1;
    let at = Math.imul(Math.imul(source, 0x9e3779b1) ^ day, 0x85ebca6b);
    at = (at ^ (at >>> 15)) & mask;
    while (this.row[at] !== 0 && (this.source[at] !== source || this.day[at] !== day)) at = (at + 1) & mask;
    return at;
  }

  private enlarge(): void {
    const { size, source, day, update, hash, hash2, flags, row, conflict } = this;
    this.size = size * 2;
    this.source = new Uint32Array(this.size);
    this.day = new Int32Array(this.size);
    this.update = new Float64Array(this.size);
    this.hash = new Uint32Array(this.size);
    this.hash2 = new Uint32Array(this.size);
    this.flags = new Uint32Array(this.size);
    this.row = new Float64Array(this.size);
    this.conflict = new Uint8Array(this.size);
    for (let from = 0; from < size; from++) {
      if (row[from] === 0) continue;
      const at = this.placeOf(source[from], day[from]);
      this.source[at] = source[from];
      this.day[at] = day[from];
      this.update[at] = update[from];
      this.hash[at] = hash[from];
      this.hash2[at] = hash2[from];
      this.flags[at] = flags[from];
      this.row[at] = row[from];
      this.conflict[at] = conflict[from];
    }
  }
}
