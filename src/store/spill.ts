/**
 * Where a run lays down what it may not keep in memory: a file that is only added to, and read back row by row. It is a
 * store in little: no ledger, since it belongs to one run and is gone after it; no table, since it is only ever asked
 * for the cells of one hour row, in the order of time; and nothing is flushed, since nothing of it is to survive.
 *
 * An entry is the cells of one row that were written at once, as columns of 32-bit words in the machine's order: 2 to 4
 * limbs of energy (a lesser number where the sign of the last one stands for the others), sources, counts (a byte each,
 * or two words).
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import type { HourCells } from "../domain/hour-cells.js";

/** Where everything lies, by row: plain data, so that another thread can hand it over. Entries ascend by `start`. */
export interface SpillIndex {
  readonly path: string;
  readonly bytes: number;
  /** First instant of the entry's row, epoch seconds. */
  readonly start: Float64Array;
  /** Byte of the file. */
  readonly at: Float64Array;
  readonly cells: Uint32Array;
  /** Limbs of energy; 8 more where counts are words. */
  readonly form: Uint8Array;
}

const WIDE_COUNTS = 8;
const LIMB = 4294967296;

export class SpillWriter {
  /** Bytes so far. */
  bytes = 0;
  private readonly start: number[] = [];
  private readonly at: number[] = [];
  private readonly cells: number[] = [];
  private readonly form: number[] = [];

  /** Creates the file, which must not exist. Throws what the system says. */
  constructor(readonly path: string) {
    closeSync(openSync(path, "wx", 0o600));
  }

  /** Throws what the system says, where the disk is full too. */
  add({ start, ends, source, energy, count }: HourCells): void {
    const words = new Uint32Array(source.length * 7 + start.length);
    let used = 0;
    for (let row = 0, from = 0; row < start.length; from = ends[row++]) {
      const to = ends[row];
      const form = limbsFor(energy, from, to) | (count.subarray(from, to).every((n) => n < 256) ? 0 : WIDE_COUNTS);
      this.start.push(start[row]);
      this.at.push(this.bytes + 4 * used);
      this.cells.push(to - from);
      this.form.push(form);
      for (let limb = 0; limb < (form & 7); limb++)
        for (let n = from; n < to; n++) words[used++] = energy[4 * n + limb];
      for (let n = from; n < to; n++) words[used++] = source[n];
      if (form & WIDE_COUNTS) {
        for (let n = from; n < to; n++) words[used++] = count[n] % LIMB;
        for (let n = from; n < to; n++) words[used++] = count[n] / LIMB;
      } else {
        const bytes = new Uint8Array(words.buffer, 4 * used, to - from);
        for (let n = from; n < to; n++) bytes[n - from] = count[n];
        used += Math.ceil((to - from) / 4);
      }
    }
    const bytes = new Uint8Array(words.buffer, 0, 4 * used);
    // Opened for each batch, of a megabyte or so: then there is nothing to close when the run fails somewhere.
    const file = openSync(this.path, "a");
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    } finally {
      closeSync(file);
    }
    this.bytes += bytes.length;
  }

  /** Says where everything is. */
  finish(): SpillIndex {
    const order = Uint32Array.from(this.start, (_, n) => n).sort(
      (a, b) => this.start[a] - this.start[b] || this.at[a] - this.at[b],
    );
    const { path, bytes } = this;
    return {
      path,
      bytes,
      start: Float64Array.from(order, (n) => this.start[n]),
      at: Float64Array.from(order, (n) => this.at[n]),
      cells: Uint32Array.from(order, (n) => this.cells[n]),
      form: Uint8Array.from(order, (n) => this.form[n]),
    };
  }
}

/** How many limbs of energy some cells need. */
function limbsFor(energy: Uint32Array, from: number, to: number): number {
  let limbs = 2;
  for (let n = 4 * from; n < 4 * to; n += 4) {
    if (energy[n + 3] !== ((energy[n + 2] | 0) < 0 ? 0xffffffff : 0)) return 4;
    if (limbs === 2 && energy[n + 2] !== ((energy[n + 1] | 0) < 0 ? 0xffffffff : 0)) limbs = 3;
  }
  return limbs;
}

export class SpillReader {
  /** Whoever made the reader closes this. */
  readonly fd: number;
  private words = new Uint32Array(0);

  /** @param columnOf what column each source goes to. Throws what the system says. */
  constructor(
    readonly index: SpillIndex,
    private readonly columnOf: Uint32Array,
  ) {
    this.fd = openSync(index.path, "r");
  }

  /** Adds a row's cells to its columns: four limbs and a count each. Throws what the system says. */
  addRow(start: number, energy: Uint32Array, count: Float64Array): void {
    const { index, columnOf } = this;
    for (let entry = this.firstEntry(start); index.start[entry] === start; entry++) {
      const cells = index.cells[entry];
      const form = index.form[entry];
      const limbs = form & 7;
      const words = this.read(index.at[entry], limbs * cells + entryTail(form, cells));
      const sources = limbs * cells;
      const counts = sources + cells;
      const bytes = new Uint8Array(words.buffer, 4 * counts, cells);
      for (let n = 0; n < cells; n++) {
        const column = columnOf[words[sources + n]];
        const at = 4 * column;
        const low = energy[at] + words[n];
        const second = words[cells + n];
        let sign = (second | 0) >> 31;
        const middle = energy[at + 1] + second + (low >= LIMB ? 1 : 0);
        const third = limbs > 2 ? words[2 * cells + n] : sign >>> 0;
        if (limbs > 2) sign = (third | 0) >> 31;
        const high = energy[at + 2] + third + (middle >= LIMB ? 1 : 0);
        energy[at] = low;
        energy[at + 1] = middle;
        energy[at + 2] = high;
        energy[at + 3] += (limbs > 3 ? words[3 * cells + n] : sign) + (high >= LIMB ? 1 : 0);
        count[column] += form & WIDE_COUNTS ? words[counts + n] + words[counts + cells + n] * LIMB : bytes[n];
      }
    }
  }

  /** Calls back with the column of every cell of a row, some of them perhaps more than once. Throws what the system says. */
  columns(start: number, found: (column: number) => void): void {
    const { index, columnOf } = this;
    for (let entry = this.firstEntry(start); index.start[entry] === start; entry++) {
      const cells = index.cells[entry];
      const words = this.read(index.at[entry] + 4 * (index.form[entry] & 7) * cells, cells);
      for (let n = 0; n < cells; n++) found(columnOf[words[n]]);
    }
  }

  private firstEntry(start: number): number {
    let low = 0;
    let high = this.index.start.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.index.start[middle] < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private read(at: number, length: number): Uint32Array {
    if (this.words.length < length) this.words = new Uint32Array(Math.ceil(length * 1.5));
    const bytes = new Uint8Array(this.words.buffer, 0, 4 * length);
    for (let done = 0; done < bytes.length; ) {
      const got = readSync(this.fd, bytes, done, bytes.length - done, at + done);
      if (got === 0) throw new Error(`${this.index.path} has been cut off`);
      done += got;
    }
    return this.words;
  }
}

/** Words of an entry after its energies. */
function entryTail(form: number, cells: number): number {
  return cells + (form & WIDE_COUNTS ? 2 * cells : Math.ceil(cells / 4));
}
