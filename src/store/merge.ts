/** Merges runs of cells into one run with each cell once: by rows, and in each row by columns. */
import { addEnergy, type CellColumns, clearCell, clearColumns, newColumns } from "../tally/cell.js";
import { newSection, SECTION_CELLS } from "../tally/section.js";
import { SpillReader, type SpillWriter } from "./spill.js";

/** A byte range of an open file. */
export interface Run {
  readonly fd: number;
  readonly from: number;
  readonly to: number;
  /** The column of each source; `undefined`: sources are columns. */
  readonly columnOf: Uint32Array | undefined;
}

/** Rows that are merged before yielding. */
const ROWS_A_TURN = 256;

/** Space for a row. It is empty between two merges. */
export class MergeRow implements CellColumns {
  readonly energy: Uint32Array;
  readonly count: Float64Array;
  private readonly columns: Uint32Array;
  private length = 0;
  private readonly section = newSection();

  constructor(columns: number) {
    ({ energy: this.energy, count: this.count } = newColumns(columns));
    this.columns = new Uint32Array(columns);
  }

  private readonly found = (column: number) => {
    this.columns[this.length++] = column;
  };

  /**
   * Merges runs. Throws the system's errors.
   * @param buffer bytes that are read at once from each
   * @param tell called with a row's first instant, the byte at which it begins, and the columns of its cells
   */
  *merge(
    runs: readonly Run[],
    into: SpillWriter,
    buffer: number,
    tell?: (start: number, byte: number, columns: Uint32Array) => void,
  ): Generator<undefined, void> {
    const readers = runs.map((run) => new SpillReader(run.fd, run.from, run.to, buffer));
    this.section.begins = true;
    for (let rows = 1; ; rows++) {
      let start = Number.POSITIVE_INFINITY;
      for (const reader of readers) if (reader.start < start) start = reader.start;
      if (start === Number.POSITIVE_INFINITY) return;
      for (let n = 0; n < readers.length; n++)
        for (const reader = readers[n]; reader.start === start; reader.advance())
          reader.addTo(this, runs[n].columnOf, this.found);
      tell?.(start, into.bytes, this.columns.subarray(0, this.length));
      this.write(start, into);
      if (rows % ROWS_A_TURN === 0) yield;
    }
  }

  /** Writes the row and empties it. */
  private write(start: number, into: SpillWriter): void {
    const { energy, count, section } = this;
    const columns = this.columns.subarray(0, this.length).sort();
    this.length = 0;
    section.start = start;
    for (let from = 0; from < columns.length; from += SECTION_CELLS) {
      section.length = Math.min(SECTION_CELLS, columns.length - from);
      clearColumns(section, 0, section.length);
      for (let n = 0; n < section.length; n++) {
        const column = columns[from + n];
        section.source[n] = column;
        section.count[n] = count[column];
        addEnergy(section.energy, 4 * n, energy, 4 * column);
        clearCell(this, column);
      }
      into.add(section);
      section.begins = false;
    }
  }
}
