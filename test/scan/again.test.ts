// slow: not of the fast lane
/** A scanner that counts anew in the same memory: nothing of what it counted before is left. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { Scanner } from "../../dist/scan/scanner.js";
import { cellsOf, scanInput } from "./both.mjs";
import { Choose } from "./choose.mjs";
import { mutated } from "./mutate.mjs";
import { someDataset, someOptions } from "./shapes.mjs";

const seen = (scanner: Scanner) => {
  const { firstInstant, lastInstant, firstWall, lastWall, idEnds, ids } = scanner.kernel.part();
  return {
    cells: cellsOf(scanner.kernel.part()),
    extent: [firstInstant, lastInstant, firstWall, lastWall],
    ids: Buffer.from(ids).toString("hex"),
    idEnds: [...idEnds],
    readings: scanner.kernel.readings,
    absolute: scanner.kernel.absolute,
    rounded: scanner.rounded,
  };
};

describe("a scanner that was reset", () => {
  test("counts what a new one counts, whatever it counted before", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), (seed, records) => {
        const choose = Choose.seeded(seed);
        const options = { ...someOptions(choose), bySource: true };
        const { scan: plan } = planOf(options);
        const used = new Scanner(plan);
        for (let n = 0; n < 6; n++) {
          const bytes = mutated(choose, someDataset(choose, options, records), choose.below(3));
          used.reset();
          const fresh = new Scanner(plan);
          expect(scanInput(used, bytes)).toEqual(scanInput(fresh, bytes));
          expect(seen(used)).toEqual(seen(fresh));
        }
      }),
      { numRuns: 40 },
    );
  });

  test("forgets the same timestamp, many sources and many cells", () => {
    const { scan: plan } = planOf({ bySource: true });
    const used = new Scanner(plan);
    const lines = (sources: number, hours: number) =>
      Buffer.from(
        Array.from(
          { length: sources * hours },
          (_, i) =>
            `{"timestamp":"2024-01-${String(1 + (Math.floor(i / sources) % 28)).padStart(2, "0")}T05:00:00Z","kWh_value":${i}.25,"meter_id":"m${i % sources}"}\n`,
        ).join(""),
      );
    for (const [sources, hours] of [
      [1, 1],
      [1, 1],
      [5000, 28],
      [3, 2],
      [1, 1],
    ] as const) {
      used.reset();
      const fresh = new Scanner(plan);
      const bytes = lines(sources, hours);
      expect(scanInput(used, bytes)).toEqual(scanInput(fresh, bytes));
      expect(seen(used)).toEqual(seen(fresh));
    }
  });
});
