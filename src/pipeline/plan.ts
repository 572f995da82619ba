/** What a run is to do, as data: made from options (`jobs/plan.ts`), executed by the pipeline. */
import type { ScanPlan } from "../scan/plan.js";
import type { Clock } from "../tally/tally.js";
import type { Zone } from "../time/zone.js";

/** What `summarise` needs, and how `scan` must count for it. */
export interface Plan {
  readonly scan: ScanPlan;
  readonly zone: Zone;
  readonly inputZone: Zone;
  readonly clock: Clock;
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly bySource: boolean;
  readonly maxDays: number;
}

/** What a summary is to hold, whether it is made from files or from a store. */
export type SummaryPlan = Pick<Plan, "zone" | "from" | "to" | "bySource" | "maxDays">;

/** How readings are counted for a store: by source and quarter hour of UTC, whatever is asked later. */
export type IngestionPlan = Pick<Plan, "scan" | "inputZone" | "clock">;
