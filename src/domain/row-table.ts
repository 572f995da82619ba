/**
 * The readings of all parts by column (a source, or all of them) and hour row. They lie in pages of 16 neighbouring rows
 * of one column. A page of slots that line up with the rows is used where it lies: nothing is copied that needs not be.
 */
import { addEnergy } from "./energy.js";
import { daysOf, type Hours } from "./period.js";
import type { Block, Blocks } from "./slots.js";
import type { Summary } from "./summary.js";
import { CELL_WORDS, PAGE_SLOTS, type Part } from "./tally.js";
import type { Zone } from "./zone.js";

const PAGE_WORDS = PAGE_SLOTS * CELL_WORDS;

/** What adding parts comes to. */
export interface Counts {
  /** Readings in the period, and outside it. */
  readings: number;
  outOfPeriod: number;
  repeatedWallTimes: number;
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
  /** (column, row) pairs that have readings. */
  cells = 0;
  /** Added to a row, so that slots and rows have the same place in their pages wherever that can be. */
  private shift = 0;
  private readonly words: Uint32Array[] = [];
  private readonly column: number[] = [];
  private readonly block: number[] = [];
  private readonly data: number[] = [];
  private readonly word: number[] = [];
  /** Pages by column, then block: column c has `order[first[c]]` to `order[first[c + 1] - 1]`. */
  private order = new Uint32Array(0);
  private first = new Uint32Array(0);

  constructor(
    private readonly columns: number,
    private readonly hours: Hours,
    private readonly totals: Counts,
  ) {}

  addPart(part: Part, columnOf: Uint32Array, blocks: Blocks["ofPage"][number]): void {
    const { pageSource, pageWord, words } = part;
    if (this.words.length === 0 && blocks.length > 0) {
      const some = blocks[0];
      const i = 31 - Math.clz32(some.used & -some.used);
      if (some.row[i] >= 0) this.shift = (((i - some.row[i]) % PAGE_SLOTS) + PAGE_SLOTS) % PAGE_SLOTS;
    }
    const own = this.words.push(words) - 1;
    const ways = new Map(blocks.map((block) => [block, this.wayOf(block)]));
    // The page that was made last: cells that do not line up mostly go where the ones before them went.
    let madeColumn = -1;
    let madeBlock = -1;
    let made: Uint32Array = words;
    for (let n = 0; n < pageWord.length; n++) {
      const block = blocks[n];
      const column = columnOf[pageSource[n]];
      const at = pageWord[n];
      const way = ways.get(block) as Way;
      if (way.counted) this.count(block, words, at);
      if (way.rowBlock >= 0) {
        this.push(column, way.rowBlock, own, at);
        continue;
      }
      for (let i = 0; i < PAGE_SLOTS; i++) {
        const row = block.row[i];
        const cell = at + i * CELL_WORDS;
        if ((words[cell + 4] | words[cell + 5]) === 0 || row < 0) continue;
        const place = row + this.shift;
        if (madeColumn !== column || madeBlock !== place >> 4) {
          madeColumn = column;
          madeBlock = place >> 4;
          made = new Uint32Array(PAGE_WORDS);
          this.push(column, madeBlock, this.words.push(made) - 1, 0);
        }
        addCell(made, (place & 15) * CELL_WORDS, words, cell);
      }
    }
  }

  private wayOf(block: Block): Way {
    let rowBlock = -2;
    let counted = false;
    for (let i = 0; i < PAGE_SLOTS; i++) {
      if (!(block.used & (1 << i))) continue;
      if (block.row[i] < 0 || block.change[i] !== 0) counted = true;
      const place = block.row[i] < 0 ? -1 : block.row[i] + this.shift;
      const here = place >= 0 && (place & 15) === i ? place >> 4 : -1;
      rowBlock = rowBlock === -2 || rowBlock === here ? here : -1;
    }
    return { rowBlock, counted };
  }

  /** Counts a page's readings that are outside of the period, or at a clock change. */
  private count(block: Block, words: Uint32Array, at: number): void {
    const { totals } = this;
    for (let i = 0; i < PAGE_SLOTS; i++) {
      const readings = readingsAt(words, at + i * CELL_WORDS);
      if (readings === 0) continue;
      if (block.change[i] === 1) totals.repeatedWallTimes += readings;
      else if (block.change[i] === 2) totals.skippedWallTimes += readings;
      if (block.row[i] < 0) totals.outOfPeriod += readings;
    }
  }

  private push(column: number, block: number, data: number, word: number): void {
    this.column.push(column);
    this.block.push(block);
    this.data.push(data);
    this.word.push(word);
  }

  /** Sorts the pages, and adds up those that are for the same rows. */
  arrange(): void {
    const pages = this.column.length;
    const first = new Uint32Array(this.columns + 1);
    for (let n = 0; n < pages; n++) first[this.column[n] + 1]++;
    for (let c = 0; c < this.columns; c++) first[c + 1] += first[c];
    const order = new Uint32Array(pages);
    const next = first.slice(0, this.columns);
    for (let n = 0; n < pages; n++) order[next[this.column[n]]++] = n;
    let kept = 0;
    for (let c = 0; c < this.columns; c++) {
      const from = first[c];
      const some = order.slice(from, first[c + 1]);
      first[c] = kept;
      // Blocks are below 2²², pages of a column below 2³¹: both fit a double.
      const keys = new Float64Array(some.length);
      for (let i = 0; i < keys.length; i++) keys[i] = this.block[some[i]] * 2147483648 + i;
      keys.sort();
      let last = -1;
      for (let i = 0; i < keys.length; i++) {
        const n = some[keys[i] % 2147483648];
        if (last >= 0 && this.block[last] === this.block[n]) this.join(last, n);
        else {
          last = n;
          order[kept++] = n;
        }
      }
    }
    first[this.columns] = kept;
    this.order = order.slice(0, kept);
    this.first = first;
    this.addUp();
  }

  /** Adds page `other` into page `page`. */
  private join(page: number, other: number): void {
    const into = this.words[this.data[page]];
    const from = this.words[this.data[other]];
    for (let i = 0; i < PAGE_WORDS; i += CELL_WORDS) addCell(into, this.word[page] + i, from, this.word[other] + i);
  }

  /** Adds up all pages. Sums of 32-bit words are exact in a double for the first two million. */
  private addUp(): void {
    const sums = new Float64Array(4);
    const flush = () => {
      for (let i = 0; i < 4; i++) this.totals.energy += BigInt(sums[i]) << BigInt(32 * i);
      sums.fill(0);
    };
    for (let k = 0; k < this.order.length; k++) {
      const page = this.order[k];
      const words = this.words[this.data[page]];
      for (let i = 0, at = this.word[page]; i < PAGE_SLOTS; i++, at += CELL_WORDS) {
        const readings = readingsAt(words, at);
        if (readings === 0) continue;
        this.cells++;
        this.totals.readings += readings;
        sums[0] += words[at];
        sums[1] += words[at + 1];
        sums[2] += words[at + 2];
        sums[3] += words[at + 3] | 0;
      }
      if (k % 65536 === 65535) flush();
    }
    flush();
  }

  columnsWithCells(): Uint32Array {
    const present: number[] = [];
    for (let c = 0; c < this.columns; c++) if (this.first[c] < this.first[c + 1]) present.push(c);
    return Uint32Array.from(present);
  }

  /** @param present the columns to show */
  summary(zone: Zone, sources: readonly string[] | undefined, present: Uint32Array): Summary {
    const { hours, order, first, shift } = this;
    const pageBlock = Int32Array.from(order, (n) => this.block[n]);
    const pageWord = Uint32Array.from(order, (n) => this.word[n]);
    const pageData = order.map((n) => this.data[n]);
    const { words } = this;
    /** For each column the page at or after the block asked for last. */
    const cursor = Uint32Array.from(present, (c) => first[c]);
    let cursorBlock = -1;
    const seek = (block: number) => {
      for (let c = 0; c < present.length; c++) {
        const end = first[present[c] + 1];
        let n = block < cursorBlock ? first[present[c]] : cursor[c];
        while (n < end && pageBlock[n] < block) n++;
        cursor[c] = n;
      }
      cursorBlock = block;
    };
    const hour = (row: number, energy: Uint32Array, count: Float64Array) => {
      const place = row + shift;
      const block = place >> 4;
      if (block !== cursorBlock) seek(block);
      const cell = (place & 15) * CELL_WORDS;
      for (let c = 0, to = 0; c < present.length; c++, to += 4) {
        const n = cursor[c];
        if (n < first[present[c] + 1] && pageBlock[n] === block) {
          const from = words[pageData[n]];
          const at = pageWord[n] + cell;
          energy[to] = from[at];
          energy[to + 1] = from[at + 1];
          energy[to + 2] = from[at + 2];
          energy[to + 3] = from[at + 3];
          count[c] = from[at + 4] + from[at + 5] * 4294967296;
        } else {
          energy[to] = energy[to + 1] = energy[to + 2] = energy[to + 3] = 0;
          count[c] = 0;
        }
      }
    };
    const days = daysOf(hours);
    const columns = present.length;
    const hourEnergy = new Uint32Array(4 * columns);
    const hourCount = new Float64Array(columns);
    const rowsOfDay = rowsByDay(hours, days);
    const day = (index: number, energy: Uint32Array, count: Float64Array) => {
      energy.fill(0, 0, 4 * columns);
      count.fill(0, 0, columns);
      for (const row of rowsOfDay[index]) {
        hour(row, hourEnergy, hourCount);
        for (let c = 0; c < columns; c++) {
          addEnergy(energy, 4 * c, hourEnergy, 4 * c);
          count[c] += hourCount[c];
        }
      }
    };
    return { zone, hours, days, sources, columns, hour, day };
  }
}

function readingsAt(words: Uint32Array, cell: number): number {
  return words[cell + 4] + words[cell + 5] * 4294967296;
}

/** Adds a cell to a cell: energy and readings. */
function addCell(into: Uint32Array, at: number, from: Uint32Array, fromAt: number): void {
  addEnergy(into, at, from, fromAt);
  const low = into[at + 4] + from[fromAt + 4];
  into[at + 4] = low;
  into[at + 5] = into[at + 5] + from[fromAt + 5] + (low >= 4294967296 ? 1 : 0);
}

function rowsByDay(hours: Hours, days: Int32Array): readonly Int32Array[] {
  const index = new Map<number, number>();
  days.forEach((day, i) => index.set(day, i));
  const rows: number[][] = Array.from(days, () => []);
  for (let row = 0; row < hours.length; row++) rows[index.get(hours.day[row]) as number].push(row);
  return rows.map((some) => Int32Array.from(some));
}
