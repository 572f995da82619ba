/** What a run is to do, as data: made from options (`jobs/plan.ts`), executed by the pipeline. */
import type { ScanPlan } from "../scan/plan.js";
import type { Clock } from "../tally/tally.js";
import type { Resolution, Short } from "../time/resolution.js";
import type { Zone } from "../time/zone.js";

/** What `summarise` needs, and how `scan` must count for it. */
export interface Plan {
  readonly scan: ScanPlan;
  readonly zone: Zone;
  /** What the rows are that all sums are made of. */
  readonly rows: Short;
  readonly inputZone: Zone;
  readonly clock: Clock;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly bySource: boolean;
  readonly maxDays: number;
}

/** What a summary is to hold, whether it is made from files or from a store. */
export type SummaryPlan = Pick<Plan, "zone" | "from" | "to" | "bySource" | "maxDays"> & { readonly rows: Resolution };

/** How readings are counted for a store: by source and quarter hour of UTC, whatever is asked later. */
export type IngestionPlan = Pick<Plan, "scan" | "inputZone" | "clock">;
