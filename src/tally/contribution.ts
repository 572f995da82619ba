/**
 * A tally in quarter hours of UTC, as stores keep it: what one batch contributes, or what a store holds of some sources
 * over a stretch of time. Columns of numbers, no objects: a million cells are common.
 */

import type { Fit } from "../time/slot-width.js";
import { QUARTER } from "../time/slot-width.js";
import type { Zone } from "../time/zone.js";
import {
  addCellToColumn,
  addColumnToCell,
  CELL_WORDS,
  type CellColumns,
  isUsed,
  newColumns,
  PAGE_SLOTS,
  PAGE_SUMS,
  PAGE_WORDS,
  sortedBy,
  sumPage,
} from "./cell.js";
import { quarterPagesOf } from "./quarter-pages.js";
import { type Clock, type Part, Plane } from "./tally.js";

/** Each cell has at least one reading where a batch has them. */
export interface Contribution extends CellColumns {
  /** Ids, ascending by their UTF-8 bytes, each once; `""` is the unnamed source. */
  readonly sources: readonly string[];
  /** The cells of source n are those from `starts[n]` to `starts[n + 1]` (exclusive), their slots ascending, each once. */
  readonly starts: Uint32Array;
  /** Quarter hours since 1970-01-01T00:00Z. */
  readonly slot: Int32Array;
}

/**
 * What scans counted, all parts in one, by source and quarter hour.
 * @param clock of the scan: `QUARTER_CLOCK`
 * @param inputZone of wall times
 */
export function contributionOf(parts: readonly Part[], clock: Clock, inputZone: Zone): Contribution {
  const { sources, source, block, word, words } = quarterPagesOf(parts, clock, inputZone);
  let cells = 0;
  for (const from of word) for (let at = from; at < from + PAGE_WORDS; at += CELL_WORDS) if (isUsed(words, at)) cells++;
  const starts = new Uint32Array(sources.length + 1);
  const slot = new Int32Array(cells);
  const columns = newColumns(cells);
  let n = 0;
  for (const page of sortedBy(source, sortedBy(block))) {
    for (let i = 0, at = word[page]; i < PAGE_SLOTS; i++, at += CELL_WORDS) {
      if (!isUsed(words, at)) continue;
      slot[n] = block[page] * PAGE_SLOTS + i;
      addCellToColumn(columns, n++, words, at);
    }
    starts[source[page] + 1] = n;
  }
  return { sources, starts, slot, ...columns };
}

/**
 * A contribution as a scan would have counted it, for `summarise`; its extent is that of its quarter hours.
 * @param width seconds of the part's slots: what is in one hour is one cell then
 */
export function partOf(contribution: Contribution, width: Fit["width"] = QUARTER): Part {
  const { sources, starts, slot } = contribution;
  // From a quarter hour's number to its slot's, and to its page's.
  const toSlot = width === QUARTER ? 0 : 2;
  const toBlock = toSlot + 4;
  const ids: Buffer[] = [];
  // Source 0 of a part is the unnamed one, whether it has readings or not.
  const shift = sources[0] === "" ? 0 : 1;
  const idEnds = new Uint32Array(sources.length + shift);
  const seen = new Uint8Array(sources.length + shift);
  let length = 0;
  let pages = 0;
  for (let s = 0; s < sources.length; s++) {
    const id = Buffer.from(sources[s], "utf8");
    ids.push(id);
    length += id.length;
    idEnds[s + shift] = length;
    if (starts[s] < starts[s + 1]) seen[s + shift] = 1;
    for (let n = starts[s], block = Number.NaN; n < starts[s + 1]; n++) {
      if (slot[n] >> toBlock !== block) pages++;
      block = slot[n] >> toBlock;
    }
  }
  const pageSource = new Uint32Array(pages);
  const pageBlock = new Int32Array(pages);
  const pageWord = new Uint32Array(pages);
  const words = new Uint32Array(pages * PAGE_WORDS);
  let page = -1;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < sources.length; s++) {
    for (let n = starts[s], block = Number.NaN; n < starts[s + 1]; n++) {
      if (slot[n] >> toBlock !== block) {
        block = slot[n] >> toBlock;
        page++;
        pageSource[page] = s + shift;
        pageBlock[page] = block;
        pageWord[page] = page * PAGE_WORDS;
      }
      const at = pageWord[page] + ((slot[n] >> toSlot) & (PAGE_SLOTS - 1)) * CELL_WORDS;
      addColumnToCell(words, at, contribution, n);
      if (slot[n] < first) first = slot[n];
      if (slot[n] > last) last = slot[n];
    }
  }
  const pageUsed = new Uint16Array(pages);
  const pageSums = new Float64Array(PAGE_SUMS * pages);
  for (let n = 0; n < pages; n++) pageUsed[n] = sumPage(words, pageWord[n], pageSums, n * PAGE_SUMS);
  return {
    ids: Buffer.concat(ids),
    idEnds,
    seen,
    pageSource,
    pagePlane: new Uint8Array(pages).fill(Plane.instant),
    pageBlock,
    pageWord,
    pageUsed,
    pageSums,
    words,
    firstInstant: first * QUARTER,
    lastInstant: last * QUARTER,
    firstWall: Number.POSITIVE_INFINITY,
    lastWall: Number.NEGATIVE_INFINITY,
  };
}
