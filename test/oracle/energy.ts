/** Energies are BigInts of 10^-18 kWh. */
export type Unit = "Wh" | "kWh" | "MWh" | "GWh";

const PLACES = 18;
const POWER_OF_UNIT: Record<Unit, number> = { Wh: -3, kWh: 0, MWh: 3, GWh: 6 };

/** The largest |value| of one reading, 1e15 kWh. */
const LARGEST = 10n ** BigInt(15 + PLACES);
/** |values| that add up to this much are an error: 1e20 kWh. */
export const TOO_MUCH = 10n ** BigInt(20 + PLACES);

/** `text` is a number in JSON's grammar. `rounded` says whether digits past the 18th place were lost. */
export function energyOf(
  text: string,
  unit: Unit,
): { energy: bigint; rounded: boolean } | "not a number" | "too large" {
  const found = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(text);
  if (found === null) return "not a number";
  const [, sign, whole, fraction = "", exponent = "0"] = found;
  const digits = BigInt(whole! + fraction);
  if (digits === 0n) return { energy: 0n, rounded: false };
  // energy = digits * 10^power; what is far out is decided without writing the power out.
  const power = BigInt(exponent) + BigInt(POWER_OF_UNIT[unit] + PLACES - fraction.length);
  const length = BigInt(digits.toString().length);
  if (length + power > 50n) return "too large";
  if (length + power < -10n) return { energy: 0n, rounded: true };
  let size = digits;
  let rounded = false;
  if (power >= 0n) size *= 10n ** power;
  else ({ size, rounded } = roundHalfEven(digits, 10n ** -power));
  if (size > LARGEST) return "too large";
  return { energy: sign === "-" ? -size : size, rounded };
}

/** A number in JSON's grammar as digits × 10^power. */
export function numberOf(text: string): { negative: boolean; digits: bigint; power: number } | undefined {
  const found = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$/.exec(text);
  if (found === null) return undefined;
  const [, sign, whole, fraction = "", exponent = "0"] = found;
  return { negative: sign === "-", digits: BigInt(whole! + fraction), power: Number(exponent) - fraction.length };
}

/** `size / divisor` for a size that is not negative, to the nearest whole number, from the middle to the even one. */
export function roundHalfEven(size: bigint, divisor: bigint): { size: bigint; rounded: boolean } {
  const below = size / divisor;
  const rest = size % divisor;
  const up = rest * 2n > divisor || (rest * 2n === divisor && below % 2n === 1n);
  return { size: up ? below + 1n : below, rounded: rest !== 0n };
}

/** Plain decimals: no exponent, no zeros at the end, no `-0`. With `decimals` rounded to so many places, half to even. */
export function energyText(energy: bigint, decimals = PLACES): string {
  let size = energy < 0n ? -energy : energy;
  const unit = 10n ** BigInt(PLACES - decimals);
  size = roundHalfEven(size, unit).size * unit;
  if (size === 0n) return "0";
  const digits = size.toString().padStart(PLACES + 1, "0");
  const fraction = digits.slice(-PLACES).replace(/0+$/, "");
  return (energy < 0n ? "-" : "") + digits.slice(0, -PLACES) + (fraction === "" ? "" : `.${fraction}`);
}
