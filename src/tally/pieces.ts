/** Contributions piece by piece, so that what is made of a large scan needs little memory beside it. */

import type { Zone } from "../time/zone.js";
import { PAGE_SLOTS, sortedBy } from "./cell.js";
import { type Contribution, contributionOf } from "./contribution.js";
import { Sources } from "./sources.js";
import { type Clock, type Part, partWith } from "./tally.js";

/** Cells of a piece, unless one source has more. */
const PIECE_CELLS = 1 << 18;

/** What scans counted, as `contributionOf` gives it, in pieces: sources ascend over all of them, each is in one piece. */
export function* contributionsOf(parts: readonly Part[], clock: Clock, inputZone: Zone): Generator<Contribution, void> {
  const { count, numberOf } = new Sources(parts);
  const pages = new Uint32Array(count);
  /** Of each part the pages by source, and how many of them are in pieces already. */
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
    if (cells > 0) yield contributionOf(piece, clock, inputZone);
    from = to;
  }
}

/** A part with some of its pages. */
function partFor(part: Part, pages: Uint32Array): Part {
  const seen = new Uint8Array(part.seen.length);
  for (const page of pages) seen[part.pageSource[page]] = 1;
  return partWith(part, pages, seen);
}
