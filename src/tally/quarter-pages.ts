/**
 * What scans counted for a store: pages of quarter hours of UTC, each page of a source and block once. The pages of a single
 * scan of only such slots are used where they are; others are merged in new memory.
 */

import { QUARTER } from "../time/slot-width.js";
import type { Zone } from "../time/zone.js";
import { addCell, CELL_WORDS, isUsed, PAGE_SLOTS, PAGE_WORDS } from "./cell.js";
import { type Blocks, blocksOf } from "./slots.js";
import { Sources } from "./sources.js";
import { type Clock, type Part, Plane } from "./tally.js";

/** The clock of a scan for a store. */
export const QUARTER_CLOCK: Clock = { instantWidth: QUARTER, wallWidth: QUARTER };

export interface QuarterPages {
  /** Ids, ascending by their UTF-8 bytes, each once; `""` is the unnamed source. */
  readonly sources: readonly string[];
  /** 1 for a source that is export; `undefined` where none is. */
  readonly exported: Uint8Array | undefined;
  /** By page: the number of its source, its block of 16 slots, and the index in `words` at which its cells begin. */
  readonly source: Uint32Array;
  readonly block: Int32Array;
  readonly word: Uint32Array;
  /** May be a view of the parts. */
  readonly words: Uint32Array;
}

/**
 * Merges all parts.
 * @param clock of the scan: `QUARTER_CLOCK`
 * @param inputZone of wall times
 */
export function quarterPagesOf(parts: readonly Part[], clock: Clock, inputZone: Zone): QuarterPages {
  const all = new Sources(parts);
  const { numberOf, seen } = all;
  const named = all.count > seen ? 1 : 0;
  const sources = all.ids(named);
  const alone = parts.length === 1 && isInstants(parts[0]) && areDistinct(parts[0], seen);
  const pages = alone ? pagesOf(parts[0], numberOf[0]) : met(parts, numberOf);
  if (named === 1) for (let n = 0; n < pages.source.length; n++) pages.source[n]--;
  return { sources, exported: exportedIn(parts, numberOf, sources.length, named), ...pages };

  function met(parts: readonly Part[], numberOf: readonly Uint32Array[]) {
    const meeting = new Meeting(parts.reduce((sum, part) => sum + part.pageWord.length, 1));
    parts.forEach((part, p) => {
      // Only wall times and seconds have to be converted; the slots of instants are quarter hours already.
      meeting.add(part, numberOf[p], isInstants(part) ? undefined : blocksOf([part], clock, inputZone));
    });
    return meeting.pages();
  }
}

/** @param named the number of the first of the sources */
function exportedIn(
  parts: readonly Part[],
  numberOf: readonly Uint32Array[],
  sources: number,
  named: number,
): Uint8Array | undefined {
  if (parts.every(({ exported }) => exported === undefined)) return undefined;
  const all = new Uint8Array(sources);
  parts.forEach(({ exported, seen }, p) => {
    for (let n = 0; exported !== undefined && n < exported.length; n++)
      if (exported[n] === 1 && seen[n]) all[numberOf[p][n] - named] = 1;
  });
  return all;
}

const isInstants = ({ pagePlane }: Part) => pagePlane.every((plane) => plane === Plane.instant);

/** Whether no two of a part's sources have the same id. @param seen the number of distinct ids */
const areDistinct = (part: Part, seen: number) => part.seen.reduce((sum, one) => sum + one, 0) === seen;

/** A part has no two pages with the same number, plane and block. */
function pagesOf({ pageSource, pageBlock, pageWord, words }: Part, numberOf: Uint32Array) {
  return { source: pageSource.map((source) => numberOf[source]), block: pageBlock, word: pageWord, words };
}

/**
 * Pages in which cells of the same source and block are merged. They are found by a key, and not joined at the end as hour
 * rows are: a page of wall times mostly spans two of UTC, so with many sources each would have two of its own until then.
 */
class Meeting {
  private readonly pageOf = new Map<number, number>();
  private words: Uint32Array;
  private source: Uint32Array;
  private block: Int32Array;

  /** @param room the approximate number of pages */
  constructor(room: number) {
    this.words = new Uint32Array(room * PAGE_WORDS);
    this.source = new Uint32Array(room);
    this.block = new Int32Array(room);
  }

  /** @param blocks of this part alone, or `undefined` if all are of `Plane.instant` */
  add(part: Part, numberOf: Uint32Array, blocks: Blocks | undefined): void {
    const { pageSource, pagePlane, pageBlock, pageWord, words } = part;
    for (let page = 0; page < pageWord.length; page++) {
      const source = numberOf[pageSource[page]];
      const instant = pagePlane[page] === Plane.instant ? undefined : blocks?.all[blocks.ofPage[0][page]].instant;
      const before = this.pageOf.size;
      let to = instant === undefined ? this.page(source, pageBlock[page]) * PAGE_WORDS : 0;
      if (this.pageOf.size > before) {
        // There is nothing to merge with yet.
        this.words.set(words.subarray(pageWord[page], pageWord[page] + PAGE_WORDS), to);
        continue;
      }
      for (let i = 0, at = pageWord[page]; i < PAGE_SLOTS; i++, at += CELL_WORDS) {
        if (!isUsed(words, at)) continue;
        let place = i;
        if (instant !== undefined) {
          const slot = Math.floor(instant[i] / QUARTER);
          to = this.page(source, slot >> 4) * PAGE_WORDS;
          place = slot & (PAGE_SLOTS - 1);
        }
        addCell(this.words, to + place * CELL_WORDS, words, at);
      }
    }
  }

  pages() {
    const count = this.pageOf.size;
    return {
      source: this.source.subarray(0, count),
      block: this.block.subarray(0, count),
      word: Uint32Array.from({ length: count }, (_, page) => page * PAGE_WORDS),
      words: this.words,
    };
  }

  /** Blocks are within ±2²⁰: the years 1900 to 2199 have fewer than 2²⁴ quarter hours from 1970 on. */
  private page(source: number, block: number): number {
    const key = source * 2 ** 21 + block + 2 ** 20;
    const found = this.pageOf.get(key);
    if (found !== undefined) return found;
    const page = this.pageOf.size;
    if (page === this.source.length) this.grow();
    this.pageOf.set(key, page);
    this.source[page] = source;
    this.block[page] = block;
    return page;
  }

  private grow(): void {
    const grown = <T extends Uint32Array | Int32Array>(old: T, into: T) => {
      into.set(old);
      return into;
    };
    this.words = grown(this.words, new Uint32Array(this.words.length * 2));
    this.source = grown(this.source, new Uint32Array(this.source.length * 2));
    this.block = grown(this.block, new Int32Array(this.block.length * 2));
  }
}
