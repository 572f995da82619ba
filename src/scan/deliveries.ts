/**
 * Formats whose readings are delivered again and corrected: what counts is only known when all inputs of a run have been
 * read. Such inputs are found by an ordinary scan, put aside, and read by one thread after all others, in their order.
 */

import { RunError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import { DayIndex } from "./nem/day-index.js";
import type { ExportRule } from "./plan.js";

/** Such formats. */
export const DELIVERED = ["nem12"] as const;
export type Delivered = (typeof DELIVERED)[number];

/** Which time an input is read: to learn what there is, then to count it. */
export type Pass = "note" | "count";
export const PASSES: readonly Pass[] = ["note", "count"];

/** What is known about the deliveries of a run. */
export class Deliveries {
  readonly days = new DayIndex();
  private exports = false;
  private consumption = false;

  /** Bytes that it takes. */
  get bytes(): number {
    return this.days.bytes;
  }

  noteDirection(isExport: boolean): void {
    if (isExport) this.exports = true;
    else this.consumption = true;
  }

  /** To be called between the passes. @throws RunError `export_or_not` if sums would mix export and consumption, and nobody said how */
  beforeCounting(rule: ExportRule): void {
    this.days.restart();
    if (rule !== "ask" || !this.exports || !this.consumption) return;
    throw new RunError(
      "export_or_not",
      say`the inputs have both consumption and export, and sums would mix them: ${option("export", "subtract")} takes export from consumption, ${option("export", "add")} adds both, ${option("export", "skip")} leaves export out; or ask for rows by source`,
    );
  }
}
