/** The TypeScript interface of the formatter (WebAssembly, `formatter/`): it turns sums into rows of CSV. */
import { readFileSync } from "node:fs";
import { writeText } from "./bytes.js";

interface Exports {
  memory: WebAssembly.Memory;
  start(cells: number, starts: number, energy: number, counts: number, decimals: number, withCounts: number): void;
  fill(labelLength: number, from: number, to: number, pos: number): number;
}

/** Addresses in `formatter/index.ts`: the label, and the first byte that is free for the caller. */
const LABEL = 64;
const FREE = 8192;
const PAGE = 65_536;
/** Bytes that a write may touch beyond its end. */
const OVERRUN = 32;
/** The longest label is that of an hour with seconds in its offset, `2024-01-31T13:00:00+00:19:32`. */
const LABEL_BYTES = 32;
/** The most bytes of a row besides its cell: label, sum (41 bytes), comma, count (2⁵³), line end. */
export const ROW_BYTES = LABEL_BYTES + 41 + 1 + 16 + 1;

/** The bytes between label and energy in each column's rows: for column c, `bytes[starts[c]…starts[c+1]-1]`. */
export interface Cells {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

let compiled: WebAssembly.Module | undefined;

export class Formatter {
  /** The energy of column c is four words at `4c`. Set it before writing rows. */
  readonly energy: Uint32Array;
  /** The number of readings of each column. Set it before writing rows. */
  readonly count: Float64Array;
  private readonly exports: Exports;
  private readonly label: Uint8Array;
  private readonly block: Uint8Array;
  private readonly blockAt: number;
  private used = 0;

  /**
   * @param decimals places that sums are rounded to; undefined: all digits
   * @param blockBytes the most bytes written between two calls of `take`
   */
  constructor(cells: Cells, decimals: number | undefined, withCounts: boolean, blockBytes: number) {
    compiled ??= new WebAssembly.Module(readFileSync(new URL("./formatter.wasm", import.meta.url)));
    this.exports = new WebAssembly.Instance(compiled).exports as unknown as Exports;
    const columns = cells.starts.length - 1;
    const energyAt = FREE;
    const countAt = energyAt + 16 * columns;
    const startsAt = countAt + 8 * columns;
    const cellsAt = startsAt + cells.starts.byteLength;
    this.blockAt = cellsAt + cells.bytes.length + OVERRUN;
    const { memory } = this.exports;
    memory.grow(Math.ceil((this.blockAt + blockBytes + OVERRUN) / PAGE) - memory.buffer.byteLength / PAGE);
    const { buffer } = memory;
    new Uint32Array(buffer, startsAt).set(cells.starts);
    new Uint8Array(buffer, cellsAt).set(cells.bytes);
    this.energy = new Uint32Array(buffer, energyAt, 4 * columns);
    this.count = new Float64Array(buffer, countAt, columns);
    this.label = new Uint8Array(buffer, LABEL, LABEL_BYTES);
    this.block = new Uint8Array(buffer, this.blockAt, blockBytes);
    this.exports.start(cellsAt, startsAt, energyAt, countAt, decimals ?? 18, withCounts ? 1 : 0);
  }

  /** Writes ASCII text. */
  text(text: string): void {
    this.used = writeText(this.block, this.used, text);
  }

  /** Writes the rows of one hour or day for the columns in [from, to). */
  rows(label: string, from: number, to: number): void {
    const { exports, blockAt } = this;
    const length = writeText(this.label, 0, label);
    this.used = exports.fill(length, from, to, blockAt + this.used) - blockAt;
  }

  /** The bytes written since the last call; valid until the next write. */
  take(): Uint8Array {
    const bytes = this.block.subarray(0, this.used);
    this.used = 0;
    return bytes;
  }
}
