/** Decimals compared and subtracted: exactly, and without big integers where doubles are exact. */
import type { Decimal } from "./decimal.js";

/** The size of a decimal. */
export type Size = Pick<Decimal, "mantissa" | "power" | "big">;

/** In 10⁻¹⁸ kWh. */
export function sizeOf({ big, mantissa, power }: Size): bigint {
  return big ?? BigInt(mantissa) * 10n ** BigInt(power);
}

/** The mantissa of a decimal for a lower power, or NaN where it is not exact in a double. */
function lowered({ mantissa, power }: Size, to: number): number {
  const scaled = mantissa * 10 ** (power - to);
  return scaled <= Number.MAX_SAFE_INTEGER ? scaled : Number.NaN;
}

/** Negative, 0 or positive: whether |a| is less than |b|, the same, or more. */
export function compareSizes(a: Size, b: Size): number {
  if (a.big === undefined && b.big === undefined) {
    if (a.power === b.power) return a.mantissa - b.mantissa;
    const power = Math.min(a.power, b.power);
    const difference = lowered(a, power) - lowered(b, power);
    if (!Number.isNaN(difference)) return difference;
  }
  const one = sizeOf(a);
  const other = sizeOf(b);
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Sets `out` to |a| − |b|. */
export function subtractSizes(a: Size, b: Size, out: Decimal): void {
  out.rounded = false;
  if (a.big === undefined && b.big === undefined) {
    const power = Math.min(a.power, b.power);
    const difference = lowered(a, power) - lowered(b, power);
    if (!Number.isNaN(difference)) {
      out.big = undefined;
      out.negative = difference < 0;
      out.mantissa = Math.abs(difference);
      out.power = out.mantissa === 0 ? 0 : power;
      return;
    }
  }
  setTo(out, sizeOf(a) - sizeOf(b));
}

/** Sets a decimal to a number of 10⁻¹⁸ kWh. */
export function setTo(out: Decimal, value: bigint): void {
  out.rounded = false;
  out.negative = value < 0n;
  out.mantissa = 0;
  out.power = 0;
  out.big = value < 0n ? -value : value;
}
