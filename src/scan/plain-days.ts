/** Days of wall times on which no clock is changed: the kernel knows their offsets, once the slow path has met them. */
import { changeAt } from "../time/repeated-hours.js";
import { instantOf } from "../time/zone.js";
import type { Kernel } from "./kernel.js";
import type { IntervalPlan, KeepPlan, ScanPlan } from "./plan.js";
import { isSlow } from "./slow-days.js";

/** Where the kernel looks for them: `kernel/interval.ts` has the same. */
const OFFSETS = 0xa000;
const ENTRIES = 1024;
const FIRST_DAY = 30_000;
const DAY = 86_400;

export class PlainDays {
  /** The first wall second of the last such day. */
  private last = Number.NaN;

  constructor(
    private readonly kernel: Kernel,
    private readonly scan: ScanPlan,
  ) {}

  /** Whether a wall second is in such a day; the kernel then remembers that. */
  has(wall: number): boolean {
    const { kernel, scan } = this;
    const day = Math.floor(wall / DAY);
    const midnight = day * DAY;
    if (midnight === this.last) return true;
    if (scan.ownZone !== undefined || isSlow(kernel.bytes, true, wall)) return false;
    if (changeAt(scan.walls.repeats, wall) >= 0) return false;
    const { inputZone } = (scan.interval ?? scan.keep) as IntervalPlan | KeepPlan;
    const first = instantOf(inputZone, midnight).instant;
    if (instantOf(inputZone, midnight + DAY - 1).instant - first !== DAY - 1) return false;
    const entry = OFFSETS + 8 * (((day % ENTRIES) + ENTRIES) % ENTRIES);
    kernel.view.setUint32(entry, day + FIRST_DAY, true);
    kernel.view.setInt32(entry + 4, midnight - first, true);
    this.last = midnight;
    return true;
  }
}
