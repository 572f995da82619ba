/** Kept readings in the order of time, and what those of one instant say together. */
import type { Way } from "../tally/way.js";
import type { StoredReading } from "./packed-readings.js";

/** Readings of a batch that begin on a day. */
export interface KeptDay {
  /** Later batches have larger numbers. */
  readonly batch: number;
  readonly readings: readonly StoredReading[];
  readonly isSubtracted: boolean;
}

/** An instant at which readings do not agree. */
export interface Conflict {
  readonly second: number;
  readonly batches: readonly number[];
}

/** A reading, and where it is from. */
export interface Delivered {
  readonly reading: StoredReading;
  readonly batch: number;
  readonly isSubtracted: boolean;
}

/** Readings in the order of time, those of one instant as they were delivered. */
export function inOrder(rows: readonly KeptDay[]): Delivered[] {
  return rows
    .flatMap(({ readings, batch, isSubtracted }) => readings.map((reading) => ({ reading, batch, isSubtracted })))
    .sort((a, b) => compare(a.reading, b.reading) || a.batch - b.batch);
}

function compare(a: StoredReading, b: StoredReading): number {
  return a.second - b.second || a.nanos - b.nanos;
}

export function* groups(all: readonly Delivered[]): Generator<readonly Delivered[], void> {
  for (let from = 0; from < all.length; ) {
    let to = from + 1;
    while (to < all.length && compare(all[from]!.reading, all[to]!.reading) === 0) to++;
    yield all.slice(from, to);
    from = to;
  }
}

/** What a register shows at an instant: one value, or those of an exchange. */
export interface Shown {
  readonly second: number;
  readonly nanos: number;
  readonly value: bigint;
  readonly newStart: bigint | undefined;
  readonly isSubtracted: boolean;
}

/** What a register shows, without what is in conflict. */
export function shownIn({ duplicates }: Way, rows: readonly KeptDay[]) {
  const all: Shown[] = [];
  const conflicts = new Map<string, Conflict>();
  const repeated: (readonly Delivered[])[] = [];
  for (const group of groups(inOrder(rows))) {
    const counting = duplicates === "latest" ? latestOf(group) : group;
    const { second, nanos } = group[0]!.reading;
    if (group.length > 1) repeated.push(group);
    const shown = agreed(counting);
    if (shown !== undefined) all.push(shown);
    else {
      const batches = [...new Set(counting.map(({ batch }) => batch))];
      conflicts.set(`${second} ${nanos}`, { second, batches });
    }
  }
  const count = (of: (group: readonly Delivered[]) => number) => repeated.reduce((sum, group) => sum + of(group), 0);
  return {
    ...{ all, conflicts },
    /** Readings of batches that an earlier one of the group has, too. */
    repeatedOf: (added: (batch: number) => boolean) =>
      duplicates === "latest"
        ? 0
        : count(
            (group) =>
              group.filter(
                ({ reading, batch }, n) =>
                  added(batch) &&
                  group.some(
                    (other, k) =>
                      k < n && other.reading.value === reading.value && other.reading.shows === reading.shows,
                  ),
              ).length,
          ),
    /** Readings of others that do not count because of those of the batches. */
    revisedBy: (added: (batch: number) => boolean) =>
      duplicates === "latest"
        ? count((group) => (group.some(({ batch }) => added(batch)) ? group.length - latestOf(group).length : 0))
        : 0,
  };
}

/** Of an instant: the last reading, and the last exchange; or the later of the two if they do not agree. */
function latestOf(group: readonly Delivered[]): readonly Delivered[] {
  const reading = group.findLast(({ reading: { shows } }) => shows === "reading");
  const exchange = group.findLast(({ reading: { shows } }) => shows === "new_start");
  if (exchange === undefined) return reading === undefined ? [] : [reading];
  const pair = group.filter(({ batch, reading: { shows } }) => batch === exchange.batch && shows !== "reading");
  if (reading === undefined) return pair;
  if (pair.some((one) => one.reading.value === reading.reading.value)) return [...pair, reading];
  return reading.batch > exchange.batch ? [reading] : pair;
}

/** What an instant's readings say together; `undefined` if they do not agree. */
function agreed(group: readonly Delivered[]): Shown | undefined {
  const values = (which: string) =>
    new Set(group.filter(({ reading: { shows } }) => shows === which).map(({ reading }) => reading.value));
  const [readings, olds, starts] = [values("reading"), values("old_end"), values("new_start")];
  const { second, nanos } = group[0]!.reading;
  const { isSubtracted } = group[0]!;
  if (olds.size + starts.size === 0) {
    const [value] = readings;
    return readings.size === 1
      ? { second, nanos, value: value as bigint, newStart: undefined, isSubtracted }
      : undefined;
  }
  const [value] = olds;
  const [newStart] = starts;
  if (olds.size !== 1 || starts.size !== 1) return undefined;
  for (const one of readings) if (one !== value && one !== newStart) return undefined;
  return { second, nanos, value: value as bigint, newStart, isSubtracted };
}
