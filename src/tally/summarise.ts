/** From what the scans counted to a summary: slots become hour rows, and sources get their order. */

import { RunError } from "../base/errors.js";
import { type BySurface, bySurface, type Message, option, say } from "../base/message.js";
import { dayText, hoursOf } from "../time/period.js";
import type { Zone } from "../time/zone.js";
import { PAGE_SLOTS } from "./cell.js";
import { type Counts, RowTable } from "./row-table.js";
import { type Blocks, blocksOf, daysWithReadings, extentOf, giveRows, middleOf } from "./slots.js";
import { Sources } from "./sources.js";
import type { Summary } from "./summary.js";
import { summaryOf } from "./table.js";
import type { Clock, Part } from "./tally.js";

export interface Question {
  readonly zone: Zone;
  /** Zone of wall times. */
  readonly inputZone: Zone;
  readonly clock: Clock;
  readonly bySource: boolean;
  /** Days, inclusive; `undefined`: as the readings have it. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly maxDays: number;
  /** Throws where there is no room for the hours of so many days. Default: there is. */
  readonly checkRoom?: (days: number) => void;
}

/** What the summary's numbers come to. */
export interface Totals extends Counts {
  /** Rows without a reading. */
  hoursFilled: number;
  sources: number;
  /** Epoch seconds of the first and last timestamp among all readings. */
  first: number | undefined;
  last: number | undefined;
}

export interface QueryResult {
  readonly summary: Summary;
  readonly totals: Totals;
  /** Days, inclusive; `undefined` where there is neither a reading nor a given period. */
  readonly period: { first: number; last: number } | undefined;
}

/** @throws PeriodTooLong */
export function summarise(parts: readonly Part[], question: Question): QueryResult {
  const { zone, inputZone, clock, bySource } = question;
  const blocks = blocksOf(parts, clock, inputZone);
  const extent = extentOf(parts, blocks, inputZone);
  const period = periodOf(
    question,
    daysWithReadings(blocks, zone),
    () => extent && outlierOf(blocks, extent, question),
  );
  const hours = period === undefined ? hoursOf(zone, 0, -1) : hoursOf(zone, period.first, period.last);
  giveRows(blocks, hours);
  const sources = new Sources(parts);
  const totals: Totals = {
    readings: 0,
    outOfPeriod: 0,
    skippedWallTimes: 0,
    hoursFilled: 0,
    sources: sources.seen,
    first: extent?.first,
    last: extent?.last,
    energy: 0n,
  };
  const columnOf = bySource ? sources.numberOf : parts.map((part) => new Uint32Array(part.idEnds.length));
  const columns = bySource ? sources.count : 1;
  const table = new RowTable(columns, hours, totals);
  parts.forEach((part, n) => {
    table.addPart(part, columnOf[n], blocks.all, blocks.ofPage[n]);
  });
  table.arrange();

  if (!bySource) {
    totals.hoursFilled = hours.length - table.cells;
    // Without a given period all readings are in it.
    if (totals.outOfPeriod > 0) totals.sources = sourcesWithRows(parts, sources, blocks);
    return { period, totals, summary: summaryOf(table.table(zone, undefined, Uint32Array.of(0))) };
  }
  const present = table.columnsWithCells();
  totals.sources = present.length;
  totals.hoursFilled = hours.length * present.length - table.cells;
  const ids = Array.from(present, (column) => sources.id(column));
  return { period, totals, summary: summaryOf(table.table(zone, ids, present)) };
}

/** How many sources have a reading that has a row; cells are kept by source wherever some may have none. */
function sourcesWithRows(parts: readonly Part[], sources: Sources, blocks: Blocks): number {
  const present = new Set<number>();
  parts.forEach(({ pageSource, pageUsed }, p) => {
    for (let n = 0; n < pageUsed.length; n++) {
      const { row } = blocks.all[blocks.ofPage[p][n]];
      for (let i = 0; i < PAGE_SLOTS; i++)
        if (row[i] >= 0 && pageUsed[n] & (1 << i)) present.add(sources.numberOf[p][pageSource[n]]);
    }
  });
  return present.size;
}

/** What a period has more days than. */
export function mostDays(days: number): BySurface {
  const named = [option("maxDays", days)];
  return bySurface({ library: named, commandLine: named, http: `${days}, the most that are answered` });
}

/** The period is longer than what is accepted. `outlier` is the second of the reading that stretches it, where it is one. */
export class PeriodTooLong extends RunError {
  constructor(
    said: Message,
    readonly outlier: number | undefined,
  ) {
    super("period_too_long", said);
  }
}

/**
 * The days to sum: those that were given, else those found to have readings.
 * @throws PeriodTooLong with what `outlier` says; what `checkRoom` throws
 */
export function periodOf(
  question: Pick<Question, "from" | "to" | "maxDays" | "checkRoom">,
  found: { first: number; last: number } | undefined,
  outlier: () => number | undefined,
) {
  const first = question.from ?? found?.first;
  const last = question.to ?? found?.last;
  // With one end given and all readings beyond it, there is no other end, so no period.
  if (first === undefined || last === undefined || first > last) return undefined;
  const period = { first, last };
  const days = last - first + 1;
  if (days > question.maxDays)
    throw new PeriodTooLong(
      say`the period would be ${days} days, from ${dayText(period.first)} to ${dayText(period.last)}, more than ${mostDays(question.maxDays)}`,
      outlier(),
    );
  question.checkRoom?.(days);
  return period;
}

/** Which end of the readings lies farther from where most of them are; an end that was given stretches nothing. */
function outlierOf(blocks: Blocks, { first, last }: { first: number; last: number }, { from, to }: Question): number {
  const middle = middleOf(blocks);
  return from === undefined && (to !== undefined || middle - first > last - middle) ? first : last;
}
