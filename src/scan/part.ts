/** Reads what a kernel has counted out of its memory. */
import { PAGE_SUMS, sumPage } from "../tally/cell.js";
import { ENTRY_WORDS } from "../tally/page-list.js";
import type { Part } from "../tally/tally.js";
import type { Exports } from "./kernel-exports.js";

/** Less than the size of a page, so that no two pages begin in the same bucket. */
const BUCKET_WORDS = 64;

type Pages = Pick<Part, "pageSource" | "pagePlane" | "pageBlock" | "pageWord" | "pageUsed" | "pageSums">;

/**
 * The pages of a kernel, in address order: reading memory sequentially is several times as fast as any other order.
 * @param words all of the memory
 * @param kernel has a table of pages, whose entries are four words: { source, block, plane, address or 0 }
 */
export function pagesOf(words: Uint32Array, kernel: Exports): Pages {
  const table = kernel.pageTable() >>> 2;
  const tableEnd = table + kernel.pageTableSize() * ENTRY_WORDS;
  const count = kernel.pageCount();
  let lowest = words.length;
  let highest = 0;
  /** Their table indices: the table has room for many more. */
  const entries = new Uint32Array(count);
  for (let at = table, n = 0; n < count && at < tableEnd; at += ENTRY_WORDS) {
    const word = words[at + 3] >>> 2;
    if (word === 0) continue;
    entries[n++] = at;
    if (word < lowest) lowest = word;
    if (word > highest) highest = word;
  }
  /** For each bucket of memory, the table index of the page that begins in it. */
  const firstInBucket = new Uint32Array(count === 0 ? 0 : Math.floor((highest - lowest) / BUCKET_WORDS) + 1);
  for (const at of entries) firstInBucket[Math.floor(((words[at + 3] >>> 2) - lowest) / BUCKET_WORDS)] = at;
  const pages = {
    pageSource: new Uint32Array(count),
    pagePlane: new Uint8Array(count),
    pageBlock: new Int32Array(count),
    pageWord: new Uint32Array(count),
    pageUsed: new Uint16Array(count),
    pageSums: new Float64Array(PAGE_SUMS * count),
  };
  let n = 0;
  for (let i = 0; i < firstInBucket.length; i++) {
    const at = firstInBucket[i];
    if (at === 0) continue;
    pages.pageSource[n] = words[at];
    pages.pageBlock[n] = words[at + 1] | 0;
    pages.pagePlane[n] = words[at + 2];
    pages.pageWord[n] = words[at + 3] >>> 2;
    pages.pageUsed[n] = sumPage(words, pages.pageWord[n], pages.pageSums, n * PAGE_SUMS);
    n++;
  }
  return pages;
}

/** The ids of a kernel's sources. */
export function sourcesIn(exports: Exports): Pick<Part, "ids" | "idEnds" | "seen"> {
  const { buffer } = exports.memory;
  const bytes = new Uint8Array(buffer);
  const view = new DataView(buffer);
  const count = exports.sourceCount();
  const idEnds = new Uint32Array(count);
  const seen = new Uint8Array(count);
  let length = 0;
  for (let n = 0; n < count; n++) {
    length += view.getUint32(exports.entryOf(exports.settled(n)) + 4, true);
    idEnds[n] = length;
    seen[n] = view.getUint32(exports.entryOf(n) + 12, true);
  }
  const ids = new Uint8Array(length);
  for (let n = 1; n < count; n++) {
    if (idEnds[n] === idEnds[n - 1]) continue;
    const at = view.getUint32(exports.entryOf(exports.settled(n)), true);
    ids.set(bytes.subarray(at, at + idEnds[n] - idEnds[n - 1]), idEnds[n - 1]);
  }
  return { ids, idEnds, seen };
}

/** When a kernel's first and last readings are. @param at where its state has these four numbers */
export function extentsIn(
  view: DataView,
  at: number,
): Pick<Part, "firstInstant" | "lastInstant" | "firstWall" | "lastWall"> {
  const extent = (from: number) => {
    const second = view.getFloat64(at + from, true);
    return Math.abs(second) === Number.MAX_VALUE ? Math.sign(second) * Number.POSITIVE_INFINITY : second;
  };
  return { firstInstant: extent(0), lastInstant: extent(8), firstWall: extent(16), lastWall: extent(24) };
}
