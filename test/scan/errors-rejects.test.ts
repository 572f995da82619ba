/** What becomes of bad records: told, counted, kept; and of the output of the run before. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ASIDE, aggregate, aggregateIn, bytes, filesIn, inFolder, put, READ, SKIP } from "./errors-support.js";

const OTHER = READ.replace("01-31", "02-01");
const BAD = '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":"x"}';
const WHY = 'kWh_value "x": not a number; write the energy as a number, as 1.5';

/** The file of rejects, word for word. */
const MIXED = bytes(`${READ}\n${BAD}\n{"a":"`, [0xe9], `"}\n---\r\n`);
const KEPT =
  `{"input":"a.json","record":2,"line":2,"byte":51,"reason":"bad_value","message":${JSON.stringify(WHY)},"text":${JSON.stringify(BAD)}}\n` +
  '{"input":"a.json","record":3,"line":3,"byte":104,"reason":"bad_text","message":"not UTF-8 (0xe9) at byte 7 of the record: {\\"a\\":\\"\ufffd\\"}; if the text has another encoding, name it: --encoding windows-1252","base64":"eyJhIjoi6SJ9"}\n' +
  '{"input":"a.json","record":4,"line":4,"byte":114,"reason":"not_json","message":"not JSON: no { where a record was expected: ---","text":"---"}\n';

test("skip stores bad records in the output folder, as the manifest says", async () => {
  const seen = await aggregate("a.json", MIXED, ...SKIP);
  expect(seen.files.get("rejected.ndjson")).toBe(KEPT);
  const manifest = JSON.parse(seen.files.get("manifest.json")!) as { files: { name: string; rows: number }[] };
  expect(manifest.files).toContainEqual(expect.objectContaining({ name: "rejected.ndjson", rows: 3 }));
  expect(manifest).toMatchObject({
    totals: { records: 4, readings: 1, rejected: 3, rejectedByReason: { bad_value: 1, bad_text: 1, not_json: 1 } },
    inputs: [{ records: 4, readings: 1 }],
    warnings: [{ code: "rejected", message: "3 bad records were set aside and kept in output_data/rejected.ndjson" }],
  });
});

describe("a row with several bad values", () => {
  const TABLE = "timestamp;a;b;c;d\n2024-01-31T13:00:00Z;1;x;2;y\n2024-01-31T14:00:00Z;z;2e16;3;4\n";
  const VALUES = ["--value-field", "a", "--value-field", "b", "--value-field", "c", "--value-field", "d"];

  test("is kept once, with the first reason, and the fields of the others", async () => {
    const seen = await aggregate("a.csv", TABLE, ...VALUES, ...SKIP);
    const kept = seen.files.get("rejected.ndjson")!.trimEnd().split("\n");
    expect(kept.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        ...{ input: "a.csv", record: 1, line: 2, byte: 18, reason: "bad_value" },
        ...{ message: 'b "x": not a number; write the energy as a number, as 1.5', more: { bad_value: ["d"] } },
        text: "2024-01-31T13:00:00Z;1;x;2;y",
      },
      {
        ...{ input: "a.csv", record: 2, line: 3, byte: 47, reason: "bad_value" },
        ...{ message: expect.stringMatching(/^a "z": /), more: { value_too_large: ["b"] } },
        text: "2024-01-31T14:00:00Z;z;2e16;3;4",
      },
    ]);
    const manifest = JSON.parse(seen.files.get("manifest.json")!) as { files: { name: string; rows: number }[] };
    expect(manifest).toMatchObject({
      totals: { records: 2, readings: 4, rejected: 4, rejectedByReason: { bad_value: 3, value_too_large: 1 } },
    });
    expect(manifest.files).toContainEqual(expect.objectContaining({ name: "rejected.ndjson", rows: 2 }));
  });

  test("takes no more than some times its own size, however many there are", async () => {
    const names = Array.from({ length: 3000 }, (_, n) => `v${n}`);
    const wide = `timestamp,${names.join(",")}\n${`2024-01-31T13:00:00Z${",x".repeat(3000)}\n`.repeat(3)}`;
    const seen = await aggregate("a.csv", wide, "--value-field", "v*", ...SKIP);
    expect(seen.files.get("rejected.ndjson")!.length).toBeLessThan(5 * wide.length);
    expect(seen.files.get("rejected.ndjson")!.split("\n").length).toBe(4);
  });

  test("has its bad unit told once", async () => {
    const table = "timestamp;unit;a;b\n2024-01-31T13:00:00Z;;1;2\n2024-01-31T14:00:00Z;kWh;1;2\n";
    const seen = await aggregate("a.csv", table, ...VALUES.slice(0, 4), "--unit-field", "unit", ...SKIP);
    expect(JSON.parse(seen.files.get("manifest.json")!)).toMatchObject({
      totals: { readings: 2, rejected: 1, rejectedByReason: { missing_unit: 1 } },
    });
  });
});

test("a run without bad records writes no file of them, and removes that of the previous run", () =>
  inFolder(async (folder) => {
    put(folder, "a.json", MIXED);
    expect((await aggregateIn(folder, ["a.json", ...SKIP])).files.has("rejected.ndjson")).toBe(true);
    put(folder, "a.json", READ);
    expect((await aggregateIn(folder, ["a.json", ...SKIP])).files.has("rejected.ndjson")).toBe(false);
  }));

describe("--rejects", () => {
  test("stores bad records if the run fails, and nothing else is written", () =>
    inFolder(async (folder) => {
      put(folder, "a.json", MIXED);
      const seen = await aggregateIn(folder, ["a.json", "--rejects", "bad.ndjson"]);
      expect(seen.said.at(-1)).toBe(
        "error: 3 of 4 records are bad (1 bad_text, 1 bad_value, 1 not_json); nothing was written. " +
          "Bad records are kept in bad.ndjson. --on-error skip sets bad records aside and sums the rest",
      );
      expect([seen.status, seen.files.size]).toEqual([1, 0]);
      expect(filesIn(folder).get("bad.ndjson")).toBe(KEPT);
    }));

  test("stores them there instead of in the output folder if the run succeeds", () =>
    inFolder(async (folder) => {
      put(folder, "a.json", MIXED);
      const seen = await aggregateIn(folder, ["a.json", ...SKIP, "--rejects", "bad.ndjson"]);
      expect(seen.said).toContain("warning: 3 bad records were set aside and kept in bad.ndjson");
      expect([seen.status, [...seen.files.keys()]]).toEqual([
        0,
        ["daily_data.csv", "hourly_data_31_01.csv", "manifest.json"],
      ]);
      expect(filesIn(folder).get("bad.ndjson")).toBe(KEPT);
    }));

  test("empties the file of the previous run if there are none", () =>
    inFolder(async (folder) => {
      put(folder, "a.json", READ);
      put(folder, "bad.ndjson", KEPT);
      expect((await aggregateIn(folder, ["a.json", "--rejects", "bad.ndjson"])).status).toBe(0);
      expect(filesIn(folder).get("bad.ndjson")).toBe("");
    }));

  // An input in a folder that is named, one that is not an input at all, and what only looks like bad records.
  test.each([
    ["in/b.json", READ],
    ["b.json", READ],
    ["c.ndjson", '{"input":"a.json","kWh_value":1,"record":1,"line":1}'],
  ])("takes the place of no file of somebody's own: %s", (name, content) =>
    inFolder(async (folder) => {
      put(folder, "in/a.json", MIXED);
      put(folder, name, content);
      const seen = await aggregateIn(folder, ["in", ...SKIP, "--rejects", name]);
      expect([seen.status, seen.said, seen.files.size]).toEqual([
        1,
        [
          `error: cannot write ${name}: the file exists and does not contain bad records; name another file, or move it away`,
        ],
        0,
      ]);
      expect(readFileSync(join(folder, name), "utf8")).toBe(content);
    }),
  );
});

test("record numbers are per input, and all inputs are read before the run fails", () =>
  inFolder(async (folder) => {
    put(folder, "in/a.ndjson", `${BAD}\n${READ}\n`);
    put(folder, "in/b.json", `[${READ},\n${BAD}]`);
    put(folder, "in/c.csv", "timestamp,kWh_value\n2024-01-31T13:00:00Z,x\n");
    const seen = await aggregateIn(folder, ["in", "-"], [Buffer.from(`${READ}${BAD}`)]);
    expect(seen.said).toEqual([
      `in/a.ndjson: record 1 (line 1): ${WHY}`,
      `in/b.json: record 2 (line 2): ${WHY}`,
      `in/c.csv: record 1 (line 2): ${WHY}`,
      `standard input: record 2 (line 1): ${WHY}`,
      `error: 4 of 7 records are bad (4 bad_value); ${ASIDE}`,
    ]);
  }));

describe("of many bad records", () => {
  const content = `${READ}\n${`${BAD}\n`.repeat(25)}`;

  test("the first 20 are reported, and the others counted", async () => {
    const { said } = await aggregate("a.json", content);
    expect(said).toHaveLength(22);
    expect(said[19]).toBe(`a.json: record 21 (line 21): ${WHY}`);
    expect(said[20]).toBe("… and 5 more; -v shows them");
    expect(said[21]).toBe(`error: 25 of 26 records are bad (25 bad_value); ${ASIDE}`);
  });

  test("all are reported with -v", async () => {
    const { said } = await aggregate("a.json", content, "-v");
    expect(said.filter((line) => line.endsWith(WHY))).toHaveLength(25);
  });

  test("none is reported with -q and skip, but that they were set aside", async () => {
    expect((await aggregate("a.json", content, "-q", ...SKIP)).said).toEqual([
      "warning: 25 bad records were set aside and kept in output_data/rejected.ndjson",
    ]);
    expect((await aggregate("a.json", content, "-q")).said).toHaveLength(22);
  });
});

test("a run that fails leaves the output of the run before as it was, and one that succeeds replaces it", () =>
  inFolder(async (folder) => {
    put(folder, "a.json", `${READ}\n${OTHER}\n`);
    const before = await aggregateIn(folder, ["a.json"]);
    expect([...before.files.keys()]).toContain("hourly_data_01_02.csv");
    put(folder, "a.json", `${READ}\n${BAD}\n`);
    for (const args of [["a.json"], ["a.json", "--rejects", "bad.ndjson"], ["a.json", ...SKIP, "--strict"]]) {
      const failed = await aggregateIn(folder, args);
      expect(failed.status).toBe(1);
      expect(failed.files).toEqual(before.files);
    }
    const after = await aggregateIn(folder, ["a.json", ...SKIP]);
    expect([...after.files.keys()]).toEqual([
      "daily_data.csv",
      "hourly_data_31_01.csv",
      "manifest.json",
      "rejected.ndjson",
    ]);
  }));

test("if all records are bad, skip writes a table without rows and warns", async () => {
  const seen = await aggregate("a.json", BAD, ...SKIP);
  expect(seen.said).toEqual([
    `a.json: record 1 (line 1): ${WHY}`,
    "warning: there are no readings, so there is nothing to sum",
    "warning: 1 bad record was set aside and kept in output_data/rejected.ndjson",
    "0 readings",
    "total 0 kWh · 1 record rejected (1 bad_value)",
    "daily_data.csv and rejected.ndjson in output_data/",
  ]);
  expect([seen.status, seen.files.get("daily_data.csv")]).toEqual([0, "daily_timestamp,aggregated_kWh_value\n"]);
});
