/** The sums of few rows of many columns: each has a cell, whether it has readings or not, and nothing lies between them. */

import type { TimeRows } from "../time/period.js";
import { addEnergy, type CellColumns, clearColumns, EnergySum, newColumns } from "./cell.js";
import type { Counts } from "./row-table.js";
import { rowAt } from "./slots.js";
import type { Rows } from "./summary.js";

/** Add slots column by column; `arrange` when all are added. */
export class DenseRows implements Rows {
  readonly cells = 0;
  readonly counts: Counts = { readings: 0, outOfPeriod: 0, skippedWallTimes: 0, energy: 0n };
  /** The cell of a row and column is at `column * rows + row`. */
  private sums = newColumns(64);
  private readonly energy = new EnergySum();

  constructor(private readonly times: TimeRows) {}

  /** As `RowTable.addSlots`. */
  addSlots(column: number, instant: number, width: number, cells: CellColumns): boolean {
    const { times, energy, counts } = this;
    const { count } = cells;
    let found = false;
    let row = -1;
    for (let i = 0; i < count.length; i++, instant += width) {
      if (count[i] === 0) continue;
      if (row < 0 || instant >= times.end[row]) row = rowAt(times, instant);
      if (row < 0) continue;
      const n = column * times.length + row;
      while (n >= this.sums.count.length) this.grow();
      addEnergy(this.sums.energy, 4 * n, cells.energy, 4 * i);
      this.sums.count[n] += count[i];
      energy.addColumns(cells, i, i + 1);
      counts.readings += count[i];
      found = true;
    }
    return found;
  }

  /** Bytes of its cells. */
  get bytes(): number {
    return this.sums.energy.byteLength + this.sums.count.byteLength;
  }

  arrange(): void {
    this.counts.energy = this.energy.total;
  }

  sum(rows: Uint32Array, into: CellColumns, from: number, to: number): void {
    const { sums, times } = this;
    clearColumns(into, from, to);
    for (let column = from; column < to; column++)
      for (const row of rows) {
        const n = column * times.length + row;
        // Columns without readings at the end may have no cells.
        if (n >= sums.count.length) continue;
        addEnergy(into.energy, 4 * column, sums.energy, 4 * n);
        into.count[column] += sums.count[n];
      }
  }

  private grow(): void {
    const { energy, count } = this.sums;
    const longer = newColumns(2 * count.length);
    longer.energy.set(energy);
    longer.count.set(count);
    this.sums = longer;
  }
}
