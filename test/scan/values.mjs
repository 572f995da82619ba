/** What machines write into records: values of one form that change from record to record. Makers of texts. */
/** @typedef {import("./choose.mjs").Choose} Choose */

/** @typedef {() => string} Maker */

const DIGITS = "0123456789";
const two = (/** @type {number} */ n) => String(n).padStart(2, "0");

/** Moments about which something happens in one of the zones that runs are in. */
const MOMENTS = [
  ...[
    "2024-01-31T13:00",
    "2024-02-29T23:59",
    "2023-12-31T23:30",
    "2024-03-31T01:30",
    "2024-10-27T00:30",
    "2024-10-27T02:30",
  ],
  ...["2024-04-06T14:30", "2024-10-05T15:00", "2024-10-06T01:45"],
];
/** Those that lie before a zone fits wide slots, or at an end of what is taken: read without layouts. */
const EDGES = [
  ...[
    "1969-12-31T23:50",
    "1900-01-01T01:00",
    "2199-12-31T20:00",
    "1980-04-06T00:00",
    "1971-12-31T23:00",
    "2000-02-28T23:00",
  ],
  ...["1987-10-25T00:01", "2006-04-02T00:01", "2011-11-06T00:00", "1985-12-31T18:00", "1986-01-01T00:00"],
];

/**
 * Timestamps of one form, some time apart.
 * @param {Choose} choose
 * @returns {Maker}
 */
export function timestamps(choose) {
  const basic = choose.oneIn(4);
  const between = choose.of(["T", "T", "T", "t", " "]);
  const precision = choose.of(["minute", "second", "second", "fraction"]);
  const mark = choose.of([".", ".", ","]);
  const digits = choose.of([1, 3, 3, 6, 9, choose.between(1, 40)]);
  const whole = choose.oneIn(3);
  const offset = choose.of(["", "", "Z", "Z", "Z", "z", "+HH:MM", "+HH:MM", "+HHMM", "+HH"]);
  const fixed = choose.oneIn(2) ? offsetText(choose, offset) : undefined;
  let now =
    Date.parse(`${choose.of(choose.oneIn(6) ? EDGES : MOMENTS)}Z`) / 1000 +
    choose.of([0, 0, -3600, 900, choose.between(-7200, 7200)]);
  const step = choose.of([0, 1, 60, 300, 900, 900, 1800, 3600, 3600, 86_400, -900, 10_000_000]);
  const unevenly = choose.oneIn(8);
  return () => {
    now += unevenly ? choose.between(-100_000, 100_000) : step;
    now = Math.min(Math.max(now, -2_208_988_800), 7_258_118_399);
    const [date, time] = new Date(now * 1000).toISOString().slice(0, 19).split("T");
    let shown = precision === "minute" ? time.slice(0, 5) : time;
    if (precision === "fraction") shown += mark + (whole ? "0".repeat(digits) : choose.text(digits, DIGITS));
    const text = basic ? `${date}${between}${shown}`.replace(/[-:]/g, "") : date + between + shown;
    return text + (fixed ?? offsetText(choose, offset));
  };
}

/** @param {Choose} choose @param {string} form */
function offsetText(choose, form) {
  const hours = two(choose.of([0, 1, 1, 2, 5, 10, 17]));
  const minutes = two(choose.of([0, 0, 30, 45]));
  const sign = choose.of(["+", "+", "-"]);
  if (form === "+HH:MM") return `${sign}${hours}:${minutes}`;
  if (form === "+HHMM") return sign + hours + minutes;
  return form === "+HH" ? sign + hours : form;
}

/**
 * Numbers of JSON's grammar, of one width or of many.
 * @param {Choose} choose
 * @returns {Maker}
 */
export function numbers(choose) {
  const wide = choose.oneIn(12);
  const integers = wide ? choose.between(10, 16) : choose.between(1, 5);
  const decimals = choose.of([0, 1, 2, 3, 3, 3, 6, wide ? choose.between(0, 22) : 9]);
  const evenly = choose.oneIn(2);
  const sign = choose.of(["never", "never", "often", "always"]);
  const exponent = choose.oneIn(60) ? choose.of(["e3", "E-2", "e+1", "e-20", "e0"]) : "";
  return () => {
    const length = evenly ? integers : choose.between(1, integers);
    const first = choose.text(1, length > 1 ? "123456789" : DIGITS);
    const places = evenly ? decimals : choose.between(0, decimals);
    const negative = sign === "always" || (sign === "often" && choose.oneIn(2));
    const fraction = places === 0 ? "" : `.${choose.text(places, DIGITS)}`;
    return (negative ? "-" : "") + first + choose.text(length - 1, DIGITS) + fraction + exponent;
  };
}

/** Ids at whose lengths something changes: words of 8 bytes, vectors of 16, the scratch area of 65,536. */
const LENGTHS = [1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 100, 1000];
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
const WIDE = ["é", "ü", "ä-7", "電力", "😀", "e\u0301", "\uff5e", "\u{10ffff}"];

/** Ids that are written differently in JSON and in CSV, or read differently where the same bytes stand. */
export const ODD_IDS = [
  "\\u00e9",
  "é",
  "a\\tb",
  "a\tb",
  'say ""hi""',
  'say "hi"',
  "a,b",
  "a;b",
  "42",
  "-42",
  "42.0",
  " 42",
  "null",
];

/**
 * Texts from a pool of some, or ever new ones.
 * @param {Choose} choose
 * @param {"plain" | "wide" | "any"} kind
 * @returns {Maker}
 */
export function texts(choose, kind = choose.of(["plain", "plain", "plain", "plain", "wide", "any"])) {
  const length = choose.of([...LENGTHS, choose.between(1, 40)]);
  const mixed = choose.oneIn(3);
  const one = (/** @type {string} */ of = kind) => {
    const text = choose.text(mixed ? choose.of(LENGTHS.slice(0, -2)) : length, LETTERS);
    if (of === "plain" || (of === "any" && choose.oneIn(2))) return text;
    const at = choose.below(text.length + 1);
    return text.slice(0, at) + choose.of(WIDE) + text.slice(at);
  };
  if (choose.oneIn(8)) return () => one("plain");
  const pool = Array.from({ length: choose.of([1, 1, 2, 3, 12]) }, () => one());
  return () => choose.of(pool);
}

/** @param {Choose} choose @returns {Maker} */
export function integers(choose) {
  const digits = choose.of([1, 2, 6, 15, 16, 17, 18, 30]);
  const negative = choose.oneIn(6);
  return () =>
    (negative ? "-" : "") +
    choose.text(1, digits > 1 ? "123456789" : DIGITS) +
    choose.text(choose.below(digits), DIGITS);
}
