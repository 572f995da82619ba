/** The job of `electro quality`: what came and what should have, for each source in files or in a store. */

import { availableParallelism, totalmem } from "node:os";
import { RunError } from "../base/errors.js";
import { yieldToEventLoop } from "../base/event-loop.js";
import { wallTimesOf } from "../pipeline/clock-changes.js";
import { instantsOf } from "../pipeline/contribute.js";
import { dataWarnings } from "../pipeline/data-warnings.js";
import { FOUND, LOOKING, storeMemory } from "../pipeline/memory.js";
import { Rejections } from "../pipeline/rejections.js";
import type { RunContext } from "../pipeline/run.js";
import { scanInputs } from "../pipeline/scan.js";
import { Warnings } from "../pipeline/warnings.js";
import { type QualityQuestion, qualityOf, type SourceQuality, silentQuality } from "../quality/quality.js";
import { unpackDay } from "../store/cells.js";
import { DAY_CELLS } from "../store/day-cells.js";
import type { Snapshot } from "../store/store.js";
import { SourceCells, sourceCellsOf } from "../tally/source-cells.js";
import { dateAt, dayText, hoursOf } from "../time/period.js";
import { offQuarters, QUARTER } from "../time/slot-width.js";
import type { Zone } from "../time/zone.js";
import { findWithExchanges } from "./inputs.js";
import { rejectsFiles, withRejects, withStore } from "./opened.js";
import { OPTIONS } from "./option-table.js";
import type { QualityOptions } from "./options.js";
import { ingestionPlanOf, summaryPlanOf } from "./plan.js";
import { checkOneProfile } from "./profile-conflict.js";
import { withProfile } from "./profiles.js";
import { readAsOf } from "./read-as.js";
import type { QualityResult } from "./results.js";
import { badRecords, conflicting, leftOut } from "./sum.js";

/** Cells that are examined before yielding to the event loop. */
const CELLS_A_TURN = 1 << 18;

/** @throws UsageError naming the option */
export function qualityPlanOf({
  timezone,
  from,
  to,
  maxFindings = OPTIONS.maxFindings.default,
}: Pick<QualityOptions, "timezone" | "from" | "to" | "maxFindings">): QualityQuestion {
  const plan = summaryPlanOf({
    ...(timezone !== undefined && { timezone }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    maxDays: OPTIONS.maxDays.most,
  });
  const { zone } = plan;
  return {
    zone,
    from: plan.from === undefined ? undefined : startOf(zone, plan.from),
    to: plan.to === undefined ? undefined : startOf(zone, plan.to + 1),
    most: maxFindings,
  };
}

/** The first instant of a day; of the next one, if the zone skipped it. */
function startOf(zone: Zone, day: number): number {
  return Math.min(...hoursOf(zone, day, day + 1).start);
}

/**
 * The sources of files, ascending by the UTF-8 bytes of their ids; with a period, also those without a reading in it.
 * @throws UsageError for wrong options or inputs
 * @throws RunError if an input fails, bad records are to fail the run, or the zone is off quarter hours
 */
export async function qualityOfFiles(
  inputs: readonly string[],
  given: Omit<QualityOptions, "store">,
  context: RunContext,
): Promise<QualityResult> {
  const options = withProfile(given, context.cwd);
  const question = qualityPlanOf(options);
  const read = ingestionPlanOf({ ...options, inputTimezone: options.inputTimezone ?? question.zone.name });
  // The zone of the days is no zone that was given for the readings; and each source is looked at by itself.
  const own = ingestionPlanOf(options).scan;
  const { nemZone } = own;
  const known = () => read.scan.known.map((table, n) => ({ ...table, zone: own.known[n]?.zone }));
  const plan = { ...read, scan: { ...read.scan, nemZone, exports: "apart" as const, known: known() } };
  const warnings = new Warnings(context);
  const resolved = await findWithExchanges(
    inputs,
    options.exchanges,
    rejectsFiles(options, context),
    context,
    warnings,
  );
  const scan = await withRejects(options, context, async (rejects) => {
    const rejections = new Rejections(
      context,
      (reject) => rejects?.add(reject),
      rejects === undefined ? 0 : Number.POSITIVE_INFINITY,
    );
    const scan = await scanInputs(resolved, plan, {
      workers: options.workers ?? availableParallelism(),
      memory: options.memory ?? totalmem() / 2,
      beside: LOOKING,
      perSource: FOUND,
      hashInputs: false,
      rejections,
      emit: (event) => context.onEvent?.(event),
      surface: context.surface ?? "library",
      signal: context.signal,
    });
    checkOneProfile(scan.inputs, plan.scan);
    if (rejections.count > 0 && options.onError !== "skip") throw badRecords(rejections, scan, options.rejects);
    if (scan.registers.counts.conflict > 0 && options.onError !== "skip")
      throw conflicting(scan.registers, question.zone, ["", "nothing was looked at"]);
    if (rejections.count > 0) warnings.add(leftOut(rejections.count, options.rejects));
    return scan;
  });
  const said = options.inputTimezone !== undefined || options.timezone !== undefined;
  const readAs = readAsOf(scan.inputs, plan.scan);
  const wallTimes = wallTimesOf(scan.parts, plan, scan.repeated);
  const instants = instantsOf(scan.parts, plan);
  const all = {
    ...{ found: scan.inputs.flatMap((input) => input.warnings), wallTimes },
    ...{ overall: scan.overall, registers: scan.registers },
    ...{ first: instants?.first, last: instants?.last },
    readAs: readAs.map(({ profile }) => profile),
  };
  for (const warning of dataWarnings(all, { ...plan, ...question }, said)) warnings.add(warning);
  const tables = plan.scan.known.filter(({ name }) => readAs.some(({ profile }) => profile === name));
  const isRegister = [plan.scan, ...tables.map((table) => table.plan)].some(
    ({ keep }) => keep?.way.register !== undefined,
  );
  const found: SourceQuality[] = [];
  let left = 0;
  for (const cells of sourceCellsOf(scan.parts, plan.clock, plan.inputZone)) {
    found.push(qualityOf(cells, question, isRegister));
    left -= cells.length;
    if (left > 0) continue;
    left = CELLS_A_TURN;
    await yieldToEventLoop(context.signal);
  }
  let extent: { first: number; last: number } | undefined;
  for (const { first, last } of found) {
    if (first === undefined || last === undefined) continue;
    extent = { first: Math.min(first, extent?.first ?? first), last: Math.max(last, extent?.last ?? last) };
  }
  checkQuarters(question, extent);
  return { sources: found, readAs, warnings: warnings.all };
}

/**
 * The same for all sources of a store, including those without a reading in the period.
 * @param options `store` is its address; those about reading files have no effect
 * @throws UsageError for wrong options
 * @throws RunError if the store fails, or the zone is off quarter hours
 */
export async function qualityInStore(options: QualityOptions, context: RunContext): Promise<QualityResult> {
  const question = qualityPlanOf(options);
  const warnings = new Warnings(context);
  const memory = options.memory === undefined ? undefined : storeMemory(options.memory);
  return withStore(options.store, { create: false, memory }, { context, warnings }, (store) =>
    store.read(async (reader) => {
      const sources: SourceQuality[] = [];
      for await (const quality of qualityOfStore(reader, question)) {
        context.signal?.throwIfAborted();
        sources.push(quality);
      }
      return { sources, readAs: [], warnings: warnings.all };
    }),
  );
}

/** Sources that are examined together. */
const PAGE = 1000;

/**
 * All sources of a store, ascending, including those without a reading in the period.
 * @throws RunError if the zone is off quarter hours
 */
async function* qualityOfStore(reader: Snapshot, question: QualityQuestion): AsyncGenerator<SourceQuality, void> {
  await checkStoreQuarters(reader, question, undefined);
  for (let after: string | undefined; ; ) {
    const ids = (await reader.sources({ after, limit: PAGE })).map(({ id }) => id);
    if (ids.length === 0) return;
    yield* qualityOfSources(reader, ids, question);
    after = ids.at(-1);
  }
}

/** A page of a store's sources: those named, or all, after an id, up to a limit. */
export interface SourcePage {
  readonly sources?: readonly string[] | undefined;
  /** If none are named: ids of the only ones that there are for whoever asks. */
  readonly among?: readonly string[] | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The ids of a page, for `qualityOfSources`, and the one after which the next page begins, if there is one. */
export async function idsOfPage(
  reader: Snapshot,
  { sources, among, after, limit }: SourcePage,
): Promise<{ ids: string[]; next: string | undefined }> {
  const rest =
    sources === undefined
      ? (await reader.sources({ after, limit: limit + 1, among })).map(({ id }) => id)
      : [...new Set(sources)].sort(byBytes).filter((id) => after === undefined || byBytes(id, after) > 0);
  const ids = rest.slice(0, limit);
  return { ids, next: rest.length > limit ? ids.at(-1) : undefined };
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** All slots that readings may have. */
const ALL = { from: -(2 ** 24), to: 2 ** 24 };

/**
 * Sources of a store, ascending, including those without a reading in the period. Call `checkStoreQuarters` first.
 * @param ids ascending by their UTF-8 bytes, each once
 */
export async function* qualityOfSources(
  reader: Snapshot,
  ids: readonly string[],
  question: QualityQuestion,
): AsyncGenerator<SourceQuality, void> {
  const from = question.from === undefined ? ALL.from : question.from / QUARTER;
  const to = question.to === undefined ? ALL.to : question.to / QUARTER;
  const cells = new SourceCells();
  const registers = await reader.registers(ids);
  let next = 0;
  for await (const piece of reader.bySource({ from, to, sources: ids })) {
    for (const { source, days } of piece) {
      while (ids[next] !== source) yield silentQuality(ids[next++], question);
      next++;
      cells.begin(source);
      for (const [day, bytes] of days) cells.addSlots(day * DAY_CELLS, unpackDay(bytes));
      yield qualityOf(cells, question, registers.has(source));
    }
  }
  while (next < ids.length) yield silentQuality(ids[next++], question);
}

/**
 * Checks that quarter hours form hours in the given days, or in all days with readings of the sources, so that it does not
 * depend on which sources are on a page.
 * @param sources those requested; `undefined`: all
 * @throws RunError `zone_off_quarters`
 */
export async function checkStoreQuarters(
  reader: Snapshot,
  question: QualityQuestion,
  sources: readonly string[] | undefined,
): Promise<void> {
  const extent = await reader.extent({ sources });
  checkQuarters(question, extent && { first: extent.first * QUARTER, last: extent.last * QUARTER });
}

/** @param found epoch seconds of the first and the last reading */
function checkQuarters({ zone, from, to }: QualityQuestion, found: { first: number; last: number } | undefined): void {
  const start = from ?? (found && startOf(zone, dateAt(zone, found.first)));
  const end = to ?? (found && startOf(zone, dateAt(zone, found.last) + 1));
  const off = start === undefined || end === undefined ? undefined : offQuarters(zone, start, end);
  if (off !== undefined)
    throw new RunError(
      "zone_off_quarters",
      `quality is based on quarter hours, and the clock of ${zone.name} does not fit them on ${dayText(dateAt(zone, off))}: choose days without that, or another zone`,
    );
}
