/**
 * Where a run writes what it may not keep in memory. It is a minimal store: no ledger, since it belongs to one run and is
 * removed afterwards; no tables, since it is only read from front to back; no flushing, since nothing has to survive.
 *
 * A file holds runs one after another. A run is sections, ascending by their rows: { start: two words, cells, form }, then
 * columns of 32-bit words in the machine's byte order: 2 to 4 limbs of energy (fewer than 4 if the others follow from the
 * sign of the last), sources, counts (a byte each, or two words; 0 stands for `COVERED`).
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { addWords, type CellColumns, COVERED } from "../tally/cell.js";
import { SECTION_CELLS, type Section } from "../tally/section.js";

/** A file and the bytes at which its runs end: plain data, so that threads can send it. */
export interface SpillFile {
  readonly path: string;
  readonly ends: Float64Array;
}

const HEAD = 4;
const WIDE_COUNTS = 8;
const LIMB = 4294967296;
/** The most words of a section. */
const SECTION_WORDS = HEAD + 7 * SECTION_CELLS;
/** The fewest bytes that a reader needs, for a section and what is left before it. */
export const LEAST_BUFFER = 2 * 4 * SECTION_WORDS;
/** Bytes that are written at once. */
const BLOCK_BYTES = 1 << 19;

export class SpillWriter {
  /** Bytes so far. */
  bytes = 0;
  private readonly ends: number[] = [];
  private readonly words = new Uint32Array(BLOCK_BYTES / 4);
  private used = 0;

  /** Creates the file, which must not exist. Throws the system's errors. */
  constructor(readonly path: string) {
    closeSync(openSync(path, "wx", 0o600));
  }

  /** Throws the system's errors, for example if the disk is full. */
  add({ start, begins, length, source, energy, count }: Section): void {
    if (begins && this.bytes > 0) this.ends.push(this.bytes);
    if (this.used + SECTION_WORDS > this.words.length) this.flush();
    const { words } = this;
    const form = limbsFor(energy, length) | (areBytes(count, length) ? 0 : WIDE_COUNTS);
    let at = this.used;
    words[at++] = start;
    words[at++] = Math.floor(start / LIMB);
    words[at++] = length;
    words[at++] = form;
    for (let limb = 0; limb < (form & 7); limb++) for (let n = limb; n < 4 * length; n += 4) words[at++] = energy[n];
    for (let n = 0; n < length; n++) words[at++] = source[n];
    if (form & WIDE_COUNTS) {
      for (let n = 0; n < length; n++) words[at++] = count[n];
      for (let n = 0; n < length; n++) words[at++] = count[n] / LIMB;
    } else {
      for (let n = 0; n < length; n += 4) {
        let word = count[n];
        for (let i = 1; i < 4 && n + i < length; i++) word |= count[n + i] << (8 * i);
        words[at++] = word;
      }
    }
    this.bytes += 4 * (at - this.used);
    this.used = at;
  }

  /** Writes what is buffered, and returns where everything is. Throws the system's errors. */
  finish(): SpillFile {
    this.flush();
    return { path: this.path, ends: Float64Array.from([...this.ends, this.bytes]) };
  }

  /** Writes what is buffered. Throws the system's errors. */
  flush(): void {
    const bytes = new Uint8Array(this.words.buffer, 0, 4 * this.used);
    // Opened for each block, so that nothing has to be closed when the run fails somewhere.
    const file = openSync(this.path, "a");
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    } finally {
      closeSync(file);
    }
    this.used = 0;
  }
}

/** The number of limbs that these energies need. */
function limbsFor(energy: Uint32Array, length: number): number {
  let limbs = 2;
  for (let n = 0; n < 4 * length; n += 4) {
    if (energy[n + 3] !== ((energy[n + 2] | 0) < 0 ? 0xffffffff : 0)) return 4;
    if (limbs === 2 && energy[n + 2] !== ((energy[n + 1] | 0) < 0 ? 0xffffffff : 0)) limbs = 3;
  }
  return limbs;
}

function areBytes(count: Float64Array, length: number): boolean {
  for (let n = 0; n < length; n++) if (count[n] > 255) return false;
  return true;
}

/** Iterates over the sections of a run, with a buffer of its own. */
export class SpillReader {
  /** First instant of the section's row; Infinity after the last one. */
  start = Number.POSITIVE_INFINITY;
  private readonly words: Uint32Array;
  private readonly bytes: Uint8Array;
  /** The word at which the section begins, and the first that is not read yet. */
  private at = 0;
  private filled = 0;
  /** The byte of the file that is read next. */
  private next: number;

  /**
   * Throws the system's errors.
   * @param fd of the file; whoever opened it closes it
   * @param from @param to byte range of the file
   * @param buffer bytes that are read at once, at least `LEAST_BUFFER`
   */
  constructor(
    private readonly fd: number,
    from: number,
    private readonly to: number,
    buffer: number,
  ) {
    this.next = from;
    this.words = new Uint32Array(Math.max(LEAST_BUFFER, Math.min(buffer, to - from)) >>> 2);
    this.bytes = new Uint8Array(this.words.buffer);
    this.find();
  }

  /** Goes to the section that begins at a byte of the file. Throws the system's errors. */
  goTo(byte: number): void {
    const there = this.next - 4 * (this.filled - this.at);
    if (byte >= there && byte < this.next) this.at += (byte - there) / 4;
    else {
      this.at = 0;
      this.filled = 0;
      this.next = byte;
    }
    this.find();
  }

  /** Adds the section's cells to their columns, and reports columns that had none. @param columnOf of each source */
  addTo({ energy, count }: CellColumns, columnOf?: Uint32Array, found?: (column: number) => void): void {
    const { words, bytes } = this;
    const cells = words[this.at + 2];
    const form = words[this.at + 3];
    const limbs = form & 7;
    const limb0 = this.at + HEAD;
    const limb1 = limb0 + cells;
    const limb2 = limb1 + cells;
    const limb3 = limb2 + cells;
    const sources = limb0 + limbs * cells;
    const counts = sources + cells;
    for (let n = 0; n < cells; n++) {
      const source = words[sources + n];
      const column = columnOf === undefined ? source : columnOf[source];
      if (count[column] === 0) found?.(column);
      const second = words[limb1 + n];
      const third = limbs > 2 ? words[limb2 + n] : ((second | 0) >> 31) >>> 0;
      const fourth = limbs > 3 ? words[limb3 + n] : (third | 0) >> 31;
      addWords(energy, 4 * column, words[limb0 + n], second, third, fourth);
      const readings =
        form & WIDE_COUNTS ? words[counts + n] + words[counts + cells + n] * LIMB : bytes[4 * counts + n];
      count[column] += readings || COVERED;
    }
  }

  /** Goes to the next section. Throws the system's errors. */
  advance(): void {
    this.at += sectionWords(this.words, this.at);
    this.find();
  }

  /** Makes sure that the whole section is in the buffer. */
  private find(): void {
    if (this.filled - this.at < HEAD && !this.fill(HEAD)) {
      this.start = Number.POSITIVE_INFINITY;
      return;
    }
    const length = sectionWords(this.words, this.at);
    if (this.filled - this.at < length) this.fill(length);
    this.start = this.words[this.at] + (this.words[this.at + 1] | 0) * LIMB;
  }

  /** Reads more. @param wanted words from the section's beginning on; @returns whether there is more */
  private fill(wanted: number): boolean {
    const { words, bytes } = this;
    if (this.at === this.filled && this.next === this.to) return false;
    words.copyWithin(0, this.at, this.filled);
    this.filled -= this.at;
    this.at = 0;
    while (this.filled < wanted) {
      const room = Math.min(bytes.length - 4 * this.filled, this.to - this.next);
      const got = room === 0 ? 0 : readSync(this.fd, bytes, 4 * this.filled, room, this.next);
      if (got % 4 !== 0 || got === 0) throw new Error("it has been cut off");
      this.next += got;
      this.filled += got / 4;
    }
    return true;
  }
}

function sectionWords(words: Uint32Array, at: number): number {
  const cells = words[at + 2];
  const form = words[at + 3];
  return HEAD + cells * ((form & 7) + 1) + (form & WIDE_COUNTS ? 2 * cells : Math.ceil(cells / 4));
}
