/** The cell: its two ways of lying in memory hold the same, and its arithmetic is that of bigints. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { kernelCode } from "../../dist/scan/kernel-code.js";
import {
  addCell,
  addCellsToColumn,
  addCellToColumn,
  addColumnToCell,
  CELL_WORDS,
  EnergySum,
  energyOf,
  isNegative,
  isUsed,
  negate,
  newColumns,
  PAGE_SLOTS,
  PAGE_SUMS,
  PAGE_WORDS,
  readingsAt,
  sortedBy,
  sumPage,
} from "../../dist/tally/cell.js";

test("cells and pages have the same size here and in the kernel", () => {
  const { exports } = new WebAssembly.Instance(kernelCode(), { env: { abort: () => {} } });
  const sizeOf = (name: string) => (exports as Record<string, { value?: number }>)[name]?.value;
  expect([sizeOf("CELL"), sizeOf("PAGE")]).toEqual([4 * CELL_WORDS, 4 * PAGE_WORDS]);
});

interface Cell {
  readonly energy: bigint;
  readonly readings: number;
}

const MAX = 2n ** 127n - 1n;
const energy = fc.oneof(
  fc.bigInt({ min: -MAX - 1n, max: MAX }),
  fc
    .tuple(fc.integer({ min: 0, max: 127 }), fc.bigInt({ min: -2n, max: 2n }))
    .map(([bits, more]) => BigInt.asIntN(128, (1n << BigInt(bits)) + more)),
);
const readings = fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2 ** 32 - 2, max: 2 ** 40 }));
const page = fc.array(fc.option(fc.record({ energy, readings })), { minLength: PAGE_SLOTS, maxLength: PAGE_SLOTS });

const wordsOf = (energy: bigint) => [0n, 32n, 64n, 96n].map((bits) => Number(BigInt.asUintN(32, energy >> bits)));

function pageFrom(cells: readonly (Cell | null)[]): Uint32Array {
  const words = new Uint32Array(PAGE_WORDS);
  cells.forEach((cell, slot) => {
    if (cell !== null)
      words.set([...wordsOf(cell.energy), cell.readings % 2 ** 32, Math.floor(cell.readings / 2 ** 32)], 6 * slot);
  });
  return words;
}

const sumOf = (cells: readonly (Cell | null)[]): Cell => ({
  energy: BigInt.asIntN(
    128,
    cells.reduce((sum, cell) => sum + (cell?.energy ?? 0n), 0n),
  ),
  readings: cells.reduce((sum, cell) => sum + (cell?.readings ?? 0), 0),
});

test("cells add up, in pages and in columns, one by one and many at a time", () => {
  fc.assert(
    fc.property(page, page, (one, other) => {
      const words = pageFrom(one);
      const columns = newColumns(2);
      const columnAt = (n: number): Cell => ({ energy: energyOf(columns.energy, 4 * n), readings: columns.count[n]! });
      for (let at = 0; at < PAGE_WORDS; at += CELL_WORDS) addCellToColumn(columns, 0, words, at);
      addCellsToColumn(columns, 1, words, 0, PAGE_WORDS);
      expect([columnAt(0), columnAt(1)]).toEqual([sumOf(one), sumOf(one)]);
      const more = pageFrom(other);
      for (let slot = 0, at = 0; slot < PAGE_SLOTS; slot++, at += CELL_WORDS) {
        addCell(words, at, more, at);
        const both = sumOf([one[slot] ?? null, other[slot] ?? null]);
        expect({ energy: energyOf(words, at), readings: readingsAt(words, at) }).toEqual(both);
        expect(isUsed(words, at)).toBe(both.readings > 0);
      }
      addColumnToCell(words, 0, columns, 1);
      expect(energyOf(words, 0)).toBe(sumOf([one[0] ?? null, other[0] ?? null, ...one]).energy);
      expect(readingsAt(words, 0)).toBe(sumOf([one[0] ?? null, other[0] ?? null, ...one]).readings);
    }),
  );
});

test("sums over pages and columns are exact past 128 bits", () => {
  fc.assert(
    fc.property(fc.array(page, { maxLength: 5 }), (pages) => {
      const expected = pages.flat().reduce((sum, cell) => sum + (cell?.energy ?? 0n), 0n);
      const sum = new EnergySum();
      const columns = newColumns(PAGE_SLOTS * pages.length);
      const sums = new Float64Array(PAGE_SUMS);
      pages.forEach((cells, p) => {
        const words = pageFrom(cells);
        const used = sumPage(words, 0, sums, 0);
        expect([...cells.keys()].filter((slot) => used & (1 << slot))).toEqual(
          [...cells.keys()].filter((slot) => cells[slot] !== null),
        );
        expect(sums[4]).toBe(sumOf(cells).readings);
        sum.add(sums[0]!, sums[1]!, sums[2]!, sums[3]!);
        for (let slot = 0; slot < PAGE_SLOTS; slot++) {
          sum.addCell(words, slot * CELL_WORDS);
          addCellToColumn(columns, PAGE_SLOTS * p + slot, words, slot * CELL_WORDS);
        }
      });
      sum.addColumns(columns, 0, columns.count.length);
      expect(sum.total).toBe(3n * expected);
    }),
  );
});

test("a number and its negative add up to nothing", () => {
  fc.assert(
    fc.property(energy, (value) => {
      const words = Uint32Array.from(wordsOf(value));
      expect(isNegative(words, 0)).toBe(value < 0n);
      negate(words);
      expect(energyOf(words, 0)).toBe(BigInt.asIntN(128, -value));
    }),
  );
});

test("sorting by keys is that of numbers, and keeps the order of those with the same key", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 3 }))), (keys) => {
      const first = Int32Array.from(keys, ([key]) => key);
      const second = Uint32Array.from(keys, ([, key]) => key);
      const expected = [...keys.keys()].sort((a, b) => first[a]! - first[b]! || second[a]! - second[b]! || a - b);
      expect([...sortedBy(first, sortedBy(second))]).toEqual(expected);
    }),
  );
});
