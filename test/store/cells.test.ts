/** Packed cells: exact for whatever fits, compact for what is common, and never read wrongly. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDay, packDay, sumDay } from "../../dist/store/cells.js";
import { DAY_CELLS, type DayCells, newDay } from "../../dist/store/day-cells.js";
import { clearColumns } from "../../dist/tally/cell.js";

type Day = Map<number, { energy: bigint; count: number }>;

function dayFrom(cells: Day): DayCells {
  const day = newDay();
  for (const [quarter, { energy, count }] of cells) {
    for (let i = 0; i < 4; i++) day.energy[quarter * 4 + i] = Number((energy >> BigInt(32 * i)) & 0xffff_ffffn);
    day.count[quarter] = count;
  }
  return day;
}

function cellsFrom({ energy, count }: DayCells): Day {
  const cells: Day = new Map();
  for (let q = 0; q < DAY_CELLS; q++) {
    const limbs = [3, 2, 1, 0].reduce((sum, i) => (sum << 32n) | BigInt(energy[q * 4 + i]), 0n);
    if (count[q] !== 0 || limbs !== 0n) cells.set(q, { energy: BigInt.asIntN(128, limbs), count: count[q] });
  }
  return cells;
}

const MAX = 2n ** 127n - 1n;
const power = fc.integer({ min: 0, max: 38 }).map((e) => 10n ** BigInt(e));
const energy = fc.oneof(
  fc.bigInt({ min: -MAX - 1n, max: MAX }),
  fc.tuple(fc.bigInt({ min: -5000n, max: 5000n }), power).map(([n, unit]) => BigInt.asIntN(128, n * unit)),
  fc
    .tuple(fc.integer({ min: 0, max: 127 }), fc.bigInt({ min: -2n, max: 2n }))
    .map(([b, d]) => BigInt.asIntN(128, (1n << BigInt(b)) + d)),
  fc
    .tuple(fc.integer({ min: 50, max: 54 }), fc.bigInt({ min: -2n, max: 2n }), fc.integer({ min: 0, max: 18 }))
    .map(([b, d, e]) => ((1n << BigInt(b)) + d) * 10n ** BigInt(e)),
  fc.constantFrom(0n, MAX, -MAX - 1n, 10n ** 38n, -(10n ** 38n)),
);
const count = fc.oneof(
  fc.constant(1),
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
const cell = fc.record({ energy, count });
const similar = power.chain((unit) =>
  fc.record({ energy: fc.bigInt({ min: -9999n, max: 9999n }).map((n) => BigInt.asIntN(128, n * unit)), count }),
);
const quarters = fc.oneof(
  fc.uniqueArray(fc.integer({ min: 0, max: DAY_CELLS - 1 }), { minLength: 1, maxLength: DAY_CELLS }),
  fc.constant(Array.from({ length: DAY_CELLS }, (_, q) => q)),
  fc.constant(Array.from({ length: 24 }, (_, h) => h * 4)),
  fc.nat(DAY_CELLS - 1).map((q) => [q]),
);
const day: fc.Arbitrary<Day> = fc
  .tuple(quarters, fc.constantFrom(cell, similar))
  .chain(([used, any]) => fc.tuple(...used.map((q) => fc.tuple(fc.constant(q), any))))
  .map((cells) => new Map(cells.sort(([a], [b]) => a - b)));

describe("packed cells", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(day, (cells) => {
        const back = newDay();
        expect(addDay(packDay(dayFrom(cells)) as Uint8Array, back)).toBe(cells.size);
        expect(cellsFrom(back)).toEqual(cells);
      }),
      { numRuns: 500 },
    );
  });

  it("are summed by whole days", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -40_000, max: 40_000 }), day), { minLength: 1, maxLength: 4 }),
        (days) => {
          const sum = { energy: new Uint32Array(4), readings: 0, first: Infinity, last: -Infinity };
          let energy = 0n;
          let readings = 0;
          const slots: number[] = [];
          for (const [at, cells] of days) {
            sumDay(packDay(dayFrom(cells)) as Uint8Array, at, sum);
            for (const [q, cell] of cells) {
              energy += cell.energy;
              readings += cell.count;
              slots.push(at * DAY_CELLS + q);
            }
          }
          fc.pre(Number.isSafeInteger(readings));
          const words = [3, 2, 1, 0].reduce((all, i) => (all << 32n) | BigInt(sum.energy[i]), 0n);
          expect(words).toBe(BigInt.asUintN(128, energy));
          expect([sum.readings, sum.first, sum.last]).toEqual([readings, Math.min(...slots), Math.max(...slots)]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("add up, and take away to nothing", () => {
    fc.assert(
      fc.property(fc.array(day, { minLength: 1, maxLength: 4 }), (days) => {
        const sum = newDay();
        const expected: Day = new Map();
        for (const cells of days) {
          addDay(packDay(dayFrom(cells)) as Uint8Array, sum);
          for (const [q, { energy, count }] of cells) {
            const before = expected.get(q) ?? { energy: 0n, count: 0 };
            expected.set(q, { energy: BigInt.asIntN(128, before.energy + energy), count: before.count + count });
          }
        }
        fc.pre([...expected.values()].every(({ count }) => Number.isSafeInteger(count)));
        expect(cellsFrom(sum)).toEqual(new Map([...expected].sort(([a], [b]) => a - b)));
        for (const cells of days) addDay(packDay(dayFrom(cells)) as Uint8Array, sum, -1);
        expect(cellsFrom(sum).size).toBe(0);
        expect(packDay(sum)).toBeUndefined();
      }),
    );
  });

  it("take two bytes a reading of ordinary data, and seven for a reading alone", () => {
    const full = new Map(
      Array.from({ length: DAY_CELLS }, (_, q) => [q, { energy: BigInt(300 + 7 * q) * 10n ** 15n, count: 1 }]),
    );
    expect((packDay(dayFrom(full)) as Uint8Array).length).toBeLessThanOrEqual(2 * DAY_CELLS + 2);
    const negative = new Map([...full].map(([q, { energy }]) => [q, { energy: -energy, count: 1 }]));
    expect((packDay(dayFrom(negative)) as Uint8Array).length).toBeLessThanOrEqual(2 * DAY_CELLS + 2);
    const alone = new Map([[40, { energy: 1234n * 10n ** 15n, count: 1 }]]);
    expect((packDay(dayFrom(alone)) as Uint8Array).length).toBe(7);
  });

  it("are the same bytes for the same cells, whatever they were made of", () => {
    fc.assert(
      fc.property(day, day, (a, b) => {
        const sum = newDay();
        const bytes = packDay(dayFrom(a)) as Uint8Array;
        addDay(packDay(dayFrom(b)) as Uint8Array, sum);
        addDay(bytes, sum);
        addDay(packDay(dayFrom(b)) as Uint8Array, sum, -1);
        fc.pre([...a].every(([q, { count }]) => Number.isSafeInteger(count + (b.get(q)?.count ?? 0))));
        expect(packDay(sum)).toEqual(bytes);
      }),
    );
  });

  it("are an error when they are cut or of another version", () => {
    fc.assert(
      fc.property(day, (cells) => {
        const bytes = packDay(dayFrom(cells)) as Uint8Array;
        const into = newDay();
        for (let length = 0; length < bytes.length; length++)
          expect(() => addDay(bytes.subarray(0, length), into)).toThrow("the store holds cells that cannot be read");
        expect(() => addDay(Uint8Array.of(0x20 | (bytes[0] & 15), ...bytes.subarray(1)), into)).toThrow(
          "newer version",
        );
        clearColumns(into);
      }),
      { numRuns: 20 },
    );
  });
});
