/** Turns a scanned body into a batch's contribution or into a summary, on any thread. */

import { textOf } from "../../base/message.js";
import { countOf } from "../../base/warning.js";
import { hasOwnMeaning, replacingOf } from "../../jobs/batch-key.js";
import type { ReadOptions, SummaryOptions } from "../../jobs/options.js";
import { ingestionPlanOf, planOf } from "../../jobs/plan.js";
import { withProfile } from "../../jobs/profiles.js";
import { conflicting, leftOut } from "../../jobs/sum.js";
import { shortened } from "../../pipeline/batch-rejects.js";
import { type WallTimes, wallTimesOf } from "../../pipeline/clock-changes.js";
import { type Contributed, contributionOf, instantsOf, shaOfBatch } from "../../pipeline/contribute.js";
import { dataWarnings } from "../../pipeline/data-warnings.js";
import type { IngestionPlan, Plan } from "../../pipeline/plan.js";
import { noExport } from "../../scan/export-filter.js";
import type { Notes } from "../../store/store.js";
import type { QueryResult } from "../../tally/summarise.js";
import { summarise, withCovering } from "../../tally/summarise.js";
import { type Part, partWith } from "../../tally/tally.js";
import { instantOf } from "../../time/zone.js";
import { type Form, rowCount } from "../http/encode.js";
import { Problem } from "../http/problem.js";
import { BODY } from "./body-scan.js";
import type { Counted, Wanted } from "./counted.js";
import { sumWarnings } from "./sum-warnings.js";

/** What to do with a body. Can be sent to a worker. */
export type Job = IngestJob | SumJob;

export interface IngestJob {
  readonly kind: "ingest";
  readonly options: ReadOptions;
  readonly skip: boolean;
  /** Whether the SHA-256 of its bytes is wanted. */
  readonly hashed: boolean;
}

export interface SumJob {
  readonly kind: "sum";
  readonly options: ReadOptions & SummaryOptions;
  /** Only these sources' readings; `""` is the unnamed one. */
  readonly sources: readonly string[] | undefined;
  readonly skip: boolean;
  /** Whether warnings make it fail. */
  readonly strict: boolean;
  readonly form: Form;
  /** The most rows that the response may have. */
  readonly rows: number;
}

export interface IngestedBody extends Contributed {
  readonly rejected: number;
  readonly notes: Notes;
  /** Its bad records, in the form that `NewBatch` has. */
  readonly rejects: readonly Uint8Array[];
  /** Numbers, from 1, of the records with the first and the last timestamp, if known. */
  readonly ends: Ends;
  /** `shaOfBatch` of the bytes as sent; `undefined` if not wanted. */
  readonly sha256: string | undefined;
}

/** Facts about a summary, known before its rows are encoded. */
export interface Summed {
  /** The number of bad records that were set aside. */
  readonly rejected: number;
  /** Sources that were asked for, if any were, but are not in the body. */
  readonly unknown: readonly string[] | undefined;
  /** The number of rows that those of the response are made of. */
  readonly rows: number;
  /** The profiles that the body, or members of it, were recognised by, and its readings by their flag of quality. */
  readonly readAs: readonly string[];
  readonly qualityFlags: Notes["qualityFlags"];
  /** What `electro aggregate` would warn of. */
  readonly warnings: Notes["warnings"];
}

export interface Ends {
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** @throws Problem `bad_records` */
export function ingestedBody(counted: Counted, plan: IngestionPlan, job: IngestJob): IngestedBody {
  const { rejected } = counted;
  if (!job.skip) refuseBad(counted, "nothing was stored", "stores");
  if (!job.skip) refuseConflicts(counted, plan, "nothing was stored");
  const contributed = contributionOf(counted.parts, plan, counted);
  const replacing = hasOwnMeaning(counted) ? replacingOf(job.options) : [];
  const sha256 = counted.sha256 && shaOfBatch(counted.sha256, plan, [job.skip ? "skip" : "fail"], replacing);
  const { count, byReason, first, stored: rejectsKept, lines: rejects } = rejected;
  const times = wallTimesOf(counted.parts, plan, counted.repeated);
  const warnings = warningsOf(counted, times, plan, job);
  const ends = endsOf(counted, contributed, plan);
  const notes: Notes = {
    ...{ rejectedByReason: byReason, rejects: first, rejectsKept },
    ...{ repeatedWallTimes: counted.repeated.readings, skippedWallTimes: times.skipped },
    ...{ leftOut: counted.leftOut, qualityFlags: counted.qualityFlags, readAs: counted.readAs, warnings },
  };
  return { ...contributed, rejected: count, notes, rejects, ends, sha256 };
}

/** @throws Problem `register_conflict` */
function refuseConflicts({ registers }: Counted, { inputZone }: IngestionPlan, undone: string): void {
  if (registers.counts.conflict === 0) return;
  const { code, said } = conflicting(registers, inputZone, [`${BODY}: `, undone]);
  throw new Problem(code as "register_conflict", textOf(said, "http"));
}

/** The warnings that `electro load` would give. */
function warningsOf(
  { parts, warnings: found, overall, registers, rejected, readAs, hasExport }: Counted,
  times: WallTimes,
  plan: IngestionPlan,
  { options }: IngestJob,
): Notes["warnings"] {
  const extent = instantsOf(parts, plan);
  const all = { found, wallTimes: times, overall, registers, first: extent?.first, last: extent?.last, readAs };
  const said = options.inputTimezone !== undefined;
  const odd = dataWarnings(all, { ...plan, zone: plan.inputZone }, said, BODY);
  if (rejected.count > 0) odd.push(leftOut(rejected.count, undefined));
  if (extent === undefined) odd.push({ code: "no_readings", message: `${BODY}: there are no readings in it` });
  else odd.push(...[noExport(plan.scan.exports, hasExport) ?? []].flat());
  return odd.map((warning) => shortened(warning, "http"));
}

function endsOf({ parts, ends }: Counted, { first, last }: Contributed, { inputZone }: IngestionPlan): Ends {
  const [part] = parts;
  const recordOf = (second: number | undefined, instant: number, wall: number, end: number) => {
    if (second === undefined) return undefined;
    if (Math.floor(instant) === second) return ends[end];
    return Number.isFinite(wall) && instantOf(inputZone, Math.floor(wall)).instant === second
      ? ends[end + 2]
      : undefined;
  };
  return {
    first: recordOf(first, part.firstInstant, part.firstWall, 0),
    last: recordOf(last, part.lastInstant, part.lastWall, 1),
  };
}

/**
 * @returns the result, and the sources that were asked for, if any were, but are not in the body
 * @throws Problem `bad_records`, `strict`, `too_many_rows`
 */
export function summedBody(
  counted: Counted,
  plan: IngestionPlan,
  job: SumJob,
): { answer: QueryResult; summed: Summed } {
  const { parts, rejected } = counted;
  if (!job.skip) refuseBad(counted, "nothing was summed", "sums");
  if (!job.skip) refuseConflicts(counted, plan, "nothing was summed");
  const wanted = job.sources && new Set(job.sources);
  const found = wanted && parts.map((part) => sourcesIn(part, wanted));
  const asked = found ? parts.map((part, n) => ofSources(part, found[n])) : parts;
  const answer = withCovering(summarise(asked, plan as Plan), counted.repeated);
  checkRows(rowCount(answer, job.form.resolution), job.rows);
  for (const ids of found ?? []) for (const id of ids.values()) wanted?.delete(id);
  const unknown = wanted && [...wanted];
  const warnings = sumWarnings(counted, answer, plan, job.options);
  const serious = warnings.filter(({ code }) => !COUNTS.has(code));
  if (job.strict && serious.length > 0) throw strictProblem(serious);
  const rows = rowCount(answer, (plan as Plan).rows);
  const { readAs, qualityFlags } = counted;
  return { answer, summed: { rejected: rejected.count, unknown, rows, readAs, qualityFlags, warnings } };
}

/** Warnings that only count what the command line has in its closing lines. */
const COUNTS: ReadonlySet<string> = new Set(["rounded", "out_of_period", "not_readings", "register_counts"]);

function strictProblem(warnings: Notes["warnings"]): Problem {
  const [{ message }] = warnings as [Notes["warnings"][0]];
  return new Problem("strict", `strict=true: ${countOf(warnings)}, so nothing was summed: ${message}`, {
    members: { warnings },
  });
}

/** @throws Problem `too_many_rows` */
export function checkRows(rows: number, most: number): void {
  if (rows > most)
    throw new Problem(
      "too_many_rows",
      `the answer would have ${rows} rows, more than ${most}; narrow it with from, to or source, or leave by=source out`,
    );
}

/**
 * Checks what a store has to sum for a response by source, before anything is read.
 * @param times the number of hours, quarter hours or days, and which of these they are
 * @throws Problem `too_many_rows`
 */
export function checkSums(
  [times, unit]: readonly [times: number, unit: "hours" | "quarter hours" | "days"],
  sources: number,
  most: number,
): void {
  if (times * sources > most)
    throw new Problem(
      "too_many_rows",
      `${sources} sources in ${times} ${unit} are more than the ${most} sums by source that are answered at once; narrow it with from, to or source, or leave by=source out`,
    );
}

/**
 * @param undone what has not happened because of bad records
 * @param done what would be done with the rest
 */
function refuseBad({ rejected: { count, byReason, first }, readings }: Counted, undone: string, done: string): void {
  if (count === 0) return;
  const reasons = Object.entries(byReason).map(([code, n]) => `${n} ${code}`);
  const records = count + readings;
  // Where nothing is good, nothing would be left.
  const advice = readings > 0 ? `. on_error=skip sets bad records aside and ${done} the rest` : "";
  throw new Problem(
    "bad_records",
    `${count} of ${records} ${records === 1 ? "record" : "records"} ${count === 1 ? "is" : "are"} bad (${reasons.sort().join(", ")}); ${undone}${advice}`,
    { members: { rejected: count, rejected_by_reason: byReason, records: first } },
  );
}

/** How a job's body is scanned. Jobs with the same key can share a scanner. */
export interface Planned {
  readonly plan: IngestionPlan;
  readonly key: string;
}

export function wantedOf(job: Job): Wanted {
  const ingests = job.kind === "ingest";
  return { hash: ingests && job.hashed, warnings: true, lines: ingests && job.skip };
}

/** @throws UsageError naming the option */
export function planFor(job: Job): Planned {
  const plan = job.kind === "ingest" ? ingestionPlanOf(withProfile(job.options)) : sumPlanOf(job);
  const { walls, instants, known: _, interval, rows, nemZone, ...rest } = plan.scan;
  const covering = interval && { ...interval, inputZone: undefined };
  // As text, since JSON has no infinite numbers. A zone's name stands for its gaps and repeats.
  const numbers = [walls.width, walls.from, instants.width, instants.from, rows.from].map(String);
  const zones = [plan.inputZone.name, rows.zone.name, nemZone.name];
  return { plan, key: JSON.stringify([rest, numbers, covering, zones, job.options]) };
}

/** To select sources, cells have to be counted by source. */
function sumPlanOf({ options, sources }: SumJob): Plan {
  const plan = planOf(withProfile(options));
  return sources === undefined ? plan : { ...plan, scan: { ...plan.scan, bySource: true } };
}

/** The wanted sources that a scan has seen, by number. */
function sourcesIn({ ids, idEnds, seen }: Part, wanted: ReadonlySet<string>): Map<number, string> {
  const text = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);
  const found = new Map<number, string>();
  for (let n = 0; n < seen.length; n++) {
    if (seen[n] !== 1) continue;
    const id = n === 0 ? "" : text.toString("utf8", idEnds[n - 1], idEnds[n]);
    if (wanted.has(id)) found.set(n, id);
  }
  return found;
}

/** The part of a scan's result that belongs to some sources. */
function ofSources(part: Part, some: ReadonlyMap<number, string>): Part {
  const seen = part.seen.map((_, n) => (some.has(n) ? 1 : 0));
  const pages = part.pageSource.map((_, page) => page).filter((page) => seen[part.pageSource[page]] === 1);
  return partWith(part, pages, seen);
}
