import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addEnergy, energyOf } from "../../dist/tally/cell.js";
import { ENERGY_TEXT_BYTES, energyText, formatEnergy } from "../../dist/tally/energy.js";

const ONE = 10n ** 18n;
const MIN = -(2n ** 127n);
const MAX = 2n ** 127n - 1n;

/** The slow, obvious way: BigInt and strings. */
function naiveText(value: bigint, decimals = 18): string {
  const unit = 10n ** BigInt(18 - decimals);
  const size = value < 0n ? -value : value;
  let kept = size / unit;
  const twice = 2n * (size % unit);
  if (twice > unit || (twice === unit && kept % 2n === 1n)) kept++;
  if (kept === 0n) return "0";
  const digits = kept.toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return (value < 0n ? "-" : "") + whole + (fraction === "" ? "" : `.${fraction}`);
}

function limbsOf(value: bigint): Uint32Array {
  return Uint32Array.from([0n, 32n, 64n, 96n], (shift) => Number(BigInt.asUintN(32, value >> shift)));
}

function text(value: bigint, decimals?: number): string {
  const into = new Uint8Array(3 + ENERGY_TEXT_BYTES).fill(35);
  const limbs = Uint32Array.of(0xdeadbeef, ...limbsOf(value), 0xdeadbeef);
  const end = formatEnergy(limbs, 1, decimals, into, 3);
  expect(limbs).toEqual(Uint32Array.of(0xdeadbeef, ...limbsOf(value), 0xdeadbeef));
  expect([...into.subarray(0, 3)]).toEqual([35, 35, 35]);
  return new TextDecoder().decode(into.subarray(3, end));
}

const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 18 }));
/** Anything that 128 bits hold; short decimals; the neighbours of powers of two and ten; halves of a rounding place. */
const energies = fc.oneof(
  fc.bigInt({ min: MIN, max: MAX }),
  decimal.map(([digits, places]) => BigInt.asIntN(128, digits * 10n ** BigInt(places))),
  fc
    .tuple(fc.integer({ min: 0, max: 126 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([bits, off, minus]) => (minus ? -1n : 1n) * (2n ** BigInt(bits) + BigInt(off))),
  fc
    .tuple(fc.integer({ min: 0, max: 38 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([digits, off, minus]) => (minus ? -1n : 1n) * (10n ** BigInt(digits) + BigInt(off))),
  fc
    .tuple(
      fc.bigInt({ min: -(10n ** 8n), max: 10n ** 8n }),
      fc.integer({ min: 0, max: 17 }),
      fc.integer({ min: -1, max: 1 }),
    )
    .map(([kept, places, off]) => (2n * kept + 1n) * (10n ** BigInt(18 - places) / 2n) + BigInt(off)),
);
const places = fc.option(fc.integer({ min: 0, max: 18 }), { nil: undefined });

describe("energy as text", () => {
  it.each([
    [0n, undefined, "0"],
    [1n, undefined, "0.000000000000000001"],
    [-1n, undefined, "-0.000000000000000001"],
    [ONE, undefined, "1"],
    [-ONE, undefined, "-1"],
    [12n * ONE + ONE / 2n, undefined, "12.5"],
    [1000n * ONE, undefined, "1000"],
    [1_000_000_000n * ONE, undefined, "1000000000"],
    [1_000_000_000_000_000_000n * ONE, undefined, "1000000000000000000"],
    [28_999_999_999_999_998n, undefined, "0.028999999999999998"],
    [MAX, undefined, "170141183460469231731.687303715884105727"],
    [MIN, undefined, "-170141183460469231731.687303715884105728"],
    [28_999_999_999_999_998n, 3, "0.029"],
    [ONE / 2n, 0, "0"],
    [ONE / 2n + 1n, 0, "1"],
    [(3n * ONE) / 2n, 0, "2"],
    [(5n * ONE) / 2n, 0, "2"],
    [-(5n * ONE) / 2n, 0, "-2"],
    [-ONE / 2n, 0, "0"],
    [-1n, 17, "0"],
    [ONE - 1n, 9, "1"],
    [999_999_999n * ONE + ONE - 1n, 0, "1000000000"],
    [1_500_000_000n, 9, "0.000000002"],
    [2_500_000_000n, 9, "0.000000002"],
    [MAX, 0, "170141183460469231732"],
    [MIN, 1, "-170141183460469231731.7"],
  ])("%s with %s decimals is %s", (value, decimals, expected) => {
    expect(text(value, decimals)).toBe(expected);
    expect(energyText(value, decimals)).toBe(expected);
  });

  it("is what BigInt and strings make of it, at every rounding", () => {
    fc.assert(
      fc.property(energies, places, (value, decimals) => {
        expect(text(value, decimals)).toBe(naiveText(value, decimals));
        expect(energyText(value, decimals)).toBe(naiveText(value, decimals));
      }),
      { numRuns: 20_000 },
    );
  });

  it("fits the bytes that it promises", () => {
    expect(text(MIN)).toHaveLength(ENERGY_TEXT_BYTES);
  });

  it("refuses a sum of more than 128 bits", () => {
    expect(() => energyText(MAX + 1n)).toThrow(RangeError);
    expect(() => energyText(MIN - 1n)).toThrow(RangeError);
  });
});

describe("energy in limbs", () => {
  it("is the integer that it stands for", () => {
    fc.assert(fc.property(energies, (value) => energyOf(Uint32Array.of(7, ...limbsOf(value)), 1) === value));
  });

  it("adds in place with every carry, and wraps", () => {
    fc.assert(
      fc.property(energies, energies, (a, b) => {
        const limbs = Uint32Array.of(7, ...limbsOf(a), 7);
        const other = limbsOf(b);
        addEnergy(limbs, 1, other, 0);
        expect(energyOf(limbs, 1)).toBe(BigInt.asIntN(128, a + b));
        expect([limbs[0], limbs[5], energyOf(other, 0)]).toEqual([7, 7, b]);
      }),
      { numRuns: 5000 },
    );
  });

  it("adds to itself", () => {
    const limbs = limbsOf(2n ** 96n - 1n);
    addEnergy(limbs, 0, limbs, 0);
    expect(energyOf(limbs, 0)).toBe(2n ** 97n - 2n);
  });
});
