/**
 * The readings of all parts by hour row and column (a source, or all of them). They lie in pages of 16 neighbouring rows
 * of one column. A page of slots that line up with the rows is used where it lies: nothing is copied that needs not be.
 */

import { daysOf, type Hours } from "../time/period.js";
import type { Zone } from "../time/zone.js";
import { addCell, CELL_WORDS, EnergySum, PAGE_SLOTS, PAGE_SUMS, PAGE_WORDS, readingsAt, sortedBy } from "./cell.js";
import type { Block } from "./slots.js";
import type { Table } from "./table.js";
import type { Part } from "./tally.js";

/** What adding parts comes to. */
export interface Counts {
  /** Readings in the period, and outside it. */
  readings: number;
  outOfPeriod: number;
  skippedWallTimes: number;
  /** 10⁻¹⁸ kWh in the period. */
  energy: bigint;
}

/** What becomes of the pages of a block. */
interface Way {
  /** The block of rows that all its slots line up with; -1 where they do not. */
  readonly rowBlock: number;
  /** Some of its readings are to be counted one by one. */
  readonly counted: boolean;
}

export class RowTable {
  /** (column, row) pairs that have readings; once arranged. */
  cells = 0;
  /** Added to a row, so that slots and rows have the same place in their pages wherever that can be. */
  private shift = 0;
  private readonly words: Uint32Array[] = [];
  /** Of each page: its column and block of rows, which of `words` it lies in and where, and which of its rows have readings. */
  private column = new Uint32Array(1024);
  private block = new Uint32Array(1024);
  private data = new Uint32Array(1024);
  private word = new Uint32Array(1024);
  private used = new Uint32Array(1024);
  private pages = 0;
  /** The page that was made last. */
  private made = -1;
  /** The last of `words` that is made for such pages, and how much of it is used. */
  private lump = -1;
  private lumpUsed = 0;
  /** The pages by block, then column: each pair once. */
  private order = new Uint32Array(0);
  private readonly energy = new EnergySum();

  constructor(
    private readonly columns: number,
    private readonly hours: Hours,
    private readonly totals: Counts,
  ) {}

  /** @param blockOf of each page which of `blocks` it is */
  addPart(part: Part, columnOf: Uint32Array, blocks: readonly Block[], blockOf: Uint32Array): void {
    const { pageSource, pageWord, pageUsed, pageSums, words } = part;
    if (this.pages === 0 && blockOf.length > 0) {
      const some = blocks[blockOf[0]];
      const i = 31 - Math.clz32(some.used & -some.used);
      if (some.row[i] >= 0) this.shift = (((i - some.row[i]) % PAGE_SLOTS) + PAGE_SLOTS) % PAGE_SLOTS;
    }
    // What is copied page by page is not held on to.
    let own = -1;
    // Pages of one block mostly follow one another.
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
        this.totals.readings += pageSums[sums + 4];
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

  /** Counts a page's readings that are outside of the period, or at a time that a clock skips. */
  private count(block: Block, words: Uint32Array, at: number): void {
    const { totals } = this;
    for (let i = 0; i < PAGE_SLOTS; i++) {
      const readings = readingsAt(words, at + i * CELL_WORDS);
      if (readings === 0) continue;
      if (block.isSkipped[i] === 1) totals.skippedWallTimes += readings;
      if (block.row[i] < 0) totals.outOfPeriod += readings;
    }
  }

  /** Adds the cells of a page that does not line up to pages that are made for their rows. */
  private addCells(column: number, block: Block, words: Uint32Array, at: number): void {
    for (let i = 0; i < PAGE_SLOTS; i++) {
      const row = block.row[i];
      const cell = at + i * CELL_WORDS;
      const readings = readingsAt(words, cell);
      if (readings === 0 || row < 0) continue;
      const place = row + this.shift;
      // Cells mostly go where the ones before them went.
      let page = this.pages - 1;
      if (page < 0 || this.made !== page || this.column[page] !== column || this.block[page] !== place >> 4) {
        page = this.push(column, place >> 4, ...this.newPage(), 0);
        this.made = page;
      }
      addCell(this.words[this.data[page]], this.word[page] + (place & 15) * CELL_WORDS, words, cell);
      this.used[page] |= 1 << (place & 15);
      this.energy.addCell(words, cell);
      this.totals.readings += readings;
    }
  }

  /** Room for a page: which of `words` it is in, and where. Each lump is larger than the last, so that one meter takes little. */
  private newPage(): [data: number, word: number] {
    const lump = this.words[this.lump];
    const word = this.lumpUsed;
    if (lump !== undefined && word < lump.length) {
      this.lumpUsed += PAGE_WORDS;
      return [this.lump, word];
    }
    this.lumpUsed = PAGE_WORDS;
    this.lump = this.words.push(shared(Math.min(2 * (lump?.length ?? 8 * PAGE_WORDS), 4096 * PAGE_WORDS))) - 1;
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

  /** Sorts the pages, and adds up those that are for the same rows. */
  arrange(): void {
    this.totals.energy = this.energy.total;
    const { used } = this;
    const column = this.column.subarray(0, this.pages);
    const block = this.block.subarray(0, this.pages);
    const order = sortedBy(block, sortedBy(column));
    let kept = 0;
    for (let n = 0; n < order.length; n++) {
      const page = order[n];
      const last = kept > 0 ? order[kept - 1] : page;
      if (last !== page && block[last] === block[page] && column[last] === column[page]) this.join(last, page);
      else order[kept++] = page;
    }
    this.order = order.slice(0, kept);
    for (let n = 0; n < kept; n++) this.cells += bits(used[order[n]]);
  }

  /** Blocks of rows that there are. */
  private get blocks(): number {
    return ((this.hours.length + this.shift) >> 4) + 1;
  }

  /** Adds page `other` into page `page`. */
  private join(page: number, other: number): void {
    const into = this.words[this.data[page]];
    const from = this.words[this.data[other]];
    for (let i = 0; i < PAGE_WORDS; i += CELL_WORDS) addCell(into, this.word[page] + i, from, this.word[other] + i);
    this.used[page] |= this.used[other];
  }

  columnsWithCells(): Uint32Array {
    const seen = new Uint8Array(this.columns);
    for (let n = 0; n < this.order.length; n++) seen[this.column[this.order[n]]] = 1;
    return Uint32Array.from(seen.keys()).filter((column) => seen[column] === 1);
  }

  /** @param present the columns to show: all that have cells */
  table(zone: Zone, sources: readonly string[] | undefined, present: Uint32Array): Table {
    const { order, hours, shift, words } = this;
    const shown = new Uint32Array(this.columns);
    present.forEach((column, n) => {
      shown[column] = n;
    });
    const first = shared(this.blocks + 1);
    const listed = (of: (page: number) => number) => {
      const list = shared(order.length);
      for (let n = 0; n < order.length; n++) list[n] = of(order[n]);
      return list;
    };
    for (let n = 0; n < order.length; n++) first[this.block[order[n]] + 1]++;
    for (let b = 0; b < this.blocks; b++) first[b + 1] += first[b];
    return {
      ...{ zone, hours, days: daysOf(hours), sources, columns: present.length, shift, words, first },
      column: listed((page) => shown[this.column[page]]),
      data: listed((page) => this.data[page]),
      word: listed((page) => this.word[page]),
    };
  }
}

/** Words that threads can share. */
function shared(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(4 * length));
}

function grown(list: Uint32Array): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(2 * list.length);
  longer.set(list);
  return longer;
}

/** How many bits of 16 are set: summed in pairs, then in fours, in bytes, in all. */
function bits(mask: number): number {
  const twos = mask - ((mask >>> 1) & 0x5555);
  const fours = (twos & 0x3333) + ((twos >>> 2) & 0x3333);
  const bytes = (fours + (fours >>> 4)) & 0x0f0f;
  return (bytes + (bytes >>> 8)) & 0x1f;
}
