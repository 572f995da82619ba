/**
 * A store's answer for a period: the same summary, and so the same bytes, that files with its readings would give.
 * A store keeps quarter hours, so first and last are the starts of such, and zones have to fit them in the period.
 */

import { StoreError } from "../base/errors.js";
import { bySurface, notOverHttp, option, say } from "../base/message.js";
import { Gathered } from "../pipeline/gathered.js";
import type { SummaryPlan } from "../pipeline/plan.js";
import type { SpillPlan } from "../pipeline/spill.js";
import type { SlotRange, Snapshot } from "../store/store.js";
import { partOf } from "../tally/contribution.js";
import { PeriodTooLong, periodOf, type QueryResult, type Question, summarise } from "../tally/summarise.js";
import { dateAt, dayText, type Hours, hourLabel, hoursOf } from "../time/period.js";
import { type Fit, fitOf, offQuarters, QUARTER } from "../time/slot-width.js";
import { offsetAt, type Zone } from "../time/zone.js";
import type { ExportOptions, SummaryOptions } from "./options.js";
import { summaryPlanOf } from "./plan.js";

/** What is asked of a store. */
export type AskOptions = SummaryOptions & Pick<ExportOptions, "sources">;

export interface AskPlan extends SummaryPlan {
  readonly sources: readonly string[] | undefined;
}

/** Checks what is asked, before any store is opened. @throws UsageError naming the option */
export function askPlanOf({ sources, ...options }: AskOptions): AskPlan {
  return { ...summaryPlanOf(options), sources: sources && [...new Set(sources)] };
}

/** What a question comes to in a store at one moment: which days, and which slots those are. */
interface Scope {
  /** `undefined` where there is neither a reading nor a given period. */
  readonly period: { readonly first: number; readonly last: number } | undefined;
  readonly stretch: SlotRange;
  /** Slots inside the stretch that are another day's, since clocks went back over midnight at its edge: `from` to `to`. */
  readonly gap: { readonly from: number; readonly to: number } | undefined;
  /** Slots of the first and last reading in the period and outside it. */
  readonly extent: { readonly first: number; readonly last: number } | undefined;
  /** Seconds of slots that cells may be summed in, as the zone's hours lie. */
  readonly width: Fit["width"];
  readonly question: Question;
}

/**
 * @throws PeriodTooLong
 * @throws StoreError `zone_off_quarters`
 */
async function scopeOf(reader: Snapshot, plan: AskPlan): Promise<Scope> {
  const { zone, sources } = plan;
  const extent = await reader.extent(sources);
  const found = extent && { first: dateAt(zone, extent.first * QUARTER), last: dateAt(zone, extent.last * QUARTER) };
  const period = await periodFor(reader, plan, found, extent);
  const hours = period && hoursOf(zone, period.first, period.last);
  const stretch: SlotRange = { ...(hours === undefined ? { from: 0, to: 0 } : fitted(zone, hours)), sources };
  const { bySource, maxDays } = plan;
  const fit = fitOf([zone]);
  const width = stretch.from * QUARTER >= fit.from ? fit.width : QUARTER;
  // The period is known, so what is asked of the part that is read has no end open.
  const { first: from, last: to } = period ?? { first: plan.from, last: plan.to };
  return {
    period,
    stretch,
    gap: hours && gapIn(hours),
    extent,
    width,
    question: { zone, inputZone: zone, clock: { instantWidth: width, wallWidth: width }, bySource, from, to, maxDays },
  };
}

export interface AskSettings {
  /** Count readings outside the period too, which reads all that the store has of the sources; else `totals.outOfPeriod` is 0. */
  readonly countOutside?: boolean;
  /** Count the sources of a sum over all of them, which takes another query; else its `totals.sources` is 0. Default true. */
  readonly countSources?: boolean;
  /** Bytes that cells by source may take. */
  readonly memory?: number;
  /** Where cells go that would take more; without it that is an error. */
  readonly spill?: Omit<SpillPlan, "question"> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called before any cells are read, with the hours and the sources that there will be sums of; it may throw. */
  readonly begin?: (hours: number, sources: number) => void;
}

/**
 * @throws PeriodTooLong
 * @throws StoreError `zone_off_quarters`
 * @throws RunError `memory`
 */
export async function ask(reader: Snapshot, plan: AskPlan, settings: AskSettings = {}): Promise<QueryResult> {
  const scope = await scopeOf(reader, plan);
  const { stretch, period, width, question } = scope;
  const hours = Math.ceil((stretch.to - stretch.from) / 4);
  if (settings.begin !== undefined) settings.begin(hours, plan.bySource ? await reader.sourceCount(stretch) : 1);
  let answer: QueryResult | undefined;
  if (period !== undefined && stretch.from < stretch.to) {
    if (!plan.bySource) answer = summarise([partOf(await reader.totals(stretch), width)], question);
    else {
      const gathered = new Gathered(question, settings);
      for await (const piece of reader.bySource(stretch)) {
        settings.signal?.throwIfAborted();
        gathered.add(partOf(piece, width));
      }
      answer = await gathered.answer();
    }
  }
  answer ??= summarise([], question);
  await complete(answer.totals, reader, scope, settings);
  return answer;
}

/** Fills in what the cells of a stretch do not show. */
async function complete(
  totals: QueryResult["totals"],
  reader: Snapshot,
  scope: Scope,
  { countOutside = false, countSources: counted = true }: AskSettings,
): Promise<void> {
  const { extent, stretch, gap, question } = scope;
  totals.first = extent && extent.first * QUARTER;
  totals.last = extent && extent.last * QUARTER;
  if (!question.bySource) totals.sources = totals.readings === 0 || !counted ? 0 : await countSources(reader, scope);
  totals.outOfPeriod = 0;
  if (!countOutside || extent === undefined) return;
  if (gap === undefined && extent.first >= stretch.from && extent.last < stretch.to) return;
  const all = await reader.totals({ ...stretch, from: extent.first, to: extent.last + 1 });
  totals.outOfPeriod = all.count.reduce((sum, count) => sum + count, 0) - totals.readings;
}

async function countSources(reader: Snapshot, { stretch, gap }: Scope): Promise<number> {
  if (gap === undefined) return reader.sourceCount(stretch);
  let count = 0;
  for await (const { sources, starts, slot } of reader.bySource(stretch))
    sources.forEach((_, s) => {
      const own = slot.subarray(starts[s], starts[s + 1]);
      if (own.some((n) => n < gap.from || n >= gap.to)) count++;
    });
  return count;
}

function gapIn({ start, end, length }: Hours): Scope["gap"] {
  for (let row = 1; row < length; row++)
    if (start[row] > end[row - 1]) return { from: end[row - 1] / QUARTER, to: start[row] / QUARTER };
  return undefined;
}

/** @throws PeriodTooLong saying which readings stretch the period, and which batches they came with */
async function periodFor(
  reader: Snapshot,
  plan: AskPlan,
  found: { first: number; last: number } | undefined,
  extent: Scope["extent"],
) {
  const { zone, from, to, sources } = plan;
  try {
    return periodOf(plan, found, () => undefined);
  } catch (error) {
    if (!(error instanceof PeriodTooLong) || extent === undefined) throw error;
    const ends = [from === undefined ? extent.first : [], to === undefined ? extent.last : []].flat();
    const labels: string[] = [];
    for (const slot of ends) {
      const origin = await reader.origin(slot, sources);
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

/** An id may be as long as whoever sent it liked. */
function shortened(id: string): string {
  return JSON.stringify(id.length > 100 ? `${id.slice(0, 99)}…` : id);
}

/** The slots of some hours. */
function fitted(zone: Zone, hours: Hours): { from: number; to: number } {
  if (hours.length === 0) return { from: 0, to: 0 };
  const start = hours.start[0];
  const end = hours.end[hours.length - 1];
  const off = offQuarters(zone, start, end);
  if (off !== undefined)
    throw new StoreError(
      "zone_off_quarters",
      say`a store keeps quarter hours, and the clock of ${zone.name} is off them on ${dayText(dateAt(zone, off))} (at ${hourLabel(zone, off, offsetAt(zone, off))}): ask for days without that, or in another zone, or sum the files themselves${bySurface({ library: " with aggregateFiles", commandLine: " with electro aggregate" })}`,
    );
  return { from: start / QUARTER, to: end / QUARTER };
}
