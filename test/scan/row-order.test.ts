// slow: not of the fast lane
/** The order of rows where an input is cut: pieces of it, scanned by several scanners, come to the same as all of it at once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { rowsOf } from "../../dist/output/rows.js";
import { renumber } from "../../dist/pipeline/cut-order.js";
import type { Plan } from "../../dist/pipeline/plan.js";
import type { Runs } from "../../dist/scan/row-columns.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { summarise } from "../../dist/tally/summarise.js";
import { joinRepeated } from "../../dist/time/repeated-hours.js";
import { type AutumnFile, type AutumnRow, autumn } from "../oracle/generate-autumn.js";

function lines(rows: readonly AutumnRow[]): Buffer {
  const records = rows.map(({ timestamp, source, value }) =>
    JSON.stringify({ timestamp, kWh_value: value, meter_id: source }),
  );
  return Buffer.from(records.map((record) => `${record}\n`).join(""));
}

/** Scans a piece of an input, and hands over what it knows of the order of its rows. */
function scan(scanner: Scanner, bytes: Buffer): void {
  const resumePoint = { format: "json", state: "top", separator: undefined, pointer: [], programs: [] } as const;
  const piece = scanner.beginAt(0, resumePoint, (bad) => expect.fail(JSON.stringify(bad)));
  for (let at = 0; at < bytes.length; ) {
    const room = piece.room();
    const length = Math.min(room.length, bytes.length - at);
    room.set(bytes.subarray(at, at + length));
    at += length;
    piece.filled(length, at === bytes.length);
  }
}

function planFor({ zone, ends }: AutumnFile): Plan {
  return planOf({ timezone: zone, bySource: true, withCounts: true, missing: [""], stamps: ends ? "end" : "start" });
}

function outcome(scanners: readonly Scanner[], plan: Plan): object {
  const { summary, totals } = summarise(
    scanners.map(({ kernel }) => kernel.part()),
    plan,
  );
  const readings = scanners.reduce((sum, { kernel }) => sum + kernel.readings, 0);
  return {
    rows: [...rowsOf(summary, "hour")],
    totals,
    readings,
    repeated: joinRepeated(scanners.map(({ order }) => order.report())),
  };
}

function whole({ rows }: AutumnFile, plan: Plan): object {
  const scanner = new Scanner(plan.scan);
  scan(scanner, lines(rows));
  scanner.order.settle("file");
  return outcome([scanner], plan);
}

/** @param cuts where pieces end; piece n is for scanner n % 3, and the first of these puts them together */
function inPieces({ rows }: AutumnFile, plan: Plan, cuts: readonly number[]): object {
  const scanners = [new Scanner(plan.scan), new Scanner(plan.scan), new Scanner(plan.scan)];
  const [main] = scanners as [Scanner];
  const ends = [...cuts.map((cut) => Math.floor(cut * rows.length)), rows.length].sort((a, b) => a - b);
  const pieces = ends.map((end, n) => {
    const scanner = scanners[n % 3]!;
    scan(scanner, lines(rows.slice(n === 0 ? 0 : ends[n - 1], end)));
    return { scanner, order: scanner.order.take() };
  });
  for (const other of scanners.slice(1)) {
    const orders = pieces.filter(({ scanner, order }) => scanner === other && order !== undefined);
    const counted = { part: other.kernel.part(), spilled: undefined, unnamed: new Map() };
    renumber(
      orders.map(({ order }) => order as Runs),
      counted as never,
      new Map(),
      main.kernel,
    );
  }
  for (const { order } of pieces) if (order !== undefined) main.order.append(order as Runs);
  main.order.settle("file");
  return outcome(scanners, plan);
}

/** What scans report where no reading covers time. */
const NO_INTERVALS = { zoned: 0, once: 0, skipped: 0, reaching: 0 };

describe("the rows of a split input", () => {
  test("resolve times like those of the whole, wherever it is split", () => {
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
    fc.assert(
      fc.property(autumn, places, (file, cuts) => {
        const plan = planFor(file);
        expect(inPieces(file, plan, cuts)).toEqual(whole(file, plan));
      }),
      { numRuns: Number(process.env["ELECTRO_CASES"] ?? 100) },
    );
  });

  test.each([
    ["a step", ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"], 0],
    ["a step, newest first", ["03:00", "02:30", "02:00", "02:30", "02:00", "01:30"], 0],
    ["a pair of neighbours", ["01:00", "02:00", "02:00", "03:00"], 0],
    ["a pair of neighbours, newest first", ["03:00", "02:00", "02:00", "01:00"], 0],
    ["another pair, so none", ["01:00", "02:00", "02:00", "03:00", "03:00"], 2],
    ["three of one time", ["01:00", "02:00", "02:00", "02:00", "03:00"], 3],
    ["two steps", ["02:30", "02:00", "02:30", "02:00", "02:30"], 5],
  ])("tell what they tell together, cut at any row: %s", (_, times, ambiguous) => {
    const rows = times.map((time, n) => ({ timestamp: `2024-10-27T${time}`, source: "A", value: `${2 ** n}` }));
    const file = { zone: "Europe/Berlin", ends: false, rows };
    const plan = planFor(file);
    const all = whole(file, plan);
    expect(all).toMatchObject({ repeated: { ambiguous } });
    for (let first = 0; first <= rows.length; first++)
      for (let second = first; second <= rows.length; second++)
        expect(inPieces(file, plan, [first / rows.length, second / rows.length])).toEqual(all);
  });

  test("may be of thousands of sources; waiting readings count as memory until they are resolved", () => {
    const zone = "Europe/Berlin";
    const times = ["01:00", "02:00", "02:30", "02:00", "02:30", "03:00"];
    const rows = times.flatMap((time, n) =>
      Array.from({ length: 6000 }, (_, m) => ({
        timestamp: `2024-10-27T${time}`,
        source: `meter ${m}`,
        value: `${n}.${m}`,
      })),
    );
    const file = { zone, ends: false, rows };
    const plan = planFor(file);
    expect(inPieces(file, plan, [0.1, 0.33, 0.34, 0.6, 0.61, 0.9])).toEqual(whole(file, plan));

    const scanner = new Scanner(plan.scan);
    const before = scanner.kernel.heapBytes;
    scan(scanner, lines(rows.slice(0, 6000)));
    const cells = scanner.kernel.exports.heapBytes() - before;
    scan(scanner, lines(rows.slice(6000)));
    expect(scanner.kernel.heapBytes - before - cells).toBeGreaterThan(6000 * 4 * 50);
    scanner.order.settle("file");
    expect(scanner.kernel.deferredBytes).toBeLessThan(20_000);
    expect(scanner.order.report()).toEqual({
      ...{ readings: 24_000, ambiguous: 0, days: 0, named: [] },
      ...NO_INTERVALS,
    });
  });

  test("do not wait if their order does not tell anything", () => {
    const zone = "Europe/Berlin";
    const rows = Array.from({ length: 20_000 }, (_, n) => ({
      timestamp: `2024-10-27T02:${String((n * 7) % 60).padStart(2, "0")}:${String((n * 13) % 60).padStart(2, "0")}`,
      source: "A",
      value: "1",
    }));
    const plan = planFor({ zone, ends: false, rows });
    const scanner = new Scanner(plan.scan);
    scan(scanner, lines(rows));
    expect(scanner.kernel.deferredBytes).toBeLessThan(20_000);
    scanner.order.settle("file");
    const named = [{ source: Uint8Array.from(Buffer.from("A")), day: 20023, input: "file" }];
    expect(scanner.order.report()).toEqual({ readings: 20_000, ambiguous: 20_000, days: 1, named, ...NO_INTERVALS });
  });
});
