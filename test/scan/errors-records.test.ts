/** Every kind of record that is no reading: what is said of it, in every form that a dataset can have. */
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { BAD_RECORDS } from "./errors-records.js";
import { ASIDE, aggregate, type Bytes, READ, rejectedIn, SKIP, totalsOf } from "./errors-support.js";

const COUNT = BAD_RECORDS.length;

/** How often each reason comes, as the last line counts them. */
function reasons(): string {
  const counts = new Map<string, number>();
  for (const { reason } of BAD_RECORDS) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts.keys()]
    .sort()
    .map((reason) => `${counts.get(reason)} ${reason}`)
    .join(", ");
}

/** Name, content, and the line on which the record of an index begins: a good one stands before and after each. */
const FORMS: readonly (readonly [form: string, name: string, content: Bytes, lineOf: (i: number) => number])[] = [
  ["newline-delimited", "a.ndjson", BAD_RECORDS.map(({ record }) => `${READ}\n${record}\n`).join(""), (i) => 2 * i + 2],
  ["with CRLF", "a.ndjson", BAD_RECORDS.map(({ record }) => `${READ}\r\n${record}\r\n`).join(""), (i) => 2 * i + 2],
  ["concatenated", "a.json", BAD_RECORDS.map(({ record }) => `${READ}${record}`).join(""), () => 1],
  [
    "an array",
    "a.json",
    `[\n${BAD_RECORDS.map(({ record }) => `${READ},\n${record}`).join(",\n")}\n]`,
    (i) => 2 * i + 3,
  ],
  [
    "an array, pretty",
    "a.json",
    JSON.stringify(BAD_RECORDS.flatMap(() => [0, 1])).replace(/[01]/g, (which, at) => {
      // `[0,1,0,1…`: each digit stands at 1, 3, 5…
      const { record } = BAD_RECORDS[Math.floor((at - 1) / 4)]!;
      return which === "0" ? `\n${READ.replaceAll(",", ",\n")}` : `\n${record}`;
    }),
    (i) => 3 * i + 4,
  ],
  [
    "wrapped",
    "a.json",
    `{"count":${COUNT},"data":[${BAD_RECORDS.map(({ record }) => `${READ},${record}`)}],"next":null}`,
    () => 1,
  ],
  [
    "packed",
    "a.ndjson.gz",
    gzipSync(BAD_RECORDS.map(({ record }) => `${READ}\n${record}\n`).join("")),
    (i) => 2 * i + 2,
  ],
];

test("the table has every reason that a record by itself can have", () => {
  expect(reasons()).toMatch(
    /^\d+ bad_source, \d+ bad_timestamp, \d+ bad_value, \d+ missing_timestamp, \d+ missing_value, \d+ value_too_large$/,
  );
  expect(COUNT).toBeGreaterThan(120);
});

/** Pointers in advice begin at the document's root, which an array or a wrapper is, too. */
function toldIn(form: string, message: string): string {
  const array = form === "wrapped" ? "/data/*" : form.startsWith("an array") ? "/*" : undefined;
  return array === undefined
    ? message
    : message
        .replace("in /readings", `in ${array}/readings`)
        .replace("--records /readings", `--records '${array}/readings'`);
}

describe.each(FORMS)("%s", (form, name, content, lineOf) => {
  const messages = BAD_RECORDS.map(({ message }) => toldIn(form, message));
  const lines = messages.map((message, i) => `${name}: record ${2 * i + 2} (line ${lineOf(i)}): ${message}`);

  test("reports each bad record in one line, and writes nothing", async () => {
    const seen = await aggregate(name, content, "-v");
    expect(seen.said.filter((line) => line.startsWith(name))).toEqual(lines);
    expect(seen.said.at(-1)).toBe(`error: ${COUNT} of ${2 * COUNT} records are bad (${reasons()}); ${ASIDE}`);
    expect([seen.status, [...seen.files.keys()]]).toEqual([1, []]);
  });

  test("sums the others with skip, and stores the bad records word for word", async () => {
    const seen = await aggregate(name, content, ...SKIP);
    expect(seen.said.slice(0, 21)).toEqual([...lines.slice(0, 20), `… and ${COUNT - 20} more; -v shows them`]);
    expect(seen.said.slice(21)).toEqual([
      `warning: ${COUNT} bad records were set aside and kept in output_data/rejected.ndjson`,
      `${COUNT} readings of 1 source, 2024-01-31 (UTC)`,
      `total ${COUNT} kWh · 24 hours, 23 of them filled with 0 · ${COUNT} records rejected (${reasons()})`,
      "hourly_data_31_01.csv, daily_data.csv and rejected.ndjson in output_data/",
    ]);
    expect(seen.status).toBe(0);
    expect(totalsOf(seen)).toMatchObject({ records: 2 * COUNT, readings: COUNT, rejected: COUNT, kWh: String(COUNT) });
    const kept = rejectedIn(seen.files.get("rejected.ndjson"));
    expect(kept.map(({ record, line, reason, message, text }) => ({ record, line, reason, message, text }))).toEqual(
      BAD_RECORDS.map(({ reason, record }, i) => ({
        ...{ record: 2 * i + 2, line: lineOf(i), reason, message: messages[i] },
        text: record,
      })),
    );
    expect(seen.files.get("daily_data.csv")).toBe(`daily_timestamp,aggregated_kWh_value\n2024-01-31,${COUNT}\n`);
  });
});
