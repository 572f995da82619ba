/** Cells of days to which energy is added that follows from kept readings: as `scan/spread.ts` and `scan/placed-registers.ts` do it. */
import { addEnergy } from "../tally/cell.js";
import type { Decimal } from "../tally/decimal.js";
import { sizeOf } from "../tally/difference.js";
import type { Point, RegisterEvent, RegisterSink } from "../tally/register-sink.js";
import { DAY_CELLS, type DayCells, newDay } from "./day-cells.js";
import type { StoredReading } from "./packed-readings.js";

const QUARTER = 900;
const NANOS = 1_000_000_000n;
const UNITS = 12;

const limbs = new Uint32Array(4);

/** Cells of days, to which energy is added. */
export class KeptCells implements RegisterSink {
  readonly days = new Map<number, DayCells>();
  isSubtracted = false;

  /** Adds a reading that counts. */
  place({ second, nanos, to, toNanos, value, shows }: StoredReading): void {
    if (to === second && toNanos === nanos) this.add(slotOf(second, shows === "end" && nanos === 0), value, 1, 0);
    else this.addSpread(second, nanos, to, toNanos, value);
  }

  spread(from: Point, to: Point, energy: Decimal): void {
    this.addSpread(from.second, from.nanos, to.second, to.nanos, this.signed(energy));
  }

  putAtEnd(_from: Point, to: Point, energy: Decimal): void {
    this.add(slotOf(to.second, to.nanos === 0), this.signed(energy), 0, 1);
  }

  count({ second, nanos }: Point, ends: boolean): void {
    this.add(slotOf(second, ends && nanos === 0), 0n, 1, 0);
  }

  found(_event: RegisterEvent): void {}

  private signed(energy: Decimal): bigint {
    return energy.negative !== this.isSubtracted ? -sizeOf(energy) : sizeOf(energy);
  }

  /** As `scan/spread.ts` does it. */
  private addSpread(from: number, fromNanos: number, to: number, toNanos: number, value: bigint): void {
    let all = value < 0n ? -value : value;
    let unit = 1n;
    for (let power = 0; power < UNITS && all !== 0n && all % 10n === 0n; power++) {
      all /= 10n;
      unit *= 10n;
    }
    const sign = value < 0n ? -unit : unit;
    const start = BigInt(from) * NANOS + BigInt(fromNanos);
    const length = BigInt(to) * NANOS + BigInt(toNanos) - start;
    let before = 0n;
    const firstSlot = slotOf(from, false);
    for (let slot = firstSlot; ; slot++) {
      const cut = (slot + 1) * QUARTER;
      const last = cut > to || (cut === to && toNanos === 0);
      const until = last ? all : (all * (BigInt(cut) * NANOS - start)) / length;
      const isFirst = slot === firstSlot;
      this.add(slot, (until - before) * sign, isFirst ? 1 : 0, isFirst ? 0 : 1);
      before = until;
      if (last) return;
    }
  }

  private add(slot: number, energy: bigint, readings: number, covers: number): void {
    const day = Math.floor(slot / DAY_CELLS);
    let cells = this.days.get(day);
    if (cells === undefined) {
      cells = newDay();
      this.days.set(day, cells);
    }
    const quarter = slot - day * DAY_CELLS;
    const words = BigInt.asUintN(128, energy);
    for (let n = 0; n < 4; n++) limbs[n] = Number((words >> BigInt(32 * n)) & 0xffffffffn);
    addEnergy(cells.energy, 4 * quarter, limbs, 0);
    cells.count[quarter]! += readings;
    cells.covers[quarter]! += covers;
  }
}

/** The quarter hour of an instant, or the one that ends there. */
function slotOf(second: number, ends: boolean): number {
  return Math.floor((ends ? second - 1 : second) / QUARTER);
}
