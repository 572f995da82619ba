/** What each source of a store has in a period. */

import { type DaySum, sumDay, unpackDay } from "../store/cells.js";
import { DAY_CELLS } from "../store/day-cells.js";
import type { Snapshot, SourceEntry } from "../store/store.js";
import { addEnergy, energyOf } from "../tally/cell.js";
import { type AskPlan, scopeOf } from "./query.js";

/**
 * Ascending by the ids' UTF-8 bytes; those without a reading in the period are absent. `undefined`: all readings are in
 * the period, so what the store has of each source as a whole is the same, and no cells need be read.
 * @param begin called before any cells are read, with the numbers of days, and of sources that may have some there; it may throw
 * @param signal ends it between two pieces of the work, with its reason
 * @throws PeriodTooLong
 * @throws StoreError `zone_off_quarters`
 */
export async function sourceTotals(
  reader: Snapshot,
  plan: AskPlan,
  begin: (days: number, sources: number) => void,
  signal?: AbortSignal,
): Promise<SourceEntry[] | undefined> {
  const { range, gap, extent } = await scopeOf(reader, plan);
  if (extent !== undefined && range.from <= extent.first && extent.last < range.to && gap === undefined)
    return undefined;
  const isWhole = (day: number) =>
    day * DAY_CELLS >= range.from && (day + 1) * DAY_CELLS <= range.to && gap === undefined;
  const addPart = (cells: Uint8Array, day: number, sum: DaySum) => {
    const { energy, count } = unpackDay(cells);
    for (let q = 0; q < DAY_CELLS; q++) {
      const slot = day * DAY_CELLS + q;
      if (count[q] === 0 || slot < range.from || slot >= range.to) continue;
      if (gap !== undefined && slot >= gap.from && slot < gap.to) continue;
      sum.readings += Math.floor(count[q]);
      addEnergy(sum.energy, 0, energy, 4 * q);
      sum.first = Math.min(sum.first, slot);
      sum.last = Math.max(sum.last, slot);
    }
  };
  const sums: DaySum[] = [];
  const add = (place: number, day: number, cells: Uint8Array) => {
    signal?.throwIfAborted();
    sums[place] ??= { energy: new Uint32Array(4), readings: 0, first: Infinity, last: -Infinity };
    if (isWhole(day)) sumDay(cells, day, sums[place]);
    else addPart(cells, day, sums[place]);
  };
  const days = Math.ceil((range.to - range.from) / DAY_CELLS);
  const ids = await reader.eachDay(range, (sources) => begin(days, sources), add);
  return ids.flatMap((id, place) => {
    const sum = sums[place];
    return sum === undefined || sum.first > sum.last ? [] : { id, ...sum, energy: energyOf(sum.energy, 0) };
  });
}
