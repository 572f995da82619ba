/** What the jobs tell whoever called them. */

import type { RunError } from "../base/errors.js";
import type { WarningText } from "../base/warning.js";
import type { Manifest } from "../output/manifest.js";
import type { SourceQuality } from "../quality/quality.js";
import type { StoreState } from "../store/store.js";
import type { Summary } from "../tally/summary.js";

/** What came of `aggregateFiles` and `exportFiles`. */
export interface AggregateResult {
  readonly manifest: Manifest;
  readonly summary: Summary;
  /** Absolute path of the output folder. */
  readonly folder: string;
}

/** What came of `load`. */
export interface LoadResult {
  /** In the order of the arguments. */
  readonly inputs: readonly LoadedInput[];
  /** Sum of what came in now, 10⁻¹⁸ kWh. */
  readonly energy: bigint;
  /** Why inputs were not loaded, in their order. */
  readonly failures: readonly RunError[];
  /** What was warned of, in the order in which it was found. */
  readonly warnings: readonly WarningText[];
  /** The store afterwards. */
  readonly state: StoreState;
}

/** What became of an input. */
export interface LoadedInput {
  readonly name: string;
  /** `there`: its content counted already; `left_out`: its content had been taken out, and stays out; `empty`: no reading. */
  readonly outcome: "added" | "replaced" | "there" | "left_out" | "empty" | "failed";
  /** The batch that has its content; `null` where there is none. */
  readonly batch: string | null;
  /** Readings and energy that came in now. */
  readonly readings: number;
  readonly kWh: string;
  readonly rejected: number;
  readonly rounded: number;
}

/** What came of `quality`. */
export interface QualityResult {
  /** Ascending by the UTF-8 bytes of their ids. */
  readonly sources: readonly SourceQuality[];
  readonly warnings: readonly WarningText[];
}
