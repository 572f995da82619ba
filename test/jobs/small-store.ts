/** A store's reader as slow and obvious as can be: readings in an array. */

import type { SlotRange, Snapshot } from "../../dist/store/store.js";
import type { Contribution } from "../../dist/tally/contribution.js";

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
    async extent(sources) {
      const slots = readings.filter((kept) => among(kept, sources)).map(slotOf);
      return slots.length === 0 ? undefined : { first: Math.min(...slots), last: Math.max(...slots) };
    },
    totals: async (stretch) => contributionOf(within(stretch).map((kept) => ({ ...kept, source: "" }))),
    async *bySource(stretch) {
      const found = within(stretch);
      const ids = [...new Set(found.map(({ source }) => source))].sort((a, b) =>
        Buffer.compare(Buffer.from(a), Buffer.from(b)),
      );
      for (const id of ids) yield contributionOf(found.filter(({ source }) => source === id));
    },
    sourceCount: async (stretch) => new Set(within(stretch).map(({ source }) => source)).size,
    sources: nothing,
    unknown: nothing,
    origin: async () => undefined,
    rejects: nothing,
    batch: nothing,
    batches: nothing,
    batchesOfFiles: nothing,
  };

  /** Of one source. */
  function contributionOf(found: readonly Kept[]): Contribution {
    const slots = [...new Set(found.map(slotOf))].sort((a, b) => a - b);
    const energy = new Uint32Array(4 * slots.length);
    const count = new Float64Array(slots.length);
    slots.forEach((slot, n) => {
      const own = found.filter((kept) => slotOf(kept) === slot);
      const sum = BigInt.asUintN(
        128,
        own.reduce((total, kept) => total + kept.energy, 0n),
      );
      for (let i = 0; i < 4; i++) energy[4 * n + i] = Number((sum >> BigInt(32 * i)) & 0xffffffffn);
      count[n] = own.length;
    });
    return {
      sources: found.length === 0 ? [] : [found[0].source],
      starts: Uint32Array.from(found.length === 0 ? [0] : [0, slots.length]),
      slot: Int32Array.from(slots),
      energy,
      count,
    };
  }
}
