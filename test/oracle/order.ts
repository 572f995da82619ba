/**
 * Repeated wall times, told by the order of rows, sentence by sentence as users are promised it. The clock changes are
 * found with Temporal, the rows of a source and a day are plain arrays, and nothing is remembered between them.
 */
import type { Options } from "./options.js";
import { instantOf, offsetAt } from "./zone.js";

const DAY = 86400;

/** A row that has a good reading. */
export interface Row {
  readonly source: string;
  /** Of its timestamp, if that has no offset: seconds, and what follows of them. */
  readonly wall: { readonly seconds: number; readonly nanos: number } | undefined;
}

/** A change that puts the clock back: it shows the wall times in [from, to) twice. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly after: number;
}

export interface Told {
  readonly instant: number;
  readonly ambiguous: boolean;
}

/** The instants of those rows of one input whose wall times are repeated, or take part as if they were. */
export function toldByOrder<T extends Row>(rows: readonly T[], zone: string, options: Options): Map<T, Told> {
  const told = new Map<T, Told>();
  const ends = options.stamps === "end";
  for (const change of changesAmong(rows, zone, ends)) {
    const { from, to, before, after } = change;
    const twice = ({ wall }: T) => wall!.seconds >= from && wall!.seconds < to;
    const edge = ({ wall }: T) => ends && wall!.seconds === to && wall!.nanos === 0;
    const takesPart = (row: T) => twice(row) || edge(row);
    const first = ({ wall }: T): Told => ({ instant: wall!.seconds - before, ambiguous: false });
    const second = ({ wall }: T): Told => ({ instant: wall!.seconds - after, ambiguous: false });
    const way = options.repeatedHour ?? "order";
    if (way !== "order") {
      for (const row of rows) if (row.wall && twice(row)) told.set(row, way === "last" ? second(row) : first(row));
      continue;
    }
    const days = [Math.floor(from / DAY), Math.floor((ends ? to : to - 1) / DAY)] as const;
    const ofDays = rows.filter(
      ({ wall }) => wall && Math.floor(wall.seconds / DAY) >= days[0] && Math.floor(wall.seconds / DAY) <= days[1],
    );
    for (const source of new Set(ofDays.map((row) => row.source))) {
      const day = ofDays.filter((row) => row.source === source);
      const answer =
        bySteps(day, takesPart, first, second) ?? byTwins(day, { takesPart, edge, change, ends }, first, second);
      for (const row of day.filter(takesPart))
        told.set(row, answer?.get(row) ?? (edge(row) ? second(row) : { ...first(row), ambiguous: true }));
    }
  }
  return told;
}

type Pass<T> = (row: T) => Told;

function compare(a: Row, b: Row): number {
  return a.wall!.seconds - b.wall!.seconds || a.wall!.nanos - b.wall!.nanos;
}

/** They rise (or fall) but for exactly one step back (forward), and that goes from one repeated time to another. */
function bySteps<T extends Row>(
  day: readonly T[],
  takesPart: (row: T) => boolean,
  first: Pass<T>,
  second: Pass<T>,
): Map<T, Told> | undefined {
  const steps = day.slice(1).map((row, i) => Math.sign(compare(row, day[i]!)));
  const ways = [
    { along: 1, passes: [first, second] },
    { along: -1, passes: [second, first] },
  ].flatMap(({ along, passes: [early, late] }) => {
    const against = [...steps.keys()].filter((i) => steps[i] === -along);
    const [at] = against;
    if (against.length !== 1 || !steps.includes(along) || !takesPart(day[at!]!) || !takesPart(day[at! + 1]!)) return [];
    return [new Map(day.filter(takesPart).map((row) => [row, (day.indexOf(row) <= at! ? early! : late!)(row)]))];
  });
  // Rows that could as well rise as fall say nothing.
  return ways.length === 1 ? ways[0] : undefined;
}

/** They rise (or fall) all along, each repeated time comes twice in neighbouring rows, and no other does. */
function byTwins<T extends Row>(
  day: readonly T[],
  about: { takesPart: (row: T) => boolean; edge: (row: T) => boolean; change: Change; ends: boolean },
  first: Pass<T>,
  second: Pass<T>,
): Map<T, Told> | undefined {
  const { takesPart, edge, change, ends } = about;
  const steps = day.slice(1).map((row, i) => Math.sign(compare(row, day[i]!)));
  const rises = !steps.includes(-1);
  if (!rises && steps.includes(1)) return undefined;
  if (day.some((row, i) => i > 0 && compare(row, day[i - 1]!) === 0 && !takesPart(row))) return undefined;
  const same = (row: T) => day.filter((other) => compare(row, other) === 0);
  const start = (row: T) => ends && row.wall!.seconds === change.from && row.wall!.nanos === 0;
  const inside = day.filter((row) => takesPart(row) && !start(row) && !edge(row));
  if (!inside.every((row) => same(row).length === 2)) return undefined;
  // Intervals end at 02:15 … 03:00 twice, or at 02:00 … 02:45 twice: the other edge is then there once.
  const atStart = day.filter(start).length;
  const atEnd = day.filter(edge).length;
  const one = (count: number) => count <= 1;
  const pair = (count: number) => count === 0 || count === 2;
  if (!((one(atStart) && pair(atEnd)) || (pair(atStart) && one(atEnd)))) return undefined;
  if (inside.length === 0 && atStart !== 2 && atEnd !== 2) return undefined;
  return new Map(
    day.filter(takesPart).map((row) => {
      const twins = same(row);
      if (twins.length === 1) return [row, edge(row) ? second(row) : first(row)];
      return [row, (twins[0] === row) === rises ? first(row) : second(row)];
    }),
  );
}

/** The changes that repeat a time of some row. */
function changesAmong(rows: readonly Row[], zone: string, ends: boolean): Change[] {
  const found = new Map<number, Change>();
  for (const second of new Set(
    rows.flatMap(({ wall }) => (wall ? [wall.seconds, ...(ends ? [wall.seconds - 1] : [])] : [])),
  )) {
    const { instant, kind } = instantOf(zone, second);
    if (kind !== "repeated") continue;
    const before = offsetAt(zone, instant);
    // The clock shows the time again within a day; on the way it is put back.
    let low = instant;
    let high = instant + 1;
    while (offsetAt(zone, high) === before) high += 900;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(zone, middle) === before) low = middle;
      else high = middle;
    }
    const after = offsetAt(zone, high);
    found.set(high, { from: high + after, to: high + before, before, after });
  }
  return [...found.values()];
}
