// slow: not of the fast lane
/** The bytes of an input come in blocks of any size, and may end anywhere. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOf } from "../../dist/jobs/plan.js";
import { Both } from "./both.mjs";
import { Choose } from "./choose.mjs";
import { foreseenOf, foundOf } from "./foreseen.js";
import { mutated } from "./mutate.mjs";
import { someDataset, someOptions } from "./shapes.mjs";

/** Small datasets in all forms; every second one is damaged. */
const DATASETS = Array.from({ length: 40 }, (_, n) => {
  const choose = Choose.seeded(n);
  const options = { ...someOptions(choose), bySource: true };
  let bytes = someDataset(choose, options, 3);
  while (bytes.length > 700) bytes = someDataset(choose, options, 3);
  return { options, bytes: mutated(choose, bytes, n % 2) };
});

describe("counts, bad records and failures are the same", () => {
  test("if the input is cut in two at any byte", () => {
    for (const { options, bytes } of DATASETS) {
      const both = new Both(planOf(options).scan);
      for (let cut = 0; cut <= bytes.length; cut++) both.scan(bytes, { cuts: [cut], late: cut % 2 === 0 });
      both.compare();
    }
  });

  test("if the input arrives byte by byte", () => {
    for (const { options, bytes } of DATASETS) {
      const both = new Both(planOf(options).scan);
      for (const late of [false, true]) both.scan(bytes, { cuts: [...bytes.keys()], late });
      both.compare();
    }
  });

  test("if the input is cut at random places", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(3),
        fc.nat(8),
        (seed, records, damage, count) => {
          const choose = Choose.seeded(seed);
          const options = someOptions(choose);
          const both = new Both(planOf(options).scan);
          for (let n = 0; n < 5; n++) {
            const bytes = mutated(choose, someDataset(choose, options, records), damage);
            const cuts = Array.from({ length: count }, () => choose.below(bytes.length + 1)).sort((a, b) => a - b);
            both.scan(bytes, { cuts, late: choose.oneIn(2) });
          }
          both.compare();
        },
      ),
      { numRuns: 100 },
    );
  });
});

test("an input truncated at any byte yields the records before that, and the rest is a bad record or a failure", () => {
  let said = 0;
  let silent = 0;
  for (const { options, bytes } of DATASETS) {
    const both = new Both(planOf(options).scan);
    for (let length = 0; length <= bytes.length; length++) {
      const found = foundOf(both.scan(bytes.subarray(0, length)));
      const foreseen = foreseenOf(bytes.subarray(0, length), options);
      if (foreseen === undefined) silent++;
      else
        expect({ ...found, text: bytes.toString("latin1", 0, length) }).toEqual({
          ...foreseen,
          text: expect.anything(),
        });
      said++;
    }
    both.compare();
  }
  expect(silent).toBeLessThan(said / 4);
});
