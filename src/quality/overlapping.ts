/** Finds intervals of one source that overlap: their energies are added up, which may be a mistake. */
import { say } from "../base/message.js";
import type { Warning } from "../base/warning.js";
import { instantLabel } from "../time/period.js";
import type { Zone } from "../time/zone.js";

/** Ranges of time, of a source each, in epoch seconds. */
export interface Ranges {
  readonly source: Uint32Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/** That some of a source's intervals overlap: from when on, and by how many seconds in all. */
export interface Overlap {
  readonly source: number;
  readonly first: number;
  readonly seconds: number;
}

/** What the intervals of readings cover: ranges, of which no two of a source overlap or meet, and where intervals overlapped. */
export interface Covered extends Ranges {
  readonly overlaps: readonly Overlap[];
}

/** Overlapping intervals of all sources. */
export interface Overlapping {
  /** The id of the source whose intervals overlap first. */
  readonly source: string;
  readonly first: number;
  /** Of all sources. */
  readonly seconds: number;
  /** The number of other sources. */
  readonly others: number;
}

const MOST_OF_ID = 100;
const HOUR = 3600;
const MINUTE = 60;

/**
 * Joins ranges that meet or overlap.
 * @param note called for each stretch in which a range overlaps those before it
 */
export function joinRanges(
  { source, from, to }: Ranges,
  note: (source: number, at: number, seconds: number) => void,
): Ranges {
  const order = Array.from(source.keys()).sort((a, b) => source[a]! - source[b]! || from[a]! - from[b]!);
  const joined: { source: number[]; from: number[]; to: number[] } = { source: [], from: [], to: [] };
  let last = -1;
  for (const n of order) {
    if (last >= 0 && joined.source[last] === source[n] && from[n]! <= joined.to[last]!) {
      const end = joined.to[last]!;
      const common = Math.min(end, to[n]!) - from[n]!;
      if (common > 0) note(source[n]!, from[n]!, common);
      if (to[n]! > end) joined.to[last] = to[n]!;
      continue;
    }
    last = joined.source.push(source[n]!) - 1;
    joined.from.push(from[n]!);
    joined.to.push(to[n]!);
  }
  return {
    source: Uint32Array.from(joined.source),
    from: Float64Array.from(joined.from),
    to: Float64Array.from(joined.to),
  };
}

/**
 * The intervals that overlap, of what several threads counted.
 * @param nameOf the id of a source, by the number of its thread and its own there
 */
export function overlappingIn(
  all: readonly (Covered | undefined)[],
  nameOf: (thread: number, source: number) => string,
): Overlapping | undefined {
  const found = new Map<string, { first: number; seconds: number }>();
  const note = (id: string, at: number, seconds: number) => {
    const before = found.get(id);
    if (before === undefined) found.set(id, { first: at, seconds });
    else found.set(id, { first: Math.min(before.first, at), seconds: before.seconds + seconds });
  };
  all.forEach((covered, thread) => {
    for (const { source, first, seconds } of covered?.overlaps ?? []) note(nameOf(thread, source), first, seconds);
  });
  if (all.filter((covered) => (covered?.source.length ?? 0) > 0).length > 1) {
    const { ranges, names } = together(all, nameOf);
    joinRanges(ranges, (source, at, seconds) => note(names[source]!, at, seconds));
  }
  const sources = [...found].sort(([a, x], [b, y]) => x.first - y.first || (a < b ? -1 : 1));
  const [one] = sources;
  if (one === undefined) return undefined;
  const seconds = sources.reduce((sum, [, overlap]) => sum + overlap.seconds, 0);
  return { source: one[0], first: one[1].first, seconds, others: sources.length - 1 };
}

/** The ranges of all threads, with one number for each id. */
function together(all: readonly (Covered | undefined)[], nameOf: (thread: number, source: number) => string) {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  const length = all.reduce((sum, covered) => sum + (covered?.source.length ?? 0), 0);
  const ranges = { source: new Uint32Array(length), from: new Float64Array(length), to: new Float64Array(length) };
  let n = 0;
  all.forEach((covered, thread) => {
    for (let i = 0; i < (covered?.source.length ?? 0); i++, n++) {
      const id = nameOf(thread, covered!.source[i]!);
      let number = numbers.get(id);
      if (number === undefined) {
        number = names.push(id) - 1;
        numbers.set(id, number);
      }
      ranges.source[n] = number;
      ranges.from[n] = covered!.from[i]!;
      ranges.to[n] = covered!.to[i]!;
    }
  });
  return { ranges, names };
}

export function overlappingWarning({ source, first, seconds, others }: Overlapping, zone: Zone): Warning {
  const id = source === "" ? "the source without an id" : `source ${JSON.stringify(source.slice(0, MOST_OF_ID))}`;
  const rest = others === 0 ? "" : ` and ${others} other${others === 1 ? "" : "s"}`;
  const [unit, word] = seconds >= HOUR ? [HOUR, "hour"] : [MINUTE, "minute"];
  const amount = (seconds / unit).toLocaleString("en-US", { maximumFractionDigits: 1 });
  const long = `${amount} ${word}${amount === "1" ? "" : "s"}`;
  return {
    code: "overlapping_intervals",
    message: say`intervals of ${id}${rest} overlap, first at ${instantLabel(zone, Math.floor(first)) ?? ""}, by ${long} in all: the energy of both counts there. Is a row the total of others, or did a delivery come twice?`,
  };
}
