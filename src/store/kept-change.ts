/**
 * What changes of a source's sums when batches of kept readings come or go: a pure function of the readings around. What counts
 * of energies is decided for each beginning by itself. What counts of registers depends on neighbours: the readings before
 * and after the change are walked over twice, with the old and with the new ones, between two places at which both walks agree.
 */
import type { Decimal } from "../tally/decimal.js";
import { setTo } from "../tally/difference.js";
import { RegisterWalk } from "../tally/register.js";
import type { RegisterRules, Way } from "../tally/way.js";
import type { DayCells } from "./day-cells.js";
import { KeptCells } from "./kept-cells.js";
import { type Conflict, type Delivered, groups, inOrder, type KeptDay, type Shown, shownIn } from "./kept-order.js";

/** Rows of a source, all that there are of their days. */
export interface Around {
  readonly rows: readonly KeptDay[];
  /** Whether there are no earlier ones, and no later ones. */
  readonly fromFirst: boolean;
  readonly toLast: boolean;
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

function energyChange(
  { duplicates }: Way,
  before: readonly KeptDay[],
  after: readonly KeptDay[],
  added: (batch: number) => boolean,
): KeptChange {
  const cells = { less: new KeptCells(), more: new KeptCells() };
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
  const cells = { less: new KeptCells(), more: new KeptCells() };
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
  cells: KeptCells,
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
