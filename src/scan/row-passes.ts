/** Tells from the order of a run's rows which pass each repeated time belongs to. */
import { Flag, type RowColumns } from "./row-columns.js";

/** The passes over repeated times: before and after the clock is put back. */
export const Pass = { first: 0, second: 1, ambiguous: 2 } as const;

export interface Passes {
  /** Either the passes follow each other, with one step between them, or rows come in pairs, one of each pass. */
  readonly way: "step" | "twins";
  /** The pass of the first row. The other pass follows. */
  readonly first: 0 | 1;
}

/**
 * @param edges the first and the last repeated time, if timestamps mark the ends of intervals
 * @returns `undefined` if the order does not tell
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
  // If both are possible, as with 02:00, 02:30, 02:15, the order does not tell.
  if (rises !== falls) return { way: "step", first: rises ? Pass.first : Pass.second };
  if ((ups > 0 && downs > 0) || (flags & Flag.otherTwice) !== 0 || !areTwins(columns, run, edges)) return undefined;
  return { way: "twins", first: downs === 0 ? Pass.first : Pass.second };
}

/**
 * Whether each repeated time is in exactly two rows. If timestamps mark the ends of intervals, meters differ in whether
 * the repeated times include the first or the last one: one of the two may occur once, or not at all.
 */
function areTwins(columns: RowColumns, run: number, edges: { low: number; high: number } | undefined): boolean {
  let twins = 0;
  let atLow = 0;
  let atHigh = 0;
  for (let entry = columns.head[run]; entry >= 0; entry = columns.next[entry]) {
    const count = columns.rows[entry];
    const time = columns.time[entry];
    if (count === 2) twins++;
    if (time === edges?.low) atLow = count;
    else if (time === edges?.high) atHigh = count;
    else if (count !== 2) return false;
  }
  if (twins === 0 || atLow > 2 || atHigh > 2) return false;
  return (atLow < 2 && atHigh !== 1) || (atLow !== 1 && atHigh < 2);
}

/** Whether rows rise throughout, except for at most one step back between repeated times. */
export function mayRise(flags: number): boolean {
  const downs = countOf(flags, Flag.down);
  return downs === 0 || (downs === 1 && (flags & Flag.otherDown) === 0);
}

/** Whether rows fall throughout, except for at most one step forward between repeated times. */
export function mayFall(flags: number): boolean {
  const ups = countOf(flags, Flag.up);
  return ups === 0 || (ups === 1 && (flags & Flag.otherUp) === 0);
}

/** How many steps of a kind were counted, up to 2. */
export function countOf(flags: number, kind: number): number {
  return Math.floor(flags / kind) & 3;
}

/** The flags with more steps of a kind counted. */
export function more(flags: number, kind: number, steps: number): number {
  const count = countOf(flags, kind);
  return flags + (Math.min(2, count + steps) - count) * kind;
}
