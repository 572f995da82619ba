/**
 * A tally in quarter hours of UTC, as stores keep it: what one batch contributes, or what a store holds of some sources
 * over a stretch of time. Columns of numbers, no objects: a million cells are common.
 */
import { blocksOf } from "./slots.js";
import { CELL_WORDS, type Clock, idText, PAGE_SLOTS, type Part, Plane, sourcesOf } from "./tally.js";
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

/**
 * What scans counted, all parts in one, by source and quarter hour.
 * @param clock of the scan: `QUARTER_CLOCK`
 * @param inputZone of wall times
 */
export function contributionOf(parts: readonly Part[], clock: Clock, inputZone: Zone): Contribution {
  const blocks = blocksOf(parts, clock, inputZone);
  const { bytes, numberOf, seen } = sourcesOf(parts);
  let cells = 0;
  parts.forEach(({ pageWord, words }) => {
    for (const page of pageWord)
      for (let i = 0, at = page + 4; i < PAGE_SLOTS; i++, at += CELL_WORDS)
        if ((words[at] | words[at + 1]) !== 0) cells++;
  });

  // Each cell's place in the order of source and slot, as one number that sorts: sources and slots both fit 2²⁶.
  const key = new Float64Array(cells);
  const from = new Float64Array(cells);
  const partAt = new Float64Array(parts.length + 1);
  let n = 0;
  let base = 0;
  parts.forEach(({ pageSource, pageWord, words }, p) => {
    partAt[p] = base;
    for (let page = 0; page < pageWord.length; page++) {
      const { instant } = blocks.ofPage[p][page];
      const number = numberOf[p][pageSource[page]];
      for (let i = 0, at = pageWord[page]; i < PAGE_SLOTS; i++, at += CELL_WORDS) {
        if ((words[at + 4] | words[at + 5]) === 0) continue;
        key[n] = number * SLOTS + (Math.floor(instant[i] / QUARTER) + MIDDLE);
        from[n++] = base + at;
      }
    }
    base += words.length;
  });
  partAt[parts.length] = base;
  const order = sorted(key);

  const named = bytes.length > seen ? 1 : 0;
  const sources = bytes.slice(named).map(idText);
  const starts = new Uint32Array(sources.length + 1);
  const slot = new Int32Array(cells);
  const energy = new Uint32Array(cells * 4);
  const count = new Float64Array(cells);
  let last = -1;
  let at = -1;
  for (const cell of order) {
    if (key[cell] !== last) {
      last = key[cell];
      at++;
      const source = Math.floor(last / SLOTS);
      slot[at] = last - source * SLOTS - MIDDLE;
      starts[source - named + 1]++;
    }
    let p = 0;
    while (from[cell] >= partAt[p + 1]) p++;
    const { words } = parts[p];
    const word = from[cell] - partAt[p];
    addEnergy(energy, at * 4, words, word);
    count[at] += words[word + 4] + words[word + 5] * LIMB;
  }
  for (let s = 1; s < starts.length; s++) starts[s] += starts[s - 1];
  return {
    sources,
    starts,
    slot: slot.subarray(0, at + 1),
    energy: energy.subarray(0, (at + 1) * 4),
    count: count.subarray(0, at + 1),
  };
}

/** Slots lie within ±2²⁴: years 1900 to 2199 are fewer than 2²⁴ quarter hours from 1970. */
const MIDDLE = 1 << 24;
const SLOTS = 1 << 25;

/** The numbers of the cells in the order of their keys. */
function sorted(key: Float64Array): Uint32Array {
  const order = new Uint32Array(key.length);
  let ascending = true;
  for (let n = 0; n < key.length; n++) {
    order[n] = n;
    if (n > 0 && key[n] < key[n - 1]) ascending = false;
  }
  return ascending ? order : order.sort((a, b) => key[a] - key[b]);
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
  return {
    ids: Buffer.concat(ids),
    idEnds,
    seen,
    pageSource,
    pagePlane: new Uint8Array(pages).fill(Plane.instant),
    pageBlock,
    pageWord,
    words,
    firstInstant: first * QUARTER,
    lastInstant: last * QUARTER,
    firstWall: Number.POSITIVE_INFINITY,
    lastWall: Number.NEGATIVE_INFINITY,
  };
}
