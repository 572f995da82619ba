/** CSV: headers that are none, rows that are bad, and quotes that are not closed. A bad row costs its own line only. */
import { describe, expect, test } from "vitest";
import { TIMESTAMPS, VALUES } from "./errors-records.js";
import { ASIDE, aggregate, bytes, rejectedIn, SKIP, totalsOf } from "./errors-support.js";

const HEADER = "timestamp,kWh_value,meter_id";
const ROW = "2024-01-31T13:00:00Z,1,a";

/** A row (or, up to the last line, the rows that a broken quote costs) and what is said of its line. */
const ROWS: readonly (readonly [row: string, reason: string, message: string])[] = [
  ["2024-01-31T13:00:00Z,1", "wrong_cells", "2 cells where the header has 3: 2024-01-31T13:00:00Z,1"],
  ["2024-01-31T13:00:00Z,1,a,b", "wrong_cells", "4 cells where the header has 3: 2024-01-31T13:00:00Z,1,a,b"],
  [
    "2024-01-31T13:00:00Z,1,5,a",
    "wrong_cells",
    "4 cells where the header has 3: 2024-01-31T13:00:00Z,1,5,a; a number with a decimal comma needs quotes",
  ],
  ["2024-01-31T13:00:00Z;1;a", "wrong_cells", "1 cell where the header has 3: 2024-01-31T13:00:00Z;1;a"],
  [",1,a", "bad_timestamp", 'timestamp "": empty; a timestamp looks like 2024-01-31T13:00:00Z'],
  [
    "2024-01-31T13:00:00Z,,a",
    "bad_value",
    "kWh_value \"\": empty; write the energy as a number, as 1.5, or, if there is no reading where it is, say --missing ''",
  ],
  ["2024-01-31T13:00:00Z,1,a,,b", "wrong_cells", "5 cells where the header has 3: 2024-01-31T13:00:00Z,1,a,,b"],
  [
    '2024-01-31T13:00:00Z,1,="a""b"',
    "bad_quote",
    'a quote inside a cell that is not quoted: 2024-01-31T13:00:00Z,1,="a""b"; put the cell in quotes, and double the quote in it',
  ],
  [
    '"x""y",1,a',
    "bad_timestamp",
    'timestamp "x\\"y": not an ISO 8601 date and time; it looks like 2024-01-31T13:00:00Z',
  ],
  [
    '2024-01-31T13:00:00Z,"1,5",a',
    "bad_value",
    'kWh_value "1,5": a decimal comma; write a point, or use --decimal-comma',
  ],
  ["2024-01-31T13:00:00Z,1,a\0b", "bad_source", 'meter_id "a\\u0000b": a NUL character in the id'],
  ['2024-01-31T13:00:00Z,1,"a"b', "bad_quote", 'text after a closing quote: 2024-01-31T13:00:00Z,1,"a"b'],
  ['2024-01-31T13:00:00Z,1,"a" ', "bad_quote", 'text after a closing quote: 2024-01-31T13:00:00Z,1,"a"'],
  [
    '2024-01-31T13:00:00Z,1,a"b',
    "bad_quote",
    'a quote inside a cell that is not quoted: 2024-01-31T13:00:00Z,1,a"b; put the cell in quotes, and double the quote in it',
  ],
];

describe.each([
  ["\\n", "\n"],
  ["\\r\\n", "\r\n"],
])("rows that end with %s", (_, end) => {
  const content = `${HEADER}${end}${ROWS.map(([row]) => `${ROW}${end}${row}${end}`).join("")}${ROW}`;

  test("are reported with their line if they are bad", async () => {
    const seen = await aggregate("a.csv", content);
    expect(seen.said.slice(0, -1)).toEqual(
      ROWS.map(([, , message], i) => `a.csv: record ${2 * i + 2} (line ${2 * i + 3}): ${message}`),
    );
    expect(seen.said.at(-1)).toBe(
      `error: ${ROWS.length} of ${2 * ROWS.length + 1} records are bad ` +
        `(4 bad_quote, 1 bad_source, 2 bad_timestamp, 2 bad_value, 5 wrong_cells); ${ASIDE}`,
    );
    expect([seen.status, seen.files.size]).toEqual([1, 0]);
  });

  test("are summed with skip, except for bad ones, which are stored word for word, without line ends", async () => {
    const seen = await aggregate("a.csv", content, ...SKIP);
    expect(totalsOf(seen)).toMatchObject({ kWh: String(ROWS.length + 1), rejected: ROWS.length });
    const kept = rejectedIn(seen.files.get("rejected.ndjson"));
    expect(kept.map(({ reason, text }) => [reason, text])).toEqual(ROWS.map(([row, reason]) => [reason, row]));
    for (const { byte, text } of kept) expect(content.slice(byte, byte + text!.length)).toBe(text);
  });
});

test("cells, quoted or not, are validated like JSON strings", async () => {
  const texts = (table: typeof VALUES) =>
    table.filter(([json]) => json.startsWith('"')).map(([json, why]) => [JSON.parse(json) as string, why] as const);
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = [
    ...texts(TIMESTAMPS).map(([text, why]) => [`${quoted(text)},1,a`, `timestamp ${JSON.stringify(text)}: ${why}`]),
    ...texts(VALUES).map(([text, why]) => [
      `2024-01-31T13:00:00Z,${quoted(text)},a`,
      `kWh_value ${JSON.stringify(text)}: ${why}`,
    ]),
  ];
  const seen = await aggregate("a.csv", `${HEADER}\n${rows.map(([row]) => row).join("\n")}\n`, ...SKIP);
  const kept = rejectedIn(seen.files.get("rejected.ndjson"));
  expect(kept.map(({ message }) => message)).toEqual(rows.map(([, message]) => message));
});

/** Rows around a quote that is not closed; the kWh that are left; the lines that are bad. */
const UNCLOSED: readonly (readonly [what: string, rows: readonly string[], kWh: string, lines: readonly number[]])[] = [
  ["in the last cell", [ROW, '2024-01-31T13:00:00Z,1,"a', ROW, ROW], "3", [3]],
  ["in the first cell", [ROW, '"2024-01-31T13:00:00Z,1,a', ROW, ROW], "3", [3]],
  ["in the last row", [ROW, ROW, '2024-01-31T13:00:00Z,1,"a'], "2", [4]],
  ["before rows with quotes", ['2024-01-31T13:00:00Z,1,"a', '2024-01-31T13:00:00Z,1,"b"', ROW], "2", [2]],
  ["twice", ['2024-01-31T13:00:00Z,1,"a', '2024-01-31T13:00:00Z,1,"b', ROW], "1", [2, 3]],
  ["far from the end", ['2024-01-31T13:00:00Z,1,"a', ...Array.from({ length: 50_000 }, () => ROW)], "50000", [2]],
];

test.each(UNCLOSED)("an unclosed quote affects only its line: %s", async (_, rows, kWh, lines) => {
  const seen = await aggregate("a.csv", `${[HEADER, ...rows].join("\n")}\n`, ...SKIP);
  expect(totalsOf(seen)).toMatchObject({ kWh, rejectedByReason: { bad_quote: lines.length } });
  expect(rejectedIn(seen.files.get("rejected.ndjson")).map(({ line }) => line)).toEqual(lines);
});

test("a quote inside a header cell does not begin a quoted cell, so that no row becomes part of the header", async () => {
  const content = `timestamp,kWh_value,6" pipe\n2024-01-31T13:00:00Z,1,b"\n${ROW}\n`;
  const seen = await aggregate("a.csv", content, ...SKIP);
  expect(totalsOf(seen)).toMatchObject({ kWh: "1", rejectedByReason: { bad_quote: 1 } });
  expect(rejectedIn(seen.files.get("rejected.ndjson")).map(({ line }) => line)).toEqual([2]);
});

test("an unclosed quote is reported as such", async () => {
  const seen = await aggregate("a.csv", `${HEADER}\n2024-01-31T13:00:00Z,1,"a\n${ROW}\n`);
  expect(seen.said[0]).toBe(
    'a.csv: record 1 (line 2): a quote that is opened is not closed: 2024-01-31T13:00:00Z,1,"a',
  );
});

test("line ends, separators and doubled quotes in quotes are part of the cell, and lines are counted on", async () => {
  const content = `${HEADER}\n2024-01-31T13:00:00Z,1,"a\n""b"",\r\nc"\n\n\r\n2024-01-31T13:00:00Z,x,"a\nb"\n${ROW}\n`;
  const seen = await aggregate("a.csv", content, ...SKIP);
  expect(seen.said[0]).toBe(
    'a.csv: record 2 (line 7): kWh_value "x": not a number; write the energy as a number, as 1.5',
  );
  expect(rejectedIn(seen.files.get("rejected.ndjson"))[0]).toMatchObject({
    text: '2024-01-31T13:00:00Z,x,"a\nb"',
    byte: content.indexOf("2024-01-31T13:00:00Z,x"),
  });
  expect(totalsOf(seen)).toMatchObject({ readings: 2, sources: 2 });
});

/** First lines of files that are neither JSON nor CSV with the needed columns, and what is said. */
const NO_HEADER: readonly (readonly [content: string | Buffer, message: string])[] = [
  ["time,kwh\n", '"time,kwh": no timestamp (found: time, kwh); try --timestamp-field time'],
  ["timestamp;kwh\n", '"timestamp;kwh": no kWh_value (found: timestamp, kwh); try --value-field kwh'],
  ["timestamp\tkwh\n", '"timestamp\\tkwh": no kWh_value (found: timestamp, kwh); try --value-field kwh'],
  [
    "Time_stamp,KWH_Value\n",
    '"Time_stamp,KWH_Value": no timestamp (found: Time_stamp, KWH_Value); try --timestamp-field Time_stamp',
  ],
  [
    "timestamp, my kWh\n",
    '"timestamp, my kWh": no kWh_value (found: timestamp, "my kWh"); try --value-field \'my kWh\'',
  ],
  ["a,b\n", '"a,b": no timestamp (found: a, b); say which one it is with --timestamp-field'],
  [
    `${ROW}\n`,
    `"${ROW}": it is a reading already; to read it, say --header none --timestamp-field '#1' --value-field '#2'. The first lines, as cells: line 1: ${ROW.replaceAll(",", " | ")}`,
  ],
  [
    "timestamp,kWh_value\r2024-01-31T13:00:00Z,1\r",
    '"timestamp,kWh_value\\r2024-01-31T13:00:00Z,1": its lines end with a carriage return alone; they need a line feed (\\n)',
  ],
];

test.each(NO_HEADER)("a first line that is not a header is refused: %j", async (content, message) => {
  const seen = await aggregate("a.csv", content);
  expect(seen.said).toEqual([
    `error: a.csv: line 1, byte 1: neither JSON nor CSV with a header row: the first line is ${message}`,
  ]);
  expect([seen.status, seen.files.size]).toEqual([1, 0]);
});

test.each(["timestamp,kWh_value|timestamp", "kWh_value,timestamp|kWh_value", "timestamp,kWh_value,meter_id|meter_id"])(
  "a column that is needed and named twice: %s",
  async (header) => {
    const [names, twice] = header.split("|");
    const seen = await aggregate("a.csv", `${names},${twice}\n`);
    expect(seen.said).toEqual([
      `error: a.csv: line 1, byte 1: the header names "${twice}" more than once; which column counts? Rename the others`,
    ]);
    expect(seen.status).toBe(1);
  },
);

test("names of columns are found in another case and with blanks around them, where no other name fits", async () => {
  const row = (...cells: string[]) => `${cells.join("|")}\n`;
  const seen = await aggregate(
    "a.csv",
    row("KWH_VALUE", " meter_id ", '" Timestamp"', "TIMESTAMPS") + row("1.5", "m", "2024-01-31T13:00:00Z", "x"),
    "--by-source",
  );
  expect(totalsOf(seen)).toMatchObject({ kWh: "1.5", readings: 1, sources: 1 });
  const exact = await aggregate("a.csv", "Timestamp,kWh_value,timestamp\nx,1.5,2024-01-31T13:00:00Z\n");
  expect(totalsOf(exact)).toMatchObject({ kWh: "1.5", readings: 1 });
  const two = await aggregate("a.csv", "Timestamp,kWh_value,TIMESTAMP\nx,1.5,2024-01-31T13:00:00Z\n");
  expect(two.said).toEqual([
    'error: a.csv: line 1, byte 1: the header has "Timestamp" and "TIMESTAMP"; say which column counts with --timestamp-field Timestamp',
  ]);
  const named = await aggregate(
    "a.csv",
    "Timestamp,kWh_value,TIMESTAMP\nx,1.5,2024-01-31T13:00:00Z\n",
    ...["--timestamp-field", "TIMESTAMP"],
  );
  expect(totalsOf(named)).toMatchObject({ kWh: "1.5", readings: 1 });
});

test.each([["timestamp,kWh_value"], ["timestamp;kWh_value\r\n"], ["\ufefftimestamp\tkWh_value\n\n\n"]])(
  "a header alone is a dataset without readings: %j",
  async (content) => {
    const seen = await aggregate("a.csv", content);
    expect(seen.said[0]).toBe("warning: there are no readings, so there is nothing to sum");
    expect([seen.status, seen.files.get("daily_data.csv")]).toEqual([0, "daily_timestamp,aggregated_kWh_value\n"]);
  },
);

test("bytes that are not UTF-8 make a row bad, even in a column that is not needed", async () => {
  const content = bytes(`${HEADER},note\n${ROW},caf`, [0xe9], `\n${ROW},x\n2024-01-31T13:00:00Z,1,"M`, [0xe2, 0x82]);
  const seen = await aggregate("a.csv", content, ...SKIP);
  expect(seen.said.slice(0, 2)).toEqual([
    "a.csv: record 1 (line 2): not UTF-8 (0xe9) at byte 29 of the record: 2024-01-31T13:00:00Z,1,a,caf\ufffd; if the text has another encoding, name it: --encoding windows-1252",
    'a.csv: record 3 (line 4): a quote that is opened is not closed: 2024-01-31T13:00:00Z,1,"M\ufffd',
  ]);
  expect(rejectedIn(seen.files.get("rejected.ndjson")).map(({ base64 }) => base64)).toEqual([
    bytes(`${ROW},caf`, [0xe9]).toString("base64"),
    bytes('2024-01-31T13:00:00Z,1,"M', [0xe2, 0x82]).toString("base64"),
  ]);
  expect(totalsOf(seen)).toMatchObject({ kWh: "1" });
});
