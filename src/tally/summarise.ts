/** From what the scans counted to a summary: slots become rows, and sources get their order. */

import { RunError } from "../base/errors.js";
import { type BySurface, bySurface, type Message, option, say } from "../base/message.js";
import { dayText, type TimeRows, timeRowsOf } from "../time/period.js";
import { isShort, type Resolution, type Short } from "../time/resolution.js";
import type { Zone } from "../time/zone.js";
import { type Counts, RowTable } from "./row-table.js";
import { type Blocks, blocksOf, daysWithReadings, extentOf, giveRows, middleOf } from "./slots.js";
import { Sources } from "./sources.js";
import { type Period, type Rows, type Summary, summaryOf } from "./summary.js";
import type { Clock, Part } from "./tally.js";

export interface Question {
  readonly zone: Zone;
  /** What the rows are that all sums are made of. */
  readonly rows: Short;
  /** Zone of wall times. */
  readonly inputZone: Zone;
  readonly clock: Clock;
  readonly bySource: boolean;
  /** Days, inclusive; `undefined`: those of the readings. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly maxDays: number;
  /** Throws if there is no memory for the rows of so many days. Default: no check. */
  readonly checkRoom?: (days: number) => void;
}

/** The totals of a summary. */
export interface Totals extends Counts {
  /** Hours without a reading, of all columns; 0 if rows are longer than hours. */
  hoursFilled: number;
  sources: number;
  /** Epoch seconds of the first and last timestamp among all readings. */
  first: number | undefined;
  last: number | undefined;
}

export interface QueryResult {
  readonly summary: Summary;
  readonly totals: Totals;
  /** Days, inclusive; `undefined` if there is neither a reading nor a given period. */
  readonly period: Period | undefined;
}

/** @throws PeriodTooLong */
export function summarise(parts: readonly Part[], question: Question): QueryResult {
  const { zone, inputZone, clock } = question;
  const blocks = blocksOf(parts, clock, inputZone);
  const frame = frameOf(question, {
    extent: extentOf(parts, blocks, inputZone),
    days: daysWithReadings(blocks, zone),
    middle: () => middleOf(blocks),
  });
  giveRows(blocks, frame.times);
  const present = parts.map((part, n) => ({ ...part, seen: presentIn(part, blocks, blocks.ofPage[n], question) }));
  const columns = columnsOf(present, question);
  const rows = new RowTable(frame.times);
  parts.forEach((part, n) => {
    rows.addPart(part, columns.of[n], blocks.all, blocks.ofPage[n]);
  });
  rows.arrange();
  return resultOf(question, frame, columns, rows, rows.counts);
}

/** The times of readings, wherever they are, from which the days to sum follow. In epoch seconds. */
export interface Span {
  /** The first and last timestamp. */
  readonly extent: { first: number; last: number } | undefined;
  /** The first and last day with readings. */
  readonly days: { first: number; last: number } | undefined;
  /** About half of the hours with readings are before this. */
  middle(): number;
}

/** The rows to sum. */
export interface Frame extends Pick<Span, "extent">, Pick<QueryResult, "period"> {
  readonly times: TimeRows;
}

/** @throws PeriodTooLong */
export function frameOf(question: Question, { extent, days, middle }: Span): Frame {
  const { from, to } = question;
  const period = periodOf(question, days, () => {
    if (extent === undefined) return undefined;
    // The end of the readings that is farther from most of them; an end that was given extends nothing.
    const { first, last } = extent;
    const most = middle();
    return from === undefined && (to !== undefined || most - first > last - most) ? first : last;
  });
  return {
    extent,
    period,
    times: timeRowsIn(question, period),
  };
}

/** The rows of a period. @param rows what they are */
export function timeRowsIn(
  { zone, rows }: { readonly zone: Zone; readonly rows: Resolution },
  period: Period | undefined,
): TimeRows {
  return period === undefined ? timeRowsOf(zone, rows, 0, -1) : timeRowsOf(zone, rows, period.first, period.last);
}

/** The columns of a summary. */
export interface Columns {
  /** Ids, if each source has a column; `undefined`: there is one column, for all. */
  readonly sources: readonly string[] | undefined;
  readonly length: number;
  /** How many sources have a reading in the period. */
  readonly present: number;
  /** For each part and its source number, the column. */
  readonly of: readonly Uint32Array[];
}

/** @param parts in which the sources with a reading in the period are `seen` */
export function columnsOf(
  parts: readonly Pick<Part, "ids" | "idEnds" | "seen">[],
  { bySource }: Pick<Question, "bySource">,
): Columns {
  const sources = new Sources(parts);
  const present = sources.seen;
  if (!bySource) {
    const of = parts.map(({ idEnds }) => new Uint32Array(idEnds.length));
    return { sources: undefined, length: 1, present, of };
  }
  // Number 0 is the unnamed source, which has no column if it has no reading.
  const shift = present === sources.count ? 0 : 1;
  const of = sources.numberOf.map((numbers) => numbers.map((number) => Math.max(number - shift, 0)));
  return { sources: sources.ids(shift), length: present, present, of };
}

/** The result, once everything is counted. */
export function resultOf(
  { zone }: Pick<Question, "zone">,
  { period, times, extent }: Frame,
  { sources, length, present }: Omit<Columns, "of">,
  rows: Rows,
  counts: Counts,
): QueryResult {
  const hours = times.hour === undefined ? times.length : (times.hour.at(-1) ?? -1) + 1;
  const hoursFilled = isShort(times.resolution) ? hours * length - rows.cells : 0;
  const readings = Math.floor(counts.readings);
  const totals = { ...counts, readings, hoursFilled, sources: present, first: extent?.first, last: extent?.last };
  return { period, totals, summary: summaryOf(zone, period, times, sources, rows) };
}

/**
 * A result with what scans counted of readings that cover time.
 * @param reaching readings that begin before the period, and are in it since they cover some of it
 * @param skipped those of wall times that clocks skip
 */
export function withCovering(
  result: QueryResult,
  { reaching, skipped }: { reaching: number; skipped: number },
): QueryResult {
  const { totals } = result;
  const readings = totals.readings + reaching;
  const outOfPeriod = totals.outOfPeriod - reaching;
  const skippedWallTimes = totals.skippedWallTimes + skipped;
  return { ...result, totals: { ...totals, readings, outOfPeriod, skippedWallTimes } };
}

/**
 * The part's sources with a reading in the period. Without a period, cells may belong to no particular source; then all
 * sources seen are in it.
 */
function presentIn(part: Part, { all }: Blocks, blockOf: Uint32Array, { from, to }: Question): Uint8Array {
  const { seen, pageSource, pageUsed } = part;
  if (from === undefined && to === undefined) return seen;
  const inside = all.map(({ row }) => row.reduce((mask, of, i) => (of >= 0 ? mask | (1 << i) : mask), 0));
  const present = new Uint8Array(seen.length);
  for (let n = 0; n < pageUsed.length; n++) if (pageUsed[n] & inside[blockOf[n]]) present[pageSource[n]] = 1;
  return present;
}

/** The limit of days, for messages. */
export function mostDays(days: number): BySurface {
  const named = [option("maxDays", days)];
  return bySurface({ library: named, commandLine: named, http: `${days}, the most that are answered` });
}

/** The period is too long. `outlier` is the second of the reading that makes it so, if it is a single one. */
export class PeriodTooLong extends RunError {
  constructor(
    said: Message,
    readonly outlier: number | undefined,
  ) {
    super("period_too_long", said);
  }
}

/**
 * The days to sum: those that were given, else those with readings.
 * @throws PeriodTooLong with what `outlier` returns; what `checkRoom` throws
 */
export function periodOf(
  question: Pick<Question, "from" | "to" | "maxDays" | "checkRoom">,
  found: { first: number; last: number } | undefined,
  outlier: () => number | undefined,
) {
  const first = question.from ?? found?.first;
  const last = question.to ?? found?.last;
  // If one end is given and all readings are beyond it, there is no other end, and so no period.
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
