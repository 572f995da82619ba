/** A large input is read in parts whose starts are guessed. Here the parts are small, so that all of it can go wrong. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { fitTogether, type TaskResult } from "../../dist/pipeline/tasks.js";
import { guessRecord } from "../../dist/scan/cut.js";
import type { InputScan } from "../../dist/scan/input-scan.js";
import { type BadRecord, ScanFailure, type ScanPlan } from "../../dist/scan/plan.js";
import { Scanner } from "../../dist/scan/scanner.js";
import type { Options } from "../oracle/options.js";
import { cellsOf, scanInput, withoutLayouts } from "./both.mjs";
import { Choose } from "./choose.mjs";
import { mutated } from "./mutate.mjs";
import { someDataset, someOptions } from "./shapes.mjs";

const CASES = Number(process.env["ELECTRO_CASES"] ?? 30);
/** Bytes read at a time past a part's limit. */
const FEW_BYTES = 16;

/** Scans a stretch of an input, as src/pipeline/read.ts does of a file; returns what keeps it from being read on. */
function read(scan: InputScan, bytes: Buffer, from: number, limit: number, to: number): ScanFailure | undefined {
  try {
    for (let position = from; position < to && !scan.stopped; ) {
      const room = scan.room();
      const wanted = position < limit ? limit - position : FEW_BYTES;
      const count = Math.min(room.length, wanted, to - position);
      room.set(bytes.subarray(position, position + count));
      position += count;
      scan.filled(count, position === bytes.length, limit);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ScanFailure) return error;
    throw error;
  }
}

interface Piece {
  readonly records: number;
  readonly readings: number;
  readonly lines: number;
  readonly bad: readonly BadRecord[];
  readonly failure: ScanFailure | undefined;
}

/** Everything that is told of an input's pieces, in the numbers of the input. */
function told(pieces: readonly Piece[], cells: readonly string[]): unknown {
  let records = 0;
  let lines = 0;
  const bad: unknown[] = [];
  let failure: unknown;
  for (const piece of pieces) {
    for (const one of piece.bad)
      bad.push({
        ...one,
        record: one.record + records,
        line: one.line + lines,
        text: Buffer.from(one.text).toString("latin1"),
      });
    if (piece.failure !== undefined) {
      const { code, message, offset, line } = piece.failure;
      failure = { code, message, offset, line: piece.failure.fromFirst ? line : line + lines };
    }
    records += piece.records;
    lines += piece.lines;
  }
  return { records, bad, failure, cells };
}

/** Head, parts, tail; undefined where the parts do not fit together, so that the run would begin again on one thread. */
function inParts(
  plan: ScanPlan,
  bytes: Buffer,
  head: number,
  size: number,
): { told: unknown; parts: number } | undefined {
  const scanner = new Scanner(plan);
  const headBad: BadRecord[] = [];
  const tailBad: BadRecord[] = [];
  let keep = headBad;
  const scan = scanner.begin((bad) => keep.push(bad as BadRecord));
  let failure: ScanFailure | undefined;
  for (let from = 0; from < bytes.length && failure === undefined; from += head) {
    failure = read(scan, bytes, from, Number.POSITIVE_INFINITY, Math.min(from + head, bytes.length));
    if (scan.resumePoint !== undefined) break;
  }
  const first = scan.result();
  const pieces: Piece[] = [{ ...first, bad: headBad, failure }];
  const { resumePoint } = scan;
  const results: TaskResult[] = [];
  if (failure === undefined && resumePoint !== undefined && first.end < bytes.length) {
    // Whose the records are that have no source, only the object's end tells: until then all parts count them under one.
    const { unnamed } = scanner.kernel;
    scanner.kernel.exports.pinSource(unnamed);
    const middle =
      resumePoint.format === "json" && resumePoint.state !== "top"
        ? ({ ...resumePoint, state: "value" } as const)
        : resumePoint;
    for (let from = first.end; from < bytes.length; from += size) {
      const to = from + size;
      let start = from;
      if (from > first.end) {
        start = guessRecord(bytes, Math.max(from - 256, 0), middle);
        while (start >= 0 && start < from) start = guessRecord(bytes, start, middle);
        start = start < 0 ? to : Math.min(start, to);
      }
      const bad: BadRecord[] = [];
      const part = scanner.beginAt(
        start,
        from > first.end ? middle : resumePoint,
        (one) => bad.push(one as BadRecord),
        unnamed,
      );
      const broken = start < to ? read(part, bytes, start, to, bytes.length) : undefined;
      const scanned = part.result();
      const arrayEnded = part.stopped && scanned.end < to;
      const seen = broken && { code: broken.code, message: broken.message };
      results.push({
        ...scanned,
        start,
        arrayEnded,
        bad: { told: bad, more: {} },
        warnings: [],
        order: undefined,
        failure: seen,
      });
      pieces.push({ ...scanned, bad, failure: broken });
    }
    if (!fitTogether(results)) return undefined;
    const last = results[results.length - 1];
    if (last.arrayEnded) {
      keep = tailBad;
      scan.goTo(last.end);
      const broken = read(scan, bytes, last.end, Number.POSITIVE_INFINITY, bytes.length);
      pieces.push({ ...scan.result(), bad: tailBad, failure: broken });
    }
  }
  return { told: told(pieces, cellsOf(scanner.kernel.part())), parts: results.length };
}

/** The same of the whole, record by record. */
function inOne(plan: ScanPlan, bytes: Buffer): unknown {
  const scanner = new Scanner(plan);
  const { records, bad, failure } = withoutLayouts(() => scanInput(scanner, bytes));
  return { records, bad, failure, cells: cellsOf(scanner.kernel.part()) };
}

test("records at the top level, followed by an array or a wrapper, can be read in parts of any size", () => {
  const { scan: plan } = planOf({});
  let fitted = 0;
  const record = '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}';
  const lines = `${record}\n`.repeat(8);
  const array = Array.from({ length: 8 }, () => record).join("\n,");
  for (const text of [
    `${lines}[${array}]`,
    `${lines}{"data":[${array}]}\n${lines}`,
    `[${array}]\n${lines}[${array}]`,
  ]) {
    const whole = inOne(plan, Buffer.from(text));
    for (let size = 60; size < 900; size += 5) {
      const found = inParts(plan, Buffer.from(text), 130, size);
      if (found === undefined) continue;
      fitted++;
      expect(found.told, `parts of ${size} bytes of ${text}`).toEqual(whole);
    }
  }
  expect(fitted).toBeGreaterThan(0);
});

test("an array whose enclosing object names its source before it, after it, twice or wrongly can be read in parts", () => {
  // Small objects are read whole unless a pointer says where to go.
  const { scan: plan } = planOf({ bySource: true, records: "/data" });
  let parts = 0;
  const records = Array.from(
    { length: 30 },
    (_, n) => `{"timestamp":"2024-01-31T13:00:00Z","kWh_value":${n % 7}${n % 3 === 0 ? ',"meter_id":"own"' : ""}}`,
  );
  const array = `"data":[${records.join(",\n")}]`;
  for (const text of [
    `{"meter_id":"A",${array}}`,
    `{${array},"meter_id":"own"}\n{"meter_id":"B",${array}}`,
    `{"meter_id":"A",${array},\n"meter_id":"","source_id":7}`,
    `{"n":1,\n"meter_id":42.0,\n${array}}`,
    `{${array},\n"meter_id":"\\ud800"}`,
  ]) {
    const whole = inOne(plan, Buffer.from(text));
    for (let size = 200; size < 1600; size += 10) {
      const found = inParts(plan, Buffer.from(text), 300, size);
      if (found === undefined) continue;
      parts += found.parts;
      expect(found.told, `parts of ${size} bytes of ${text}`).toEqual(whole);
    }
  }
  expect(parts).toBeGreaterThan(500);
});

test("parts that fit together give the same as the whole", () => {
  let parts = 0;
  let fitted = 0;
  let tried = 0;
  const compare = (options: Options, bytes: Buffer, head: number, size: number) => {
    const { scan: plan } = planOf(options);
    tried++;
    const found = inParts(plan, bytes, head, size);
    if (found === undefined) return;
    fitted++;
    parts += found.parts;
    expect(found.told).toEqual(inOne(plan, bytes));
  };
  const size = fc.integer({ min: 200, max: 2000 });
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 10, max: 100 }),
      fc.nat(2),
      size,
      size,
      (seed, records, damage, head, part) => {
        const choose = Choose.seeded(seed);
        const options = { ...someOptions(choose), bySource: true };
        compare(options, mutated(choose, someDataset(choose, options, records), damage), head, part);
      },
    ),
    { numRuns: 4 * CASES },
  );
  expect(fitted).toBeGreaterThan(tried / 10);
  expect(parts).toBeGreaterThan(fitted);
});
