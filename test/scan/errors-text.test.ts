/** Bytes that are not UTF-8, halves of characters, NULs, and keys that come twice. */
import { describe, expect, test } from "vitest";
import { aggregate, bytes, READ, rejectedIn, SKIP, totalsOf } from "./errors-support.js";

const HEAD = '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,';

/** Bytes that are no character of UTF-8, and the first that is not part of one. */
const NOT_UTF8: readonly (readonly [what: string, bad: readonly number[], at: number])[] = [
  ["Latin-1", [0xe9], 0],
  ["a continuation without a start", [0x80], 0],
  ["0xff", [0xff], 0],
  ["overlong, two bytes", [0xc0, 0xaf], 0],
  ["overlong, three bytes", [0xe0, 0x80, 0xaf], 0],
  ["overlong, four bytes", [0xf0, 0x80, 0x80, 0xaf], 0],
  ["a surrogate", [0xed, 0xa0, 0x80], 0],
  ["past U+10FFFF", [0xf4, 0x90, 0x80, 0x80], 0],
  ["cut off after one byte", [0xc3], 0],
  ["cut off after three bytes", [0xf0, 0x9f, 0x98], 0],
  ["after a good character", [0xc3, 0xa9, 0xe9], 2],
];

/** Where the bytes stand in the record: what is before and after them. */
const PLACES: readonly (readonly [where: string, before: string, after: string])[] = [
  ["an id", '"meter_id":"caf', '"}'],
  ["a field that is ignored", '"note":["caf', '"]}'],
  ["a key", '"caf', '":1}'],
  ["a field after a string with escapes", '"note":"\\u00e9\\n","other":"caf', '"}'],
];

describe.each(PLACES)("a byte sequence in %s that is not UTF-8", (_, before, after) => {
  test.each(NOT_UTF8)("makes the record bad, and is quoted with its position: %s", async (_, bad, at) => {
    const record = bytes(HEAD, before, bad, after);
    const seen = await aggregate("a.ndjson", bytes(`${READ}\n`.repeat(3), record, `\n${READ}\n`), ...SKIP);
    const place = HEAD.length + before.length + at;
    const [, byte, offset, excerpt] =
      /^a\.ndjson: record 4 \(line 4\): not UTF-8 \(0x(..)\) at byte (\d+) of the record: …?(.*); if the text has another encoding, name it: --encoding windows-1252$/.exec(
        seen.said[0]!,
      ) ?? [seen.said[0]];
    expect([byte, Number(offset)]).toEqual([bad[at]!.toString(16), place + 1]);
    expect(new TextDecoder().decode(record).endsWith(excerpt!)).toBe(true);
    expect(excerpt!.length).toBeGreaterThan(50);
    const [kept] = rejectedIn(seen.files.get("rejected.ndjson"));
    expect(kept).toMatchObject({ reason: "bad_text", base64: record.toString("base64"), record: 4, byte: 3 * 51 });
    expect(kept).not.toHaveProperty("text");
    expect(totalsOf(seen)).toMatchObject({ kWh: "4", rejectedByReason: { bad_text: 1 } });
  });
});

/** Strings with halves of characters, written as escapes. */
const LONE = ["\\ud800", "\\udc00", "\\ud83d\\ud83d", "\\ud83dx", "\\ud83d\\n", "\\uDE00\\uD83D", "\\ud83d\\u0041"];

test.each(LONE)("a lone surrogate makes a record bad: %s", async (half) => {
  for (const [before, after] of [
    ['"meter_id":"', '"}'],
    ['"note":"', '"}'],
    ['"', '":1}'],
  ] as const) {
    const record = `${HEAD}${before}${half}${after}`;
    const seen = await aggregate("a.json", `[${READ},${record},${READ}]`, ...SKIP);
    const place = HEAD.length + before.length + 1;
    expect(seen.said[0]).toMatch(
      `a.json: record 2 (line 1): half a character (a lone surrogate) at byte ${place} of the record: …`,
    );
    expect(seen.said[0]).toMatch(/; was the text cut there\?$/);
    expect(rejectedIn(seen.files.get("rejected.ndjson"))[0]).toMatchObject({ reason: "bad_text", text: record });
    expect(totalsOf(seen)).toMatchObject({ kWh: "2" });
  }
});

test("a lone surrogate is named in the message", async () => {
  const seen = await aggregate("a.json", `${HEAD}"note":"\\ud800"}`);
  expect(seen.said[0]).toBe(
    'a.json: record 1 (line 1): half a character (a lone surrogate) at byte 59 of the record: …stamp":"2024-01-31T13:00:00Z","kWh_value":1,"note":"\\ud800"}; was the text cut there?',
  );
});

test("a complete pair of surrogates is one character, as escapes or in UTF-8", async () => {
  const ids = ['"\\ud83d\\ude00"', '"\u{1f600}"', '"\\uD83D\\uDE00"'];
  const seen = await aggregate("a.json", ids.map((id) => `${HEAD}"meter_id":${id}}`).join("\n"), "--by-source");
  expect(seen.files.get("daily_data.csv")).toBe(
    "daily_timestamp,source_id,aggregated_kWh_value\n2024-01-31,\u{1f600},3\n",
  );
});

test("a wrapper may hold anything in its other members; in its array a bad byte makes one record bad", async () => {
  const content = bytes('{"note":"', [0xe9], `\\ud800","data":[${READ},${HEAD}"n":"`, [0xe9], `"},${READ}]}`);
  const seen = await aggregate("a.json", content, ...SKIP);
  expect(totalsOf(seen)).toMatchObject({ kWh: "2", rejectedByReason: { bad_text: 1 } });
});

test("a NUL in an id is bad, elsewhere it is not", async () => {
  const records = ['"note":"a\\u0000"', '"meter_id":"\\u0000"', '"meter_id":"a\\u0000b"', '"a\\u0000":1'];
  const seen = await aggregate("a.json", records.map((member) => `${HEAD}${member}}`).join("\n"), ...SKIP);
  expect(seen.said.slice(0, 2)).toEqual([
    'a.json: record 2 (line 2): meter_id "\\u0000": a NUL character in the id',
    'a.json: record 3 (line 3): meter_id "a\\u0000b": a NUL character in the id',
  ]);
  expect(totalsOf(seen)).toMatchObject({ kWh: "2", rejectedByReason: { bad_source: 2 } });
});

/** Records with keys that come twice; what counts is what JSON.parse makes of them. */
const TWICE = [
  '{"timestamp":"x","kWh_value":"x","timestamp":"2024-01-31T13:00:00Z","kWh_value":2,"meter_id":"a","meter_id":"b"}',
  '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":4,"\\u006bWh_value":8}',
  '{"timestamp":"2024-01-31T13:00:00Z","\\u006bWh_value":16,"kWh_value":32,"m\\u0065ter_id":"c","meter_id":"\\u0064"}',
  '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":64,"meter_id":"e","meter_id":null,"source_id":"f","source_id":"g"}',
  '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":{"kWh_value":1},"kWh_value":128,"meter_id":"h","meter_\\u0069d":""}',
  '{"t\\u0069mestamp":"2024-01-31T13:00:00Z","kWh_value":256,"x":{"timestamp":"y","kWh_value":[]},"x":{"kWh_value":1}}',
];
const TWICE_BAD = [
  '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"kWh_value":null}',
  '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"time\\u0073tamp":1}',
  '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1,"meter_id":"a","meter_id":1.5}',
];

test("if a key occurs twice, the last one counts, however it is written, as in JSON.parse", async () => {
  const sums = new Map<string, number>();
  for (const record of TWICE) {
    const { kWh_value, meter_id, source_id } = JSON.parse(record) as Record<string, unknown>;
    const id = String(meter_id || source_id || "");
    sums.set(id, (sums.get(id) ?? 0) + Number(kWh_value));
  }
  const rows = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, kWh]) => `2024-01-31,${id},${kWh}\n`);
  // Each twice and more, so that what was learnt from the first is tried on the second.
  for (const times of [1, 4]) {
    const content = TWICE.flatMap((record) => Array.from({ length: times }, () => record)).join("\n");
    const seen = await aggregate("a.json", content, "--by-source", "--decimals", "0");
    expect(seen.status).toBe(0);
    const expected = rows.map((row) => row.replace(/\d+\n/, (kWh) => `${Number(kWh) * times}\n`));
    expect(seen.files.get("daily_data.csv")).toBe(
      `daily_timestamp,source_id,aggregated_kWh_value\n${expected.join("")}`,
    );
  }
  const bad = await aggregate("a.json", TWICE_BAD.join("\n"), ...SKIP);
  expect(totalsOf(bad)).toMatchObject({
    rejected: 3,
    rejectedByReason: { bad_value: 1, bad_timestamp: 1, bad_source: 1 },
  });
});
