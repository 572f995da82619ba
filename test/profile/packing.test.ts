/** Columns that are packed and unpacked are the same, whatever their sums; what is damaged is an error, and never a wrong sum. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { extractBytes, extractOf } from "../../dist/profile/extract.js";
import { ColumnPacker, commonPower, unpackColumn } from "../../dist/profile/packing.js";
import { timeRowsOf } from "../../dist/time/period.js";
import { zoneOf } from "../../dist/time/zone.js";

/** A cell: 10⁻¹⁸ kWh and readings; without readings it has no energy. */
interface Cell {
  readonly energy: bigint;
  readonly count: number;
}

const LARGEST = 10n ** 38n;

function wordsOf(energy: bigint): number[] {
  return [0n, 32n, 64n, 96n].map((shift) => Number(BigInt.asUintN(32, energy >> shift)));
}

function energyAt(words: Uint32Array, at: number): bigint {
  let value = 0n;
  for (let word = 3; word >= 0; word--) value = (value << 32n) | BigInt(words[at + word]!);
  return BigInt.asIntN(128, value);
}

function packed(cells: readonly Cell[], day: number): Uint8Array {
  const power = cells.reduce<number | undefined>((common, { energy }) => commonPower(common, energy), undefined);
  const packer = new ColumnPacker(day, power ?? 0);
  for (const { energy, count } of cells) packer.add(Uint32Array.from(wordsOf(energy)), 0, count);
  return packer.finish().slice();
}

const counts = fc.oneof(fc.constant(4), fc.constant(0), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
/** Of ordinary meters, of any size, at the edges of what is stored in another way, and with zeros at the end. */
const energies = fc.oneof(
  fc.integer({ min: -5000, max: 5000 }).map((wh) => BigInt(wh) * 10n ** 15n),
  fc.bigInt({ min: -LARGEST, max: LARGEST }),
  fc.tuple(fc.nat(38), fc.bigInt({ min: -999n, max: 999n })).map(([power, n]) => (n * 10n ** BigInt(power)) % LARGEST),
  fc.tuple(fc.nat(125), fc.integer({ min: -2, max: 2 })).map(([bit, n]) => (1n << BigInt(bit)) + BigInt(n)),
  fc.constantFrom(0n, 1n, -1n, LARGEST, -LARGEST),
);
const cellsOf = (least: number) =>
  fc
    .array(
      fc.tuple(energies, counts).map(([energy, count]): Cell => ({ energy: count === 0 ? 0n : energy, count })),
      { minLength: least, maxLength: 120 },
    )
    // Neighbours that are alike, as runs of zeros and gaps are.
    .chain((cells) =>
      fc.nat(5).map((times) => cells.flatMap((cell, n) => (n % 7 === 0 ? Array(times).fill(cell) : [cell]))),
    );

test("a column is what it was before it was packed", () => {
  fc.assert(
    fc.property(cellsOf(0), fc.constantFrom(1, 3, 24, 96), (cells, day) => {
      const { energy, count } = unpackColumn(packed(cells, day), cells.length, day);
      expect(Array.from(count, (readings, n) => ({ energy: energyAt(energy, 4 * n), count: readings }))).toEqual(cells);
    }),
    { numRuns: 2000 },
  );
});

test("a column that is cut off, or has more, is an error", () => {
  fc.assert(
    fc.property(cellsOf(1), fc.nat(), (cells, at) => {
      const bytes = packed(cells, 24);
      expect(() => unpackColumn(bytes.subarray(0, at % bytes.length), cells.length, 24)).toThrow("damaged");
      expect(() => unpackColumn(Uint8Array.of(...bytes, 0), cells.length, 24)).toThrow("damaged");
    }),
  );
});

test("damaged bytes are read to an end, and never past it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(500), (bytes, length) => {
      try {
        expect(unpackColumn(bytes, length, 24).count).toHaveLength(length);
      } catch (error) {
        expect((error as Error).message).toMatch("damaged");
      }
    }),
  );
});

test("a day like the one before takes a byte a cell, whatever its digits", () => {
  const day = Array.from({ length: 24 }, (_, n): Cell => ({ energy: BigInt(n) * 123_456_789_012_345_678n, count: 4 }));
  const one = packed(day, 24).length;
  const ten = packed(Array(10).fill(day).flat(), 24).length;
  // The run of counts takes a byte more.
  expect(ten - one).toBeLessThanOrEqual(9 * 24 + 1);
});

test("an extract is what it was, with its zone, its clock changes and hostile ids", () => {
  const zones = fc.constantFrom(
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "UTC",
    "+05:45",
    "Asia/Gaza",
  );
  const ids = fc.uniqueArray(
    fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "</script>", "<!--", "__proto__", "'\"\n\0\u2028")),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(zones, fc.nat(30_000), fc.integer({ min: -1, max: 3 }), ids, (name, first, days, names) => {
      const zone = zoneOf(name);
      const period = days < 0 ? undefined : { first, last: first + days };
      const lengthOf = (rows: "15min" | "hour") =>
        timeRowsOf(zone, rows, period?.first ?? 0, period?.last ?? -1).length;
      const some = (length: number, day: number, of: number) =>
        packed(
          Array.from({ length }, (_, n): Cell => ({ energy: BigInt(n * of), count: 1 })),
          day,
        );
      const about = { title: names.join(), lines: names, timezone: name };
      const bytes = extractBytes({
        ...{ zone, period, about, totalRows: "15min", sourceRows: "hour", sources: 9 },
        total: some(lengthOf("15min"), 96, 1),
        columns: names.map((id, n) => ({ id, bytes: some(lengthOf("hour"), 24, n + 2) })),
      });
      const { extract, about: told } = extractOf(bytes);
      expect(told).toEqual(about);
      expect(extract.zone).toEqual(zone);
      expect([extract.period, extract.ids, extract.sources]).toEqual([period, names, 9]);
      expect(extract.total().count).toHaveLength(lengthOf("15min"));
      // In another order, and again, since only some of them are retained.
      for (const n of [...names.keys(), ...names.keys()].reverse()) {
        const { energy } = extract.source(n);
        for (let row = 0; row < energy.length / 4; row++) expect(energyAt(energy, 4 * row)).toBe(BigInt(row * (n + 2)));
      }
    }),
    { numRuns: 100 },
  );
});
