/** Rows of packed cells → a contribution: the quarter hours of a stretch only. */

import { clearColumns } from "../../tally/cell.js";
import type { Contribution } from "../../tally/contribution.js";
import { addDay, DAY_CELLS, type DayCells, newDay } from "../cells.js";

/** Cells for which there is room at first. */
const ROOM = 4096;

export class ContributionBuilder {
  private readonly sources: string[] = [];
  private readonly starts: number[] = [];
  private slot = new Int32Array(ROOM);
  private energy = new Uint32Array(ROOM * 4);
  private count = new Float64Array(ROOM);
  private cells = 0;
  private readonly one = newDay();

  /** Slots `from` to `to` (exclusive). */
  constructor(
    private readonly from: number,
    private readonly to: number,
  ) {}

  /** What is added from now on is this source's; sources come in ascending order. */
  begin(source: string): void {
    this.sources.push(source);
    this.starts.push(this.cells);
  }

  /** Adds days in any order; rows of the same day add up. Days of later calls come after. */
  addAll(rows: [day: number, cells: Uint8Array][]): void {
    rows.sort(([a], [b]) => a - b);
    for (let r = 0; r < rows.length; ) {
      const [day] = rows[r];
      clearColumns(this.one);
      for (; r < rows.length && rows[r][0] === day; r++) addDay(rows[r][1], this.one);
      this.push(day, this.one);
    }
  }

  /** Whether a day has a reading within the stretch. */
  holds(day: number, cells: Uint8Array): boolean {
    clearColumns(this.one);
    addDay(cells, this.one);
    for (let q = 0; q < DAY_CELLS; q++) if (this.one.count[q] !== 0 && this.within(day * DAY_CELLS + q)) return true;
    return false;
  }

  /** @param named leave out sources that have nothing */
  finish(named = false): Contribution {
    const sources: string[] = [];
    const starts: number[] = [];
    this.sources.forEach((source, s) => {
      if (named && this.starts[s] === (this.starts[s + 1] ?? this.cells)) return;
      sources.push(source);
      starts.push(this.starts[s]);
    });
    return {
      sources,
      starts: Uint32Array.from([...starts, this.cells]),
      slot: this.slot.subarray(0, this.cells),
      energy: this.energy.subarray(0, this.cells * 4),
      count: this.count.subarray(0, this.cells),
    };
  }

  private within(slot: number): boolean {
    return slot >= this.from && slot < this.to;
  }

  private push(day: number, { energy, count }: DayCells): void {
    if (this.cells + DAY_CELLS > this.slot.length) this.grow();
    for (let q = 0; q < DAY_CELLS; q++) {
      const slot = day * DAY_CELLS + q;
      if (count[q] === 0 || !this.within(slot)) continue;
      this.slot[this.cells] = slot;
      for (let i = 0; i < 4; i++) this.energy[this.cells * 4 + i] = energy[q * 4 + i];
      this.count[this.cells++] = count[q];
    }
  }

  private grow(): void {
    const room = this.slot.length * 2;
    const { slot, energy, count } = this;
    this.slot = new Int32Array(room);
    this.slot.set(slot);
    this.energy = new Uint32Array(room * 4);
    this.energy.set(energy);
    this.count = new Float64Array(room);
    this.count.set(count);
  }
}
