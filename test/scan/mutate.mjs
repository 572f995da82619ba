/** Damage to a dataset: blind, and by what is known of the bytes. Positions are everywhere alike, so most hit values. */

/** @typedef {import("./choose.mjs").Choose} Choose */

/** What stands where it should not, or stands for a limit. */
const ODD = [
  ...[
    "/",
    ":",
    ";",
    "0",
    "9",
    "O",
    "٣",
    "\0",
    "\x7f",
    "\xff",
    "\xb2",
    "\ud83d",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    '"',
    '""',
    "\\",
    "\\\\",
  ],
  ...[
    ",",
    ".",
    "-",
    "+",
    "e",
    "E5",
    "T",
    "Z",
    "z",
    "{",
    "}",
    "[",
    "]",
    "\\u0041",
    "\\u0000",
    "\\ud800",
    "\ufeff",
    "null",
    "{}",
  ],
];

const TIMES = [
  ...[
    "2024-02-30T00:00:00Z",
    "2023-02-29T12:00Z",
    "2024-02-29T24:00:00Z",
    "2024-01-31T24:00Z",
    "2024-01-31T24:01Z",
    "2024-12-31T23:59:60Z",
  ],
  ...[
    "2024-01-31T12:60:00Z",
    "2024-01-31T25:00:00Z",
    "2024-01-31T13:45:61Z",
    "2024-01-31T13:45:00+18:00",
    "2024-01-31T13:45:00+18:01",
  ],
  ...[
    "2024-01-31T13:45:00-18:00",
    "2024-01-31T13:45+19",
    "1899-12-31T23:59:59Z",
    "1900-01-01T00:00:00Z",
    "2199-12-31T23:59:59Z",
  ],
  ...[
    "2200-01-01T00:00:00Z",
    "20240131T134500Z",
    "20240131T13:45Z",
    "2024-01-31",
    "2024-13-01T00:00:00Z",
    "2024-00-10T00:00:00Z",
  ],
  ...[
    "2024-01-00T00:00:00Z",
    "2024-01-31T13:45:00.Z",
    "2024-01-31T13:45:00.000Z",
    "2024-01-31T13:45:00,5Z",
    "2024-03-31T02:30:00",
  ],
  ...[
    "2024-10-27T02:30:00",
    "2024-10-06T02:15",
    "2024-01-31T14:00:00",
    "2024-01-31T14:00:00.001",
    "1706708700",
    "31/01/2024 13:45",
  ],
  ...[
    "1900-01-01T00:00:00+18:00",
    "2199-12-31T23:59:59-18:00",
    "1969-12-31T24:00:00",
    "1987-10-25T00:00:30",
    "2024-01-31T13:45:00+01:60",
  ],
];

const NUMBERS = [
  ...[
    "0",
    "-0",
    "0.0",
    "-0.000",
    "00",
    "01",
    "-",
    "1.",
    ".5",
    "+1",
    "0x1",
    "1e3",
    "1E-400",
    "1e400",
    "NaN",
    "Infinity",
    "1_000",
    "1 000",
  ],
  ...[
    "999999999999999",
    "1000000000000000",
    "1000000000000000.0",
    "1000000000000001",
    "-1000000000000000",
    "1000000000000000.000000000000000001",
  ],
  ...[
    "999999999999999.999",
    "999999999999",
    "1000000000000",
    "1000000000000.1",
    "999999999999.9999999",
    "999999999999999999",
    "1000000000000000000",
  ],
  ...[
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "9999999999999999999",
    "99999999999999999999",
  ],
  ...[
    "0.000000000000000001",
    "0.0000000000000000005",
    "0.0000000000000000015",
    "0.123456789012345678",
    "0.1234567890123456789",
    "1.844674407370955162",
  ],
  ...[
    "0.999999999999999999",
    "0.000000000000000000",
    "1.0000000000000000000",
    "12345678901234.56789",
    "123456.123456789012",
    "1,5",
    '"1,5"',
    '" 1.5 "',
  ],
];

/** @typedef {(choose: Choose, bytes: Buffer) => Buffer} Mutation */

/** @param {Buffer} bytes @param {number} from @param {number} to @param {string | Buffer} instead */
function splice(bytes, from, to, instead) {
  return Buffer.concat([
    bytes.subarray(0, from),
    typeof instead === "string" ? Buffer.from(instead) : instead,
    bytes.subarray(to),
  ]);
}

/** The stretches of a pattern; all bytes are characters. @param {Buffer} bytes @param {RegExp} pattern */
function found(bytes, pattern) {
  return [...bytes.toString("latin1").matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]);
}

/** Replaces one stretch of a pattern. @param {RegExp} pattern @param {readonly string[]} by @returns {Mutation} */
const replaced = (pattern, by) => (choose, bytes) => {
  const places = found(bytes, pattern);
  if (places.length === 0) return bytes;
  const [from, to] = choose.of(places);
  return splice(bytes, from, to, choose.of(by));
};

const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/g;
const TIME = /\d{4}-?\d\d-?\d\d[Tt ]\d\d:?\d\d[\d:.,]*([Zz]|[+-][\d:]+)?/g;
const VALUE = /(?<=kWh_value"\s*:\s*)-?\d[\d.eE+-]*/g;

/** @type {readonly Mutation[]} */
const MUTATIONS = [
  // Blind.
  (choose, bytes) => {
    const copy = Buffer.from(bytes);
    const at = choose.below(bytes.length);
    copy[at] ^= 1 << choose.below(8);
    return copy;
  },
  (choose, bytes) => {
    const copy = Buffer.from(bytes);
    copy[choose.below(bytes.length)] = choose.below(256);
    return copy;
  },
  (choose, bytes) => {
    const at = choose.below(bytes.length);
    return splice(bytes, at, at + choose.of([1, 1, 1, 2, 5, 20]), "");
  },
  (choose, bytes) => {
    const at = choose.below(bytes.length);
    return splice(bytes, at, at, choose.of(ODD));
  },
  (choose, bytes) => {
    const at = choose.below(bytes.length);
    return splice(bytes, at, at + 1, choose.of(ODD));
  },
  // A run of one byte over what was there: whole fields of NUL, of digits, of quotes.
  (choose, bytes) => {
    const at = choose.below(bytes.length);
    const copy = Buffer.from(bytes);
    return copy.fill(
      choose.of(["\0", "0", "9", '"', " ", "-"]),
      at,
      Math.min(at + choose.of([2, 3, 6, 16]), bytes.length),
    );
  },
  (choose, bytes) => bytes.subarray(0, choose.below(bytes.length) + 1),
  // The same over a timestamp, or a part of it: what a kernel's memory is at first.
  (choose, bytes) => {
    const places = found(bytes, choose.of([TIME, TIME, NUMBER, /"[^"\\]*"/g]));
    if (places.length === 0) return bytes;
    const [from, to] = choose.of(places);
    const at = Math.min(choose.of([from, from, from + 13, from + 19]), to);
    const byte = choose.of(["\0", "\0", "0", "\xff"]);
    return Buffer.from(bytes).fill(byte, at, Math.min(choose.of([to, at + 3, at + 6, at + 16]), bytes.length));
  },
  // By what is there.
  replaced(NUMBER, NUMBERS),
  replaced(VALUE, NUMBERS),
  replaced(TIME, TIMES),
  replaced(TIME, TIMES),
  // Offsets of every form, about the limit of 18 hours.
  (choose, bytes) => {
    const places = found(bytes, TIME).filter(([from, to]) =>
      /[+-][\d:]+$/.test(bytes.toString("latin1", from + 13, to)),
    );
    if (places.length === 0) return bytes;
    const [from, to] = choose.of(places);
    const [offset = ""] = /[+-][\d:]+$/.exec(bytes.toString("latin1", from, to)) ?? [];
    const pairs = choose.of(["18 00", "18 01", "17 59", "19 00", "24 00", "00 60", "99 99", "00 00"]).split(" ");
    const other = pairs.join(offset.includes(":") ? ":" : "").slice(0, offset.length - 1);
    return splice(bytes, to - offset.length + 1, to, other);
  },
  // One character of a timestamp or number.
  (choose, bytes) => {
    const places = found(bytes, choose.of([TIME, TIME, NUMBER, VALUE]));
    if (places.length === 0) return bytes;
    const [from, to] = choose.of(places);
    const at = choose.between(from, to - 1);
    return splice(bytes, at, at + choose.below(2), choose.of([...ODD, "1", "2", "3", "4", "5", "6", "7", "8"]));
  },
  // More digits.
  (choose, bytes) => {
    const places = found(bytes, choose.of([VALUE, NUMBER]));
    if (places.length === 0) return bytes;
    const at = choose.between(.../** @type {[number, number]} */ (choose.of(places)));
    return splice(bytes, at, at, choose.text(choose.between(1, 20), "0123456789"));
  },
  // Quotes, doubled or gone.
  (choose, bytes) => {
    const places = found(bytes, /"/g);
    if (places.length === 0) return bytes;
    const [from, to] = choose.of(places);
    return splice(bytes, from, to, choose.of(['""', "", "'", '\\"', '"\\"']));
  },
  // A field, or what stands between two, somewhere else: swapped, doubled, other keys.
  (choose, bytes) => {
    const places = found(bytes, choose.of([/"[^"\\]*"/g, /[{}[\],;\t\n]+/g, NUMBER, TIME]));
    if (places.length === 0) return bytes;
    const [from, to] = choose.of(places);
    const [start, end] = choose.of(places);
    return splice(bytes, from, to, bytes.subarray(start, end));
  },
  replaced(/"(timestamp|kWh_value|meter_id|source_id|extra\d)"/g, [
    '"timestamp"',
    '"kWh_value"',
    '"meter_id"',
    '"source_id"',
    '"x"',
  ]),
  // Text that is no record between two.
  (choose, bytes) => {
    const places = found(bytes, /\n|\},?/g);
    if (places.length === 0) return bytes;
    const [, at] = choose.of(places);
    return splice(
      bytes,
      at,
      at,
      choose.of(["nonsense\n", "\n\n", "5\n", "5,", "null,", "[]", "[", "]", ",", "\r", "{}", "{},", "x", '"', "}"]),
    );
  },
  // A stretch that comes again, with its damage: what was learnt from it is used on it.
  repeated,
  repeated,
  (choose, bytes) => {
    const at = choose.below(bytes.length);
    const to = Math.min(at + choose.of([3, 16, 100]), bytes.length);
    const where = choose.below(bytes.length);
    return splice(bytes, where, where, bytes.subarray(at, to));
  },
];

/** One to three lines or records again, some times. @type {Mutation} */
function repeated(choose, bytes) {
  const ends = found(bytes, choose.of([/\n/g, /\n/g, /\},?\s*/g])).map(([, end]) => end);
  if (ends.length < 2) return bytes;
  const first = choose.below(ends.length - 1);
  const last = Math.min(first + choose.between(1, 3), ends.length - 1);
  const piece = bytes.subarray(ends[first], ends[last]);
  if (piece.length > 2000) return bytes;
  const again = Buffer.concat(Array.from({ length: choose.between(1, 4) }, () => piece));
  const where = choose.of([ends[last], choose.of(ends)]);
  return splice(bytes, where, where, again);
}

/** More of a small dataset: its lines and records again and again. @param {Choose} choose @param {Buffer} bytes */
export function grown(choose, bytes) {
  let more = bytes;
  for (let n = choose.below(12); n > 0 && more.length < 20_000; n--) more = repeated(choose, more);
  return more;
}

/**
 * @param {Choose} choose
 * @param {Buffer} bytes
 * @param {number} times
 */
export function mutated(choose, bytes, times) {
  let damaged = bytes;
  for (let n = 0; n < times && damaged.length > 0; n++) damaged = choose.of(MUTATIONS)(choose, damaged);
  return damaged;
}
