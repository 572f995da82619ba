/** Contributions piece by piece, so that what is made of a large scan needs little memory beside it. */
import { type Contribution, contributionOf } from "./contribution.js";
import { Sources } from "./sources.js";
import { type Clock, PAGE_SLOTS, type Part, partWith } from "./tally.js";
import type { Zone } from "./zone.js";

/** Cells of a piece, unless one source has more. */
const PIECE_CELLS = 1 << 20;

/** What scans counted, as `contributionOf` gives it, in pieces: sources ascend over all of them, each is in one piece. */
export function* contributionsOf(parts: readonly Part[], clock: Clock, inputZone: Zone): Generator<Contribution, void> {
  const { count, numberOf } = new Sources(parts);
  const pages = new Uint32Array(count);
  parts.forEach(({ pageSource }, p) => {
    for (const source of pageSource) pages[numberOf[p][source]]++;
  });
  for (let from = 0; from < pages.length; ) {
    let to = from;
    let cells = 0;
    do cells += pages[to++] * PAGE_SLOTS;
    while (to < pages.length && cells + pages[to] * PAGE_SLOTS <= PIECE_CELLS);
    if (cells > 0) {
      const piece = parts.map((part, p) =>
        partFor(part, (source) => numberOf[p][source] >= from && numberOf[p][source] < to),
      );
      yield contributionOf(piece, clock, inputZone);
    }
    from = to;
  }
}

/** A part with the pages of some sources; the words are the same. */
function partFor(part: Part, wanted: (source: number) => boolean): Part {
  const pages: number[] = [];
  part.pageSource.forEach((source, page) => {
    if (wanted(source)) pages.push(page);
  });
  return partWith(
    part,
    pages,
    part.seen.map((seen, source) => (wanted(source) ? seen : 0)),
  );
}
