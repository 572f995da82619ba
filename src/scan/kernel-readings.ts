/** Counts readings whose energy is then spread: what of it goes where. None of these makes room in the heap; do that between two readings. */
import type { Decimal } from "../tally/decimal.js";
import type { Kernel } from "./kernel.js";

/** Counts a reading with all of its energy in one cell. */
export function countReading(
  { exports }: Kernel,
  source: number,
  plane: number,
  slot: number,
  second: number,
  value: Readonly<Decimal>,
): void {
  const { big, mantissa, power, negative } = value;
  if (big === undefined) exports.addScaled(source, plane, slot, second, mantissa, power, negative);
  else exports.addLimbs(source, plane, slot, second, limb(big, 0), limb(big, 1), limb(big, 2), limb(big, 3), negative);
}

/** The same for a reading that was counted as `DEFERRED`. */
export function placeReading(
  { exports }: Kernel,
  source: number,
  plane: number,
  slot: number,
  second: number,
  value: Readonly<Decimal>,
): void {
  const { big, mantissa, power, negative } = value;
  if (big === undefined) exports.placeScaled(source, plane, slot, second, mantissa, power, negative, 1);
  else placeBig(exports, source, plane, slot, second, negative ? -big : big, 1);
}

/**
 * Counts energy that follows from readings which were counted before. @param readings how many begin where it does
 */
export function countEnergy(
  { exports }: Kernel,
  source: number,
  plane: number,
  slot: number,
  second: number,
  { big, mantissa, power, negative }: Readonly<Decimal>,
  readings: number,
): void {
  if (big === undefined) {
    exports.addScaledSize(mantissa, power);
    exports.placeScaled(source, plane, slot, second, mantissa, power, negative, readings);
    return;
  }
  exports.addSize(limb(big, 0), limb(big, 1), limb(big, 2), limb(big, 3));
  placeBig(exports, source, plane, slot, second, negative ? -big : big, readings);
}

function placeBig(
  exports: Kernel["exports"],
  source: number,
  plane: number,
  slot: number,
  second: number,
  sum: bigint,
  readings: number,
): void {
  const energy = BigInt.asUintN(128, sum);
  exports.place(
    source,
    plane,
    slot,
    second,
    limb(energy, 0),
    limb(energy, 1),
    limb(energy, 2),
    limb(energy, 3),
    readings,
  );
}

/** Adds a part of a reading's energy to a cell that it covers. @param sum 10⁻¹⁸ kWh @param covers 0 for the cell in which it begins */
export function addBigPart(
  { exports }: Kernel,
  source: number,
  plane: number,
  slot: number,
  sum: bigint,
  covers: 0 | 1,
): void {
  const energy = BigInt.asUintN(128, sum);
  exports.addPartLimbs(source, plane, slot, limb(energy, 0), limb(energy, 1), limb(energy, 2), limb(energy, 3), covers);
}

function limb(value: bigint, n: number): number {
  return Number((value >> BigInt(32 * n)) & 0xffffffffn);
}
