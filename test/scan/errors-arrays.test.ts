/** Arrays and wrappers whose structure is broken: nothing after it can be trusted, so the run fails, with skip too. */
import { describe, expect, test } from "vitest";
import {
  aggregate,
  aggregateIn,
  type Bytes,
  bytes,
  filesIn,
  inFolder,
  put,
  READ,
  rejectedIn,
  SKIP,
  totalsOf,
} from "./errors-support.js";

const TRUST = "inside an array the rest cannot be trusted";
const CUT = "the file is cut off; copy or fetch it again";
const T = '"timestamp":"2024-01-31T13:00:00Z"';

interface Failing {
  readonly what: string;
  readonly content: string;
  /** Line and byte, counted from 1, at which it goes wrong; then what is wrong. */
  readonly message: string;
  readonly args?: readonly string[];
}

const FAILING: readonly Failing[] = [
  {
    what: "a bracket and nothing else",
    content: "[",
    message: `line 1, byte 2: the text ends inside the array of records: ${CUT}`,
  },
  {
    what: "cut off after a record",
    content: `[${READ},\n${READ}`,
    message: `line 2, byte 104: the text ends inside the array of records: ${CUT}`,
  },
  {
    what: "cut off after a comma",
    content: `[${READ},\n`,
    message: `line 2, byte 54: the text ends inside the array of records: ${CUT}`,
  },
  {
    what: "cut off inside a record",
    content: `[${READ},\n{"times`,
    message: `line 2, byte 61: the text ends inside the array of records: ${CUT}`,
  },
  {
    what: "cut off inside a value that is no record",
    content: `[${READ},\n[1,`,
    message: `line 2, byte 57: the text ends inside the array of records: ${CUT}`,
  },
  {
    what: "a comma after the last record",
    content: `[${READ},\n${READ},\n]`,
    message: `line 3, byte 106: not JSON: a comma before the closing bracket: ]; ${TRUST}`,
  },
  {
    what: "a comma before the first record",
    content: `[,${READ}]`,
    message: `line 1, byte 2: not JSON: no value where one was expected: ,${READ}]; ${TRUST}`,
  },
  {
    what: "two commas",
    content: `[${READ},\n,${READ}]`,
    message: `line 2, byte 54: not JSON: no value where one was expected: ,${READ}]; ${TRUST}`,
  },
  {
    what: "no comma between two records",
    content: `[${READ}\n${READ}]`,
    message: `line 2, byte 53: not JSON: neither , nor ] after a record: ${READ}]; ${TRUST}`,
  },
  {
    what: "a brace in place of the bracket",
    content: `[${READ}\n}`,
    message: `line 2, byte 53: not JSON: neither , nor ] after a record: }; ${TRUST}`,
  },
  {
    what: "NaN",
    content: `[${READ},\n{${T},"kWh_value":NaN}]`,
    message: `line 2, byte 102: not JSON: NaN, which JSON does not have: {${T},"kWh_value":NaN}]; ${TRUST}`,
  },
  {
    what: "a record that is cut off",
    content: `[${READ},\n{${T},"kWh_value":\n${READ}]`,
    message: `line 3, byte 153: not JSON: neither , nor } after a value: …_value": ${READ}]; ${TRUST}`,
  },
  {
    what: "a string that is not closed",
    content: `[{"timestamp":"2024-01-31T13:00:00Z,\n"kWh_value":1}]`,
    message: `line 1, byte 37: not JSON: the line ends inside a string: {"timestamp":"2024-01-31T13:00:00Z, "kWh_value":1}]; ${TRUST}`,
  },
  {
    what: "Python's way of printing a list",
    content: "[{'timestamp': '2024-01-31T13:00:00Z', 'kWh_value': 1}]",
    message: `line 1, byte 3: not JSON: single quotes; JSON has double quotes: {'timestamp': '2024-01-31T13:00:00Z', 'kWh_value': 1}]; ${TRUST}`,
  },
  {
    what: "words",
    content: `[${READ}, oops]`,
    message: `line 1, byte 54: not JSON: oops, which JSON does not have: oops]; ${TRUST}`,
  },
  {
    what: "broken in the second of two arrays",
    content: `[${READ}]\n[${READ} ${READ}]`,
    message: `line 2, byte 106: not JSON: neither , nor ] after a record: ${READ}]; ${TRUST}`,
  },
  {
    what: "a wrapper that is cut off in its array",
    content: `{"meta":1,"data":[${READ},`,
    message: `line 1, byte 70: the text ends inside the wrapper object: ${CUT}`,
  },
  {
    what: "a wrapper that is broken in its array",
    content: `{"meta":1,"data":[\n${READ},\n${READ} oops\n]}`,
    message: `line 3, byte 123: not JSON: neither , nor ] after a value: …, ${READ} oops ]}; ${TRUST}`,
  },
  {
    what: "two arrays of objects",
    content: `{"a":[${READ}],"b":[],"c d":[${READ}]}`,
    message: "line 1, byte 1: more than one array of objects: /a, /c d; say which with --records /a",
  },
  {
    what: "two arrays of objects, of which one has timestamps",
    content: `{"sites":[{"id":1}],"c d":[${READ}]}`,
    message: "line 1, byte 1: more than one array of objects: /sites, /c d; say which with --records '/c d'",
  },
  {
    what: "records beside an empty array, not right in the object",
    content: `{"errors":[],"data":{"readings":[${READ}]}}`,
    message:
      "line 1, byte 1: this object's only array, /errors, is empty, but there are records in /data/readings; say which with --records /data/readings",
  },
  {
    what: "the same with the empty arrays behind, on the second of some lines",
    content: `{"readings":[${READ}]}\n{"data":{"a":[{"b":[{"kWh_value":1}]}],"c d":[[${READ}]]},"w":[],"errors":[]}`,
    message:
      "line 2, byte 67: this object's arrays, /w, /errors, are empty, but there are records in /data/a/*/b, /data/c d/*; say which with --records '/data/a/*/b'",
  },
  {
    what: "more places with records than are told",
    content: `{"none":[],"meters":{${Array.from({ length: 30 }, (_, n) => `"m${n}":{"r":[${READ}]}`)}}}`,
    message: `line 1, byte 1: this object's only array, /none, is empty, but there are records in ${Array.from({ length: 11 }, (_, n) => `/meters/m${n}/r`).join(", ")}, …; say which with --records /meters/m0/r`,
  },
  {
    what: "an element without an array, where the pointer means every one",
    content: `{"m":[{"r":[${READ}]},{"r":[]},{"id":1,"R":[]}]}`,
    message: `line 1, byte 89: no array at "/m/2/r", where --records '/m/*/r' leads; found: id, R`,
    args: ["--records", "/m/*/r"],
  },
  {
    what: "an element that is no object, where the pointer goes on",
    content: `[{"r":[${READ}]},null]`,
    message: `line 1, byte 61: no array at "/1/r", where --records '/*/r' leads`,
    args: ["--records", "/*/r"],
  },
  {
    what: "an id of the object around records that is none, before them",
    content: `{"n":1,\n "meter_id":{"a":1},"data":[${READ}]}`,
    message:
      'line 2, byte 21: meter_id {"a":1}: an object; ids are strings or integers; it is the source of the records in this object that have none of their own',
  },
  {
    what: "an id with a lone surrogate, of an object further out, after them",
    content: `{"m":[{"r":[${READ}]}],\n"meter_id":"a\\udc00"}`,
    message:
      'line 2, byte 81: meter_id "a\\udc00": a lone surrogate; it is the source of the records in this object that have none of their own',
    args: ["--records", "/m/*/r"],
  },
  {
    what: "a pointer to nowhere",
    content: `{"a":[${READ}],"b":{"c":1}}`,
    message: `line 1, byte 70: no array at "/x", where --records /x leads; found: a, b`,
    args: ["--records", "/x"],
  },
  {
    what: "a pointer to nowhere inside an object",
    content: `{"a":[${READ}],"b":{"c":1}}`,
    message: `line 1, byte 70: no array at "/b/x", where --records /b/x leads; found: c`,
    args: ["--records", "/b/x"],
  },
  {
    what: "a pointer to what is no array",
    content: `{"a":[${READ}],"b":{"c":1}}`,
    message: `line 1, byte 70: no array at "/b/c", where --records /b/c leads`,
    args: ["--records", "/b/c"],
  },
  {
    what: "a pointer where the dataset is an array itself",
    content: `[${READ}]`,
    message: `line 1, byte 52: no array at "/data", where --records /data leads; the dataset is an array itself: leave --records /data out`,
    args: ["--records", "/data"],
  },
  {
    what: "a pointer where the dataset is records",
    content: `${READ}\n${READ}`,
    message: `line 1, byte 50: no array at "/data", where --records /data leads; found: timestamp, kWh_value`,
    args: ["--records", "/data"],
  },
  {
    what: "cut off under a pointer",
    content: `{"page":{"data":[${READ}`,
    message: `line 1, byte 68: the text ends inside the array of records: ${CUT}`,
    args: ["--records", "/page/data"],
  },
  {
    what: "cut off after the array, under a pointer",
    content: `{"page":{"data":[${READ}],"next`,
    message: `line 1, byte 75: the text ends inside the wrapper object: ${CUT}`,
    args: ["--records", "/page/data"],
  },
  {
    what: "broken after the array, under a pointer",
    content: `{"page":{"data":[${READ}],next:1}}`,
    message: `line 1, byte 70: not JSON: a key without quotes: next:1}}; ${TRUST}`,
    args: ["--records", "/page/data"],
  },
];

describe.each(FAILING)("$what", ({ content, message, args = [] }) => {
  test.each([["fail"], ["skip"]])(
    "fails with --on-error %s: the message says where, nothing is written, and the previous output stays",
    (mode) =>
      inFolder(async (folder) => {
        put(folder, "before.json", READ);
        const before = await aggregateIn(folder, ["before.json"]);
        put(folder, "a.json", content);
        const seen = await aggregateIn(folder, ["a.json", "--on-error", mode, ...args]);
        expect(seen.said).toEqual([`error: a.json: ${message}`]);
        expect(seen.status).toBe(1);
        expect(seen.files).toEqual(before.files);
      }),
  );
});

test("bad records before the error and in other inputs are reported too, and stored with --rejects", () =>
  inFolder(async (folder) => {
    put(folder, "a.json", `[42,${READ}`);
    put(folder, "b.json", `[${READ},null]`);
    const seen = await aggregateIn(folder, ["a.json", "b.json", ...SKIP, "--rejects", "bad.ndjson"]);
    expect(seen.said).toEqual([
      "a.json: record 1 (line 1): a number where a record was expected: 42",
      "b.json: record 2 (line 1): null where a record was expected: null",
      `error: a.json: line 1, byte 55: the text ends inside the array of records: ${CUT}`,
    ]);
    expect(seen.status).toBe(1);
    expect(seen.files.size).toBe(0);
    expect(rejectedIn(filesIn(folder).get("bad.ndjson")).map(({ input, text }) => [input, text])).toEqual([
      ["a.json", "42"],
      ["b.json", "null"],
    ]);
  }));

/** Odd datasets that are whole, and the kWh in them. */
const WHOLE: readonly (readonly [what: string, content: Bytes, kWh: string])[] = [
  ["an empty array", "[]", "0"],
  ["blanks only", " \n\t\r\n", "0"],
  ["nothing", "", "0"],
  ["a byte-order mark only", bytes([0xef, 0xbb, 0xbf]), "0"],
  ["a byte-order mark before an array", bytes([0xef, 0xbb, 0xbf], `[${READ}]`), "1"],
  ["a wrapper with an empty array", '{"data":[]}', "0"],
  ["a wrapper with empty arrays", '{"data":[],"errors":[]}', "0"],
  ["arrays one after another", `[${READ}][${READ}]\n[]\n[${READ},${READ}]`, "4"],
  ["wrappers one after another", `{"data":[${READ}]}\n{"data":[]}\n{"data":[${READ},${READ}]}`, "3"],
  ["an array, then records on lines", `[${READ},\n${READ}]\n${READ}\n${READ}`, "4"],
  ["records on lines, then an array", `${READ}\n${READ}\n[${READ},\n${READ}]`, "4"],
  ["an empty page", '{"readings":[],"meta":{"unit":"kWh","links":[{"rel":"next"}]},"next":null}', "0"],
  ["an empty array beside records", `{"errors":[],"readings":[${READ}],"old":{"readings":[${READ}]}}`, "1"],
  [
    "an id that is none around records that need none",
    `{"meter_id":1.5,"data":[${READ.slice(0, -1)},"meter_id":1}]}`,
    "1",
  ],
  ["an empty array under a pointer", '{"data":[]}', "0"],
];

test.each(WHOLE)("%s is not an error", async (what, content, kWh) => {
  const seen = await aggregate("a.json", content, ...(what.endsWith("pointer") ? ["--records", "/data"] : []));
  expect(seen.status).toBe(0);
  expect(totalsOf(seen)).toMatchObject({ kWh, rejected: 0 });
  if (kWh === "0") {
    expect(seen.said).toEqual([
      "warning: there are no readings, so there is nothing to sum",
      "0 readings",
      "total 0 kWh",
      "daily_data.csv in output_data/",
    ]);
    expect(seen.files.get("daily_data.csv")).toBe("daily_timestamp,aggregated_kWh_value\n");
  } else expect(seen.said).toHaveLength(3);
});

test.each([
  ["a record", `{"data":{"more":{"readings":[${READ}]}}}`, "/data/more/readings"],
  ["a record of an array", `[{"readings":[${READ}]}]`, "'/*/readings'"],
  ["a record of a wrapper", `{"a/b":[{"c":{"readings":[${READ}]}}]}`, "'/a~1b/*/c/readings'"],
])("%s that holds records: the advice has the pointer from the document's root, and works", (_, content, pointer) =>
  inFolder(async (folder) => {
    put(folder, "a.json", content);
    const seen = await aggregateIn(folder, ["a.json"]);
    expect(seen.said[0]).toContain(`; if the records are in ${pointer.replaceAll("'", "")}, say --records ${pointer}`);
    const again = await aggregateIn(folder, ["a.json", "--records", pointer.replaceAll("'", "")]);
    expect(totalsOf(again)).toMatchObject({ kWh: "1" });
  }),
);

test("a given period is written even if the dataset is empty", async () => {
  const seen = await aggregate("a.json", "[]", "--from", "2024-01-31", "--to", "2024-02-01");
  expect([...seen.files.keys()]).toEqual([
    "daily_data.csv",
    "hourly_data_01_02.csv",
    "hourly_data_31_01.csv",
    "manifest.json",
  ]);
  expect(seen.files.get("daily_data.csv")).toBe("daily_timestamp,aggregated_kWh_value\n2024-01-31,0\n2024-02-01,0\n");
});

/** In an array a bad record costs itself only, whatever it is. */
test("each value in an array that is not a record is a bad record", async () => {
  const seen = await aggregate("a.json", `[1,"x",null,[1],true,{},[${READ}],${READ}]`, ...SKIP);
  expect(seen.said.slice(0, 7)).toEqual([
    "a.json: record 1 (line 1): a number where a record was expected: 1",
    'a.json: record 2 (line 1): a string where a record was expected: "x"',
    "a.json: record 3 (line 1): null where a record was expected: null",
    "a.json: record 4 (line 1): an array where a record was expected: [1]",
    "a.json: record 5 (line 1): a boolean where a record was expected: true",
    "a.json: record 6 (line 1): no timestamp (no fields at all)",
    `a.json: record 7 (line 1): an array where a record was expected: [${READ}]`,
  ]);
  expect(totalsOf(seen)).toMatchObject({ kWh: "1", rejectedByReason: { not_a_record: 6, missing_timestamp: 1 } });
});
