/** Energy between cumulative readings that follow each other closely: one addition to the cell for all that lies in one slot. */
import type { Decimal } from "../tally/decimal.js";
import type { SpreadHours } from "../tally/spread-hours.js";
import { Plane } from "../tally/tally.js";
import type { Kernel } from "./kernel.js";
import { countEnergy } from "./kernel-readings.js";
import type { ScanPlan } from "./plan.js";
import { planeOfInstant, slotOfInstant } from "./slot.js";

export class SlotRun {
  /** The epoch second up to which energy was added. */
  at = 0;
  private source = 0;
  private slot = 0;
  /** Where the slot ends in which energy is being added; before `at`, if there is none. */
  private slotEnd = 0;
  /** When the first of the readings in it was taken, and how many there are. */
  private first = 0;
  private readings = 0;
  private readonly energy: Decimal = { negative: false, mantissa: 0, power: 0, big: undefined, rounded: false };
  /** The last time with energy, if there was any. */
  private from = Number.NaN;
  private to = 0;

  /** @param spread adds energy that lies in several slots, and must not be added to by it otherwise */
  constructor(
    private readonly kernel: Kernel,
    private readonly plan: ScanPlan,
    private readonly hours: SpreadHours,
    private readonly spread: (from: number, to: number, energy: Decimal) => void,
  ) {}

  /** Begins behind a reading. @param power of the energies to come */
  begin(source: number, second: number, power: number): void {
    this.source = source;
    this.at = second;
    this.slotEnd = Number.NEGATIVE_INFINITY;
    this.energy.power = power;
    this.from = Number.NaN;
  }

  /** Energies to come have another power. */
  changePower(power: number): void {
    this.flush();
    this.energy.power = power;
  }

  /** Adds the energy up to a later reading. @param mantissa of it, a whole number below 2⁵³ */
  add(to: number, mantissa: number): void {
    const { energy, at } = this;
    if (at >= this.slotEnd) {
      this.flush();
      this.locate();
    }
    if (to > this.slotEnd) {
      this.flush();
      energy.negative = false;
      energy.mantissa = mantissa;
      this.spread(at, to, energy);
      energy.mantissa = 0;
    } else {
      if (energy.mantissa + mantissa > Number.MAX_SAFE_INTEGER) this.flush();
      if (this.readings === 0) this.first = at;
      energy.mantissa += mantissa;
      this.readings++;
    }
    if (mantissa !== 0) {
      if (Number.isNaN(this.from)) this.hours.add(at, to);
      this.from = at;
      this.to = to;
    }
    this.at = to;
  }

  end(): void {
    this.flush();
    if (!Number.isNaN(this.from)) this.hours.add(this.from, this.to);
  }

  private flush(): void {
    const { energy, kernel, readings } = this;
    if (readings === 0) return;
    energy.negative = false;
    countEnergy(kernel, this.source, Plane.instant, this.slot, this.first, energy, readings);
    energy.mantissa = 0;
    this.readings = 0;
    if (kernel.full) kernel.onFull();
  }

  /** Finds the slot in which energy is to be added next. */
  private locate(): void {
    const { plan, at } = this;
    const plane = planeOfInstant(plan, at, false);
    this.slot = slotOfInstant(plan, plane, at, false);
    // Where slots are seconds, each reading has its own.
    this.slotEnd = plane === Plane.instant ? (this.slot + 1) * plan.instants.width : at;
  }
}
