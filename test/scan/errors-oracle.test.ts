/**
 * Damaged lines against JSON.parse: what it takes, and is a good record, counts; everything else is rejected, with its
 * line. Lines are damaged at random among good ones, so that what was learnt from those is tried on them too.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregate } from "../../dist/index.js";
import { type Json, memberOf, parseJson } from "../oracle/json.js";
import { readingOf } from "../oracle/reading.js";
import { decodeUtf8, isUnicode } from "../oracle/utf8.js";
import { bytes } from "./errors-support.js";

/** Lines as machines write them. */
const LINES = [
  '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1.25,"meter_id":"m-17"}',
  '{"meter_id":4711,"kWh_value":"0.5","timestamp":"2024-01-31T13:15:00+01:00","ok":true,"note":null}',
  '{ "timestamp" : "20240131T131500Z" , "kWh_value" : -1.5e-3 , "tags" : [ 1, {"a": "b"}, [] ] }',
  '{"timestamp":"2024-01-31 13:30","kWh_value":12,"source_id":"caf\u00e9 \u{1f600}","x":"\\u00e9\\n\\"\\\\"}',
  '{"timestamp":"2024-01-31T13:45:00.125Z","kWh_value":1e2,"meter_id":"","source_id":"s","kWh_value":3}',
];
const DAY = "2024-01-31";
/** Two of them after each damaged line: one alone might be what a cut-off line goes on with. */
const GUARD = LINES[0]!;

interface Damage {
  readonly kind: "flip" | "put" | "set" | "cut" | "drop" | "double";
  /** From 0, the line's start, to 1. */
  readonly at: number;
  readonly byte: number;
  readonly length: number;
}

const byte = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom(...Buffer.from('"\\{}[]:,.-+eE0159 \tntfu/x')),
  fc.constantFrom(0x00, 0x1f, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xe0, 0xed, 0xf0, 0xf4, 0xff),
);
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom("flip", "put", "set", "cut", "drop", "double"),
  at: place,
  byte,
  length: fc.nat(12),
});
const line = fc.record({ line: fc.constantFrom(...LINES), damages: fc.array(damage, { minLength: 1, maxLength: 3 }) });

function damaged(text: string, damages: readonly Damage[]): Buffer {
  let all: Buffer = Buffer.from(text);
  for (const one of damages) {
    const at = Math.floor(one.at * all.length);
    const [before, rest] = [all.subarray(0, at), all.subarray(at)];
    if (one.kind === "flip") all = bytes(before, [(rest[0] ?? 0) ^ (1 << (one.byte & 7))], rest.subarray(1));
    else if (one.kind === "set") all = bytes(before, [one.byte], rest.subarray(1));
    else if (one.kind === "put") all = bytes(before, [one.byte], rest);
    else if (one.kind === "cut") all = bytes(before);
    else if (one.kind === "drop") all = bytes(before, rest.subarray(one.length));
    else all = bytes(before, rest.subarray(0, one.length), rest);
  }
  return all;
}

/** How many records of a line are good and how many are bad: read one after another, until the rest is none. */
function judge(text: string): { good: number; bad: number } {
  let good = 0;
  let bad = 0;
  let left = text.replace(/^[ \t\r]+/, "");
  while (left !== "") {
    const end = left.startsWith("{") ? endOfValue(left) : -1;
    if (end < 0) return { good, bad: bad + 1 };
    if (isGood(left.slice(0, end))) good++;
    else bad++;
    left = left.slice(end).replace(/^[ \t\r]+/, "");
  }
  return { good, bad };
}

/** Where the object ends that JSON.parse takes from the start of a text; -1 if there is none. */
function endOfValue(text: string): number {
  for (let end = text.indexOf("}") + 1; end > 0; end = text.indexOf("}", end) + 1) {
    if (parses(text.slice(0, end))) return end;
  }
  return -1;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isGood(text: string): boolean {
  if (!isUnicode(text) || !allUnicode(JSON.parse(text))) return false;
  // The record itself is the oracle's matter: it needs the text of numbers, which JSON.parse does not keep.
  const record: Json = parseJson(text);
  return typeof readingOf((name) => memberOf(record, name), {}) !== "string";
}

function allUnicode(value: unknown): boolean {
  if (typeof value === "string") return isUnicode(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isUnicode(key) && allUnicode(inner));
}

/** What the reader would take for the start of an array, a line end, or a mark of another encoding, is left to other tests. */
function fits(content: Buffer): boolean {
  return !content.includes(10) && !/^[ \t\r]*\[/.test(content.toString("latin1"));
}

describe("damaged lines", () => {
  test("are rejected if and only if JSON.parse rejects them or they are not good records", async () => {
    let rejected = 0;
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 100, size: "max" }), async (lines) => {
        const contents = lines.map(({ line: text, damages }) => damaged(text, damages)).filter(fits);
        const parts: Buffer[] = [Buffer.from(`${GUARD}\n${GUARD}\n`)];
        for (const content of contents) parts.push(bytes(content, `\n${GUARD}\n${GUARD}\n`));
        const expected: number[] = [];
        let good = 2;
        contents.forEach((content, i) => {
          // Decoded with what is before it, where a mark would be dropped.
          const found = judge(decodeUtf8(bytes(" ", content)).slice(1));
          good += found.good + 2;
          for (let n = 0; n < found.bad; n++) expected.push(3 * i + 3);
        });
        const result = await aggregate(Buffer.concat(parts), { onError: "skip", from: DAY, to: DAY });
        expect(result.rejected.map((reject) => reject.line)).toEqual(expected);
        expect(result.readings + result.outOfPeriod).toBe(good);
        rejected += expected.length;
        taken += contents.length - expected.length;
      }),
      { numRuns: 200 },
    );
    // Neither side is empty.
    expect(Math.min(rejected, taken)).toBeGreaterThan(300);
  });

  test("affect only themselves if they are cut at any byte and followed by good ones", async () => {
    for (const whole of LINES) {
      const all = Buffer.from(whole);
      const cuts = Array.from({ length: all.length - 1 }, (_, i) => all.subarray(0, i + 1));
      const content = Buffer.concat(cuts.map((cut) => bytes(cut, `\n${GUARD}\n${GUARD}\n`)));
      const { readings, rejected } = await aggregate(content, { onError: "skip" });
      expect(readings).toBe(2 * cuts.length);
      expect(rejected.map((reject) => reject.line)).toEqual(cuts.map((_, i) => 3 * i + 1));
      expect(rejected.map((reject) => Buffer.from(reject.bytes).toString("latin1"))).toEqual(
        cuts.map((cut) => cut.toString("latin1").replace(/\r$/, "")),
      );
    }
  });
});
