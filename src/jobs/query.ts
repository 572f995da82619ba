/**
 * A store's answer for a period: the same summary, and so the same bytes, as from files with its readings. A store keeps
 * quarter hours, so first and last are starts of quarter hours, and zones must fit them in the period.
 */

import { StoreError } from "../base/errors.js";
import { bySurface, notOverHttp, option, say } from "../base/message.js";
import { Gathered, type Room } from "../pipeline/gathered.js";
import type { SummaryPlan } from "../pipeline/plan.js";
import { exportChoices } from "../scan/export-filter.js";
import type { ExportRule } from "../scan/plan.js";
import { unpackDay } from "../store/cells.js";
import { DAY_CELLS } from "../store/day-cells.js";
import type { Chosen, SlotRange, Snapshot } from "../store/store.js";
import { type Frame, PeriodTooLong, periodOf, type QueryResult, resultOf, timeRowsIn } from "../tally/summarise.js";
import { dateAt, dayText, hourLabel, type TimeRows } from "../time/period.js";
import { offQuarters, QUARTER } from "../time/slot-width.js";
import { offsetAt, type Zone } from "../time/zone.js";
import { exportsOf } from "./delivery-plan.js";
import type { ExportOptions, SummaryOptions } from "./options.js";
import { summaryPlanOf } from "./plan.js";

/** What is asked of a store. */
export type AskOptions = SummaryOptions & Pick<ExportOptions, "sources" | "export">;

export interface AskPlan extends SummaryPlan {
  readonly sources: readonly string[] | undefined;
  readonly exports: ExportRule;
}

/**
 * Checks a query before any store is opened.
 * @param exports how export counts, whatever the options say
 * @throws UsageError naming the option
 */
export function askPlanOf({ sources, ...options }: AskOptions, exports = exportsOf(options)): AskPlan {
  return { ...summaryPlanOf(options), sources: sources && [...new Set(sources)], exports };
}

/** What a query means for a store at one moment: the days, and their slots. */
interface Scope {
  readonly frame: Frame;
  readonly range: SlotRange;
  /** Slots in the range that belong to another day, since clocks went back over midnight at its edge: `from` to `to`. */
  readonly gap: { readonly from: number; readonly to: number } | undefined;
  /** Slots of the first and last reading, in or outside the period. */
  readonly extent: { readonly first: number; readonly last: number } | undefined;
}

/**
 * @throws PeriodTooLong
 * @throws StoreError `zone_off_quarters`, `export_or_not`
 */
export async function scopeOf(reader: Snapshot, plan: AskPlan): Promise<Scope> {
  const { zone, sources } = plan;
  if (plan.exports === "ask") await checkOneDirection(reader, sources);
  const extent = await reader.extent(chosenIn(plan));
  const found = extent && { first: dateAt(zone, extent.first * QUARTER), last: dateAt(zone, extent.last * QUARTER) };
  const period = await periodFor(reader, plan, found, extent);
  const times = timeRowsIn(plan, period);
  const seconds = extent && { first: extent.first * QUARTER, last: extent.last * QUARTER };
  return {
    frame: { period, times, extent: seconds },
    range: { ...fitted(zone, times), ...chosenIn(plan) },
    gap: gapIn(times),
    extent,
  };
}

function chosenIn({ sources, exports }: AskPlan): Chosen {
  return { sources, exports: exports === "skip" || exports === "subtract" ? exports : undefined };
}

/** @throws StoreError `export_or_not` if sums would mix export and consumption, and nobody said how */
async function checkOneDirection(reader: Snapshot, sources: readonly string[] | undefined): Promise<void> {
  const { exports, consumption } = await reader.directions(sources);
  if (exports && consumption)
    throw new StoreError(
      "export_or_not",
      say`${sources === undefined ? "the store has" : "these sources have"} both consumption and export, and sums would mix them: ${exportChoices()}`,
    );
}

export interface AskSettings extends Room {
  /** Count readings outside the period too, which reads all cells of the sources; else `totals.outOfPeriod` is 0. */
  readonly countOutside?: boolean;
  /** Count the sources of a sum over all of them, which takes another query; else its `totals.sources` is 0. Default true. */
  readonly countSources?: boolean;
  /** Called before any cells are read, with the numbers of rows, sources and days to sum; it may throw. */
  readonly begin?: (rows: number, sources: number, days: number) => void;
}

/**
 * @throws PeriodTooLong
 * @throws StoreError `zone_off_quarters`, `export_or_not`
 * @throws RunError `memory`
 */
export async function ask(reader: Snapshot, plan: AskPlan, settings: AskSettings = {}): Promise<QueryResult> {
  const scope = await scopeOf(reader, plan);
  const { range, frame } = scope;
  if (settings.begin !== undefined) {
    const days = Math.ceil((range.to - range.from) / DAY_CELLS);
    settings.begin(frame.times.length, plan.bySource ? await reader.sourceCount(range) : 1, days);
  }
  const gathered = new Gathered(frame.times, settings);
  const sources: string[] = [];
  if (range.from < range.to) {
    if (!plan.bySource) for await (const days of reader.totals(range)) gathered.add(0, days);
    else
      for await (const piece of reader.bySource(range)) {
        settings.signal?.throwIfAborted();
        for (const { source, days } of piece) if (gathered.add(sources.length, days)) sources.push(source);
        gathered.relieve();
      }
  }
  const rows = await gathered.rows();
  const { counts } = gathered;
  if (settings.countOutside === true)
    counts.outOfPeriod = (await readingsOf(reader, scope)) - Math.floor(counts.readings);
  if (plan.bySource)
    return resultOf(plan, frame, { sources, length: sources.length, present: sources.length }, rows, counts);
  const counted = settings.countSources !== false && counts.readings > 0;
  const present = counted ? await countSources(reader, scope) : 0;
  return resultOf(plan, frame, { sources: undefined, length: 1, present }, rows, counts);
}

/** The number of the sources' readings, in and outside the period. */
async function readingsOf(reader: Snapshot, { extent, range }: Scope): Promise<number> {
  if (extent === undefined) return 0;
  let readings = 0;
  for await (const days of reader.totals({ ...range, from: extent.first, to: extent.last + 1 }))
    for (const [, cells] of days) readings += unpackDay(cells).count.reduce((sum, count) => sum + Math.floor(count), 0);
  return readings;
}

async function countSources(reader: Snapshot, { range, gap, frame }: Scope): Promise<number> {
  if (gap === undefined) return reader.sourceCount(range);
  let count = 0;
  for await (const piece of reader.bySource(range))
    for (const { days } of piece) if (new Gathered(frame.times, {}).add(0, days)) count++;
  return count;
}

function gapIn({ start, end, length }: TimeRows): Scope["gap"] {
  for (let row = 1; row < length; row++)
    if (start[row] > end[row - 1]) return { from: end[row - 1] / QUARTER, to: start[row] / QUARTER };
  return undefined;
}

/** @throws PeriodTooLong saying which readings make the period too long, and which batches they came with */
async function periodFor(
  reader: Snapshot,
  plan: AskPlan,
  found: { first: number; last: number } | undefined,
  extent: Scope["extent"],
) {
  const { zone, from, to } = plan;
  try {
    return periodOf(plan, found, () => undefined);
  } catch (error) {
    if (!(error instanceof PeriodTooLong) || extent === undefined) throw error;
    const ends = [from === undefined ? extent.first : [], to === undefined ? extent.last : []].flat();
    const labels: string[] = [];
    for (const slot of ends) {
      const origin = await reader.origin(slot, chosenIn(plan));
      const whose =
        origin &&
        ` (${origin.source === "" ? "no source" : `source ${shortened(origin.source)}`}, batch ${origin.batch.id})`;
      labels.push(`${hourLabel(zone, slot * QUARTER, offsetAt(zone, slot * QUARTER))}${whose ?? ""}`);
    }
    throw new PeriodTooLong(
      say`${error.said}: the store has readings of ${labels.join(" and ")}; give the days with ${option("from")} and ${option("to")}${notOverHttp(say`, or allow more with ${option("maxDays")}`)}`,
      undefined,
    );
  }
}

/** An id may be of any length. */
function shortened(id: string): string {
  return JSON.stringify(id.length > 100 ? `${id.slice(0, 99)}…` : id);
}

/** The slots of some rows. */
function fitted(zone: Zone, times: TimeRows): { from: number; to: number } {
  if (times.length === 0) return { from: 0, to: 0 };
  const start = times.start[0];
  const end = times.end[times.length - 1];
  const off = offQuarters(zone, start, end);
  if (off !== undefined)
    throw new StoreError(
      "zone_off_quarters",
      say`a store keeps quarter hours, and the clock of ${zone.name} does not fit them on ${dayText(dateAt(zone, off))} (at ${hourLabel(zone, off, offsetAt(zone, off))}): choose days without that, or another zone, or sum the files themselves${bySurface({ library: " with aggregateFiles", commandLine: " with electro aggregate" })}`,
    );
  return { from: start / QUARTER, to: end / QUARTER };
}
