// slow: not of the fast lane
/** Text that stops being JSON at the top level: the rest of the line is one bad record, and reading goes on after it. */
import { describe, expect, test } from "vitest";
import { ASIDE, aggregate, bytes, READ, rejectedIn, SKIP, totalsOf } from "./errors-support.js";

const T = '"timestamp":"2024-01-31T13:00:00Z"';
const valued = (text: string) => `{${T},"kWh_value":${text}}`;
const noted = (text: string) => `{${T},"kWh_value":1,"n":"${text}"}`;
const asNumber = (text: string) =>
  [valued(text), `${text} is not a number as JSON writes it: ${valued(text)}`] as const;
const unknown = (text: string) => [valued(text), `${text}, which JSON does not have: ${valued(text)}`] as const;

/** A line, and why it is not JSON. */
const NOT_JSON: readonly (readonly [line: string, why: string])[] = [
  ['{"timestamp":"2024-01-31T13:0', 'the line ends inside a string: {"timestamp":"2024-01-31T13:0'],
  ['{"timestamp', 'the line ends inside a string: {"timestamp'],
  ['{"timestamp":', 'the record is cut off: {"timestamp":'],
  ['{"timestamp"', 'the record is cut off: {"timestamp"'],
  ["{", "the record is cut off: {"],
  [`{${T}`, `the record is cut off: {${T}`],
  [`{${T},`, `the record is cut off: {${T},`],
  [`{${T},"kWh_value":1,"tags":[1,`, `the record is cut off: {${T},"kWh_value":1,"tags":[1,`],
  asNumber("+1"),
  asNumber(".5"),
  asNumber("1."),
  asNumber("1e"),
  asNumber("-"),
  asNumber("007"),
  asNumber("0x1F"),
  unknown("NaN"),
  unknown("-Infinity"),
  unknown("Infinity"),
  unknown("None"),
  unknown("True"),
  unknown("undefined"),
  [valued("1,5"), `a decimal comma in a number; JSON has a point: ${valued("1,5")}`],
  [valued(""), `no value where one was expected: ${valued("")}`],
  [valued("1 kWh"), `neither , nor } after a value: ${valued("1 kWh")}`],
  [valued("1 /* c */"), `a comment, which JSON does not have: ${valued("1 /* c */")}`],
  [`{${T},"kWh_value":1,}`, `a comma before the closing bracket: {${T},"kWh_value":1,}`],
  [valued("[1,]"), `a comma before the closing bracket: ${valued("[1,]")}`],
  [valued("[,1]"), `no value where one was expected: ${valued("[,1]")}`],
  [valued("[1 2]"), `neither , nor ] after a value: ${valued("[1 2]")}`],
  ["{,}", "no key where one was expected: {,}"],
  ['{"a"}', 'no : after a key: {"a"}'],
  ['{"a" 1}', 'no : after a key: {"a" 1}'],
  ['{"a":1]', 'neither , nor } after a value: {"a":1]'],
  ["{timestamp:1}", "a key without quotes: {timestamp:1}"],
  ["{'timestamp':1}", "single quotes; JSON has double quotes: {'timestamp':1}"],
  [valued("'1'"), `single quotes; JSON has double quotes: ${valued("'1'")}`],
  [noted("a\tb"), `a tab in a string; it is written \\t: ${noted("a b")}`],
  [noted("a\0b"), `a control character (0x00) in a string: ${noted("a\\x00b")}`],
  [noted("\\x41"), 'an unknown escape in a string: …"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"n":"\\x41"}'],
  [noted("\\u12g4"), 'an unknown escape in a string: …imestamp":"2024-01-31T13:00:00Z","kWh_value":1,"n":"\\u12g4"}'],
  ["---", "no { where a record was expected: ---"],
  ["# meters of January", "no { where a record was expected: # meters of January"],
  ["}", "a closing bracket that was not opened: }"],
  [",", "a comma between records that are in no array: ,"],
  [`,${READ}`, `a comma between records that are in no array: ,${READ}`],
  [`\ufeff${READ}`, `a byte-order mark in the middle of the file: ${READ}`],
  ["42 43", "no { where a record was expected: 42 43"],
  [`!${"x".repeat(100)}`, `no { where a record was expected: !${"x".repeat(59)}…`],
];

/** A line that is JSON, but no object, and what is said of it. */
const NO_RECORD: readonly (readonly [line: string, why: string])[] = [
  ["42", "a number where a record was expected: 42"],
  ["-1.5e3", "a number where a record was expected: -1.5e3"],
  ['"text"', 'a string where a record was expected: "text"'],
  ["null", "null where a record was expected: null"],
  ["true", "a boolean where a record was expected: true"],
];

const LINES = [
  ...NOT_JSON.map(([line, why]) => ({ line, reason: "not_json", message: `not JSON: ${why}` })),
  ...NO_RECORD.map(([line, message]) => ({ line, reason: "not_a_record", message })),
];

describe.each([
  ["\\n", "\n"],
  ["\\r\\n", "\r\n"],
])("lines that end with %s", (_, end) => {
  // Two good records after each line: one alone might be taken for the rest of what was cut off.
  const content = `${READ}${end}${LINES.map(({ line }) => [line, READ, READ].join(end)).join(end)}${end}`;
  const told = LINES.map(({ message }, i) => `a.ndjson: record ${3 * i + 2} (line ${3 * i + 2}): ${message}`);
  const good = 2 * LINES.length + 1;

  test("are reported if they are bad, and fail the run", async () => {
    const seen = await aggregate("a.ndjson", content, "-v");
    expect(seen.said.filter((line) => line.startsWith("a.ndjson"))).toEqual(told);
    expect(seen.said.at(-1)).toBe(
      `error: ${LINES.length} of ${good + LINES.length} records are bad ` +
        `(${NO_RECORD.length} not_a_record, ${NOT_JSON.length} not_json); ${ASIDE}`,
    );
    expect([seen.status, seen.files.size]).toEqual([1, 0]);
  });

  test("are summed with skip, except for bad ones, which are stored word for word, without line ends", async () => {
    const seen = await aggregate("a.ndjson", content, ...SKIP);
    expect(totalsOf(seen)).toMatchObject({ readings: good, rejected: LINES.length, kWh: String(good) });
    const kept = rejectedIn(seen.files.get("rejected.ndjson"));
    expect(kept.map(({ line, reason, text }) => ({ line, reason, text }))).toEqual(
      LINES.map(({ line, reason }, i) => ({ line: 3 * i + 2, reason, text: line })),
    );
    for (const { byte, text } of kept) {
      expect(
        bytes(content)
          .subarray(byte, byte + Buffer.byteLength(text!))
          .toString(),
      ).toBe(text);
    }
  });
});

/** Datasets with damage, the kWh that are left, and the lines of what is bad. */
const DAMAGED: readonly (readonly [what: string, content: string, kWh: string, lines: readonly number[]])[] = [
  ["a last line that is cut off", `${READ}\n${READ}\n${READ.slice(0, 30)}`, "2", [3]],
  ["a first line that is cut off", `${READ.slice(0, 20)}\n${READ}\n${READ}`, "2", [1]],
  ["a first line of something else", `2024-02-01 export of meters\n${READ}\n${READ}`, "2", [1]],
  ["a first line of something else with a quote in it", `5" meters\n${READ}\n${READ}`, "2", [1]],
  ["a first line of something else of 2 MB", `${"x".repeat(2_000_000)}\n${READ}\n${READ}`, "2", [1]],
  ["a line cut off before its last brace", `${READ}\n${READ.slice(0, -1)}\n${READ}\n`, "2", [2]],
  ["a line between all others", `${READ}\n---\n`.repeat(9), "9", [2, 4, 6, 8, 10, 12, 14, 16, 18]],
  ["a comma after every record", `${READ},\n`.repeat(5), "5", [1, 2, 3, 4, 5]],
  ["a broken record among concatenated ones", `${READ}${READ}{"kWh_value":oops}${READ}\n${READ}`, "3", [1]],
  ["text after an array", `[${READ},${READ}] and more\n`, "2", [1]],
  ["text after an array, then records", `[${READ}];\n${READ}`, "2", [1]],
  ["a second closing bracket", `[${READ}]]\n[${READ}]`, "2", [1]],
  ["a comma between arrays", `[${READ}],\n[${READ}]`, "2", [1]],
  [
    "a pretty record that is broken: each of its lines",
    `{\n  ${T},\n  "kWh_value": 1\n}\n{\n  ${T},\n  "kWh_value": oops\n}\n{\n  ${T},\n  "kWh_value": 1\n}\n`,
    "2",
    [5, 6, 7, 8],
  ],
  ["a pretty record that is cut off", `{\n  ${T},\n  "kWh_value": 1\n}\n{\n  ${T},\n`, "1", [5, 6]],
];

test.each(DAMAGED)("%s", async (_, content, kWh, lines) => {
  const seen = await aggregate("a.json", content, ...SKIP);
  expect(seen.status).toBe(0);
  expect(totalsOf(seen)).toMatchObject({ kWh, rejected: lines.length, rejectedByReason: { not_json: lines.length } });
  expect(rejectedIn(seen.files.get("rejected.ndjson")).map(({ line }) => line)).toEqual(lines);
});

test("the message about a record with an error in a later line says where that is, and quotes it", async () => {
  const seen = await aggregate("a.json", `${READ}\n{\n  ${T},\n  "kWh_value": oops\n}\n`);
  expect(seen.said[0]).toBe(
    'a.json: record 2 (line 2): not JSON: oops, which JSON does not have, 2 lines further on: "kWh_value": oops',
  );
});

test("objects that are opened on every line and never closed are one bad record each", async () => {
  const seen = await aggregate("a.json", `{"a":\n`.repeat(150_000), ...SKIP, "-q");
  expect(totalsOf(seen)).toMatchObject({ rejected: 150_000, readings: 0 });
});
