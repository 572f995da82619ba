// What a scan hands over, made by hand: pages of quarter hours.
import { PAGE_SLOTS, PAGE_SUMS, PAGE_WORDS, sumPage } from "../../dist/tally/cell.js";
import { Plane } from "../../dist/tally/tally.js";

/** @typedef {import("../../dist/tally/tally.js").Part} Part */
/** @typedef {{ source: string, slot: number, energy: bigint, count: number }} Cell */

const QUARTER = 900;

/**
 * @param {readonly Cell[]} cells of some sources, each source and slot once
 * @returns {Part}
 */
export function partOf(cells) {
  const ids = [...new Set(cells.map(({ source }) => source))].filter((id) => id !== "");
  const pages = new Map(cells.map(({ source, slot }) => [`${slot >> 4} ${source}`, { source, block: slot >> 4 }]));
  const keys = [...pages.keys()];
  const words = new Uint32Array(keys.length * PAGE_WORDS);
  const at = new Map(keys.map((key, n) => [key, n * PAGE_WORDS]));
  for (const { source, slot, energy, count } of cells) {
    const limbs = [0n, 32n, 64n, 96n].map((bits) => Number(BigInt.asUintN(32, energy >> bits)));
    const page = /** @type {number} */ (at.get(`${slot >> 4} ${source}`));
    words.set([...limbs, count % 2 ** 32, Math.floor(count / 2 ** 32)], page + 6 * (slot & (PAGE_SLOTS - 1)));
  }
  const source = Uint32Array.from(pages.values(), (page) => ids.indexOf(page.source) + 1);
  return partFrom(ids, { source, block: Int32Array.from(pages.values(), ({ block }) => block), words });
}

/**
 * @param {readonly string[]} ids of the sources from number 1 on; number 0 is the unnamed one
 * @param {{ source: Uint32Array, block: Int32Array, words: Uint32Array }} pages one after another in `words`
 * @returns {Part}
 */
export function partFrom(ids, { source, block, words }) {
  const idEnds = new Uint32Array(ids.length + 1);
  ids.forEach((id, n) => {
    idEnds[n + 1] = (idEnds[n] ?? 0) + Buffer.byteLength(id);
  });
  const seen = new Uint8Array(idEnds.length);
  for (const number of source) seen[number] = 1;
  const pageSums = new Float64Array(PAGE_SUMS * source.length);
  const pageWord = Uint32Array.from(source, (_, page) => page * PAGE_WORDS);
  const pageUsed = Uint16Array.from(pageWord, (word, page) => sumPage(words, word, pageSums, PAGE_SUMS * page));
  let firstInstant = Number.POSITIVE_INFINITY;
  let lastInstant = Number.NEGATIVE_INFINITY;
  pageUsed.forEach((used, page) => {
    for (let i = 0; i < PAGE_SLOTS; i++) {
      if (!(used & (1 << i))) continue;
      const instant = /** @type {number} */ (block[page] * PAGE_SLOTS + i) * QUARTER;
      firstInstant = Math.min(firstInstant, instant);
      lastInstant = Math.max(lastInstant, instant);
    }
  });
  return {
    ...{
      ids: Buffer.from(ids.join("")),
      idEnds,
      seen,
      pageSource: source,
      pageBlock: block,
      pageWord,
      pageUsed,
      pageSums,
    },
    ...{ pagePlane: new Uint8Array(source.length).fill(Plane.instant), words, firstInstant, lastInstant },
    ...{ firstWall: Number.POSITIVE_INFINITY, lastWall: Number.NEGATIVE_INFINITY },
  };
}
