/**
 * Formats whose readings are delivered again and corrected: what counts is only known when all inputs of a run have been
 * read. Such inputs are found by an ordinary scan, put aside, and read by one thread after all others, in their order.
 */

import { RunError } from "../base/errors.js";
import { say } from "../base/message.js";
import { CONSUMPTION, EXPORT, exportChoices, SOME_EXPORT } from "./export-filter.js";
import { type FlowInput, judge } from "./green-button/flow-readings.js";
import { DayIndex } from "./nem/day-index.js";
import type { ExportRule } from "./plan.js";

/** Bytes that a kept reading takes, about. */
const READING_BYTES = 400;

/** Such formats. */
export const DELIVERED = ["nem12", "green_button"] as const;
export type Delivered = (typeof DELIVERED)[number];

/** Which time an input is read: to learn what there is, then to count it. */
export type Pass = "note" | "count";
export const PASSES: readonly Pass[] = ["note", "count"];

/** What is known about the deliveries of a run. */
export class Deliveries {
  readonly days = new DayIndex();
  /** Of Green Button inputs, in their order. */
  private readonly flows: FlowInput[] = [];
  private readings = 0;
  private counted = 0;
  /** Bytes of the document that is being read. */
  feedBytes = 0;
  /** Which ways the energy of these inputs goes, as bits. */
  directions = 0;

  /** Bytes that it takes. */
  get bytes(): number {
    return this.days.bytes + this.readings * READING_BYTES + this.feedBytes;
  }

  addFlows(input: FlowInput): void {
    this.feedBytes = 0;
    this.readings += input.readings.length;
    this.flows.push(input);
  }

  /** To be called once for each of these inputs, in their order. */
  nextFlows(): FlowInput {
    return this.flows[this.counted++];
  }

  noteDirection(isExport: boolean): void {
    this.directions |= isExport ? EXPORT | SOME_EXPORT : CONSUMPTION;
  }

  /**
   * To be called between the passes, also where there is no such input.
   * @param beside which directions other inputs have, as bits
   * @throws RunError `export_or_not` if sums would mix export and consumption, and nobody said how
   */
  beforeCounting(rule: ExportRule, beside: number): void {
    this.days.restart();
    judge(this.flows);
    const both = CONSUMPTION | EXPORT;
    if (rule !== "ask" || ((this.directions | beside) & both) !== both) return;
    throw new RunError(
      "export_or_not",
      say`the inputs have both consumption and export, and sums would mix them: ${exportChoices()}`,
    );
  }
}
