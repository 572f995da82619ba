/** The cells of one source by quarter hour, only those with readings: the basis of its quality. */
import type { Zone } from "../time/zone.js";
import {
  addCellToColumn,
  addEnergy,
  CELL_WORDS,
  type CellColumns,
  clearCell,
  isUsed,
  PAGE_SLOTS,
  sortedBy,
} from "./cell.js";
import { quarterPagesOf } from "./quarter-pages.js";
import { Sources } from "./sources.js";
import { type Clock, type Part, partWith } from "./tally.js";

/** Cells that fit initially. */
const ROOM = 4096;
/** Cells that are processed together, unless one source has more: so processing a large scan takes little further memory. */
const PIECE_CELLS = 1 << 18;

/** Columns of one source after another, in the same memory. */
export class SourceCells implements CellColumns {
  source = "";
  length = 0;
  /** Quarter hours since 1970-01-01T00:00Z, ascending. */
  slot = new Int32Array(ROOM);
  energy = new Uint32Array(4 * ROOM);
  count = new Float64Array(ROOM);

  /** What is added from now on belongs to this source. */
  begin(source: string): void {
    this.source = source;
    this.length = 0;
  }

  /** Adds the cells with readings among those of neighbouring slots. */
  addSlots(first: number, { energy, count }: CellColumns): void {
    for (let i = 0; i < count.length; i++) {
      if (count[i] === 0) continue;
      const n = this.push(first + i);
      addEnergy(this.energy, 4 * n, energy, 4 * i);
      this.count[n] = count[i];
    }
  }

  /** The same for a page. */
  addPage(first: number, words: Uint32Array, page: number): void {
    for (let i = 0, at = page; i < PAGE_SLOTS; i++, at += CELL_WORDS)
      if (isUsed(words, at)) addCellToColumn(this, this.push(first + i), words, at);
  }

  /** Appends a cell without readings. */
  private push(slot: number): number {
    const n = this.length++;
    if (n === this.slot.length) this.grow();
    clearCell(this, n);
    this.slot[n] = slot;
    return n;
  }

  private grow(): void {
    const { slot, energy, count } = this;
    this.slot = new Int32Array(2 * slot.length);
    this.slot.set(slot);
    this.energy = new Uint32Array(2 * energy.length);
    this.energy.set(energy);
    this.count = new Float64Array(2 * count.length);
    this.count.set(count);
  }
}

/**
 * What scans counted, with all parts merged, source by source, ascending by their ids' UTF-8 bytes; each valid until the next.
 * @param clock of the scans: `QUARTER_CLOCK`
 * @param inputZone of wall times
 */
export function* sourceCellsOf(parts: readonly Part[], clock: Clock, inputZone: Zone): Generator<SourceCells, void> {
  const cells = new SourceCells();
  for (const piece of piecesOf(parts)) {
    const { sources, source, block, word, words } = quarterPagesOf(piece, clock, inputZone);
    const order = sortedBy(source, sortedBy(block));
    for (let n = 0; n < order.length; ) {
      const of = source[order[n]];
      cells.begin(sources[of]);
      for (; n < order.length && source[order[n]] === of; n++)
        cells.addPage(block[order[n]] * PAGE_SLOTS, words, word[order[n]]);
      yield cells;
    }
  }
}

/** Parts with some of the pages each: sources ascend from one piece to the next, and each is in one piece. */
function* piecesOf(parts: readonly Part[]): Generator<Part[], void> {
  const { count, numberOf } = new Sources(parts);
  const pages = new Uint32Array(count);
  /** For each part, the pages by source, and how many of them are in pieces already. */
  const sorted = parts.map(({ pageSource }, p) => {
    const number = pageSource.map((source) => numberOf[p][source]);
    for (const source of number) pages[source]++;
    return { number, order: sortedBy(number), next: 0 };
  });
  for (let from = 0; from < count; ) {
    let to = from;
    let cells = 0;
    do cells += pages[to++] * PAGE_SLOTS;
    while (to < count && cells + pages[to] * PAGE_SLOTS <= PIECE_CELLS);
    const piece = parts.map((part, p) => {
      const { number, order, next } = sorted[p];
      let end = next;
      while (end < order.length && number[order[end]] < to) end++;
      sorted[p].next = end;
      return partFor(part, order.subarray(next, end));
    });
    if (cells > 0) yield piece;
    from = to;
  }
}

/** A part with some of its pages. */
function partFor(part: Part, pages: Uint32Array): Part {
  const seen = new Uint8Array(part.seen.length);
  for (const page of pages) seen[part.pageSource[page]] = 1;
  return partWith(part, pages, seen);
}
