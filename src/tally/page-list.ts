/**
 * Pages of cells as a list, wherever they are: those of a kernel or a part, to be processed in the order of time. For a
 * kernel it is the table in its own memory, since little memory is left when cells are to be written to the disk.
 */
import { type Part, Plane } from "./tally.js";

/** Words of an entry: source, plane's block, plane, and the byte of `words` at which the page's cells begin. */
export const ENTRY_WORDS = 4;

export interface PageList {
  readonly entries: Uint32Array;
  /** The entries that are pages, in any order. */
  readonly pages: Uint32Array;
  readonly words: Uint32Array;
  /** The number of source numbers. */
  readonly sources: number;
  /** As in `Part`. */
  readonly firstInstant: number;
  readonly lastInstant: number;
  readonly firstWall: number;
  readonly lastWall: number;
}

export function pageListOf(part: Part): PageList {
  const { pageSource, pageBlock, pagePlane, pageWord, words, firstInstant, lastInstant, firstWall, lastWall } = part;
  const pages = new Uint32Array(pageWord.length);
  const entries = new Uint32Array(pages.length * ENTRY_WORDS);
  for (let n = 0; n < pages.length; n++) {
    pages[n] = n;
    entries[ENTRY_WORDS * n] = pageSource[n];
    entries[ENTRY_WORDS * n + 1] = pageBlock[n];
    entries[ENTRY_WORDS * n + 2] = pagePlane[n];
    entries[ENTRY_WORDS * n + 3] = 4 * pageWord[n];
  }
  return { entries, pages, words, sources: part.idEnds.length, firstInstant, lastInstant, firstWall, lastWall };
}

/** The digits by which pages are sorted, the least significant first: ranges of 64 KiB of memory, blocks, planes. */
const DIGITS: readonly ((entries: Uint32Array, entry: number) => number)[] = [
  (entries, entry) => entries[entry + 3] >>> 16,
  (entries, entry) => entries[entry + 1] & 0xffff,
  // Blocks are signed.
  (entries, entry) => (entries[entry + 1] >>> 16) ^ 0x8000,
  (entries, entry) => entries[entry + 2],
];

/** Sorts pages by plane, then block, then roughly by place in memory. It reuses its memory if that is large enough. */
export class PageSorter {
  private readonly next = new Uint32Array(0x10001);
  private other = new Uint32Array(0);

  /** @returns the pages of a list in order; the list itself is no longer in any order */
  sort({ entries, pages }: PageList): Uint32Array {
    const { next } = this;
    if (this.other.length < pages.length) this.other = new Uint32Array(pages.length + (pages.length >> 2));
    let order = pages;
    let other: Uint32Array = this.other.subarray(0, pages.length);
    for (const digit of DIGITS) {
      next.fill(0);
      for (let n = 0; n < order.length; n++) next[digit(entries, ENTRY_WORDS * order[n]) + 1]++;
      if (order.length > 0 && next[digit(entries, ENTRY_WORDS * order[0]) + 1] === order.length) continue;
      for (let d = 0; d < 0x10000; d++) next[d + 1] += next[d];
      for (let n = 0; n < order.length; n++) other[next[digit(entries, ENTRY_WORDS * order[n])]++] = order[n];
      [order, other] = [other, order];
    }
    return order;
  }
}

/** Whether there are only wide slots of instants, as long as rows: then pages align with these. @param width of both, in seconds */
export function areRows(
  { entries, pages }: PageList,
  width: { readonly slots: number; readonly rows: number },
): boolean {
  return width.slots === width.rows && pages.every((page) => entries[ENTRY_WORDS * page + 2] === Plane.instant);
}
