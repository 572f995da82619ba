/** A summary's sums where they lie, in pages of 16 neighbouring hour rows of one column; and how to get at them. */
import type { Hours } from "../time/period.js";
import type { Zone } from "../time/zone.js";
import { addCellsToColumn, addCellToColumn, CELL_WORDS, clearColumns } from "./cell.js";
import type { Summary } from "./summary.js";

/** Plain data. Row r is row (r + shift) % 16 of the pages of block ⌊(r + shift) / 16⌋. */
export interface Table {
  readonly zone: Zone;
  readonly hours: Hours;
  readonly days: Int32Array;
  readonly sources: readonly string[] | undefined;
  readonly columns: number;
  readonly shift: number;
  /** The pages of block b are those from `first[b]` up to `first[b + 1]`, in the order of their columns. */
  readonly first: Uint32Array;
  /** Of each page: its column, which of `words` it lies in, and the index there at which its cells begin. */
  readonly column: Uint32Array;
  readonly data: Uint32Array;
  readonly word: Uint32Array;
  readonly words: readonly Uint32Array[];
}

export function summaryOf(table: Table): Summary {
  const { zone, hours, days, sources, columns, shift, first, column, data, word, words } = table;
  const rowsOfDay = rowsByDay(hours, days);

  /** The first page of a block that is not of a column before `from`. */
  const seek = (block: number, from: number) => {
    let low = first[block];
    let high = first[block + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (column[middle] < from) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const hour = (row: number, energy: Uint32Array, count: Float64Array, from = 0, to = columns) => {
    const into = { energy, count };
    clearColumns(into, from, to);
    const place = row + shift;
    const end = first[(place >> 4) + 1];
    const cell = (place & 15) * CELL_WORDS;
    for (let page = seek(place >> 4, from); page < end && column[page] < to; page++) {
      addCellToColumn(into, column[page], words[data[page]], word[page] + cell);
    }
  };

  const day = (index: number, energy: Uint32Array, count: Float64Array, from = 0, to = columns) => {
    const into = { energy, count };
    clearColumns(into, from, to);
    const rows = rowsOfDay[index];
    for (let i = 0; i < rows.length; ) {
      // As many rows as follow one another in the same pages.
      const place = rows[i] + shift;
      let some = 1;
      while (rows[i + some] === rows[i] + some && ((place + some) & 15) !== 0) some++;
      const end = first[(place >> 4) + 1];
      for (let page = seek(place >> 4, from); page < end && column[page] < to; page++) {
        const at = word[page] + (place & 15) * CELL_WORDS;
        addCellsToColumn(into, column[page], words[data[page]], at, at + some * CELL_WORDS);
      }
      i += some;
    }
  };

  return { zone, hours, days, sources, columns, hour, day };
}

function rowsByDay(hours: Hours, days: Int32Array): readonly Int32Array[] {
  const index = new Map<number, number>();
  days.forEach((day, i) => index.set(day, i));
  const rows: number[][] = Array.from(days, () => []);
  for (let row = 0; row < hours.length; row++) rows[index.get(hours.day[row]) as number].push(row);
  return rows.map((some) => Int32Array.from(some));
}
