/** What a body makes its scanner hold is bounded while it is read, not only once a block of it has been. */
import { expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { BodyScanner } from "../../dist/service/bodies/body-scan.js";
import { LIMITS } from "../../dist/service/http/limits.js";

const WANTED = { hash: false, warnings: true, lines: true };
const HEAP = 32e6;

const long = (meters: number) =>
  Buffer.from(
    `timestamp,kWh_value,meter_id,end\n${Array.from({ length: 1500 }, (_, n) => `2024-01-01T00:00Z,1.5,m${n % meters},2025-02-01T00:00Z\n`).join("")}`,
  );

test("long intervals of many meters are refused as soon as they fill the memory of a body", () => {
  const scanner = new BodyScanner(planOf({ endField: ["end"], bySource: true }).scan, { ...LIMITS, heap: HEAP });
  expect(() => scanner.scan(long(1500), WANTED, { copy: true })).toThrow("more quarter hours of its sources than");
  expect(scanner.heapBytes).toBeLessThan(1.1 * HEAP);
  // And the next body is read as if nothing had been.
  const { readings, parts } = scanner.scan(long(3), WANTED, { copy: true });
  expect([readings, parts.length]).toEqual([1500, 1]);
});
