import fc from "fast-check";
import { expect, test } from "vitest";
import { type Json, JsonError, parseJson, readJson } from "./json.js";

/** What JSON.parse makes of the same. */
function plain(value: Json): unknown {
  switch (value.type) {
    case "number":
      return Number(value.text);
    case "string":
    case "literal":
      return value.value;
    case "array":
      return value.items.map((item) => plain(item.value));
    case "object":
      return Object.fromEntries(value.members.map((member) => [member.key, plain(member.value)]));
  }
}

function ours(text: string): { value: unknown } | "not JSON" {
  try {
    return { value: plain(parseJson(text)) };
  } catch (error) {
    if (error instanceof JsonError) return "not JSON";
    throw error;
  }
}

function theirs(text: string): { value: unknown } | "not JSON" {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return "not JSON";
  }
}

const blanks = fc.stringMatching(/^[ \t\n\r]{0,3}$/);
const escaped = fc.constantFrom("\\n", "\\/", "\\\\", '\\"', "\\u0041", "\\ud83d\\ude00", "\\udead", "\\b\\f\\r\\t");
const stringText = fc
  .array(
    fc.oneof(
      escaped,
      fc.string({ unit: "binary" }).map((text) => JSON.stringify(text).slice(1, -1)),
    ),
    { maxLength: 3 },
  )
  .map((parts) => `"${parts.join("")}"`);
const numberText = fc.oneof(
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map(String)
    .map((text) => text.replace("e+", "E+")),
  fc.constantFrom("-0", "0.0", "1e5", "1E-7", "-12.50e+03", "123456789012345678901234567890"),
);
const { value: jsonText } = fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.oneof(fc.constantFrom("true", "false", "null"), numberText, stringText),
    tie("array"),
    tie("object"),
  ),
  array: fc
    .tuple(blanks, fc.array(tie("value"), { maxLength: 4 }))
    .map(([blank, items]) => `[${blank}${items.join(`${blank},`)}${blank}]`),
  object: fc
    .tuple(
      blanks,
      fc.array(fc.tuple(fc.oneof(stringText, fc.constantFrom('"a"', '"__proto__"')), tie("value")), { maxLength: 4 }),
    )
    .map(
      ([blank, members]) =>
        `{${blank}${members.map(([key, value]) => `${key}${blank}:${blank}${value}`).join(`${blank},${blank}`)}}`,
    ),
}));

test("valid JSON reads as JSON.parse reads it", () => {
  fc.assert(
    fc.property(blanks, jsonText, (blank, text) => {
      expect(ours(blank + text + blank)).toEqual(theirs(text));
      expect(theirs(text)).not.toBe("not JSON");
    }),
    { numRuns: 2000 },
  );
});

test("text cut, stretched or changed anywhere is taken exactly if JSON.parse takes it", () => {
  const snippet = fc.constantFrom(
    "",
    ",",
    ":",
    "[",
    "]",
    "{",
    "}",
    '"',
    "\\",
    "0",
    ".",
    "-",
    "+",
    "e",
    "1",
    " ",
    "\n",
    "\0",
    "u",
    "x",
    "é",
    "\ufeff",
    "\u00a0",
  );
  fc.assert(
    fc.property(jsonText, fc.nat(), fc.nat(2), snippet, (text, place, remove, insert) => {
      const at = place % (text.length + 1);
      const mutated = text.slice(0, at) + insert + text.slice(at + remove);
      expect(ours(mutated)).toEqual(theirs(mutated));
    }),
    { numRuns: 5000 },
  );
});

test.each([
  "",
  " ",
  "01",
  "1.",
  ".5",
  "+1",
  "-",
  "1e",
  "0x1",
  "NaN",
  "Infinity",
  "nul",
  "tru",
  "[1,]",
  "[,1]",
  '{"a":1,}',
  '{"a"}',
  "{a:1}",
  "'a'",
  '"\t"',
  '"\\x"',
  '"\\u12"',
  "1 2",
  "[1 2]",
  '"',
  "[",
  "{",
  '{"a":',
])("%j is not JSON", (text) => {
  expect(theirs(text)).toBe("not JSON");
  expect(ours(text)).toBe("not JSON");
});

test("numbers keep their text, objects every member, values their place", () => {
  const text = ' {"a": 1.50e+01, "a": -0}';
  const { value, start, end } = readJson(text, 1);
  expect([start, end]).toEqual([1, text.length]);
  expect(value).toEqual({
    type: "object",
    members: [
      { key: "a", value: { type: "number", text: "1.50e+01" }, start: 7, end: 15 },
      { key: "a", value: { type: "number", text: "-0" }, start: 22, end: 24 },
    ],
  });
});
