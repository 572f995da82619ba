/** Batches made by hand, and what a store should then hold: plain maps of bigints. */
import { createHash } from "node:crypto";
import { unpackDay } from "../../dist/store/cells.js";
import { DAY_CELLS } from "../../dist/store/day-cells.js";
import { cellsOf, type Packed, packParts, type Rows } from "../../dist/store/packed.js";
import type { NewBatch, SlotRange, Snapshot } from "../../dist/store/store.js";
import { QUARTER_CLOCK } from "../../dist/tally/quarter-pages.js";
import { idOf } from "../../dist/tally/tally.js";
import { zoneOf } from "../../dist/time/zone.js";
import { partOf } from "./part.mjs";

export interface Cell {
  readonly source: string;
  /** Quarter hours since 1970. */
  readonly slot: number;
  /** 10⁻¹⁸ kWh. */
  readonly energy: bigint;
  readonly count: number;
}

/** Source → slot → sum and count. */
export type Sums = Map<string, Map<number, { energy: bigint; count: number }>>;

/** The same sums with those of sources that are export left out, or taken away. */
export function withoutExport(cells: readonly Cell[], exports: ReadonlySet<string>, rule: "skip" | "subtract"): Cell[] {
  if (rule === "skip") return cells.filter(({ source }) => !exports.has(source));
  return cells.map((one) => (exports.has(one.source) ? { ...one, energy: -one.energy } : one));
}

export const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

export function addTo(sums: Sums, cells: readonly Cell[], sign: 1 | -1 = 1): Sums {
  for (const { source, slot, energy, count } of cells) {
    let slots = sums.get(source);
    if (slots === undefined) {
      slots = new Map();
      sums.set(source, slots);
    }
    const cell = slots.get(slot) ?? { energy: 0n, count: 0 };
    const after = { energy: cell.energy + BigInt(sign) * energy, count: cell.count + sign * count };
    if (after.count === 0) slots.delete(slot);
    else slots.set(slot, after);
    if (slots.size === 0) sums.delete(source);
  }
  return sums;
}

/** What a reader should tell of some slots, by source. */
export function expectedCells(sums: Sums, from: number, to: number, sources?: readonly string[]): Cell[] {
  return [...sums]
    .filter(([source]) => sources === undefined || sources.includes(source))
    .sort(([a], [b]) => byBytes(a, b))
    .flatMap(([source, slots]) =>
      [...slots]
        .filter(([slot]) => slot >= from && slot < to)
        .sort(([a], [b]) => a - b)
        .map(([slot, { energy, count }]) => ({ source, slot, energy, count })),
    );
}

/** The same over all sources. */
export function totalsOf(cells: readonly Cell[]): Cell[] {
  return expectedCells(
    addTo(
      new Map(),
      cells.map((one) => ({ ...one, source: "" })),
    ),
    -Infinity,
    Infinity,
  );
}

/** The cells of a day that some keep, ascending. */
function cellsOfDay(source: string, day: number, bytes: Uint8Array): Cell[] {
  const { energy, count } = unpackDay(bytes);
  return Array.from(count, (readings, q): Cell => {
    const limbs = [3, 2, 1, 0].reduce((sum, limb) => (sum << 32n) | BigInt(energy[q * 4 + limb]!), 0n);
    return { source, slot: day * DAY_CELLS + q, energy: BigInt.asIntN(128, limbs), count: readings };
  }).filter(({ count }) => count > 0);
}

const within = ({ from, to }: SlotRange, cells: readonly Cell[]) =>
  cells.filter(({ slot }) => slot >= from && slot < to);

/** What a reader tells of some slots, by source, in its own order. */
export async function readSources(reader: Snapshot, stretch: SlotRange): Promise<Cell[]> {
  const cells: Cell[] = [];
  for await (const piece of reader.bySource(stretch))
    for (const { source, days } of piece)
      for (const [day, bytes] of days) cells.push(...within(stretch, cellsOfDay(source, day, bytes)));
  return cells;
}

/** The same over all sources. */
export async function readTotals(reader: Snapshot, stretch: SlotRange): Promise<Cell[]> {
  const cells: Cell[] = [];
  for await (const days of reader.totals(stretch)) {
    const ascending = days.map(([day]) => day);
    if (ascending.some((day, n) => n > 0 && day < ascending[n - 1]!)) throw new Error("days do not ascend");
    for (const [day, bytes] of days) cells.push(...within(stretch, cellsOfDay("", day, bytes)));
  }
  return totalsOf(cells);
}

/** Cells as a scan would hand them to a store. */
function packed(cells: readonly Cell[], exports: readonly string[]): Packed {
  const part = partOf(expectedCells(addTo(new Map(), cells), -Infinity, Infinity));
  const exported =
    exports.length === 0 ? undefined : Uint8Array.from(part.seen, (_, n) => (exports.includes(idOf(part, n)) ? 1 : 0));
  return packParts([{ ...part, exported }], QUARTER_CLOCK, zoneOf("UTC"));
}

/** What packed rows say, by source and slot. @param sources `[""]` for totals */
export function unpacked(rows: Rows, sources: readonly string[]): Cell[] {
  const cells: Cell[] = [];
  for (let r = 0; r < rows.day.length; r++) {
    cells.push(...cellsOfDay(sources[rows.source[r]!]!, rows.day[r]!, cellsOf(rows, r)));
  }
  return cells.sort((a, b) => byBytes(a.source, b.source) || a.slot - b.slot);
}

const magnitude = (value: bigint) => (value < 0n ? -value : value);

/** @param exports the sources that are export */
export function batchOf(
  cells: readonly Cell[],
  more: Partial<NewBatch> = {},
  exports: readonly string[] = [],
): NewBatch {
  const readings = cells.reduce((sum, { count }) => sum + count, 0);
  const slots = cells.map(({ slot }) => slot * 900);
  return {
    key: undefined,
    sha256: createHash("sha256")
      .update(JSON.stringify(cells, (_, value) => (typeof value === "bigint" ? String(value) : value)))
      .digest("hex"),
    replaces: undefined,
    sender: undefined,
    file: undefined,
    readings,
    rejected: 0,
    rounded: 0,
    first: readings === 0 ? undefined : slots.reduce((a, b) => Math.min(a, b)),
    last: readings === 0 ? undefined : slots.reduce((a, b) => Math.max(a, b)),
    energy: cells.reduce((sum, { energy }) => sum + energy, 0n),
    absolute: cells.reduce((sum, { energy }) => sum + magnitude(energy), 0n),
    contribution: packed(cells, exports),
    ...more,
  };
}
