/** What a timestamp's text says, before any zone is asked. */
export interface Stamp {
  /** Seconds since 1970-01-01T00:00:00 of the date and time as written, without the fraction. */
  readonly wallSeconds: number;
  /** Whether the time is past that second: a fraction that is not 0, or a second 60 (which counts in its minute). */
  readonly past: boolean;
  /** The fraction in nanoseconds, cut, but 1 at least where there is one. */
  readonly nanos: number;
  /** Seconds east of UTC, or undefined for wall time. */
  readonly offset: number | undefined;
}

const OFFSET = "(?<zone>[Zz]|(?<sign>[+-])(?<offsetHour>[0-9]{2})(?::?(?<offsetMinute>[0-9]{2}))?)?";
const SECOND = "(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]+))?";
const EXTENDED = new RegExp(
  `^(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})[Tt ](?<hour>[0-9]{2}):(?<minute>[0-9]{2})(?::${SECOND})?${OFFSET}$`,
);
const BASIC = new RegExp(
  `^(?<year>[0-9]{4})(?<month>[0-9]{2})(?<day>[0-9]{2})[Tt ](?<hour>[0-9]{2})(?<minute>[0-9]{2})(?:${SECOND})?${OFFSET}$`,
);

/** The table of timestamps; undefined for all else. */
export function stampOf(text: string): Stamp | undefined {
  const part = (EXTENDED.exec(text) ?? BASIC.exec(text))?.groups;
  if (part === undefined) return undefined;
  const [year, month, day] = [Number(part["year"]), Number(part["month"]), Number(part["day"])];
  if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  const [hour, minute, second] = [Number(part["hour"]), Number(part["minute"]), Number(part["second"] ?? 0)];
  const endOfDay = hour === 24 && minute === 0 && second === 0 && part["fraction"] === undefined;
  if ((hour > 23 && !endOfDay) || minute > 59 || second > 60) return undefined;
  const offset = offsetOf(part);
  if (offset === "bad") return undefined;
  return {
    wallSeconds: Date.UTC(year, month - 1, day) / 1000 + hour * 3600 + minute * 60 + Math.min(second, 59),
    nanos: nanosOf(part["fraction"] ?? ""),
    past: second === 60 || /[1-9]/.test(part["fraction"] ?? ""),
    offset,
  };
}

function offsetOf(part: Record<string, string | undefined>): number | undefined | "bad" {
  if (part["zone"] === undefined) return undefined;
  if (part["sign"] === undefined) return 0;
  const minute = Number(part["offsetMinute"] ?? 0);
  const minutes = Number(part["offsetHour"]) * 60 + minute;
  if (minute > 59 || minutes > 18 * 60) return "bad";
  return (part["sign"] === "-" ? -minutes : minutes) * 60;
}

function nanosOf(fraction: string): number {
  return /[1-9]/.test(fraction) ? Math.max(1, Number(fraction.slice(0, 9).padEnd(9, "0"))) : 0;
}

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}
