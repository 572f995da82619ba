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

const NAMED = "(?:\\[!?[A-Za-z0-9_+./-]{1,64}\\])?";
const OFFSET = `(?:(?<zone>[Zz]| [Uu][Tt][Cc]|(?<sign>[+-])(?<offsetHour>[0-9]{2})(?::?(?<offsetMinute>[0-9]{2}))?)${NAMED})?`;
const SECOND = "(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]+))?";
const EXTENDED = new RegExp(
  `^(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})[Tt ](?<hour>[0-9]{2}):(?<minute>[0-9]{2})(?::${SECOND})?${OFFSET}$`,
);
/** Of a date with slashes, month, day and hour may have one digit. */
const SLASHED = new RegExp(
  `^(?<year>[0-9]{4})/(?<month>[0-9]{1,2})/(?<day>[0-9]{1,2})[Tt ](?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::${SECOND})?${OFFSET}$`,
);
const BASIC = new RegExp(
  `^(?<year>[0-9]{4})(?<month>[0-9]{2})(?<day>[0-9]{2})[Tt ](?<hour>[0-9]{2})(?<minute>[0-9]{2})(?:${SECOND})?${OFFSET}$`,
);

/** The table of timestamps; undefined for all else. */
export function stampOf(text: string): Stamp | undefined {
  const part = (EXTENDED.exec(text) ?? BASIC.exec(text) ?? SLASHED.exec(text))?.groups;
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

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const NAMES =
  "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec";
const SHAPES: Readonly<Record<string, string>> = {
  Y: "(?<year>[0-9]{4})",
  y: "(?<short>[0-9]{2})",
  m: "(?<month>[0-9]{1,2})",
  b: `(?<name>${NAMES})`,
  B: `(?<name>${NAMES})`,
  d: "(?<day>[0-9]{1,2})",
  H: "(?<hour>[0-9]{1,2})",
  I: "(?<twelve>[0-9]{1,2})",
  p: "(?<half>[ap]m)",
  M: "(?<minute>[0-9]{1,2})",
  S: "(?<second>[0-9]{1,2})",
  f: "(?<fraction>[0-9]+)",
  z: "(?<zone>z|(?<sign>[+-])(?<offsetHour>[0-9]{2})(?::?(?<offsetMinute>[0-9]{2}))?)",
};

/** A timestamp by a valid format: strptime's, but that digits which others follow directly are two. */
export function stampBy(format: string, text: string): Stamp | undefined {
  const epoch = { "epoch-s": 0, "epoch-ms": 3, "epoch-us": 6 }[format];
  if (epoch !== undefined) return epochStamp(text, epoch);
  const tokens = [...format.matchAll(/%(?<directive>.)|(?<blank>[ \t\u00a0\u202f]+)|(?<literal>.)/gsu)];
  const shape = tokens.map(({ groups: { directive, blank, literal } = {} }, index) => {
    if (blank !== undefined) return "[ \t\u00a0\u202f]+";
    if (directive === undefined || directive === "%") return (directive ?? literal)!.replace(/[^\p{L}\d]/gu, "\\$&");
    const next = tokens[index + 1]?.groups;
    const digits = /[YymdHIMSf]/.test(next?.["directive"] ?? "") || /[0-9]/.test(next?.["literal"] ?? "");
    return digits ? SHAPES[directive]!.replace("{1,2}", "{2}") : SHAPES[directive]!;
  });
  const part = new RegExp(`^${shape.join("")}$`, "is").exec(text)?.groups;
  if (part === undefined) return undefined;
  const short = Number(part["short"]);
  const year = part["year"] === undefined ? (short > 68 ? 1900 : 2000) + short : Number(part["year"]);
  const month =
    part["name"] === undefined ? part["month"]! : `${MONTHS.indexOf(part["name"].slice(0, 3).toLowerCase()) + 1}`;
  let hour = part["hour"];
  if (part["twelve"] !== undefined) {
    if (Number(part["twelve"]) < 1 || Number(part["twelve"]) > 12) return undefined;
    hour = `${(Number(part["twelve"]) % 12) + (/p/i.test(part["half"]!) ? 12 : 0)}`;
  }
  const two = (digits = "0") => digits.padStart(2, "0");
  const fraction = part["fraction"] === undefined ? "" : `.${part["fraction"]}`;
  const zone = part["zone"] ?? "";
  const iso = `${year}-${two(month)}-${two(part["day"])}T${two(hour)}:${two(part["minute"])}:${two(part["second"])}`;
  // What is written as 24:00 has no fraction, which one of zeros would be.
  return stampOf(`${iso}${/^[.0]*$/.test(fraction) ? "" : fraction}${zone}`);
}

function epochStamp(text: string, power: number): Stamp | undefined {
  const parts = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,6}))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
  const digits = BigInt(whole + fraction);
  // As so many 10⁻ⁿ seconds.
  const places = fraction.length - Number(exponent) + power;
  if (digits !== 0n && (whole + fraction).replace(/^0*/, "").length - places > 12) return undefined;
  const scale = 10n ** BigInt(Math.max(places, 0));
  const scaled = (sign === "-" ? -digits : digits) * 10n ** BigInt(digits === 0n ? 0 : Math.max(-places, 0));
  const rest = ((scaled % scale) + scale) % scale;
  const wallSeconds = Number((scaled - rest) / scale);
  if (wallSeconds < Date.UTC(1900, 0, 1) / 1000 || wallSeconds >= Date.UTC(2200, 0, 1) / 1000) return undefined;
  const nanos = Number((rest * 1_000_000_000n) / scale);
  return { wallSeconds, past: rest > 0n, nanos: rest > 0n ? Math.max(1, nanos) : 0, offset: 0 };
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
