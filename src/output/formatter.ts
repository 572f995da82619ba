/** The formatter (WebAssembly, `formatter/`) as TypeScript sees it: sums go in, rows of CSV come out. */
import { readFileSync } from "node:fs";
import { writeText } from "./bytes.js";

interface Exports {
  memory: WebAssembly.Memory;
  start(cells: number, starts: number, energy: number, counts: number, decimals: number, withCounts: number): void;
  fill(labelLength: number, from: number, to: number, pos: number): number;
}

/** Addresses of `formatter/index.ts`: the label, and the first byte that is not its own. */
const LABEL = 64;
const FREE = 8192;
const PAGE = 65_536;
/** How far a write may spill over its end. */
const SPILL = 32;
/** The longest label is an hour's with seconds in its offset, `2024-01-31T13:00:00+00:19:32`. */
const LABEL_BYTES = 32;
/** The most that a row has besides its cell: label, sum (41 bytes), comma, count (2⁵³), line end. */
export const ROW_BYTES = LABEL_BYTES + 41 + 1 + 16 + 1;

/** What stands between label and energy in each column's rows: column c's is `bytes[starts[c]…starts[c+1]-1]`. */
export interface Cells {
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

let compiled: WebAssembly.Module | undefined;

export class Formatter {
  /** For column c the energy in four words at `4c`, and the readings: to be set before its rows are written. */
  readonly energy: Uint32Array;
  readonly count: Float64Array;
  private readonly exports: Exports;
  private readonly label: Uint8Array;
  private readonly block: Uint8Array;
  private readonly blockAt: number;
  private used = 0;

  /**
   * @param decimals places that sums are rounded to; undefined: all digits
   * @param blockBytes the most that is written between two calls of `take`
   */
  constructor(cells: Cells, decimals: number | undefined, withCounts: boolean, blockBytes: number) {
    compiled ??= new WebAssembly.Module(readFileSync(new URL("./formatter.wasm", import.meta.url)));
    this.exports = new WebAssembly.Instance(compiled).exports as unknown as Exports;
    const columns = cells.starts.length - 1;
    const energyAt = FREE;
    const countAt = energyAt + 16 * columns;
    const startsAt = countAt + 8 * columns;
    const cellsAt = startsAt + cells.starts.byteLength;
    this.blockAt = cellsAt + cells.bytes.length + SPILL;
    const { memory } = this.exports;
    memory.grow(Math.ceil((this.blockAt + blockBytes + SPILL) / PAGE) - memory.buffer.byteLength / PAGE);
    const { buffer } = memory;
    new Uint32Array(buffer, startsAt).set(cells.starts);
    new Uint8Array(buffer, cellsAt).set(cells.bytes);
    this.energy = new Uint32Array(buffer, energyAt, 4 * columns);
    this.count = new Float64Array(buffer, countAt, columns);
    this.label = new Uint8Array(buffer, LABEL, LABEL_BYTES);
    this.block = new Uint8Array(buffer, this.blockAt, blockBytes);
    this.exports.start(cellsAt, startsAt, energyAt, countAt, decimals ?? 18, withCounts ? 1 : 0);
  }

  /** Writes ASCII text as it is. */
  text(text: string): void {
    this.used = writeText(this.block, this.used, text);
  }

  /** Writes the rows of columns `from` up to `to` of one hour or day. */
  rows(label: string, from: number, to: number): void {
    const { exports, blockAt } = this;
    const length = writeText(this.label, 0, label);
    this.used = exports.fill(length, from, to, blockAt + this.used) - blockAt;
  }

  /** What was written since the last time: good until something is written again. */
  take(): Uint8Array {
    const bytes = this.block.subarray(0, this.used);
    this.used = 0;
    return bytes;
  }
}
