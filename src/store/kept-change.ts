/**
 * What changes of a source's sums when batches of kept readings come or go: a pure function of the readings around. What counts
 * of energies is decided for each beginning by itself. What counts of registers depends on neighbours: the readings before
 * and after the change are walked over twice, with the old and with the new ones, between two places at which both walks agree.
 */
import { addEnergy } from "../tally/cell.js";
import type { Decimal } from "../tally/decimal.js";
import { setTo, sizeOf } from "../tally/difference.js";
import { type Point, type RegisterEvent, type RegisterSink, RegisterWalk } from "../tally/register.js";
import type { RegisterRules, Way } from "../tally/way.js";
import { DAY_CELLS, type DayCells, newDay } from "./day-cells.js";
import type { StoredReading } from "./packed-readings.js";

/** Readings of a batch that begin on a day. */
export interface KeptDay {
  /** Later batches have larger numbers. */
  readonly batch: number;
  readonly readings: readonly StoredReading[];
  readonly isSubtracted: boolean;
}

/** Rows of a source, all that there are of their days. */
export interface Around {
  readonly rows: readonly KeptDay[];
  /** Whether there are no earlier ones, and no later ones. */
  readonly fromFirst: boolean;
  readonly toLast: boolean;
}

/** An instant at which readings do not agree. */
export interface Conflict {
  readonly second: number;
  readonly batches: readonly number[];
}

export interface KeptChange {
  /** What is taken from the cells of days, and what is added. */
  readonly less: ReadonlyMap<number, DayCells>;
  readonly more: ReadonlyMap<number, DayCells>;
  /** Conflicts between batches that were not there before. */
  readonly conflicts: readonly Conflict[];
  /** Readings of added batches that others have, too; and readings of others that do not count any more. */
  readonly repeated: number;
  readonly revised: number;
}

const QUARTER = 900;
const NANOS = 1_000_000_000n;
const UNITS = 12;

/**
 * The change.
 * @param added @param ended batches: rows of the first count only afterwards, rows of the others only before
 * @returns what is missing where the rows around are too few
 */
export function keptChange(
  way: Way,
  around: Around,
  added: (batch: number) => boolean,
  ended: (batch: number) => boolean,
): KeptChange | "earlier" | "later" {
  const before = around.rows.filter(({ batch }) => !added(batch));
  const after = around.rows.filter(({ batch }) => !ended(batch));
  return way.register === undefined
    ? energyChange(way, before, after, added)
    : registerChange(way, way.register, around, before, after, added);
}

/** A reading, and where it is from. */
interface Delivered {
  readonly reading: StoredReading;
  readonly batch: number;
  readonly isSubtracted: boolean;
}

/** Readings in the order of time, those of one instant as they were delivered. */
function inOrder(rows: readonly KeptDay[]): Delivered[] {
  return rows
    .flatMap(({ readings, batch, isSubtracted }) => readings.map((reading) => ({ reading, batch, isSubtracted })))
    .sort((a, b) => compare(a.reading, b.reading) || a.batch - b.batch);
}

function compare(a: StoredReading, b: StoredReading): number {
  return a.second - b.second || a.nanos - b.nanos;
}

function* groups(all: readonly Delivered[]): Generator<readonly Delivered[], void> {
  for (let from = 0; from < all.length; ) {
    let to = from + 1;
    while (to < all.length && compare(all[from]!.reading, all[to]!.reading) === 0) to++;
    yield all.slice(from, to);
    from = to;
  }
}

function energyChange(
  { duplicates }: Way,
  before: readonly KeptDay[],
  after: readonly KeptDay[],
  added: (batch: number) => boolean,
): KeptChange {
  const cells = { less: new Cells(), more: new Cells() };
  const textOf = ({ reading: { to, toNanos, value, shows } }: Delivered) => `${to} ${toNanos} ${value} ${shows}`;
  const counting = (group: readonly Delivered[]): Map<string, Delivered> => {
    const those = duplicates === "latest" ? group.slice(-1) : group;
    return new Map(those.map((one) => [textOf(one), one]));
  };
  const startOf = ({ reading: { second, nanos } }: Delivered) => `${second} ${nanos}`;
  const old = new Map<string, Map<string, Delivered>>();
  for (const group of groups(inOrder(before))) old.set(startOf(group[0]!), counting(group));
  let repeated = 0;
  let revised = 0;
  const seen = new Set<string>();
  for (const group of groups(inOrder(after))) {
    const start = startOf(group[0]!);
    seen.add(start);
    const was = old.get(start) ?? new Map<string, Delivered>();
    const is = counting(group);
    for (const [text, { reading }] of is) if (!was.has(text)) cells.more.place(reading);
    for (const [text, { reading }] of was) if (!is.has(text)) cells.less.place(reading);
    const news = group.filter(({ batch }) => added(batch));
    if (duplicates === "once") repeated += news.length - [...is.keys()].filter((text) => !was.has(text)).length;
    else if (news.length > 0 && news.length < group.length) revised++;
  }
  for (const [start, was] of old)
    if (!seen.has(start)) for (const { reading } of was.values()) cells.less.place(reading);
  return { less: cells.less.days, more: cells.more.days, conflicts: [], repeated, revised };
}

/** What a register shows at an instant: one value, or those of an exchange. */
interface Shown {
  readonly second: number;
  readonly nanos: number;
  readonly value: bigint;
  readonly newStart: bigint | undefined;
  readonly isSubtracted: boolean;
}

function registerChange(
  way: Way,
  rules: RegisterRules,
  { fromFirst, toLast }: Around,
  before: readonly KeptDay[],
  after: readonly KeptDay[],
  added: (batch: number) => boolean,
): KeptChange | "earlier" | "later" {
  const old = shownIn(way, before);
  const now = shownIn(way, after);
  const cells = { less: new Cells(), more: new Cells() };
  const conflicts = [...now.conflicts].flatMap(([at, conflict]) =>
    old.conflicts.has(at) || conflict.batches.length < 2 ? [] : [conflict],
  );
  const result = {
    ...{ less: cells.less.days, more: cells.more.days, conflicts },
    ...{ repeated: now.repeatedOf(added), revised: now.revisedBy(added) },
  };
  const most = Math.min(old.all.length, now.all.length);
  let same = 0;
  while (same < most && areSame(old.all[same]!, now.all[same]!)) same++;
  if (same === old.all.length && same === now.all.length) return result;
  let left = 0;
  while (left < most - same && areSame(old.all[old.all.length - 1 - left]!, now.all[now.all.length - 1 - left]!))
    left++;
  const start = startBefore(rules, now.all, same, fromFirst);
  if (start === undefined) return "earlier";
  const end = endAfter(rules, now.all, now.all.length - left, toLast);
  if (end === undefined) return "later";
  const skipped = now.all.length - end;
  walk(rules, old.all, start, old.all.length - skipped, skipped === 0, cells.less);
  walk(rules, now.all, start, end, skipped === 0, cells.more);
  return result;
}

function areSame(a: Shown, b: Shown): boolean {
  return (
    a.second === b.second &&
    a.nanos === b.nanos &&
    a.value === b.value &&
    a.newStart === b.newStart &&
    a.isSubtracted === b.isSubtracted
  );
}

/** Readings before one that decide whether it counts: of four in a row, one counts. */
const BEFORE = 4;

/**
 * Whether a reading counts for certain, and nothing before it matters for what follows: it is no lower than those before it.
 * @param least earlier ones are not known, or there are none
 */
function isSure({ kind }: RegisterRules, all: readonly Shown[], n: number, least: number, none: boolean): boolean {
  const { value, newStart } = all[n]!;
  if (kind === "counter" || newStart !== undefined) return true;
  for (let k = n - 1; k >= n - BEFORE; k--) {
    if (k < least) return none;
    const one = all[k]!;
    if (value < (one.newStart ?? one.value)) return false;
    if (one.newStart !== undefined) return true;
  }
  return true;
}

/** Where to begin, so that both walks agree on the first step. @param same how many readings are the same in both */
function startBefore(
  rules: RegisterRules,
  all: readonly Shown[],
  same: number,
  fromFirst: boolean,
): number | undefined {
  for (let n = same - 2; n >= 0; n--)
    if (isSure(rules, all, n, 0, fromFirst) && isSure(rules, all, n + 1, 0, fromFirst)) return n;
  return fromFirst ? 0 : undefined;
}

/** Behind the last reading to walk over, so that both walks agree from then on. @param from where all readings are the same again */
function endAfter(rules: RegisterRules, all: readonly Shown[], from: number, toLast: boolean): number | undefined {
  for (let n = from; n + 1 < all.length; n++)
    if (isSure(rules, all, n, from, false) && isSure(rules, all, n + 1, from, false)) return n + 2;
  return toLast ? all.length : undefined;
}

function walk(
  rules: RegisterRules,
  all: readonly Shown[],
  from: number,
  to: number,
  toEnd: boolean,
  cells: Cells,
): void {
  const steps = new RegisterWalk(rules, cells);
  const decimal: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };
  for (let n = from; n < to; n++) {
    const { second, nanos, value, newStart, isSubtracted } = all[n]!;
    cells.isSubtracted = isSubtracted;
    setTo(decimal, value);
    if (newStart === undefined) steps.add(second, nanos, decimal);
    else {
      steps.add(second, nanos, decimal, "old_end");
      setTo(decimal, newStart);
      steps.add(second, nanos, decimal, "new_start");
    }
  }
  if (toEnd) steps.end();
  else steps.stop();
}

/** What a register shows, without what is in conflict. */
function shownIn({ duplicates }: Way, rows: readonly KeptDay[]) {
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

const limbs = new Uint32Array(4);

/** Cells of days, to which energy is added. */
class Cells implements RegisterSink {
  readonly days = new Map<number, DayCells>();
  isSubtracted = false;

  /** Adds a reading that counts. */
  place({ second, nanos, to, toNanos, value, shows }: StoredReading): void {
    if (to === second && toNanos === nanos) this.add(slotOf(second, shows === "end" && nanos === 0), value, 1, 0);
    else this.addSpread(second, nanos, to, toNanos, value);
  }

  spread(from: Point, to: Point, energy: Decimal): void {
    this.addSpread(from.second, from.nanos, to.second, to.nanos, this.signed(energy));
  }

  putAtEnd(_from: Point, to: Point, energy: Decimal): void {
    this.add(slotOf(to.second, to.nanos === 0), this.signed(energy), 0, 1);
  }

  count({ second, nanos }: Point, ends: boolean): void {
    this.add(slotOf(second, ends && nanos === 0), 0n, 1, 0);
  }

  found(_event: RegisterEvent): void {}

  private signed(energy: Decimal): bigint {
    return energy.negative !== this.isSubtracted ? -sizeOf(energy) : sizeOf(energy);
  }

  /** As `scan/spread.ts` does it. */
  private addSpread(from: number, fromNanos: number, to: number, toNanos: number, value: bigint): void {
    let all = value < 0n ? -value : value;
    let unit = 1n;
    for (let power = 0; power < UNITS && all !== 0n && all % 10n === 0n; power++) {
      all /= 10n;
      unit *= 10n;
    }
    const sign = value < 0n ? -unit : unit;
    const start = BigInt(from) * NANOS + BigInt(fromNanos);
    const length = BigInt(to) * NANOS + BigInt(toNanos) - start;
    let before = 0n;
    const firstSlot = slotOf(from, false);
    for (let slot = firstSlot; ; slot++) {
      const cut = (slot + 1) * QUARTER;
      const last = cut > to || (cut === to && toNanos === 0);
      const until = last ? all : (all * (BigInt(cut) * NANOS - start)) / length;
      const isFirst = slot === firstSlot;
      this.add(slot, (until - before) * sign, isFirst ? 1 : 0, isFirst ? 0 : 1);
      before = until;
      if (last) return;
    }
  }

  private add(slot: number, energy: bigint, readings: number, covers: number): void {
    const day = Math.floor(slot / DAY_CELLS);
    let cells = this.days.get(day);
    if (cells === undefined) {
      cells = newDay();
      this.days.set(day, cells);
    }
    const quarter = slot - day * DAY_CELLS;
    const words = BigInt.asUintN(128, energy);
    for (let n = 0; n < 4; n++) limbs[n] = Number((words >> BigInt(32 * n)) & 0xffffffffn);
    addEnergy(cells.energy, 4 * quarter, limbs, 0);
    cells.count[quarter]! += readings;
    cells.covers[quarter]! += covers;
  }
}

/** The quarter hour of an instant, or the one that ends there. */
function slotOf(second: number, ends: boolean): number {
  return Math.floor((ends ? second - 1 : second) / QUARTER);
}
