/**
 * A tally in quarter hours of UTC, as stores keep it: what one batch contributes, or what a store holds of some sources
 * over a stretch of time. Columns of numbers, no objects: a million cells are common.
 */
import { type Blocks, blocksOf } from "./slots.js";
import {
  CELL_WORDS,
  type Clock,
  idText,
  PAGE_SLOTS,
  PAGE_SUMS,
  type Part,
  Plane,
  sourcesOf,
  sumPage,
} from "./tally.js";
import type { Zone } from "./zone.js";

/** Seconds of a store's slot. */
export const QUARTER = 900;

export interface Contribution {
  /** Ids, ascending by their UTF-8 bytes, each once; `""` is the unnamed source. */
  readonly sources: readonly string[];
  /** The cells of source n are those from `starts[n]` to `starts[n + 1]` (exclusive), their slots ascending, each once. */
  readonly starts: Uint32Array;
  /** Quarter hours since 1970-01-01T00:00Z. */
  readonly slot: Int32Array;
  /** Four limbs a cell, least significant first: two's complement, 10⁻¹⁸ kWh. */
  readonly energy: Uint32Array;
  /** Readings, at least 1 where a batch has them. */
  readonly count: Float64Array;
}

const LIMB = 0x1_0000_0000;
const PAGE_WORDS = PAGE_SLOTS * CELL_WORDS;

/**
 * What scans counted, all parts in one, by source and quarter hour.
 * @param clock of the scan: `QUARTER_CLOCK`
 * @param inputZone of wall times
 */
export function contributionOf(parts: readonly Part[], clock: Clock, inputZone: Zone): Contribution {
  const { bytes, numberOf, seen } = sourcesOf(parts);
  const named = bytes.length > seen ? 1 : 0;
  const pages = new Pages(parts.reduce((sum, part) => sum + part.pageWord.length, 1));
  parts.forEach((part, p) => {
    // Only wall times and seconds have to be placed; the slots of instants are quarter hours already.
    const blocks = part.pagePlane.every((plane) => plane === Plane.instant)
      ? undefined
      : blocksOf([part], clock, inputZone);
    pages.addPart(part, numberOf[p], blocks);
  });
  return pages.contribution(bytes.slice(named).map(idText), named);
}

/** Pages of 16 quarter hours of a source, in which what belongs together meets. */
class Pages {
  private readonly pageOf = new Map<number, number>();
  private words: Uint32Array;
  private source: Uint32Array;
  private block: Int32Array;

  /** @param room pages that there will be, about: a batch of one reading is common, and so are large ones */
  constructor(room: number) {
    this.words = new Uint32Array(room * PAGE_WORDS);
    this.source = new Uint32Array(room);
    this.block = new Int32Array(room);
  }

  /** @param blocks of this part alone, or `undefined` where all are of `Plane.instant` */
  addPart(part: Part, numberOf: Uint32Array, blocks: Blocks | undefined): void {
    const { pageSource, pagePlane, pageBlock, pageWord, words } = part;
    for (let page = 0; page < pageWord.length; page++) {
      const source = numberOf[pageSource[page]];
      const instant = pagePlane[page] === Plane.instant ? undefined : blocks?.all[blocks.ofPage[0][page]].instant;
      const before = this.pageOf.size;
      let to = instant === undefined ? this.page(source, pageBlock[page]) * PAGE_WORDS : 0;
      if (this.pageOf.size > before) {
        // Nothing to meet yet.
        this.words.set(words.subarray(pageWord[page], pageWord[page] + PAGE_WORDS), to);
        continue;
      }
      for (let i = 0, at = pageWord[page]; i < PAGE_SLOTS; i++, at += CELL_WORDS) {
        if ((words[at + 4] | words[at + 5]) === 0) continue;
        let place = i;
        if (instant !== undefined) {
          const slot = Math.floor(instant[i] / QUARTER);
          to = this.page(source, slot >> 4) * PAGE_WORDS;
          place = slot & (PAGE_SLOTS - 1);
        }
        this.add(to + place * CELL_WORDS, words, at);
      }
    }
  }

  /** Blocks lie within ±2²⁰: years 1900 to 2199 have fewer than 2²⁴ quarter hours from 1970 on. */
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

  private add(to: number, from: Uint32Array, at: number): void {
    const { words } = this;
    addEnergy(words, to, from, at);
    const low = words[to + 4] + from[at + 4];
    words[to + 4] = low;
    words[to + 5] += from[at + 5] + (low >= LIMB ? 1 : 0);
  }

  /** @param first number of the first source */
  contribution(sources: readonly string[], first: number): Contribution {
    const words = this.words.subarray(0, this.pageOf.size * PAGE_WORDS);
    let cells = 0;
    for (let at = 4; at < words.length; at += CELL_WORDS) if ((words[at] | words[at + 1]) !== 0) cells++;
    const starts = new Uint32Array(sources.length + 1);
    const slot = new Int32Array(cells);
    const energy = new Uint32Array(cells * 4);
    const count = new Float64Array(cells);
    let n = 0;
    for (const page of this.ordered()) {
      const source = this.source[page] - first;
      for (let i = 0, at = page * PAGE_WORDS; i < PAGE_SLOTS; i++, at += CELL_WORDS) {
        if ((words[at + 4] | words[at + 5]) === 0) continue;
        slot[n] = this.block[page] * PAGE_SLOTS + i;
        for (let limb = 0; limb < 4; limb++) energy[n * 4 + limb] = words[at + limb];
        count[n++] = words[at + 4] + words[at + 5] * LIMB;
      }
      starts[source + 1] = n;
    }
    return { sources, starts, slot, energy, count };
  }

  /** The pages by source and block: sorted by counting, first by block, then by source. */
  private ordered(): Uint32Array {
    const size = this.pageOf.size;
    const all = new Uint32Array(size);
    for (let page = 0; page < size; page++) all[page] = page;
    return countingSort(countingSort(all, this.block), this.source);
  }
}

/** Numbers in the order of their keys; those of the same key stay as they are. */
function countingSort(numbers: Uint32Array, key: Uint32Array | Int32Array): Uint32Array {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const n of numbers) {
    if (key[n] < least) least = key[n];
    if (key[n] > most) most = key[n];
  }
  if (numbers.length === 0) return numbers;
  const next = new Uint32Array(most - least + 2);
  for (const n of numbers) next[key[n] - least + 1]++;
  for (let k = 1; k < next.length; k++) next[k] += next[k - 1];
  const sorted = new Uint32Array(numbers.length);
  for (const n of numbers) sorted[next[key[n] - least]++] = n;
  return sorted;
}

/** Adds four limbs of one array to four of another. */
export function addEnergy(to: Uint32Array, at: number, from: Uint32Array, word: number): void {
  let carry = 0;
  for (let i = 0; i < 4; i++) {
    const sum = to[at + i] + from[word + i] + carry;
    to[at + i] = sum;
    carry = sum >= LIMB ? 1 : 0;
  }
}

/** The clock of `partOf`, and of a scan that is to be kept in a store. */
export const QUARTER_CLOCK: Clock = { instantWidth: QUARTER, wallWidth: QUARTER };

/** A contribution as a scan would have counted it, for `summarise`; its extent is that of its quarter hours. */
export function partOf({ sources, starts, slot, energy, count }: Contribution): Part {
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
      if (slot[n] >> 4 !== block) pages++;
      block = slot[n] >> 4;
    }
  }
  const pageSource = new Uint32Array(pages);
  const pageBlock = new Int32Array(pages);
  const pageWord = new Uint32Array(pages);
  const words = new Uint32Array(pages * PAGE_SLOTS * CELL_WORDS);
  let page = -1;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < sources.length; s++) {
    for (let n = starts[s], block = Number.NaN; n < starts[s + 1]; n++) {
      if (slot[n] >> 4 !== block) {
        block = slot[n] >> 4;
        page++;
        pageSource[page] = s + shift;
        pageBlock[page] = block;
        pageWord[page] = page * PAGE_SLOTS * CELL_WORDS;
      }
      const at = pageWord[page] + (slot[n] & (PAGE_SLOTS - 1)) * CELL_WORDS;
      for (let i = 0; i < 4; i++) words[at + i] = energy[n * 4 + i];
      words[at + 4] = count[n] % LIMB;
      words[at + 5] = count[n] / LIMB;
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
