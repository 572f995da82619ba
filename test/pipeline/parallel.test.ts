/** Large files in every form, read on one thread and on several: the same bytes, the same messages. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../../dist/bin/electro.js", import.meta.url));
/** Enough bytes for two parts and a rest. */
const BYTES = 36_000_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-parallel-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Reading n, as its timestamp, value and id. */
function reading(n: number): { time: string; value: string; id: string } {
  const time = `${new Date(Date.UTC(2024, 0, 1) + Math.floor(n / 50) * 60_000).toISOString().slice(0, 19)}Z`;
  return { time, value: `${((n * 7919) % 5000) / 1000}`, id: `meter-${n % 50}` };
}

const json = (n: number) => {
  const { time, value, id } = reading(n);
  return `{"timestamp":"${time}","kWh_value":${value},"meter_id":"${id}"}`;
};

/** Writes a file of records until it is long enough. */
function write(name: string, first: string, record: (n: number) => string, between: string, last: string): string {
  const path = join(folder, name);
  const fd = openSync(path, "w");
  let size = writeSync(fd, first);
  for (let n = 0; size < BYTES; ) {
    let text = "";
    for (let i = 0; i < 5000; i++, n++) text += (n > 0 ? between : "") + record(n);
    size += writeSync(fd, text);
  }
  writeSync(fd, last);
  closeSync(fd);
  return path;
}

interface Outcome {
  status: number | null;
  stderr: string;
  files: Record<string, string>;
}

function run(path: string, workers: number, ...args: string[]): Outcome {
  const output = join(folder, "out");
  const all = ["aggregate", path, "-o", output, "--workers", String(workers), "--with-counts", "--by-source", ...args];
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...all], { encoding: "utf8", timeout: 100_000 });
  const files: Record<string, string> = {};
  for (const file of status === 0 ? readdirSync(output) : []) files[file] = readFileSync(join(output, file), "utf8");
  rmSync(output, { recursive: true, force: true });
  // How many records were read one by one depends on how the file was cut.
  return { status, stderr: stderr.replace(/^debug: .*\n/gm, ""), files };
}

/** Runs it on one thread and on some, and returns what both came to. */
function alike(path: string, ...args: string[]): Outcome {
  const one = run(path, 1, ...args);
  const more = run(path, 3, ...args);
  expect({ ...more, files: Object.keys(more.files) }).toEqual({ ...one, files: Object.keys(one.files) });
  for (const [name, text] of Object.entries(more.files)) expect(text === one.files[name], name).toBe(true);
  rmSync(path);
  return one;
}

const totals = (outcome: Outcome) => JSON.parse(outcome.files["manifest.json"]).totals;

describe("on any number of threads", () => {
  test("lines", () => {
    const outcome = alike(write("a.ndjson", "", json, "\n", "\n"));
    expect(outcome.status).toBe(0);
    expect(totals(outcome).readings).toBe(totals(outcome).records);
  });

  test("an array on one line", () => {
    expect(alike(write("a.json", "[", json, ",", "]")).status).toBe(0);
  });

  test("a wrapped array, pretty-printed, with members before and after it", () => {
    const pretty = (n: number) => {
      const { time, value, id } = reading(n);
      return `    {\n      "timestamp": "${time}",\n      "kWh_value": ${value},\n      "meter_id": "${id}"\n    }`;
    };
    const outcome = alike(
      write("w.json", '{\n  "meta": {"a": [1]},\n  "data": [\n', pretty, ",\n", '\n  ],\n  "n": [1, 2]\n}\n'),
    );
    expect(outcome.status).toBe(0);
  });

  test("an array of records without a source in an object that names it, before or after", () => {
    const some = (n: number) => (n % 3 === 0 ? json(n) : json(n).replace(/,"meter_id".*/, "}"));
    const before = alike(write("before.json", '{"meter_id":"meter-7","data":[', some, ",", "]}"));
    const after = alike(write("after.json", '{"data":[', some, ",", '],"meter_id":"meter-7"}'));
    expect(before.status).toBe(0);
    expect(totals(before).sources).toBe(50);
    expect(after.files["daily_data.csv"]).toBe(before.files["daily_data.csv"]);
    expect(after.files["daily_data.csv"]).toMatch(/^2024-01-01,meter-7,/m);
  });

  test("an id around an array that is none: at the same line and byte", () => {
    const bare = (n: number) => json(n).replace(/,"meter_id".*/, "}");
    // The first records have ids of their own.
    const late = (n: number) => (n < 300_000 ? json(n) : bare(n));
    const outcome = alike(write("id.json", '{\n"meter_id":1.5,"data":[\n', late, ",\n", "]}"));
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/id\.json: line 2, byte 14: meter_id 1\.5: a number that is not an integer/);
    expect(alike(write("id.json", '{"data":[', json, ",", '],"meter_id":1.5}')).status).toBe(0);
  });

  test("records elsewhere than in the empty array, before it or after it", () => {
    for (const [first, last] of [
      ['{"errors":[],"data":{"readings":[', "]}}"],
      ['{"data":{"readings":[', ']},"errors":[]}'],
    ] as const) {
      const outcome = alike(write("e.json", first, json, ",", last));
      expect(outcome.status).toBe(1);
      expect(outcome.stderr).toContain("there are records in /data/readings; say which with --records /data/readings");
    }
  });

  test("CSV with line ends in quoted cells", () => {
    const row = (n: number) => {
      const { time, value, id } = reading(n);
      return `${time},"note ${n}\nof two lines, ""quoted""",${value},${id}`;
    };
    expect(alike(write("q.csv", "timestamp,note,kWh_value,meter_id\r\n", row, "\r\n", "\r\n")).status).toBe(0);
  });

  test("records inside records that look just the same, so that guesses go wrong", () => {
    const nested = (n: number) => `{"old":[${json(n)},${json(n + 1)}],${json(n).slice(1)}`;
    const outcome = alike(write("n.json", "[", nested, ",", "]"));
    expect(outcome.status).toBe(0);
    expect(totals(outcome).readings).toBe(totals(outcome).records);
  });

  test("the hour that a clock change repeats, of meters second by second, told by the order of rows", () => {
    // Berlin's clock goes back at 01:00Z: each second of an hour before it and an hour after has the same wall time.
    const start = Date.UTC(2024, 9, 26, 23) / 1000;
    const wall = (n: number) => {
      const second = start + Math.floor(n / 80);
      const offset = second < Date.UTC(2024, 9, 27, 1) / 1000 ? 7200 : 3600;
      return `${new Date((second + offset) * 1000).toISOString().slice(0, 19)},${n % 997},meter ${n % 80}`;
    };
    const outcome = alike(
      write("w.csv", "timestamp,kWh_value,meter_id\n", wall, "\n", "\n"),
      "--timezone",
      "Europe/Berlin",
    );
    const { records, repeatedWallTimes, ambiguousWallTimes } = totals(outcome);
    expect({ repeatedWallTimes, ambiguousWallTimes }).toEqual({
      repeatedWallTimes: 2 * 3600 * 80,
      ambiguousWallTimes: 0,
    });
    expect(outcome.stderr).not.toContain("warning");
    const sums = new Map<string, { energy: number; count: number }>();
    for (let n = 0; n < records; n++) {
      const key = `${Math.floor(n / 80 / 3600)} meter ${n % 80}`;
      const cell = sums.get(key) ?? { energy: 0, count: 0 };
      sums.set(key, { energy: cell.energy + (n % 997), count: cell.count + 1 });
    }
    const rows = outcome.files["hourly_data_27_10.csv"].split("\n").map((row) => row.split(","));
    ["2024-10-27T02:00:00+02:00", "2024-10-27T02:00:00+01:00"].forEach((hour, h) => {
      for (let m = 0; m < 80; m++) {
        const { energy, count } = sums.get(`${h + 1} meter ${m}`)!;
        expect(rows).toContainEqual([hour, `meter ${m}`, String(energy), String(count)]);
      }
    });
  });

  test("bad records here and there: the same numbers of records and lines, kept word for word", () => {
    const some = (n: number) => (n % 100_003 === 100_002 ? json(n).replace("T", "t2") : json(n));
    const outcome = alike(write("b.ndjson", "", some, "\n", "\n"), "--on-error", "skip", "-v");
    expect(outcome.status).toBe(0);
    const rejected = outcome.files["rejected.ndjson"]
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rejected.length).toBeGreaterThan(3);
    rejected.forEach(({ record, line, text }, i) => {
      expect({ record, line }).toEqual({ record: (i + 1) * 100_003, line: (i + 1) * 100_003 });
      expect(text).toBe(some(record - 1));
    });
  });

  test("more bad records than are kept in memory", () => {
    const most = (n: number) => (n % 12 === 0 ? json(n).replace("T", " at ") : json(n));
    const outcome = alike(write("m.ndjson", "", most, "\n", "\n"), "--on-error", "skip");
    expect(totals(outcome).rejected).toBe(Math.ceil(totals(outcome).records / 12));
  });

  test("an array that breaks in the middle: at the same line and byte", () => {
    const broken = (n: number) => (n === 400_000 ? json(n).replace(":", ";") : json(n));
    const outcome = alike(write("x.json", "[\n", broken, ",\n", "\n]"));
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/x\.json: line 400002, byte \d+: not JSON/);
  });

  test("an array that is cut off", () => {
    const outcome = alike(write("c.json", "[", json, ",", ""));
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain("cut off");
  });

  test("arrays one after another", () => {
    const twice = (n: number) => (n > 0 && n % 250_000 === 0 ? `]\n[${json(n)}` : json(n));
    const path = write("t.json", "[", (n) => (n > 0 && n % 250_000 !== 0 ? "," : "") + twice(n), "", "]");
    expect(alike(path).status).toBe(0);
  });
});
