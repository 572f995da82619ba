/** What the order of a run says of its repeated times. */
import { Flag, type RowColumns } from "./row-columns.js";

/** Which of two passes a row is of. */
export const Pass = { first: 0, second: 1, ambiguous: 2 } as const;

export interface Passes {
  /** A step between the two passes, or pairs of neighbours, one of each. */
  readonly way: "step" | "twins";
  /** Of which pass the first row is; the other one follows. */
  readonly first: 0 | 1;
}

/**
 * How the order of a run tells; `undefined` where it does not.
 * @param edges times of the first and last repeated time, where timestamps mark ends
 */
export function passesOf(
  columns: RowColumns,
  run: number,
  edges: { low: number; high: number } | undefined,
): Passes | undefined {
  const flags = columns.flags[run];
  if ((flags & Flag.disordered) !== 0) return undefined;
  const ups = countOf(flags, Flag.up);
  const downs = countOf(flags, Flag.down);
  const rises = downs === 1 && ups > 0 && mayRise(flags);
  const falls = ups === 1 && downs > 0 && mayFall(flags);
  // Where either could be, as with 02:00, 02:30, 02:15, neither is known.
  if (rises !== falls) return { way: "step", first: rises ? Pass.first : Pass.second };
  if ((ups > 0 && downs > 0) || (flags & Flag.otherTwice) !== 0 || !areTwins(columns, run, edges)) return undefined;
  return { way: "twins", first: downs === 0 ? Pass.first : Pass.second };
}

/**
 * Whether each repeated time stands in two rows. Where timestamps mark ends, the passes part before their first time or
 * after their last one, as meters have it: so of these two one is there once, or not at all.
 */
function areTwins(columns: RowColumns, run: number, edges: { low: number; high: number } | undefined): boolean {
  let twins = 0;
  let atLow = 0;
  let atHigh = 0;
  for (let entry = columns.head[run]; entry >= 0; entry = columns.next[entry]) {
    const count = columns.count[entry];
    const time = columns.time[entry];
    if (count === 2) twins++;
    if (time === edges?.low) atLow = count;
    else if (time === edges?.high) atHigh = count;
    else if (count !== 2) return false;
  }
  if (twins === 0 || atLow > 2 || atHigh > 2) return false;
  return (atLow < 2 && atHigh !== 1) || (atLow !== 1 && atHigh < 2);
}

/** Rows rise all along, or but for one step back between repeated times. */
export function mayRise(flags: number): boolean {
  const downs = countOf(flags, Flag.down);
  return downs === 0 || (downs === 1 && (flags & Flag.otherDown) === 0);
}

/** The same of rows that fall. */
export function mayFall(flags: number): boolean {
  const ups = countOf(flags, Flag.up);
  return ups === 0 || (ups === 1 && (flags & Flag.otherUp) === 0);
}

/** How many steps of a kind there are, up to 2. */
export function countOf(flags: number, kind: number): number {
  return Math.floor(flags / kind) & 3;
}

export function more(flags: number, kind: number, steps: number): number {
  const count = countOf(flags, kind);
  return flags + (Math.min(2, count + steps) - count) * kind;
}
