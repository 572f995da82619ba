/** What each source of a store has in a period. */

import { DAY_CELLS, unpackDay } from "../store/cells.js";
import type { Snapshot, SourceEntry } from "../store/store.js";
import { addEnergy, energyOf } from "../tally/cell.js";
import { type AskPlan, scopeOf } from "./query.js";

/**
 * Ascending by the ids' UTF-8 bytes; those without a reading in the period are absent.
 * @param begin called before any cells are read, with the numbers of hours and sources; it may throw
 * @throws PeriodTooLong
 * @throws StoreError `zone_off_quarters`
 */
export async function sourceTotals(
  reader: Snapshot,
  plan: AskPlan,
  begin: (hours: number, sources: number) => void,
): Promise<SourceEntry[]> {
  const { range, gap } = await scopeOf(reader, plan);
  begin(Math.ceil((range.to - range.from) / 4), await reader.sourceCount(range));
  const found: SourceEntry[] = [];
  for await (const piece of reader.bySource(range))
    for (const { source: id, days } of piece) {
      let readings = 0;
      let first = Number.POSITIVE_INFINITY;
      let last = Number.NEGATIVE_INFINITY;
      const sum = new Uint32Array(4);
      for (const [day, cells] of days) {
        const { energy, count } = unpackDay(cells);
        for (let q = 0; q < DAY_CELLS; q++) {
          const slot = day * DAY_CELLS + q;
          if (count[q] === 0 || slot < range.from || slot >= range.to) continue;
          if (gap !== undefined && slot >= gap.from && slot < gap.to) continue;
          readings += count[q];
          addEnergy(sum, 0, energy, 4 * q);
          first = Math.min(first, slot);
          last = Math.max(last, slot);
        }
      }
      if (readings > 0) found.push({ id, first, last, readings, energy: energyOf(sum, 0) });
    }
  return found;
}
