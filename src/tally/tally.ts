/**
 * A tally: for each source and slot an exact sum of energy and a count of readings, as a scan returns it. Tallies add up
 * in any order; here they are only collected, and `summarise` adds them. Cells are in pages (`cell.ts`).
 */
import { PAGE_SUMS, PAGE_WORDS } from "./cell.js";

/** A plane is a way of counting time. A slot's number counts widths (wide planes) or seconds (fine ones) since 1970. */
export const Plane = {
  /** Instants: stamps that mark an interval's end are shifted already. */
  instant: 0,
  /** Wall times of the input zone, not yet turned into instants. */
  wall: 1,
  /** Wall times that mark an interval's end and are exactly on a slot's start: the interval is before it. */
  wallBorder: 2,
  /** The same by the second, if a zone does not fit the wide slots. */
  instantFine: 3,
  instantFineBorder: 4,
  wallFine: 5,
  wallFineBorder: 6,
} as const;

/** Instead of a plane: the reading is counted, but not in a cell yet; the caller keeps its energy. */
export const DEFERRED = 7;

/** How a scan counted time, for reading its planes. */
export interface Clock {
  /** Seconds of a slot of `Plane.instant`. */
  readonly instantWidth: number;
  /** Seconds of a slot of `Plane.wall` and `Plane.wallBorder`. */
  readonly wallWidth: number;
}

/** What one scanning thread has counted. */
export interface Part {
  /**
   * Ids in UTF-8, one after another; source n ends at `idEnds[n]`; source 0 is unnamed, and so is any other with an empty
   * id. Several may have the same id.
   */
  readonly ids: Uint8Array;
  readonly idEnds: Uint32Array;
  /** 1 for a source that has a reading. */
  readonly seen: Uint8Array;
  /** 1 for a source that is export; `undefined` where none is, or nobody asked. */
  readonly exported?: Uint8Array | undefined;
  /** Per page, in the order of `words`: its source, its plane, its block of 16 slots, and the index in `words` at which its cells begin. */
  readonly pageSource: Uint32Array;
  readonly pagePlane: Uint8Array;
  readonly pageBlock: Int32Array;
  readonly pageWord: Uint32Array;
  /** Bit i: slot i has readings. */
  readonly pageUsed: Uint16Array;
  /** Sums over the slots, from `sumPage`: each thread computes those of its own cells, so that the main one need not. */
  readonly pageSums: Float64Array;
  readonly words: Uint32Array;
  /** Epoch or wall seconds of the first and last reading of `Plane.instant` and of the wide wall planes; ±Infinity if there is none. */
  readonly firstInstant: number;
  readonly lastInstant: number;
  readonly firstWall: number;
  readonly lastWall: number;
}

/** Whether a plane's slots are wall times. */
export function isOfWalls(plane: number): boolean {
  return plane === Plane.wall || plane === Plane.wallBorder || plane >= Plane.wallFine;
}

/** The number of a part's readings with wall times. */
export function wallReadings({ pagePlane, pageSums }: Part): number {
  let readings = 0;
  for (let page = 0; page < pagePlane.length; page++)
    if (isOfWalls(pagePlane[page])) readings += pageSums[page * PAGE_SUMS + 4];
  return readings;
}

/** Some of a part's pages as a part of their own; the words are the same. @param seen their sources */
export function partWith(part: Part, pages: Uint32Array, seen: Uint8Array): Part {
  const pageSums = new Float64Array(PAGE_SUMS * pages.length);
  pages.forEach((page, n) => {
    pageSums.set(part.pageSums.subarray(page * PAGE_SUMS, (page + 1) * PAGE_SUMS), n * PAGE_SUMS);
  });
  return {
    ...part,
    seen,
    pageSource: pages.map((page) => part.pageSource[page]),
    pagePlane: Uint8Array.from(pages, (page) => part.pagePlane[page]),
    pageBlock: Int32Array.from(pages, (page) => part.pageBlock[page]),
    pageWord: pages.map((page) => part.pageWord[page]),
    pageUsed: Uint16Array.from(pages, (page) => part.pageUsed[page]),
    pageSums,
  };
}

/** A part with its own copy of cells that were a view of reusable memory. */
export function copyOf(part: Part): Part {
  const { pageWord, words } = part;
  if (pageWord.length === 0) return { ...part, words: new Uint32Array(0) };
  // Pages are in the order of the words.
  const lowest = pageWord[0];
  return {
    ...part,
    pageWord: pageWord.map((word) => word - lowest),
    words: words.slice(lowest, pageWord[pageWord.length - 1] + PAGE_WORDS),
  };
}

/** The id of a source as text; `""` for the unnamed one. */
export function idOf({ ids, idEnds }: Pick<Part, "ids" | "idEnds">, source: number): string {
  return source === 0 ? "" : Buffer.from(ids.subarray(idEnds[source - 1], idEnds[source])).toString("utf8");
}

/** Replaces the ids of some sources. @param ids by number */
export function withIds<T extends Pick<Part, "ids" | "idEnds">>(of: T, ids: ReadonlyMap<number, Uint8Array>): T {
  const idEnds = new Uint32Array(of.idEnds.length);
  const pieces: Uint8Array[] = [];
  for (let n = 1, from = 0; n < idEnds.length; n++) {
    const other = ids.get(n);
    idEnds[n] = idEnds[n - 1] + (other?.length ?? of.idEnds[n] - of.idEnds[n - 1]);
    if (other === undefined && n < idEnds.length - 1) continue;
    const to = other === undefined ? of.idEnds[n] : of.idEnds[n - 1];
    pieces.push(of.ids.subarray(of.idEnds[from], to), other ?? new Uint8Array(0));
    from = n;
  }
  return { ...of, ids: Buffer.concat(pieces), idEnds };
}
