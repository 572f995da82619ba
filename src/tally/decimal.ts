/**
 * kWh values: decimal numbers in JSON's grammar, read from bytes without losing a digit. Nearly all of them have at most
 * 15 significant digits and become an integer times a power of ten; the rest are computed with BigInt.
 */
import { type Message, option, say, together } from "../base/message.js";

/** A value's number, overwritten each time one is read. */
export interface Decimal {
  negative: boolean;
  /** |value| is exactly `mantissa` × 10^`power` × 10⁻¹⁸ kWh if `big` is undefined; below 2⁵³, `power` 0 to 33. */
  mantissa: number;
  power: number;
  /** |value| in 10⁻¹⁸ kWh otherwise, rounded half to even. */
  big: bigint | undefined;
  /** Whether rounding at the 18th place of a kWh changed it. */
  rounded: boolean;
}

export const DECIMAL_OK = 0;
const DECIMAL_BAD = 1;
export const DECIMAL_TOO_LARGE = 2;

/** 10¹⁵ kWh in 10⁻¹⁸ kWh: the largest |value| of one reading. */
const MAX_VALUE = 10n ** 33n;
/** More digits than an acceptable value can have before the 18th place, with two to spare. */
const MAX_DIGITS = 36;

/**
 * Reads the number that fills `bytes[start, end)`.
 * @param comma the byte of the decimal mark: 46 for `.`, 44 for `,`
 * @param unitPower 18 for kWh, 15 for Wh, 21 for MWh, 24 for GWh
 */
export function readDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  comma: number,
  unitPower: number,
  out: Decimal,
): number {
  let p = start;
  out.negative = bytes[p] === 45;
  out.rounded = false;
  out.big = undefined;
  if (out.negative) p++;
  const from = p;
  let mantissa = 0;
  let digits = 0;
  let c = p < end ? bytes[p] : 0;
  if (c === 48) c = ++p < end ? bytes[p] : 0;
  else {
    for (; c >= 48 && c <= 57; c = ++p < end ? bytes[p] : 0) {
      if (++digits <= 15) mantissa = mantissa * 10 + (c - 48);
    }
    if (p === from) return DECIMAL_BAD;
  }
  let decimals = 0;
  if (p < end && c === comma) {
    const first = ++p;
    c = p < end ? bytes[p] : 0;
    for (; c >= 48 && c <= 57; c = ++p < end ? bytes[p] : 0) {
      if (digits > 0 || c !== 48) if (++digits <= 15) mantissa = mantissa * 10 + (c - 48);
    }
    decimals = p - first;
    if (decimals === 0) return DECIMAL_BAD;
  }
  const mantissaEnd = p;
  let exponent = 0;
  if (p < end && (c === 69 || c === 101)) {
    c = ++p < end ? bytes[p] : 0;
    const minus = c === 45;
    if (minus || c === 43) c = ++p < end ? bytes[p] : 0;
    const first = p;
    for (; c >= 48 && c <= 57; c = ++p < end ? bytes[p] : 0) exponent = Math.min(exponent * 10 + (c - 48), 1e9);
    if (p === first) return DECIMAL_BAD;
    if (minus) exponent = -exponent;
  }
  if (p !== end) return DECIMAL_BAD;

  const power = unitPower - decimals + exponent;
  if (digits === 0) {
    out.mantissa = 0;
    out.power = 0;
    return DECIMAL_OK;
  }
  if (digits <= 15 && power >= 0 && power <= 33) {
    if (power > 18 && mantissa * 10 ** (power - 18) > 1e15) return DECIMAL_TOO_LARGE;
    out.mantissa = mantissa;
    out.power = power;
    return DECIMAL_OK;
  }
  return readLong(bytes, from, mantissaEnd, power, digits, out);
}

/** `bytes[from, end)` has `digits` significant digits (with a decimal mark among them); the last counts 10^`power` × 10⁻¹⁸ kWh. */
function readLong(bytes: Uint8Array, from: number, end: number, power: number, digits: number, out: Decimal): number {
  if (digits + power > 34) return DECIMAL_TOO_LARGE;
  let text = "";
  let rest = false;
  for (let p = from; p < end; p++) {
    const c = bytes[p];
    if (c < 48 || c > 57 || (text === "" && c === 48)) continue;
    if (text.length < MAX_DIGITS) text += String.fromCharCode(c);
    else if (c !== 48) rest = true;
  }
  // `text` is cut to its first digits: the rest is below the place that decides, but may break a tie.
  const scale = power + (digits - text.length);
  let value = BigInt(text);
  if (scale >= 0) value *= 10n ** BigInt(scale);
  else if (-scale > text.length + 1) {
    value = 0n;
    out.rounded = true;
  } else {
    const divisor = 10n ** BigInt(-scale);
    const twice = (value % divisor) * 2n;
    const whole = value / divisor;
    out.rounded = twice !== 0n || rest;
    const up = twice > divisor || (twice === divisor && (rest || (whole & 1n) === 1n));
    value = up ? whole + 1n : whole;
  }
  if (value > MAX_VALUE) return DECIMAL_TOO_LARGE;
  out.big = value;
  return DECIMAL_OK;
}

/** Texts that programs write where there is no value. */
const NO_VALUE = /^(n\/?a|#n\/a|nan|null|none|nil|undefined|missing|unknown|unavailable|-{1,3}|–|—|\.{1,3}|\?)$/i;

/** Whether a text is one that stands for no value in many tables. */
export function isNoValue(text: string): boolean {
  return NO_VALUE.test(text);
}

/** Why `readDecimal` rejects a text; `comma` is the run's decimal mark. */
export function explainDecimal(text: string, decimalComma: boolean, thousands?: string): Message {
  const trimmed = text.trim();
  if (trimmed === "")
    return say`empty; write the energy as a number, as 1.5, or, if there is no reading where it is, say ${option("missing", text)}`;
  if (isNoValue(trimmed))
    return say`not a number; if it means that there is no reading, say ${option("missing", text)}`;
  if (/^[+-]?(nan|inf(inity)?)$/i.test(trimmed)) return "not a number that can be summed";
  if (/^0[xob][0-9a-f]+$/i.test(trimmed)) return "not a decimal number; write it as 1.5";
  if (!decimalComma && /^-?[1-9]\d{0,2},\d{3}$/.test(trimmed))
    return say`a comma; if it is the decimal mark, use ${option("decimalComma", true)}; if it groups digits, use ${option("thousands", ",")}`;
  if (!decimalComma && /^-?\d+,\d+(e[+-]?\d+)?$/i.test(trimmed))
    return say`a decimal comma; write a point, or use ${option("decimalComma", true)}`;
  if (decimalComma && /^-?\d+\.\d+(e[+-]?\d+)?$/i.test(trimmed))
    return say`a decimal point, but ${option("decimalComma", true)} expects a comma`;
  if (thousands !== undefined && trimmed.includes(thousands))
    return say`a group of digits that is not three long, where ${option("thousands", thousands)} marks the groups`;
  const groups = /^-?\d{1,3}(?:([,. '’_\u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?$/.exec(trimmed);
  const isComma = groups?.[1] === "." || /,\d*$/.test(trimmed.slice(trimmed.lastIndexOf(groups?.[1] ?? "") + 1));
  if (groups !== null && ".,' \u00a0\u202f".includes(groups[1]!))
    return say`digits in groups; write the number without separators, or use ${together([option("thousands", groups[1]), ...(isComma && !decimalComma ? [option("decimalComma", true)] : [])])}`;
  if (groups !== null) return "digits in groups; write the number without separators";
  if (/^\+/.test(trimmed)) return "a plus sign; write the number without it";
  if (/^-?[.,]\d/.test(trimmed)) return "no digit before the decimal mark; write 0 there";
  if (/^-?\d+[.,]($|e)/i.test(trimmed)) return "no digit after the decimal mark";
  if (/^-?0\d/.test(trimmed)) return "a leading zero; write the number without it";
  const unit = /^-?[\d.,]+\s*([kM]?Wh)$/i.exec(trimmed);
  if (unit) return say`a unit in the value; write the number alone, and the unit as ${option("unit", unit[1])}`;
  return "not a number; write the energy as a number, as 1.5";
}
