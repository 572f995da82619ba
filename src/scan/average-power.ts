/** The energy of an average power over an interval: power × seconds / 3600, rounded once at the 18th place of a kWh, half to even. */
import type { Decimal } from "../tally/decimal.js";
import { sizeOf } from "../tally/difference.js";

const HOUR = 3600;
const HOUR_NANOS = 3_600_000_000_000n;
/** 10¹⁵ kWh. */
const MAX_VALUE = 10n ** 33n;
/** Digits that decide, with many to spare: what follows them may only break a tie. */
const DIGITS = 60;
const NUMBER = /^-?(\d+)(?:[.,](\d+))?(?:[eE]([+-]?\d+))?$/;

/**
 * Turns a power, in 10⁻¹⁸ kW, into energy, in place.
 * @param nanos of the interval
 * @param text of the value, where it was rounded
 * @param unitPower as in `readDecimal`
 * @returns false if it is more than 10¹⁵ kWh
 */
export function toEnergy(value: Decimal, nanos: bigint, text: () => string, unitPower: number): boolean {
  if (!value.rounded && value.big === undefined && byHour(value, Number(nanos) / 1e9)) return true;
  const { digits, power, rest } = value.rounded
    ? exact(text(), unitPower)
    : { digits: sizeOf(value), power: 0, rest: false };
  const product = digits * nanos * (power > 0 ? 10n ** BigInt(power) : 1n);
  const divisor = HOUR_NANOS * (power < 0 ? 10n ** BigInt(-power) : 1n);
  const twice = (product % divisor) * 2n;
  let energy = product / divisor;
  if (twice > divisor || (twice === divisor && (rest || (energy & 1n) === 1n))) energy++;
  value.rounded = twice !== 0n || rest;
  value.big = energy;
  return energy <= MAX_VALUE;
}

/** The common lengths, at which a power is a decimal fraction of its energy. */
function byHour(value: Decimal, seconds: number): boolean {
  const { mantissa, power } = value;
  if (seconds === HOUR || mantissa === 0) return true;
  const [factor, places] = seconds === HOUR / 2 ? [5, 1] : seconds === HOUR / 4 ? [25, 2] : [0, 0];
  if (factor === 0 || power < places || mantissa * factor > Number.MAX_SAFE_INTEGER) return false;
  value.mantissa = mantissa * factor;
  value.power = power - places;
  return true;
}

/** The digits of a number, and the power of ten of 10⁻¹⁸ kW that the last one counts. @returns `rest`: whether others follow */
function exact(text: string, unitPower: number): { digits: bigint; power: number; rest: boolean } {
  const [, whole = "0", fraction = "", exponent = "0"] = NUMBER.exec(text.trim()) ?? [];
  const all = (whole + fraction).replace(/^0+/, "");
  const first = all.slice(0, DIGITS);
  // Far below any digit that counts, it does not matter how far.
  const power = Math.max(-4 * DIGITS, Number(exponent) - fraction.length + (all.length - first.length) + unitPower);
  return { digits: BigInt(first || "0"), power, rest: /[1-9]/.test(all.slice(DIGITS)) };
}
