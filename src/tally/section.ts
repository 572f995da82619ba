/** Cells by hour row, as in runs on the disk. */
import { addCellToColumn, type CellColumns, clearCell, EnergySum, newColumns } from "./cell.js";

/** The most cells of a section. */
export const SECTION_CELLS = 1024;

/** Some cells of one hour row, each of a different source. The sections of a row are consecutive. */
export interface Section extends CellColumns {
  /** First instant of the row, epoch seconds. */
  start: number;
  /** Whether it begins a run: rows ascend from one to the next. */
  begins: boolean;
  length: number;
  /** Numbers of sources; all 0 if cells are not wanted by source. */
  readonly source: Uint32Array;
}

/** An empty section. */
export function newSection(): Section {
  return {
    start: Number.NaN,
    begins: true,
    length: 0,
    source: new Uint32Array(SECTION_CELLS),
    ...newColumns(SECTION_CELLS),
  };
}

/** A section that is being filled. */
export class SectionBuilder implements Section {
  write: (section: Section) => void = () => {};
  start = Number.NaN;
  begins = true;
  length = 0;
  readonly source = new Uint32Array(SECTION_CELLS);
  readonly energy: Uint32Array;
  readonly count: Float64Array;
  /** For each source, the place of its cell, if it has one. */
  private place = new Uint32Array(0);
  private readonly sum = new EnergySum();

  constructor() {
    ({ energy: this.energy, count: this.count } = newColumns(SECTION_CELLS));
  }

  /** Energy of everything written. */
  get total(): bigint {
    return this.sum.total;
  }

  prepare(sources: number): void {
    if (this.place.length < sources) this.place = new Uint32Array(sources + (sources >> 2));
  }

  /** Begins a run. */
  begin(): void {
    this.begins = true;
    this.start = Number.NaN;
  }

  /** Begins a row, and a run too, if the row is before the last one. */
  enter(start: number): void {
    if (start < this.start) this.begins = true;
    this.start = start;
  }

  /** Adds a page's cell to the source's cell in the row. */
  add(source: number, words: Uint32Array, at: number): void {
    let n = this.place[source];
    if (n >= this.length || this.source[n] !== source) {
      if (this.length === SECTION_CELLS) this.flush();
      n = this.length++;
      this.place[source] = n;
      this.source[n] = source;
      clearCell(this, n);
    }
    addCellToColumn(this, n, words, at);
  }

  /** Writes what is there; what is added next begins another section of the same row. */
  flush(): void {
    if (this.length === 0) return;
    this.sum.addColumns(this, 0, this.length);
    this.write(this);
    this.length = 0;
    this.begins = false;
  }
}
