/** Reads how long an interval is, as a field of a record says it. */

/** The longest text that is looked at: more than any length of time needs. */
const LONGEST = 40;
const NANOS = 1_000_000_000n;
const NUMBER = /^(\d{1,12})(?:[.,](\d{1,18}))?$/;
const CLOCK = /^(\d{1,4}):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,18}))?)?$/;
const ISO = /^P(?:(\d{1,3})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,9})(?:[.,](\d{1,18}))?S)?)?$/i;

/**
 * The nanoseconds of a length of time, cut to whole ones: a bare number of units, `HH:MM`, `HH:MM:SS`, or ISO 8601 (`PT15M`;
 * a day is 24 hours there); `undefined` for other texts.
 * @param unit seconds of a bare number's unit
 */
export function spanNanos(text: string, unit: number): bigint | undefined {
  if (text.length > LONGEST) return undefined;
  const number = NUMBER.exec(text);
  if (number !== null) return scaled(number[1], number[2], BigInt(unit) * NANOS);
  const clock = CLOCK.exec(text);
  if (clock !== null) {
    const [, hours, minutes, seconds = "0", fraction] = clock;
    return (
      (BigInt(hours as string) * 3600n + BigInt(minutes as string) * 60n) * NANOS + scaled(seconds, fraction, NANOS)
    );
  }
  const iso = ISO.exec(text);
  if (iso === null || !/\d/.test(text)) return undefined;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0", fraction] = iso;
  const whole = BigInt(days) * 86_400n + BigInt(hours) * 3600n + BigInt(minutes) * 60n;
  return whole * NANOS + scaled(seconds, fraction, NANOS);
}

function scaled(whole = "0", fraction = "", unit: bigint): bigint {
  return (BigInt(whole + fraction) * unit) / 10n ** BigInt(fraction.length);
}
