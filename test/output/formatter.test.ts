/** The formatter's numbers: every size of sum and count, compared with BigInt. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvOf } from "../../dist/output/csv.js";
import { fake, naiveEnergy, textOf } from "./fake.js";

const KWH = 10n ** 18n;
const MOST = 2n ** 127n;

/** What the hours of a day whose first ones have these sums are written as. */
function written(sums: readonly bigint[], decimals: number | undefined, count = 0): string[] {
  const summary = fake({ cell: (row) => [sums[row] ?? 0n, count] });
  const lines = textOf(
    csvOf(summary, { decimals, withCounts: true }).file(summary.series("hour"), [...sums.keys()]),
  ).split("\n");
  return lines.slice(1, -1).map((line) => line.slice("2024-01-01T00:00:00Z,".length));
}

const about = (middle: bigint) => fc.bigInt({ min: -1000n, max: 1000n }).map((more) => middle + more);
const sum = fc
  .oneof(
    fc.bigInt({ min: -MOST, max: MOST - 1n }),
    fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
    fc.integer({ min: 0, max: 126 }).chain((bits) => about(1n << BigInt(bits))),
    fc.integer({ min: 0, max: 38 }).chain((digits) => about(10n ** BigInt(digits))),
    fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }).chain((n) => fc.nat(20).map((zeros) => n * 10n ** BigInt(zeros))),
    fc.bigInt({ min: 0n, max: 100n }).map((kWh) => kWh * KWH - KWH / 2n),
  )
  .chain((value) => fc.constantFrom(value, -value))
  .map((value) => BigInt.asIntN(128, value));

test("sums of every size and sign are formatted, with all digits and with some", () => {
  fc.assert(
    fc.property(
      fc.array(sum, { minLength: 1, maxLength: 24 }),
      fc.option(fc.nat(18), { nil: undefined }),
      (sums, decimals) => {
        expect(written(sums, decimals)).toEqual(sums.map((value) => `${naiveEnergy(value, decimals)},0`));
      },
    ),
    { numRuns: 1500 },
  );
});

test.each([MOST - 1n, -MOST, 10n ** 36n, 10n ** 36n - 1n, -(10n ** 36n), 170n * 10n ** 36n, KWH, -KWH, 1n, -1n, 0n])(
  "the sum %s at every number of places",
  (value) => {
    for (let decimals = 0; decimals <= 18; decimals++)
      expect(written([value], decimals)).toEqual([`${naiveEnergy(value, decimals)},0`]);
  },
);

test("counts of every length are formatted", () => {
  for (let power = 1; power <= 2 ** 53; power *= 10)
    for (const count of [power - 1, power, power + 1, 2 ** 53])
      expect(written([0n], undefined, count)).toEqual([`0,${count}`]);
});
