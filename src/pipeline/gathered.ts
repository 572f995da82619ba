/** Rows of what a store keeps, in memory while they fit, else merged on the disk. */
import { onDisk } from "../base/disk-error.js";
import { RunError } from "../base/errors.js";
import { addDay } from "../store/cells.js";
import { asColumns, clearDay, DAY_CELLS, newDay } from "../store/day-cells.js";
import { SpillWriter } from "../store/spill.js";
import type { PackedDay } from "../store/store.js";
import { DenseRows } from "../tally/dense-rows.js";
import { type Counts, RowTable } from "../tally/row-table.js";
import { SectionBuilder } from "../tally/section.js";
import type { Rows } from "../tally/summary.js";
import type { TimeRows } from "../time/period.js";
import { isShort } from "../time/resolution.js";
import { QUARTER } from "../time/slot-width.js";
import { mergeFiles } from "./merged-rows.js";
import type { SpillPlan } from "./spill.js";

export interface Room {
  /** Bytes that cells may take. Default: no limit. */
  readonly memory?: number;
  /** Where cells go that would take more; without it, that is an error. */
  readonly spill?: Omit<SpillPlan, "question"> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Gathered {
  readonly counts: Counts = { readings: 0, outOfPeriod: 0, skippedWallTimes: 0, energy: 0n };
  private table: RowTable | DenseRows;
  private writer: SpillWriter | undefined;
  private columns = 0;
  private readonly day = newDay();

  constructor(
    private readonly times: TimeRows,
    private readonly room: Room,
  ) {
    // Hours are many and have gaps; of what is longer, nearly every cell has readings.
    this.table = isShort(times.resolution) ? new RowTable(times) : new DenseRows(times);
  }

  /** Adds days of a column, ascending; a day may come several times. @returns whether any of them lies in the rows */
  add(column: number, days: readonly PackedDay[]): boolean {
    let found = false;
    for (let n = 0; n < days.length; ) {
      const [day] = days[n];
      clearDay(this.day);
      // The cells of one day are added up before they go into rows: with many sources there may be thousands.
      for (; n < days.length && days[n][0] === day; n++) addDay(days[n][1], this.day);
      if (this.table.addSlots(column, day * DAY_CELLS * QUARTER, QUARTER, asColumns(this.day))) found = true;
    }
    if (found) this.columns = column + 1;
    return found;
  }

  /** Spills the cells if they take too much. Columns so far are not added to again. @throws RunError `memory`, or where the disk refuses */
  relieve(): void {
    const { memory = Number.POSITIVE_INFINITY, spill } = this.room;
    if (this.table.bytes <= memory) return;
    if (spill === undefined)
      throw new RunError(
        "memory",
        `the sums by source need more than ${Math.round(memory / 1e6)} MB; ask for fewer sources or days at a time`,
      );
    if (!(this.table instanceof RowTable)) return;
    this.writer ??= onDisk(spill.displayName, () => new SpillWriter(`${spill.prefix}store.tmp`));
    this.spill(this.table, this.writer, spill.displayName);
  }

  /** Call this once, at the end. @throws RunError where the disk refuses; the signal's reason */
  async rows(): Promise<Rows> {
    const { writer, times, columns } = this;
    const { memory = Number.POSITIVE_INFINITY, spill, signal } = this.room;
    const { table } = this;
    if (writer === undefined || spill === undefined || !(table instanceof RowTable)) {
      this.arrange();
      return table;
    }
    this.spill(table, writer, spill.displayName);
    const file = onDisk(spill.displayName, () => writer.finish());
    return mergeFiles([{ file }], columns, times, { plan: spill, memory, signal });
  }

  private spill(table: RowTable, writer: SpillWriter, displayName: string): void {
    const { columns, times } = this;
    this.arrange();
    const section = new SectionBuilder();
    section.write = (cells) => writer.add(cells);
    onDisk(displayName, () => table.writeTo(section, columns));
    this.table = new RowTable(times);
  }

  private arrange(): void {
    const { table, counts } = this;
    table.arrange();
    counts.readings += table.counts.readings;
    counts.energy += table.counts.energy;
  }
}
