/** Intervals that overlap, against a count of every second; in any order, by any threads. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { aggregate } from "../../dist/index.js";
import { planOf } from "../../dist/jobs/plan.js";
import { type Covered, overlappingIn } from "../../dist/quality/overlapping.js";
import { Kernel } from "../../dist/scan/kernel.js";

const PLAN = planOf({}).scan;
const INTERVALS = fc.array(
  fc.record({
    source: fc.nat(3),
    from: fc.integer({ min: -20, max: 60 }),
    seconds: fc.integer({ min: 1, max: 15 }),
    thread: fc.nat(2),
  }),
  { maxLength: 40 },
);

test("are found wherever they were counted, and add up", () => {
  fc.assert(
    fc.property(INTERVALS, fc.nat(3), (intervals, settled) => {
      const threads = [0, 1, 2].map(() => new Kernel(PLAN).coverage);
      const times = new Map<string, number>();
      for (const { source, from, seconds, thread } of intervals) {
        // Threads have their own numbers of sources.
        threads[thread]!.add(source + 10 * thread, from, from + seconds);
        for (let second = from; second < from + seconds; second++) {
          const id = source === settled ? "0" : String(source);
          times.set(`${id} ${second}`, (times.get(`${id} ${second}`) ?? 0) + 1);
        }
      }
      // A provisional source turns out to be another one.
      threads.forEach((coverage, thread) => {
        if (settled > 0) coverage.settle(settled + 10 * thread, 10 * thread);
      });
      const covered = threads.map((coverage) => coverage.covered());
      const found = overlappingIn(covered, (_, source) => String(source % 10));
      const twice = [...times].filter(([, count]) => count > 1);
      if (twice.length === 0) {
        expect(found).toBeUndefined();
        return;
      }
      const first = Math.min(...twice.map(([key]) => Number(key.split(" ")[1])));
      const seconds = twice.reduce((sum, [, count]) => sum + count - 1, 0);
      const ids = new Set(twice.map(([key]) => key.split(" ")[0]));
      expect(found).toMatchObject({ first, seconds, others: ids.size - 1 });
      expect(twice.map(([key]) => key)).toContain(`${found?.source} ${first}`);
    }),
    { numRuns: 300 },
  );
});

test("are joined while they come in, however many there are", () => {
  const coverage = new Kernel(PLAN).coverage;
  // Every second one, so that none meets the next, until there are more than are kept.
  const COUNT = 150_000;
  for (let n = 0; n < COUNT; n++) coverage.add(1, 2 * n, 2 * n + 1);
  for (let n = 0; n < COUNT; n++) coverage.add(1, 2 * n + 0.5, 2 * n + 2);
  const covered = coverage.covered() as Covered;
  expect([...covered.source]).toEqual([1]);
  expect([covered.from[0], covered.to[0]]).toEqual([0, 2 * COUNT]);
  expect(covered.overlaps).toEqual([{ source: 1, first: 0.5, seconds: COUNT / 2 }]);
});

const ROWS =
  "timestamp,end,kWh_value,meter_id\n2024-01-01T00:00Z,2024-01-01T01:00Z,1,a\n2024-01-01T01:00Z,2024-01-01T02:00Z,1,a\n";

test("are told with the source and the first of them", async () => {
  const total = `${ROWS}2024-01-01T00:00Z,2024-01-01T02:00Z,2,a\n`;
  const { warnings, kWh } = await aggregate(Buffer.from(total), { endField: ["end"] });
  expect(kWh).toBe("4");
  expect(warnings).toMatchObject([
    {
      code: "overlapping_intervals",
      message: expect.stringContaining('source "a" overlap, first at 2024-01-01T00:00:00Z, by 2 hours'),
    },
  ]);
  expect((await aggregate(Buffer.from(ROWS), { endField: ["end"] })).warnings).toEqual([]);
});
