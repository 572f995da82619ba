/** Batches made by hand, and what a store should then hold: plain maps of bigints. */
import { createHash } from "node:crypto";
import { addDay, DAY_CELLS, newDay } from "../../dist/store/cells.js";
import { cellsOf as cellsOfRow, type Packed, packParts, type Rows } from "../../dist/store/packed.js";
import type { NewBatch } from "../../dist/store/store.js";
import { type Contribution, partOf } from "../../dist/tally/contribution.js";
import { QUARTER_CLOCK } from "../../dist/tally/quarter-pages.js";
import { zoneOf } from "../../dist/time/zone.js";

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

export function contributionFrom(cells: readonly Cell[]): Contribution {
  const sums = addTo(new Map(), cells);
  const sources = [...sums.keys()].sort(byBytes);
  const starts = [0];
  const slot: number[] = [];
  const energy: number[] = [];
  const count: number[] = [];
  for (const source of sources) {
    for (const [at, cell] of [...(sums.get(source) as Map<number, { energy: bigint; count: number }>)].sort(
      ([a], [b]) => a - b,
    )) {
      slot.push(at);
      for (let i = 0n; i < 4n; i++) energy.push(Number((cell.energy >> (32n * i)) & 0xffff_ffffn));
      count.push(cell.count);
    }
    starts.push(slot.length);
  }
  return {
    sources,
    starts: Uint32Array.from(starts),
    slot: Int32Array.from(slot),
    energy: Uint32Array.from(energy),
    count: Float64Array.from(count),
  };
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

/** What a contribution says, as cells in its own order. */
export function cellsOf({ sources, starts, slot, energy, count }: Contribution): Cell[] {
  return sources.flatMap((source, s) =>
    Array.from({ length: starts[s + 1] - starts[s] }, (_, i): Cell => {
      const n = starts[s] + i;
      const limbs = [3, 2, 1, 0].reduce((sum, limb) => (sum << 32n) | BigInt(energy[n * 4 + limb]), 0n);
      return { source, slot: slot[n], energy: BigInt.asIntN(128, limbs), count: count[n] };
    }),
  );
}

/** A contribution as a scan would hand it to a store. */
export function packed(contribution: Contribution): Packed {
  return packParts([partOf(contribution)], QUARTER_CLOCK, zoneOf("UTC"));
}

/** What packed rows say, by source and slot. @param sources `[""]` for totals */
export function unpacked(rows: Rows, sources: readonly string[]): Cell[] {
  const cells: Cell[] = [];
  for (let r = 0; r < rows.day.length; r++) {
    const day = newDay();
    addDay(cellsOfRow(rows, r), day);
    const starts = Uint32Array.of(0, DAY_CELLS);
    const slot = Int32Array.from({ length: DAY_CELLS }, (_, q) => rows.day[r]! * DAY_CELLS + q);
    const all = cellsOf({ sources: [sources[rows.source[r]!]!], starts, slot, ...day });
    cells.push(...all.filter(({ count }) => count > 0));
  }
  return cells.sort((a, b) => byBytes(a.source, b.source) || a.slot - b.slot);
}

const magnitude = (value: bigint) => (value < 0n ? -value : value);

export function batchOf(cells: readonly Cell[], more: Partial<NewBatch> = {}): NewBatch {
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
    contribution: packed(contributionFrom(cells)),
    ...more,
  };
}
