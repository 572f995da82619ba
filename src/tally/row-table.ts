/**
 * The readings of all parts by row and column (a source, or all of them), in pages of 16 neighbouring rows of one
 * column. A page whose slots align with the rows is used where it is: nothing is copied unnecessarily.
 */

import type { TimeRows } from "../time/period.js";
import {
  addCell,
  addCellsToColumn,
  addCellToColumn,
  addColumnToCell,
  CELL_WORDS,
  type CellColumns,
  clearColumns,
  EnergySum,
  grown,
  isUsed,
  PAGE_SLOTS,
  PAGE_SUMS,
  PAGE_WORDS,
  readingsAt,
  sortedBy,
  usedSlots,
} from "./cell.js";
import type { SectionBuilder } from "./section.js";
import { type Block, rowAt } from "./slots.js";
import { HourCounter, type Rows } from "./summary.js";
import type { Part } from "./tally.js";

/** The counts of the added parts. */
export interface Counts {
  /** Readings in the period, and outside it. */
  readings: number;
  outOfPeriod: number;
  skippedWallTimes: number;
  /** 10⁻¹⁸ kWh in the period. */
  energy: bigint;
}

/** What happens to the pages of a block. */
interface Way {
  /** The block of rows that all its slots align with; -1 if they do not. */
  readonly rowBlock: number;
  /** Whether some of its readings must be counted one by one. */
  readonly counted: boolean;
}

/** Add parts, then call `arrange` before reading rows. */
export class RowTable implements Rows {
  cells = 0;
  readonly counts: Counts = { readings: 0, outOfPeriod: 0, skippedWallTimes: 0, energy: 0n };
  /** Added to a row, so that slots and rows have the same place in their pages wherever possible. */
  private shift = 0;
  private readonly words: Uint32Array[] = [];
  /** For each page: its column and block of rows, its array of `words` and place in it, and which of its rows have readings. */
  private column = new Uint32Array(1024);
  private block = new Uint32Array(1024);
  private data = new Uint32Array(1024);
  private word = new Uint32Array(1024);
  private used = new Uint32Array(1024);
  private pages = 0;
  /** The last page that was created. */
  private made = -1;
  /** The last of `words` that was created for such pages, and how much of it is used. */
  private lump = -1;
  private lumpUsed = 0;
  /** After `arrange`: the pages of block b are those from `first[b]` up to `first[b + 1]`, each column once, ascending. */
  private first = new Uint32Array(0);
  private readonly energy = new EnergySum();

  constructor(private readonly times: TimeRows) {}

  /** @param blockOf the number in `blocks` of each page */
  addPart(part: Part, columnOf: Uint32Array, blocks: readonly Block[], blockOf: Uint32Array): void {
    const { pageSource, pageWord, pageUsed, pageSums, words } = part;
    if (this.pages === 0 && blockOf.length > 0) {
      const some = blocks[blockOf[0]];
      const i = 31 - Math.clz32(some.used & -some.used);
      if (some.row[i] >= 0) this.shift = (((i - some.row[i]) % PAGE_SLOTS) + PAGE_SLOTS) % PAGE_SLOTS;
    }
    // What is copied page by page is not referenced any more.
    let own = -1;
    // Pages of one block are mostly consecutive.
    let block: Block | undefined;
    let way: Way = { rowBlock: -1, counted: false };
    for (let n = 0; n < pageWord.length; n++) {
      if (block !== blocks[blockOf[n]]) {
        block = blocks[blockOf[n]];
        way = this.wayOf(block);
      }
      const column = columnOf[pageSource[n]];
      if (way.counted) this.count(block, words, pageWord[n]);
      if (way.rowBlock >= 0) {
        if (own < 0) own = this.words.push(words) - 1;
        this.push(column, way.rowBlock, own, pageWord[n], pageUsed[n]);
        const sums = n * PAGE_SUMS;
        this.energy.add(pageSums[sums], pageSums[sums + 1], pageSums[sums + 2], pageSums[sums + 3]);
        this.counts.readings += pageSums[sums + 4];
      } else this.addCells(column, block, words, pageWord[n]);
    }
  }

  private wayOf(block: Block): Way {
    let rowBlock = -2;
    let counted = false;
    for (let i = 0; i < PAGE_SLOTS; i++) {
      if (!(block.used & (1 << i))) continue;
      if (block.row[i] < 0 || block.isSkipped[i] === 1) counted = true;
      const place = block.row[i] < 0 ? -1 : block.row[i] + this.shift;
      const here = place >= 0 && (place & 15) === i ? place >> 4 : -1;
      rowBlock = rowBlock === -2 || rowBlock === here ? here : -1;
    }
    return { rowBlock, counted };
  }

  /** Counts a page's readings that are outside the period, or at a time that a clock change skips. */
  private count(block: Block, words: Uint32Array, at: number): void {
    const { counts } = this;
    for (let i = 0; i < PAGE_SLOTS; i++) {
      const readings = readingsAt(words, at + i * CELL_WORDS);
      if (readings === 0) continue;
      if (block.isSkipped[i] === 1) counts.skippedWallTimes += readings;
      if (block.row[i] < 0) counts.outOfPeriod += readings;
    }
  }

  /** Adds the cells of a page that is not aligned to pages that are created for their rows. */
  private addCells(column: number, block: Block, words: Uint32Array, at: number): void {
    for (let i = 0; i < PAGE_SLOTS; i++) {
      const row = block.row[i];
      const cell = at + i * CELL_WORDS;
      if (!isUsed(words, cell) || row < 0) continue;
      const page = this.pageFor(column, row);
      addCell(this.words[this.data[page]], this.cellIn(page, row), words, cell);
      this.energy.addCell(words, cell);
      this.counts.readings += readingsAt(words, cell);
    }
  }

  /**
   * Adds the cells of neighbouring slots, none of which spans two rows; those outside the rows are skipped.
   * @param instant at which the first slot begins, epoch seconds
   * @param width seconds of a slot
   * @returns whether any has readings and a row
   */
  addSlots(column: number, instant: number, width: number, cells: CellColumns): boolean {
    const { counts, energy, times } = this;
    const { count } = cells;
    const { end } = times;
    let found = false;
    let row = -1;
    for (let i = 0; i < count.length; i++, instant += width) {
      if (count[i] === 0) continue;
      if (row < 0 || instant >= end[row]) row = rowAt(times, instant);
      if (row < 0) continue;
      const page = this.pageFor(column, row);
      addColumnToCell(this.words[this.data[page]], this.cellIn(page, row), cells, i);
      energy.addColumns(cells, i, i + 1);
      counts.readings += count[i];
      found = true;
    }
    return found;
  }

  /** Finds or creates the page for cells of a row, which will have readings. */
  private pageFor(column: number, row: number): number {
    const place = row + this.shift;
    // Cells mostly go to the same page as the ones before them.
    let page = this.pages - 1;
    if (page < 0 || this.made !== page || this.column[page] !== column || this.block[page] !== place >> 4) {
      page = this.push(column, place >> 4, ...this.newPage(), 0);
      this.made = page;
    }
    this.used[page] |= 1 << (place & 15);
    return page;
  }

  private cellIn(page: number, row: number): number {
    return this.word[page] + ((row + this.shift) & 15) * CELL_WORDS;
  }

  /** Bytes of its cells. */
  get bytes(): number {
    return 4 * PAGE_WORDS * this.pages;
  }

  /** Allocates a page: its array of `words`, and its place there. Each array is larger than the last, so that one meter takes little. */
  private newPage(): [data: number, word: number] {
    const lump = this.words[this.lump];
    const word = this.lumpUsed;
    if (lump !== undefined && word < lump.length) {
      this.lumpUsed += PAGE_WORDS;
      return [this.lump, word];
    }
    this.lumpUsed = PAGE_WORDS;
    const words = Math.min(2 * (lump?.length ?? 8 * PAGE_WORDS), 4096 * PAGE_WORDS);
    this.lump = this.words.push(new Uint32Array(words)) - 1;
    return [this.lump, 0];
  }

  private push(column: number, block: number, data: number, word: number, used: number): number {
    const page = this.pages++;
    if (page === this.column.length) {
      this.column = grown(this.column);
      this.block = grown(this.block);
      this.data = grown(this.data);
      this.word = grown(this.word);
      this.used = grown(this.used);
    }
    this.column[page] = column;
    this.block[page] = block;
    this.data[page] = data;
    this.word[page] = word;
    this.used[page] = used;
    return page;
  }

  /** Sorts the pages, and adds up those for the same rows. */
  arrange(): void {
    this.counts.energy = this.energy.total;
    const { used } = this;
    const column = this.column.subarray(0, this.pages);
    const block = this.block.subarray(0, this.pages);
    const order = sortedBy(block, sortedBy(column));
    this.first = new Uint32Array(((this.times.length + this.shift) >> 4) + 2);
    let kept = 0;
    for (let n = 0; n < order.length; n++) {
      const page = order[n];
      const last = kept > 0 ? order[kept - 1] : page;
      if (last !== page && block[last] === block[page] && column[last] === column[page]) this.join(last, page);
      else {
        order[kept++] = page;
        this.first[block[page] + 1]++;
      }
    }
    for (let b = 1; b < this.first.length; b++) this.first[b] += this.first[b - 1];
    const pages = order.subarray(0, kept);
    const counter = this.times.hour && new HourCounter(this.times.hour);
    for (const page of pages) {
      if (counter === undefined) this.cells += usedSlots(used[page]);
      else counter.addRows((block[page] << 4) - this.shift, used[page], column[page]);
    }
    if (counter !== undefined) this.cells = counter.hours;
    this.pages = kept;
    this.column = pages.map((page) => this.column[page]);
    this.data = pages.map((page) => this.data[page]);
    this.word = pages.map((page) => this.word[page]);
    // No longer needed.
    this.block = new Uint32Array(0);
    this.used = new Uint32Array(0);
  }

  /** Adds page `other` into page `page`. */
  private join(page: number, other: number): void {
    const into = this.words[this.data[page]];
    const from = this.words[this.data[other]];
    for (let i = 0; i < PAGE_WORDS; i += CELL_WORDS) addCell(into, this.word[page] + i, from, this.word[other] + i);
    this.used[page] |= this.used[other];
  }

  sum(rows: Uint32Array, into: CellColumns, from: number, to: number): void {
    const { shift, first, column, data, word, words } = this;
    clearColumns(into, from, to);
    for (let i = 0; i < rows.length; ) {
      // As many consecutive rows as are in the same pages.
      const place = rows[i] + shift;
      let some = 1;
      while (rows[i + some] === rows[i] + some && ((place + some) & 15) !== 0) some++;
      const end = first[(place >> 4) + 1];
      for (let page = this.seek(place >> 4, from); page < end && column[page] < to; page++) {
        const at = word[page] + (place & 15) * CELL_WORDS;
        if (some === 1) addCellToColumn(into, column[page], words[data[page]], at);
        else addCellsToColumn(into, column[page], words[data[page]], at, at + some * CELL_WORDS);
      }
      i += some;
    }
  }

  /** Writes all cells as a run of sections, whose sources are the columns. @param columns their number */
  writeTo(section: SectionBuilder, columns: number): void {
    const { shift, first, column, data, word, words, times } = this;
    section.prepare(columns);
    section.begin();
    for (let row = 0; row < times.length; row++) {
      const place = row + shift;
      const end = first[(place >> 4) + 1];
      section.enter(times.start[row]);
      for (let page = first[place >> 4]; page < end; page++) {
        const at = word[page] + (place & 15) * CELL_WORDS;
        if (isUsed(words[data[page]], at)) section.add(column[page], words[data[page]], at);
      }
      section.flush();
    }
  }

  /** The first page of a block whose column is not before `from`. */
  private seek(block: number, from: number): number {
    let low = this.first[block];
    let high = this.first[block + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.column[middle] < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
