// slow: another engine reads the files
/** Parquet files have the rows of the CSV files, as DuckDB reads them, and the same rows give the same bytes. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { Temporal } from "@js-temporal/polyfill";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { electro } from "../oracle/electro.js";
import { withApp } from "../service/in-process.js";

const ZONE = "Europe/Berlin";
const ALL = "15min,hour,day,week,month,year,total";
const IDS = ["=a", 'ü, "x"', "m-1", ""];
let folder: string;
let instance: DuckDBInstance;
let engine: DuckDBConnection;
let readings: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "electro-parquet-out-"));
  instance = await DuckDBInstance.create(":memory:");
  engine = await instance.connect();
  await engine.run("SET TimeZone = 'UTC'");
  // Over a night of 25 hours, with values of all sizes and signs.
  const values = ["0.000000000000000001", "-12345678901234.5", "999999999999999", "0.5", "-0.25", "1e-19"];
  const lines: string[] = [];
  for (let n = 0; n < 300; n++) {
    const time = new Date(Date.UTC(2026, 9, 23, 20) + n * 1_234_567).toISOString();
    lines.push(JSON.stringify({ timestamp: time, kWh_value: values[n % 6], meter_id: IDS[n % 4] }));
  }
  readings = `${lines.join("\n")}\n`;
  writeFileSync(join(folder, "r.ndjson"), readings);
});
afterAll(() => {
  engine.closeSync();
  instance.closeSync();
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]): Promise<void> {
  const { status, stderr } = await electro(args, folder);
  expect([status, stderr]).toEqual([0, expect.stringContaining(" in ")]);
}

async function rowsOf(file: string): Promise<{ columns: string[]; types: string[]; rows: string[][] }> {
  const reader = await engine.runAndReadAll(`SELECT * FROM '${join(folder, file)}'`);
  return {
    columns: reader.columnNames(),
    types: reader.columnTypes().map(String),
    rows: reader.getRowsJson().map((row) => row.map(String)),
  };
}

/** The rows of a CSV file whose ids are in quotes at most where they hold some. */
async function csvRows(file: string): Promise<string[][]> {
  const from = `read_csv('${join(folder, file)}', all_varchar = true, header = true, quote = '"', escape = '"', strict_mode = true)`;
  const reader = await engine.runAndReadAll(`SELECT * FROM ${from}`);
  return reader.getRowsJson().map((row) => row.map((cell) => (cell === null ? "" : String(cell))));
}

const plain = (decimal: string) => decimal.replace(/\.?0+$/, "").replace(/^-0$/, "0") || "0";

/** Where a row begins that is labelled so, cut by the period. */
function startOf(label: string, first: string): number {
  if (label.includes("T")) return Date.parse(label);
  const day = label.split("/")[0]!;
  const date = `${day}-01-01`.slice(0, day.length === 10 ? 10 : 10);
  const from = [day.length === 10 ? day : date, first].sort()[1]!;
  return Temporal.PlainDate.from(from).toZonedDateTime(ZONE).epochMilliseconds;
}

describe("the files of a run", () => {
  test.each([
    ["totals", []],
    ["by source, with counts", ["--by-source", "--with-counts"]],
    ["rounded", ["--by-source", "--decimals", "1"]],
    ["of a period", ["--from", "2026-10-21", "--to", "2026-10-26", "--with-counts"]],
  ])("%s", async (_, options) => {
    const args = [
      "aggregate",
      "r.ndjson",
      "--timezone",
      ZONE,
      "--resolutions",
      ALL,
      "--raw-ids",
      "--force",
      ...options,
    ];
    await run(...args, "-o", "csv");
    await run(...args, "-o", "parquet", "--format", "parquet");
    const manifest = JSON.parse(readFileSync(join(folder, "parquet/manifest.json"), "utf8"));
    const names = readdirSync(join(folder, "csv")).filter((name) => name.endsWith(".csv"));
    expect(manifest.files.map(({ name }: { name: string }) => name).sort()).toEqual(
      names.map((name) => name.replace(".csv", ".parquet")).sort(),
    );
    for (const { name, rows: count, bytes, sha256 } of manifest.files) {
      const content = readFileSync(join(folder, "parquet", name));
      expect([content.length, createHash("sha256").update(content).digest("hex")]).toEqual([bytes, sha256]);
      const expected = await csvRows(`csv/${name.replace(".parquet", ".csv")}`);
      const { columns, types, rows } = await rowsOf(`parquet/${name}`);
      const bySource = options.includes("--by-source");
      const counts = options.includes("--with-counts");
      expect(columns.slice(1)).toEqual([
        ...(bySource ? ["source_id"] : []),
        ...["aggregated_kWh_value", ...(counts ? ["reading_count"] : []), "start", ...(counts ? ["covered"] : [])],
      ]);
      expect(types.slice(1)).toEqual([
        ...(bySource ? ["VARCHAR"] : []),
        ...[
          "DECIMAL(38,18)",
          ...(counts ? ["BIGINT"] : []),
          "TIMESTAMP WITH TIME ZONE",
          ...(counts ? ["BOOLEAN"] : []),
        ],
      ]);
      const kWh = columns.indexOf("aggregated_kWh_value");
      const as = rows.map((row) =>
        row.slice(0, columns.indexOf("start")).map((cell, n) => (n === kWh ? plain(cell) : cell)),
      );
      expect(as, name).toEqual(expected);
      if (counts) expect(rows.map((row) => row.at(-1))).toEqual(as.map((row) => String(row.at(-1) !== "0")));
      expect(count).toBe(rows.length);
      const starts = rows.map((row) =>
        Date.parse(row[columns.indexOf("start")]!.replace(" ", "T").replace("+00", "Z")),
      );
      expect(starts, name).toEqual(rows.map(([label]) => startOf(label!, manifest.period.from)));
    }
  });
});

test("the same rows give the same bytes: on any number of threads, from a store, and over HTTP", async () => {
  const options = ["--timezone", ZONE, "--by-source", "--resolutions", ALL, "--format", "parquet", "--force"];
  await run("aggregate", "r.ndjson", ...options, "-o", "one", "--workers", "1");
  await run("aggregate", "r.ndjson", ...options, "-o", "two", "--workers", "2");
  expect((await electro(["load", "r.ndjson"], folder)).status).toBe(0);
  await run("export", ...options, "-o", "exported");
  const names = readdirSync(join(folder, "one")).filter((name) => name.endsWith(".parquet"));
  expect(names.length).toBe(17);
  for (const name of names) {
    const bytes = readFileSync(join(folder, "one", name));
    expect(readFileSync(join(folder, "two", name)).equals(bytes), name).toBe(true);
    expect(readFileSync(join(folder, "exported", name)).equals(bytes), name).toBe(true);
  }
  await withApp({}, async (ask) => {
    await ask("POST", "/v1/readings", { body: readings });
    const headers = { accept: "application/vnd.apache.parquet" };
    for (const path of ["daily", "weekly", "monthly", "yearly", "total"]) {
      const query = `timezone=${ZONE}&by=source`;
      const answer = await ask("GET", `/v1/${path}?${query}`, { headers });
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, headers.accept]);
      const bytes = readFileSync(join(folder, "one", `${path}_data.parquet`));
      expect(answer.bytes.equals(bytes), path).toBe(true);
      const resolution =
        path === "total" ? path : { daily: "day", weekly: "week", monthly: "month", yearly: "year" }[path];
      const sum = await ask("POST", `/v1/aggregate?resolution=${resolution}&${query}`, { headers, body: readings });
      expect(sum.bytes.equals(bytes), path).toBe(true);
    }
  });
});

test("files of the other format are replaced, and those of no run are in the way", async () => {
  const args = ["aggregate", "r.ndjson", "-o", "both"];
  await run(...args);
  await run(...args, "--format", "parquet");
  expect(readdirSync(join(folder, "both")).every((name) => /\.parquet$|^manifest\.json$/.test(name))).toBe(true);
  await run(...args);
  writeFileSync(join(folder, "both/daily_data.parquet"), "mine");
  const { status, stderr } = await electro([...args, "--format", "parquet"], folder);
  expect([status, stderr]).toEqual([1, expect.stringContaining("daily_data.parquet")]);
});

test("a file of more than one row group, and one without rows", async () => {
  const lines: string[] = [];
  for (let n = 0; n < 1500; n++)
    lines.push(`{"timestamp":"2024-01-01T00:00:00Z","kWh_value":${n}.5,"meter_id":"meter ${n % 1400}"}`);
  writeFileSync(join(folder, "many.ndjson"), lines.join("\n"));
  await run("aggregate", "many.ndjson", "-o", "many", "--by-source", "--format", "parquet", "--force");
  const sums = await engine.runAndReadAll(
    `SELECT count(*), count(DISTINCT source_id), sum(aggregated_kWh_value)::VARCHAR, count(DISTINCT start) FROM '${join(folder, "many/hourly_data_01_01.parquet")}'`,
  );
  expect(sums.getRowsJson()).toEqual([["33600", "1400", "1125000.000000000000000000", "24"]]);
  writeFileSync(join(folder, "none.json"), "[]");
  const { status } = await electro(["aggregate", "none.json", "-o", "none", "--format", "parquet"], folder);
  expect([status, (await rowsOf("none/daily_data.parquet")).rows]).toEqual([0, []]);
});
