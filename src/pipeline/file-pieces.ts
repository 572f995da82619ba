/** A file of which some was read here and some there: what came of its pieces, put together. */
import type { RunError } from "../base/errors.js";
import type { Warning } from "../base/warning.js";
import type { FileInput } from "../input/input.js";
import type { BadRecord } from "../scan/plan.js";
import type { Runs } from "../scan/row-columns.js";
import type { ScanResult } from "../scan/scanner.js";
import type { Failure } from "./tasks.js";
import { failureOf, type InputResult, readOneByOne, type ScanContext } from "./totals.js";

/** What came of one stretch of a file. */
export interface Segment extends ScanResult {
  /** Numbers of records and lines count from the piece's first. */
  readonly bad: readonly BadRecord[];
  readonly warnings: readonly Warning[];
  readonly order: Runs | undefined;
  readonly failure: Failure | undefined;
}

function sumOf(pieces: readonly Segment[], what: "records" | "readings" | "lines" | "slow"): number {
  return pieces.reduce((sum, piece) => sum + piece[what], 0);
}

/** Tells a file's bad records, with numbers that count from its first, and throws nothing. */
export function conclude(input: FileInput, pieces: readonly Segment[], { rejections, emit }: ScanContext): void {
  let records = 0;
  let lines = 0;
  for (const piece of pieces) {
    for (const bad of piece.bad)
      rejections.add(input.name, { ...bad, record: bad.record + records, line: bad.line + lines });
    records += piece.records;
    lines += piece.lines;
  }
  emit({ kind: "detail", message: readOneByOne(input.name, records, sumOf(pieces, "slow")) });
}

/** What a file comes to. */
export function resultOf(input: FileInput, pieces: readonly Segment[]): InputResult {
  let lines = 0;
  let failure: RunError | undefined;
  for (const piece of pieces) {
    if (piece.failure !== undefined) failure ??= failureOf(input.name, piece.failure, lines);
    lines += piece.lines;
  }
  return {
    records: sumOf(pieces, "records"),
    readings: sumOf(pieces, "readings"),
    sha256: undefined,
    warnings: pieces.length === 1 ? pieces[0].warnings : pieces.flatMap((piece) => piece.warnings),
    failure,
  };
}
