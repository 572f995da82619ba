/** fast-check arbitraries for what is in a record: timestamps of every spelling, values of every form, ids. */
import fc from "fast-check";

/** A zone, and a wall time about which something happens there. */
export interface Place {
  readonly zone: string;
  /** Seconds since 1970-01-01T00:00:00 as the zone's clocks show it. */
  readonly about: number;
}

const PLACES: readonly (readonly [string, ...string[]])[] = [
  ["UTC", "2024-02-29T12:00", "1969-12-31T23:00", "1900-01-03T00:00", "2199-12-20T00:00", "2000-02-29T00:00"],
  ["Etc/UTC", "2023-12-31T23:00"],
  ["Z", "1999-12-31T23:00"],
  ["GMT", "2024-01-01T00:00"],
  ["Europe/London", "2024-03-31T01:00", "2024-10-27T02:00", "1971-10-31T03:00"],
  ["Europe/Paris", "2024-03-31T02:00", "2024-10-27T03:00", "1911-03-11T00:00", "1905-05-05T12:00"],
  ["Europe/Dublin", "2024-03-31T01:00", "2024-10-27T02:00"],
  ["America/New_York", "2024-03-10T02:00", "2024-11-03T02:00", "2026-11-01T02:00"],
  ["America/Havana", "2024-03-10T00:00", "2024-11-03T01:00"],
  [
    "America/St_Johns",
    "1987-10-25T00:01",
    "1988-04-03T00:01",
    "2006-04-02T00:01",
    "2006-10-29T00:01",
    "2024-11-03T02:00",
  ],
  ["America/Sao_Paulo", "2017-10-15T00:00", "2018-02-18T00:00"],
  ["Australia/Sydney", "2024-04-07T03:00", "2024-10-06T02:00"],
  ["Australia/Lord_Howe", "2024-04-07T02:00", "2024-10-06T02:00", "1981-10-25T02:00"],
  ["Asia/Kathmandu", "2024-05-05T00:00", "1986-01-01T00:00"],
  ["Asia/Tehran", "2022-03-22T00:00", "2022-09-22T00:00"],
  ["Africa/Casablanca", "2024-03-10T03:00", "2024-04-14T02:00"],
  ["Africa/Cairo", "2024-04-26T00:00", "2024-10-31T23:00"],
  ["Africa/Monrovia", "1972-01-07T00:00", "1970-06-01T00:00"],
  ["Antarctica/Troll", "2024-03-31T01:00", "2024-10-27T03:00"],
  ["Pacific/Apia", "2011-12-30T00:00", "2011-09-24T03:00"],
  ["Pacific/Kiritimati", "1994-12-31T12:00", "1979-10-01T00:00"],
  ["+05:30", "2024-01-31T00:00"],
  ["-03:30", "2024-12-31T23:00"],
  ["+05:37", "2024-06-30T00:00"],
  ["+00:00", "2024-06-30T00:00"],
];

const wallSecondsOf = (text: string): number => Date.parse(`${text}Z`) / 1000;

export const place: fc.Arbitrary<Place> = fc.oneof(
  ...PLACES.map(([zone, ...abouts]) =>
    fc.constantFrom(...abouts).map((text) => ({ zone, about: wallSecondsOf(text) })),
  ),
);

const two = (value: number) => String(value).padStart(2, "0");

const offset = fc.oneof(
  fc.constantFrom("Z", "z", "+00:00", "-0000", "+01", "+02:00", "-0500", "+1030", "+05:45", "-03:30", "+18:00", "-18"),
  fc
    .tuple(fc.constantFrom("+", "-"), fc.integer({ min: 0, max: 17 }), fc.nat(59), fc.constantFrom(":", ""))
    .map(([sign, hours, minutes, colon]) => sign + two(hours) + colon + two(minutes)),
);

/** Seconds from the moment that matters: near it or not, often on a border. */
const distance = fc.oneof(
  fc.integer({ min: -4, max: 4 }).map((hours) => hours * 3600),
  fc.integer({ min: -40, max: 40 }).map((steps) => steps * 900),
  fc.integer({ min: -7200, max: 7200 }),
  fc.integer({ min: -120_000, max: 120_000 }),
);

const fraction = fc.oneof(fc.constantFrom("0", "000", "5", "25", "000000001"), fc.stringMatching(/^[0-9]{1,30}$/));

/** How a timestamp is spelt. */
export interface Spelling {
  readonly basic: boolean;
  readonly between: string;
  readonly precision: "minute" | "second" | "fraction";
  readonly point: string;
  readonly fraction: string;
  readonly offset: string;
  readonly special: "" | "24:00" | "60";
}

export const spelling: fc.Arbitrary<Spelling> = fc.record({
  basic: fc.boolean(),
  between: fc.constantFrom("T", "T", "t", " "),
  precision: fc.constantFrom("minute", "second", "fraction"),
  point: fc.constantFrom(".", ","),
  fraction,
  offset: fc.oneof(offset, fc.constant("")),
  special: fc.constantFrom("", "", "", "", "", "", "24:00", "60"),
});

export function spelt(wallSeconds: number, style: Spelling): string {
  const [day, time] = new Date(wallSeconds * 1000).toISOString().slice(0, 19).split("T") as [string, string];
  let shown = time;
  if (style.special === "24:00") shown = style.precision === "minute" ? "24:00" : "24:00:00";
  else if (style.precision === "minute" && style.special !== "60") shown = time.slice(0, 5);
  else {
    if (style.special === "60") shown = `${time.slice(0, 5)}:60`;
    if (style.precision === "fraction") shown += style.point + style.fraction;
  }
  return style.basic
    ? day.replaceAll("-", "") + style.between + shown.replaceAll(":", "") + style.offset.replace(":", "")
    : day + style.between + shown + style.offset;
}

/** Texts of readings about a wall time, with an offset or without. */
export function timestampAbout(about: number): fc.Arbitrary<string> {
  return fc.tuple(distance, spelling).map(([seconds, style]) => spelt(about + seconds, style));
}

/** Numbers in JSON's grammar whose |value| is at most 1e11, so that no unit makes it too large. */
export const numberText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "0.0",
    "0e99999",
    "0.1",
    "0.2",
    "1e-400",
    "1E+3",
    "5e-19",
    "15e-19",
    "25e-19",
    "0.00000000000000000000001e30",
  ),
  fc.integer({ min: -100_000, max: 100_000 }).map(String),
  fc.integer({ min: -10_000_000, max: 10_000_000 }).map((thousandths) => String(thousandths / 1000)),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,9})\.[0-9]{1,40}$/),
  fc.stringMatching(/^-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,20})?[eE](\+?[0-6]|-[0-9]{1,2})$/),
);

const idText = fc.oneof(
  fc.constantFrom("A", "B", "meter-7", "42", " padded ", "é", "e\u0301", "\uff5e", "😀", "null", "0"),
  fc.constantFrom("=1+1", "+x", "-5", "@here", "'quoted", "\ttab", "\rreturn", 'say "hi"', "a,b", "two\nlines", "a;b"),
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
    .filter((text) => !text.includes("\0") && !text.includes("\ue000")),
);

export type Id = { readonly type: "text" | "integer"; readonly text: string } | { readonly type: "null" } | undefined;

export const id: fc.Arbitrary<Id> = fc.oneof(
  { weight: 6, arbitrary: idText.map((text) => ({ type: "text" as const, text })) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("0", "42", "-5", "7", "123456789012345678901234567890")
      .map((text) => ({ type: "integer" as const, text })),
  },
  fc.constant({ type: "null" as const }),
  fc.constant({ type: "text" as const, text: "" }),
  fc.constant(undefined),
);

/** The day so many days from a wall time's, not before the first that a period may have. */
export function dayAbout(about: number, days: number): string {
  const day = new Date((Math.floor(about / 86_400) + days) * 86_400_000).toISOString().slice(0, 10);
  return day < "1900-01-01" ? "1900-01-01" : day;
}
