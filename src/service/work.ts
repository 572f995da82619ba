/** What is made of a body once it is counted: the part of a batch, or a summary. On whichever thread. */
import type { Answer } from "../domain/summarise.js";
import { summarise } from "../domain/summarise.js";
import { type Part, partWith } from "../domain/tally.js";
import { type Kept, keptOf, shaOfBatch } from "../run/keep.js";
import type { ReadOptions, SummaryOptions } from "../run/options.js";
import { type KeepPlan, keepPlanOf, type Plan, planOf } from "../run/plan.js";
import { type Form, rowsOf } from "./answer.js";
import type { Counted, Rejected } from "./body-scan.js";
import { Problem } from "./problem.js";

/** What a body is for. Can be sent to a worker. */
export type Job = KeepJob | SumJob;

export interface KeepJob {
  readonly kind: "keep";
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
  readonly form: Form;
  /** Rows that the answer may have. */
  readonly rows: number;
}

export interface KeptBody extends Kept {
  readonly rejected: Rejected;
  /** As `shaOfBatch` has it, the bytes being those that were sent; `undefined` where it is not wanted. */
  readonly sha256: string | undefined;
}

/** @throws Problem `bad_records` */
export function keptBody(counted: Counted, plan: KeepPlan, job: KeepJob): KeptBody {
  const { rejected } = counted;
  if (!job.skip) refuseBad(rejected);
  const kept = keptOf(counted.parts, plan, counted);
  const sha256 = counted.sha256 && shaOfBatch(counted.sha256, plan, [job.skip ? "skip" : "fail"]);
  return { ...kept, rejected, sha256 };
}

/** @throws Problem `bad_records`, `too_many_rows` */
export function summedBody({ parts, rejected }: Counted, plan: KeepPlan, job: SumJob): Answer {
  if (!job.skip) refuseBad(rejected);
  const wanted = job.sources && new Set(job.sources);
  const answer = summarise(wanted ? parts.map((part) => ofSources(part, wanted)) : parts, plan as Plan);
  checkRows(rowsOf(answer, job.form.resolution), job.rows);
  return answer;
}

/** @throws Problem `too_many_rows` */
export function checkRows(rows: number, most: number): void {
  if (rows > most)
    throw new Problem(
      "too_many_rows",
      `the answer would have ${rows} rows, more than ${most}; narrow it with from, to or source, or leave by=source out`,
    );
}

/** Of an answer by source from a store, before so much is read. @throws Problem `too_many_rows` */
export function checkSums(hours: number, sources: number, most: number): void {
  if (hours * sources > most)
    throw new Problem(
      "too_many_rows",
      `${sources} sources in ${hours} hours are more than the ${most} sums by source that are answered at once; narrow it with from, to or source, or leave by=source out`,
    );
}

function refuseBad({ count, byReason, first }: Rejected): void {
  if (count === 0) return;
  const reasons = Object.entries(byReason).map(([code, n]) => `${n} ${code}`);
  throw new Problem(
    "bad_records",
    `${count} ${count === 1 ? "record is" : "records are"} bad (${reasons.join(", ")}); nothing was kept. on_error=skip sets bad records aside and takes the rest`,
    { members: { rejected: count, rejected_by_reason: byReason, records: first } },
  );
}

/** How a job's body is scanned, and what its scanner is kept under: jobs with the same key can share one. */
export interface Planned {
  readonly plan: KeepPlan;
  readonly key: string;
}

export function isHashed(job: Job): boolean {
  return job.kind === "keep" && job.hashed;
}

/** @throws UsageError naming the option */
export function planFor(job: Job): Planned {
  const plan = job.kind === "keep" ? keepPlanOf(job.options) : sumPlanOf(job);
  const { walls, instants, ...rest } = plan.scan;
  // Infinite numbers are told apart as text; the gaps are those of the zone.
  const numbers = [walls.width, walls.from, instants.width, instants.from].map(String);
  return { plan, key: JSON.stringify([rest, numbers, plan.inputZone.name]) };
}

/** Some sources can be told from others only where cells are kept by source. */
function sumPlanOf({ options, sources }: SumJob): Plan {
  const plan = planOf(options);
  return sources === undefined ? plan : { ...plan, scan: { ...plan.scan, bySource: true } };
}

/** What a scan has counted of some sources, with the pages of theirs only. */
function ofSources(part: Part, wanted: ReadonlySet<string>): Part {
  const { ids, idEnds } = part;
  const text = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);
  const seen = part.seen.map((seen, n) =>
    seen === 1 && wanted.has(n === 0 ? "" : text.toString("utf8", idEnds[n - 1], idEnds[n])) ? 1 : 0,
  );
  const pages = [...part.pageSource.keys()].filter((page) => seen[part.pageSource[page]] === 1);
  return partWith(part, pages, seen);
}
