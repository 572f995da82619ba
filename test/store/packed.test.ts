/** What scans counted → packed rows: nothing lost, whatever the energies, and the same bytes as packing each day by itself. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { packDay } from "../../dist/store/cells.js";
import { DAY_CELLS, newDay } from "../../dist/store/day-cells.js";
import { cellsOf, packParts, type Rows } from "../../dist/store/packed.js";
import { energyOf } from "../../dist/tally/cell.js";
import { QUARTER_CLOCK } from "../../dist/tally/quarter-pages.js";
import { zoneOf } from "../../dist/time/zone.js";
import { addTo, byBytes, type Cell, expectedCells, type Sums, totalsOf, unpacked } from "./batches.js";
import { partOf } from "./part.mjs";

const KWH = 10n ** 18n;
const WH = 10n ** 15n;
const energy = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -3000, max: 3000 }).map((n) => BigInt(n) * WH) },
  // About where 64 bits end.
  fc.integer({ min: -3, max: 3 }).map((n) => (18_446n + BigInt(n)) * WH),
  fc.integer({ min: -3, max: 3 }).map((n) => (-9_223n + BigInt(n)) * WH),
  // Multiples of 2³² and of Wh's low bits, off by little.
  fc
    .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -2, max: 2 }))
    .map(([n, d]) => BigInt(n) * WH + BigInt(d)),
  fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: -9, max: 9 }))
    .map(([n, d]) => BigInt(n) * WH + (BigInt(d) << 32n)),
  fc.bigInt({ min: -(10n ** 36n), max: 10n ** 36n }),
  // Limbs that look like a sign.
  fc
    .integer({ min: -9, max: 9 })
    .map((n) => (BigInt(n) << 96n) | ((((BigInt(n) & 0xffff_ffffn) << 64n) / WH) * WH + WH)),
  fc.constantFrom(0n, KWH, -KWH, 1n, -1n, 1_000_000n * KWH, 1n << 64n, -(1n << 64n)),
);
const count = fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 2 ** 40 }));
const cells = (source: string) =>
  fc
    .tuple(fc.integer({ min: -4 * DAY_CELLS, max: 4 * DAY_CELLS }), fc.integer({ min: 1, max: 4 }))
    .chain(([from, step]) =>
      fc
        .array(fc.tuple(energy, count), { maxLength: 120 })
        .map((all): Cell[] => all.map(([energy, count], n) => ({ source, slot: from + n * step, energy, count }))),
    );
const parts = fc.array(
  fc
    .uniqueArray(fc.constantFrom("", "a", "b", "ä", "meter-0007"), { minLength: 1, maxLength: 4 })
    .chain((sources) => fc.tuple(...sources.map(cells)))
    .map((all) => all.flat()),
  { minLength: 1, maxLength: 3 },
);

it("what scans counted is packed exactly, by source and day and over all sources", () => {
  fc.assert(
    fc.property(parts, (all) => {
      const sums: Sums = new Map();
      for (const some of all) addTo(sums, some);
      const expected = expectedCells(sums, -Infinity, Infinity);
      const scans = all.map((some) => partOf(expectedCells(addTo(new Map(), some), -Infinity, Infinity)));
      const { sources, readings, energy, rows, totals } = packParts(scans, QUARTER_CLOCK, zoneOf("UTC"));
      expect(sources).toEqual([...sums.keys()].sort(byBytes));
      expect(unpacked(rows, sources)).toEqual(expected);
      expect(unpacked(totals, [""]).map((cell) => ({ ...cell, source: "" }))).toEqual(totalsOf(expected));
      sources.forEach((id, s) => {
        const own = expected.filter(({ source }) => source === id);
        expect(readings[s]).toBe(own.reduce((sum, { count }) => sum + count, 0));
        expect(energyOf(energy, 4 * s)).toBe(own.reduce((sum, { energy }) => sum + energy, 0n));
      });
      expectEachPackedAlone(rows, expected, sources);
      expectEachPackedAlone(
        totals,
        totalsOf(expected).map((cell) => ({ ...cell, source: sources.length === 1 ? sources[0]! : "all" })),
        sources.length === 1 ? sources : ["all"],
      );
    }),
    { numRuns: 300 },
  );
});

/** Rows ascend by day and source, each with the bytes that `packDay` makes of its cells. */
function expectEachPackedAlone(rows: Rows, cells: readonly Cell[], sources: readonly string[]): void {
  const days = new Map<string, Cell[]>();
  const keyOf = ({ source, slot }: Cell) => `${Math.floor(slot / DAY_CELLS)} ${source}`;
  for (const cell of cells) days.set(keyOf(cell), [...(days.get(keyOf(cell)) ?? []), cell]);
  const found = Array.from(rows.day, (day, r) => [`${day} ${sources[rows.source[r]!]}`, cellsOf(rows, r)] as const);
  expect(found.map(([key]) => key).sort()).toEqual([...days.keys()].sort());
  const order = Array.from(rows.day, (day, r) => day * 1000 + rows.source[r]!);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  for (const [key, bytes] of found) {
    const day = newDay();
    for (const { slot, energy, count } of days.get(key)!) {
      const q = ((slot % DAY_CELLS) + DAY_CELLS) % DAY_CELLS;
      for (let i = 0; i < 4; i++) day.energy[q * 4 + i] = Number((energy >> BigInt(32 * i)) & 0xffff_ffffn);
      day.count[q] = count;
    }
    expect(Buffer.from(bytes)).toEqual(Buffer.from(packDay(day)!));
  }
}
