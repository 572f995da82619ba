/** A file that several threads read: the results of its segments, put together. */
import type { RunError } from "../base/errors.js";
import type { Warning } from "../base/warning.js";
import type { FileInput } from "../input/input.js";
import type { ScanResult } from "../scan/input-scan.js";
import type { BadRecords, ScanPlan } from "../scan/plan.js";
import type { Reason } from "../scan/reasons.js";
import type { Runs } from "../scan/row-columns.js";
import type { Scanner } from "../scan/scanner.js";
import type { Failure } from "./tasks.js";
import { failureOf, type InputResult, readOneByOne, type ScanContext } from "./totals.js";
import { unselected } from "./unselected.js";

/** The result of one byte range of a file. */
export interface Segment extends ScanResult {
  /** Numbers of records and lines count from the segment's first. */
  readonly bad: BadRecords;
  readonly warnings: readonly Warning[];
  readonly order: Runs | undefined;
  readonly failure: Failure | undefined;
}

function sumOf(segments: readonly Segment[], what: "records" | "readings" | "lines" | "slow"): number {
  return segments.reduce((sum, segment) => sum + segment[what], 0);
}

/** Reports a file's bad records, with numbers that count from its first, and throws nothing. */
export function conclude(
  input: FileInput,
  segments: readonly Segment[],
  scanner: Scanner,
  { rejections, emit }: ScanContext,
): void {
  let records = 0;
  let lines = 0;
  for (const segment of segments) {
    const { told, more } = segment.bad;
    for (const bad of told)
      rejections.add(input.name, { ...bad, record: bad.record + records, line: bad.line + lines });
    for (const [code, count] of Object.entries(more)) rejections.addUntold(code as Reason, count);
    records += segment.records;
    lines += segment.lines;
  }
  const [{ headerLine, known }] = segments as [Segment];
  const slow = sumOf(segments, "slow");
  emit({ kind: "detail", message: readOneByOne(input.name, records, slow, headerLine, scanner.nameOf(known)) });
}

/** The result of a whole file. */
export function resultOf(input: FileInput, segments: readonly Segment[], plan: ScanPlan): InputResult {
  let lines = 0;
  let failure: RunError | undefined;
  for (const segment of segments) {
    if (segment.failure !== undefined) failure ??= failureOf(input.name, segment.failure, lines);
    lines += segment.lines;
  }
  failure ??= unselected(input.name, plan, segments);
  return {
    name: input.name,
    records: sumOf(segments, "records"),
    readings: sumOf(segments, "readings"),
    directions: segments.reduce((all, { directions }) => all | directions, 0),
    headerLine: segments[0].headerLine,
    known: segments[0].known,
    sha256: undefined,
    warnings: segments.length === 1 ? segments[0].warnings : segments.flatMap((segment) => segment.warnings),
    failure,
    delivered: segments[0].delivered !== undefined,
  };
}
