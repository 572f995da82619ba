/** A store's reader as slow and obvious as can be: readings in an array. */

import { packDay } from "../../dist/store/cells.js";
import { DAY_CELLS, newDay } from "../../dist/store/day-cells.js";
import type { PackedDay, SlotRange, Snapshot } from "../../dist/store/store.js";

export interface Kept {
  readonly source: string;
  /** Epoch seconds. */
  readonly second: number;
  /** 10⁻¹⁸ kWh. */
  readonly energy: bigint;
}

export function readerOf(readings: readonly Kept[]): Snapshot {
  const slotOf = (kept: Kept) => Math.floor(kept.second / 900);
  const among = (kept: Kept, sources: readonly string[] | undefined) => sources?.includes(kept.source) ?? true;
  const within = ({ from, to, sources }: SlotRange) =>
    readings.filter((kept) => slotOf(kept) >= from && slotOf(kept) < to && among(kept, sources));
  const nothing = () => Promise.reject(new Error("a summary does not ask for this"));
  return {
    version: 1,
    directions: async () => ({ exports: false, consumption: readings.length > 0 }),
    async extent({ sources } = {}) {
      const slots = readings.filter((kept) => among(kept, sources)).map(slotOf);
      return slots.length === 0 ? undefined : { first: Math.min(...slots), last: Math.max(...slots) };
    },
    async *totals(stretch) {
      yield daysOf(within(stretch));
    },
    async *bySource(stretch) {
      const found = within(stretch);
      const ids = [...new Set(found.map(({ source }) => source))].sort((a, b) =>
        Buffer.compare(Buffer.from(a), Buffer.from(b)),
      );
      for (const source of ids) yield [{ source, days: daysOf(found.filter((kept) => kept.source === source)) }];
    },
    sourceCount: async (stretch) => new Set(within(stretch).map(({ source }) => source)).size,
    eachDay: nothing,
    sources: nothing,
    sourceOf: nothing,
    unknown: nothing,
    origin: async () => undefined,
    rejects: nothing,
    batch: nothing,
    batches: nothing,
    registers: async () => new Set(),
    batchesOfFiles: nothing,
  };

  function daysOf(found: readonly Kept[]): PackedDay[] {
    const dayOf = (kept: Kept) => Math.floor(slotOf(kept) / DAY_CELLS);
    const days = [...new Set(found.map(dayOf))].sort((a, b) => a - b);
    return days.map((day): PackedDay => {
      const cells = newDay();
      const { energy, count } = cells;
      for (let q = 0; q < DAY_CELLS; q++) {
        const own = found.filter((kept) => slotOf(kept) === day * DAY_CELLS + q);
        const sum = own.reduce((total, kept) => total + kept.energy, 0n);
        for (let i = 0; i < 4; i++) energy[4 * q + i] = Number(BigInt.asUintN(32, sum >> BigInt(32 * i)));
        count[q] = own.length;
      }
      return [day, packDay(cells) as Uint8Array];
    });
  }
}
