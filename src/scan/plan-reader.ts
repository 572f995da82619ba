/** What reads records by one plan. All readers of a scanner count in the same kernel. */
import { repeatsOf } from "../time/repeated-hours.js";
import { gapsOf, zoneOf } from "../time/zone.js";
import { Fields } from "./fields.js";
import type { Kernel } from "./kernel.js";
import type { KnownTable, ScanPlan } from "./plan.js";
import { RecordValidator } from "./record-validator.js";
import { RowOrder } from "./row-order.js";

export class PlanReader {
  readonly fields: Fields;
  readonly order: RowOrder;
  readonly validator: RecordValidator;

  constructor(
    kernel: Kernel,
    readonly plan: ScanPlan,
  ) {
    this.fields = new Fields(plan);
    this.order = new RowOrder(kernel, plan);
    this.validator = new RecordValidator(kernel, plan, this.fields, this.order);
  }
}

/** The plan of the known table with a number, counted from 1: with its own zone, if it has one. */
export function planOfTable({ known, lookFor, exports }: ScanPlan, number: number): ScanPlan {
  const { plan, zone: name } = known[number - 1] as KnownTable;
  const shared = { ...plan, exports };
  const sought = lookFor === undefined ? shared : { ...shared, lookFor };
  if (name === undefined) return sought;
  const zone = zoneOf(name);
  return {
    ...sought,
    ownZone: zone,
    walls: { ...plan.walls, gaps: gapsOf(zone), repeats: repeatsOf(zone, plan.stampsEnd) },
    keep: plan.keep && { ...plan.keep, inputZone: zone },
    interval: plan.interval && { ...plan.interval, inputZone: zone },
  };
}
