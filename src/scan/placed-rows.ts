/** Counts the readings of rows in cells, once it is known which of two passes over a repeated wall time they are of. */
import type { Kernel } from "./kernel.js";
import type { ScanPlan } from "./plan.js";
import { ENTRY_LIMBS, type HeldReading, type RowColumns } from "./row-columns.js";
import { Pass } from "./row-passes.js";
import { planeOfInstant, slotOfInstant } from "./slot.js";
import { Spreader } from "./spread.js";

/** Nanoseconds. */
const SECOND = 1e9;

export class PlacedRows {
  /** Readings for which the order of rows did not tell. */
  ambiguous = 0;
  /** Counts readings that cover time. */
  readonly spreader: Spreader;
  /** Range of repeated times of each change, from the start of its days; includes `high` if timestamps mark ends. */
  readonly low: Float64Array;
  readonly high: Float64Array;

  constructor(
    private readonly kernel: Kernel,
    private readonly plan: ScanPlan,
    private readonly columns: RowColumns,
  ) {
    this.spreader = new Spreader(kernel, plan);
    const { from, to, begin } = plan.walls.repeats;
    this.low = from.map((second, change) => (second - begin[change]) * SECOND);
    this.high = to.map((second, change) => (second - begin[change]) * SECOND);
  }

  isRelevant(change: number, time: number): boolean {
    return this.isShownTwice(change, time) || (time === this.high[change] && this.plan.stampsEnd);
  }

  isShownTwice(change: number, time: number): boolean {
    return time >= this.low[change] && time < this.high[change];
  }

  /** @param first the pass of the entry's first row @param others the pass of its other rows */
  addEntryToCells(run: number, entry: number, first: number, others: number): void {
    const { columns } = this;
    const { time, firstReadings, otherReadings, energy } = columns;
    const source = columns.source[run];
    const change = columns.change[run];
    const at = entry * ENTRY_LIMBS;
    if (firstReadings[entry] > 0) this.addToCell(source, change, time[entry], first, energy, at, 1);
    const rest = otherReadings[entry];
    if (rest > 0) this.addToCell(source, change, time[entry], others, energy, at + 4, rest);
    const held = columns.held.get(entry);
    if (held === undefined) return;
    this.placeHeld(source, change, time[entry], first, held.first);
    this.placeHeld(source, change, time[entry], others, held.others);
  }

  /** The same as `addToCell`, of readings that cover time. */
  placeHeld(source: number, change: number, time: number, pass: number, held: readonly HeldReading[]): void {
    for (const [first, second, unclear] of held) {
      const isLate = this.isLate(change, time, pass, 1);
      this.spreader.place(source, isLate ? second : pass === Pass.ambiguous ? unclear : first);
    }
  }

  /** Whether readings are of the second pass: if their pass is ambiguous, the earliest at which the clock shows their time. */
  private isLate(change: number, time: number, pass: number, readings: number): boolean {
    if (pass !== Pass.ambiguous) return pass === Pass.second;
    const twice = this.isShownTwice(change, time);
    if (twice) this.ambiguous += readings;
    return !twice;
  }

  /** Counts readings in their cell. */
  addToCell(
    source: number,
    change: number,
    time: number,
    pass: number,
    limbs: Uint32Array,
    at: number,
    readings: number,
  ): void {
    const { plan, kernel } = this;
    const { begin, before, after } = plan.walls.repeats;
    const late = this.isLate(change, time, pass, readings);
    const second = begin[change] + Math.floor(time / SECOND) - (late ? after[change] : before[change]);
    const fraction = time % SECOND !== 0;
    const border = plan.stampsEnd && !fraction;
    const plane = planeOfInstant(plan, second, border);
    const slot = slotOfInstant(plan, plane, second, border);
    kernel.place(source, plane, slot, fraction ? second + 0.5 : second, limbs, at, readings);
  }
}
