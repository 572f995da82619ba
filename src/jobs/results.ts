/** The results of the jobs. */

import type { RunError } from "../base/errors.js";
import type { WarningText } from "../base/warning.js";
import type { Manifest } from "../output/manifest.js";
import type { SourceQuality } from "../quality/quality.js";
import type { LeftOut } from "../scan/left-out.js";
import type { StoreState } from "../store/store.js";
import type { Summary } from "../tally/summary.js";

/** The result of `aggregateFiles` and `exportFiles`. */
export interface AggregateResult {
  readonly manifest: Manifest;
  readonly summary: Summary;
  /** Absolute path of the output folder. */
  readonly folder: string;
  /** With the option `report`. */
  readonly report?: ReportResult | undefined;
}

/** What became of a report. */
export interface ReportResult {
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** The sources of the run, and how many of them the report has by themselves: the largest, if there are too many. */
  readonly sources: number;
  readonly kept: number;
}

/** The result of `load`. */
export interface LoadResult {
  /** In the order of the arguments. */
  readonly inputs: readonly LoadedInput[];
  /** The sum of what was added, 10⁻¹⁸ kWh. */
  readonly energy: bigint;
  /** Why inputs were not loaded, in the order of the arguments. */
  readonly failures: readonly RunError[];
  /** The warnings, in the order in which they were found. */
  readonly warnings: readonly WarningText[];
  /** The store afterwards. */
  readonly state: StoreState;
}

/** What happened to an input. */
export interface LoadedInput {
  readonly name: string;
  /** `there`: its content counted already; `left_out`: its content had been retracted, and stays so; `empty`: no reading. */
  readonly outcome: "added" | "replaced" | "there" | "left_out" | "empty" | "failed";
  /** The batch that has its content; `null` if there is none. */
  readonly batch: string | null;
  /** Readings and energy that were added. */
  readonly readings: number;
  readonly kWh: string;
  readonly rejected: number;
  readonly rounded: number;
  /** What is no reading by the options, by why; absent where there is nothing of the kind. */
  readonly leftOut?: LeftOut;
  /** The profile that it was recognised by, if it was. */
  readonly profile?: string;
}

/** An input that was read by a profile that nobody named. */
export interface ReadAs {
  /** The input's. */
  readonly name: string;
  readonly profile: string;
}

/** The result of `quality`. */
export interface QualityResult {
  /** Ascending by the UTF-8 bytes of their ids. */
  readonly sources: readonly SourceQuality[];
  /** The inputs that were recognised as known exports; none of a store. */
  readonly readAs: readonly ReadAs[];
  readonly warnings: readonly WarningText[];
}
