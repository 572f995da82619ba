// slow: not of the fast lane
import fc from "fast-check";
import { expect, test } from "vitest";
import { aggregate, type Outcome } from "./aggregate.js";
import { plan, type Run, runOf } from "./generate.js";

const outcomeOf = ({ inputs, options }: Run): Outcome =>
  aggregate(
    inputs.map((input) => input.unpacked),
    options,
  );

test("generated runs are good to the last record, and any order of their records and inputs gives the same files", () => {
  fc.assert(
    fc.property(plan(false), fc.integer({ min: 1 }), (planned, shuffle) => {
      const outcome = outcomeOf(runOf(planned));
      if (outcome.status === "failed") throw new Error(`${outcome.why} ${JSON.stringify(outcome.bad)}`);
      const records = planned.datasets.reduce((sum, { drafts }) => sum + drafts.length, 0);
      const { readings, outOfPeriod, leftOut } = outcome.totals;
      expect(readings + outOfPeriod + (leftOut["missing"] ?? 0)).toBe(records);
      const other = outcomeOf(runOf(planned, shuffle));
      expect(other.status === "done" && other.files).toEqual(outcome.files);
    }),
    { numRuns: 40 },
  );
});

test("damage makes some records bad, and most runs still have good ones", () => {
  const reasons = new Set<string>();
  let readings = 0;
  for (const planned of fc.sample(plan(true), { numRuns: 60, seed: 1 })) {
    const outcome = outcomeOf(runOf(planned));
    expect(outcome.status).toBe("done");
    for (const { reason } of outcome.bad) reasons.add(reason);
    if (outcome.status === "done") readings += outcome.totals.readings + outcome.totals.outOfPeriod;
  }
  expect([...reasons].sort()).toEqual(
    [
      "cells",
      "no timestamp",
      "no value",
      "not JSON",
      "not UTF-8",
      "not an object",
      "source",
      "timestamp",
      "too much energy",
      "value",
    ].sort(),
  );
  expect(readings).toBeGreaterThan(500);
});
