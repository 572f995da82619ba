/** A contribution as the store keeps it: a row of packed cells for each source and UTC day. */
import type { Contribution } from "../../domain/contribution.js";
import { addEnergy, energyOf } from "../../domain/energy.js";
import { clearDay, DAY_CELLS, newDay, packDay } from "../cells.js";

export interface Packed {
  /** Ids of the sources with readings. */
  readonly sources: readonly string[];
  /** By source: its rows are those from `starts[n]` to `starts[n + 1]`; its readings and energy. */
  readonly starts: readonly number[];
  readonly readings: readonly number[];
  readonly energy: readonly bigint[];
  /** By row: days since 1970, ascending within a source. */
  readonly day: readonly number[];
  readonly cells: readonly Uint8Array[];
  /** About what it takes up, in bytes. */
  readonly size: number;
}

export function packContribution({ sources, starts, slot, energy, count }: Contribution): Packed {
  const packed = {
    sources: [] as string[],
    starts: [0],
    readings: [] as number[],
    energy: [] as bigint[],
    day: [] as number[],
    cells: [] as Uint8Array[],
    size: 0,
  };
  const one = newDay();
  const sum = new Uint32Array(4);
  for (let s = 0; s < sources.length; s++) {
    let readings = 0;
    sum.fill(0);
    for (let n = starts[s]; n < starts[s + 1]; ) {
      const day = Math.floor(slot[n] / DAY_CELLS);
      clearDay(one);
      for (; n < starts[s + 1] && slot[n] < (day + 1) * DAY_CELLS; n++) {
        const quarter = slot[n] - day * DAY_CELLS;
        for (let i = 0; i < 4; i++) one.energy[quarter * 4 + i] = energy[n * 4 + i];
        one.count[quarter] = count[n];
        addEnergy(sum, 0, energy, n * 4);
        readings += count[n];
      }
      const cells = packDay(one);
      if (cells === undefined) continue;
      packed.day.push(day);
      packed.cells.push(cells);
      packed.size += cells.length + 32;
    }
    if (readings === 0) continue;
    packed.sources.push(sources[s]);
    packed.starts.push(packed.day.length);
    packed.readings.push(readings);
    packed.energy.push(energyOf(sum, 0));
    packed.size += sources[s].length * 2 + 64;
  }
  return packed;
}
