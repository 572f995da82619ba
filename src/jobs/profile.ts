/** The load of a period in a store, for its profile. */
import { type Load, loadOfQuarters } from "../profile/load.js";
import { unpackDay } from "../store/cells.js";
import { DAY_CELLS } from "../store/day-cells.js";
import type { Snapshot } from "../store/store.js";
import { addEnergy, newColumns } from "../tally/cell.js";
import { type AskPlan, scopeOf } from "./query.js";

/**
 * The sums of all sources, or of those asked for, by quarter hour.
 * @param begin called before any cells are read, with the number of hours; it may throw
 * @throws PeriodTooLong
 * @throws StoreError `zone_off_quarters`
 */
export async function loadOf(reader: Snapshot, plan: AskPlan, begin: (hours: number) => void): Promise<Load> {
  const { frame, range } = await scopeOf(reader, plan);
  begin(frame.times.length);
  const cells = newColumns(range.to - range.from);
  if (range.from < range.to)
    for await (const days of reader.totals(range))
      for (const [day, packed] of days) {
        const { energy, count } = unpackDay(packed);
        const first = day * DAY_CELLS - range.from;
        for (
          let quarter = Math.max(0, -first);
          quarter < DAY_CELLS && first + quarter < cells.count.length;
          quarter++
        ) {
          if (count[quarter] === 0) continue;
          cells.count[first + quarter] += count[quarter];
          addEnergy(cells.energy, 4 * (first + quarter), energy, 4 * quarter);
        }
      }
  return loadOfQuarters(plan.zone, frame.times, cells, range.from);
}
