// slow: files that another engine writes
/** Parquet files as DuckDB writes them: what they hold is read without losing a digit, and damage is told. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveInputs } from "../../dist/input/resolve.js";
import { openStream } from "../../dist/input/stream.js";
import { unpack } from "../../dist/input/unpack.js";
import { electro } from "../oracle/electro.js";
import { withApp } from "../service/in-process.js";
import { zipOf } from "./zip-samples.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "electro-parquet-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes what a query gives. */
async function write(name: string, query: string, options = ""): Promise<string> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const path = join(folder, name);
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet${options === "" ? "" : `, ${options}`})`);
  connection.closeSync();
  instance.closeSync();
  return path;
}

async function linesOf(path: string): Promise<string[]> {
  const { inputs } = await resolveInputs([path], { cwd: folder, exclude: [] });
  const blocks: Uint8Array[] = [];
  for await (const block of openStream(inputs[0]!)) blocks.push(block);
  return Buffer.concat(blocks).toString().trimEnd().split("\n");
}

describe("values come as they are, to the last digit", () => {
  const VALUES = [
    ["DECIMAL(38,18)", "-12345678901234567890.123456789012345678", "-12345678901234567890.123456789012345678"],
    ["DECIMAL(18,6)", "0.000001", "0.000001"],
    ["DECIMAL(9,3)", "-1.5", "-1.500"],
    ["DECIMAL(4,1)", "0", "0.0"],
    ["DOUBLE", "0.1", "0.1"],
    ["DOUBLE", "1e-7", "1e-7"],
    ["DOUBLE", "123456789.123456789", "123456789.12345679"],
    ["DOUBLE", "'NaN'", '"NaN"'],
    ["DOUBLE", "'-inf'", '"-Infinity"'],
    ["FLOAT", "0.1", "0.1"],
    ["FLOAT", "16777216", "16777216"],
    ["FLOAT", "3.4028235e38", "3.4028235e+38"],
    ["TINYINT", "-5", "-5"],
    ["UTINYINT", "200", "200"],
    ["UINTEGER", "4294967295", "4294967295"],
    ["BIGINT", "-9007199254740993", "-9007199254740993"],
    ["UBIGINT", "18446744073709551615", "18446744073709551615"],
    ["BOOLEAN", "true", "true"],
    ["VARCHAR", `'a "quoted" é 😀\n'`, JSON.stringify('a "quoted" é 😀\n')],
    ["TIMESTAMPTZ", "'2024-01-31 13:45:00.123456+02'", '"2024-01-31T11:45:00.123456Z"'],
    ["TIMESTAMPTZ", "'1969-12-31 23:59:59.5Z'", '"1969-12-31T23:59:59.500000Z"'],
    ["TIMESTAMP", "'2024-01-31 13:45:00'", '"2024-01-31T13:45:00"'],
    ["TIMESTAMP_MS", "'2024-01-31 13:45:00.5'", '"2024-01-31T13:45:00.500"'],
    ["TIMESTAMP_NS", "'2024-01-31 13:45:00.123456789'", '"2024-01-31T13:45:00.123456789"'],
    ["DATE", "'2024-01-31'", '"2024-01-31"'],
    ["DATE", "'1969-12-31'", '"1969-12-31"'],
    ["UUID", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
    ["VARCHAR", "NULL", "null"],
    ["DOUBLE", "NULL", "null"],
  ];
  test.each([[""], ["PARQUET_VERSION v2"]])("of every type %s", async (options) => {
    const query = VALUES.map(([type, value], n) => `${value}::${type} AS v${n}`).join(", ");
    const [line = "", ...others] = await linesOf(await write("one.parquet", `SELECT ${query}`, options));
    expect(others).toEqual([]);
    let rest = line;
    VALUES.forEach(([type, value, expected], n) => {
      const start = `${n === 0 ? "{" : ","}"v${n}":${expected}`;
      expect(rest.slice(0, start.length), `${type} ${value}`).toBe(start);
      rest = rest.slice(start.length);
    });
    expect(rest).toBe("}");
  });

  test.each([["PARQUET_VERSION v1"], ["PARQUET_VERSION v2"]])(
    "in many rows, some of them null, with %s",
    async (options) => {
      const query = `SELECT n AS a, if(n % 7 = 3, NULL, n * 12345678901) AS b, 'text ' || (n * 7919 % 5000) AS c,
      if(n // 500 % 2 = 0, NULL, n % 11) AS d, n % 3 = 0 AS e, if(n % 5 < 2, NULL, n % 2 = 0) AS f, n / 8 AS g,
      NULL::INTEGER AS h, (n * n)::DECIMAL(38,2) AS i, if(n = 4000, 'once', NULL) AS j FROM range(5000) t(n)`;
      const lines = await linesOf(await write("many.parquet", query, options));
      const expected = Array.from({ length: 5000 }, (_, n) =>
        JSON.stringify({
          ...{ a: n, b: n % 7 === 3 ? null : n * 12345678901, c: `text ${(n * 7919) % 5000}` },
          ...{ d: Math.floor(n / 500) % 2 === 0 ? null : n % 11, e: n % 3 === 0, f: n % 5 < 2 ? null : n % 2 === 0 },
          ...{ g: n / 8, h: null, i: `${n * n}.00`, j: n === 4000 ? "once" : null },
        }).replace(/"(\d+\.00)"/, "$1"),
      );
      expect(lines).toEqual(expected);
    },
  );

  test("and what is no plain value is an object, which is no id", async () => {
    const path = await write(
      "nested.parquet",
      `SELECT [1, 2] AS a, {'x': 1, 'y': [2]} AS b, 1 AS c, '13:00'::TIME AS d, MAP {'k': 1} AS e, 'z' AS "f.g"`,
    );
    expect(await linesOf(path)).toEqual(['{"a":{},"b":{},"c":1,"d":{},"e":{},"f.g":"z"}']);
  });
});

/** Quarter hours of three meters, of which one value is missing. */
const READINGS = `SELECT 'meter ' || (n % 3) AS meter_id,
  TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (n // 3 * 15) MINUTE AS "timestamp",
  ((n * 7919) % 5000)::DECIMAL(18,3) / 1000 AS kWh_value FROM range(30000) t(n)`;

async function daily(...args: string[]): Promise<string> {
  const { status, stderr } = await electro(["aggregate", ...args, "--by-source", "-o", "out", "--force"], folder);
  expect([status, stderr]).toEqual([0, expect.stringContaining("30,000 readings of 3 sources")]);
  return readFileSync(join(folder, "out/daily_data.csv"), "utf8");
}

describe("a Parquet file is summed like the same readings as CSV", () => {
  let expected: string;
  beforeAll(async () => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(`COPY (${READINGS}) TO '${join(folder, "same.csv")}' (FORMAT csv)`);
    connection.closeSync();
    instance.closeSync();
    expected = await daily("same.csv");
  });

  test.each([
    ["COMPRESSION snappy"],
    ["COMPRESSION zstd"],
    ["COMPRESSION gzip"],
    ["COMPRESSION lz4_raw"],
    ["COMPRESSION brotli"],
    ["COMPRESSION uncompressed"],
    ["ROW_GROUP_SIZE 2048"],
    ["PARQUET_VERSION v2"],
  ])("with %s", async (options) => {
    await write("readings.parquet", READINGS, options);
    expect(await daily("readings.parquet")).toBe(expected);
  });

  test("from standard input, too", async () => {
    const path = await write("readings.parquet", READINGS);
    const args = ["aggregate", "-", "--by-source", "-o", "out", "--force", "--hash-inputs"];
    const { status } = await electro(args, folder, readFileSync(path));
    expect([status, readFileSync(join(folder, "out/daily_data.csv"), "utf8")]).toEqual([0, expected]);
  });

  test("by its bad rows, which are records with a number", async () => {
    await write(
      "bad.parquet",
      `SELECT * REPLACE (if(rowid = 7, NULL, kWh_value) AS kWh_value) FROM (SELECT *, row_number() OVER () - 1 AS rowid FROM (${READINGS}))`,
    );
    const { status, stderr } = await electro(["aggregate", "bad.parquet", "-o", "out", "--force"], folder);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/bad\.parquet: record 8 \(line 8\): .*null/)]);
  });

  test("in UTF-8, whatever encoding is said, alone and in an archive", async () => {
    const row = `SELECT 'zähler' AS meter_id, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS "timestamp", 1.5 AS kWh_value`;
    const bytes = readFileSync(await write("umlaut.parquet", row));
    writeFileSync(join(folder, "umlaut.zip"), zipOf([{ name: "u.parquet", content: bytes }]));
    const options = ["--encoding", "windows-1252", "--by-source", "-o", "out", "--force"];
    for (const [name, stdin] of [
      ["umlaut.parquet"],
      ["umlaut.zip"],
      ["-", readFileSync(join(folder, "umlaut.zip"))],
    ] as const) {
      const { status } = await electro(["aggregate", name, ...options], folder, stdin);
      expect([status, readFileSync(join(folder, "out/daily_data.csv"), "utf8")]).toEqual([
        0,
        "daily_timestamp,source_id,aggregated_kWh_value\n2024-01-01,zähler,1.5\n",
      ]);
    }
  });

  test("but not if it was compressed as a whole", async () => {
    writeFileSync(join(folder, "r.parquet.gz"), gzipSync(readFileSync(await write("readings.parquet", READINGS))));
    const { status, stderr } = await electro(["aggregate", "r.parquet.gz", "-o", "out", "--force"], folder);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining("a Parquet file that was compressed as a whole; decompress it"),
    ]);
  });

  test("once when it is loaded twice, and as a body, with the type or without, alone or in an archive", async () => {
    const path = await write("readings.parquet", READINGS);
    for (const said of ["1 input: 1 added", "1 input: 1 already loaded"])
      expect((await electro(["load", "readings.parquet"], folder)).stderr).toContain(said);
    await withApp({}, async (ask) => {
      const bytes = readFileSync(path);
      const type = "application/vnd.apache.parquet";
      for (const asked of [
        { body: bytes },
        { body: bytes, headers: { "content-type": type } },
        { body: zipOf([{ name: "r.parquet", content: bytes }]) },
      ]) {
        const { status, json } = await ask("POST", "/v1/readings", asked);
        expect([status, json.readings, json.sources]).toEqual([201, 30_000, 3]);
        const { text } = await ask("POST", "/v1/aggregate?resolution=day&by=source", {
          ...asked,
          headers: { ...asked.headers, accept: "text/csv" },
        });
        expect(text).toBe(expected);
      }
      const cut = await ask("POST", "/v1/readings", { body: bytes.subarray(0, -1) });
      expect([cut.status, cut.json.code, cut.json.detail]).toEqual([
        422,
        "bad_body",
        "body: the Parquet file cannot be read: its end is missing, so it is cut off",
      ]);
    });
  });
});

describe("what is damaged is an error that says so", () => {
  async function outcome(bytes: Buffer): Promise<string> {
    async function* source() {
      yield bytes;
    }
    try {
      let length = 0;
      for await (const block of unpack(source(), "r")) length += block.length;
      return `${length} bytes`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  test("wherever it is cut off", async () => {
    const bytes = readFileSync(await write("small.parquet", `SELECT * FROM (${READINGS}) LIMIT 40`));
    for (let length = 4; length < bytes.length; length += 29)
      expect(await outcome(bytes.subarray(0, length)), `${length} bytes`).toMatch(
        /^r: the Parquet file cannot be read: /,
      );
  });

  test("or the rows, as far as bytes that are others let them be read", async () => {
    const bytes = readFileSync(await write("small.parquet", `SELECT * FROM (${READINGS}) LIMIT 40`));
    for (let at = 4; at < bytes.length; at += 23) {
      const other = Buffer.from(bytes);
      other[at] = other[at]! ^ 0xff;
      expect(await outcome(other), `byte ${at}`).toMatch(/^(r: the Parquet file cannot be read: .|\d+ bytes$)/);
    }
  });

  test.each([
    ["an encrypted one", Buffer.from("PAR1........PARE"), "it is encrypted"],
    ["one without an end", Buffer.from("PAR1"), "its end is missing"],
    ["one with a description that is not there", Buffer.from("PAR1\xff\xff\xff\x00PAR1", "latin1"), /./],
    ["one with a huge description", Buffer.from("PAR1\xff\xff\xff\x7fPAR1", "latin1"), "larger than 64 MiB"],
  ])("%s", async (_, bytes, said) => {
    expect(await outcome(bytes)).toMatch(said);
  });
});

describe("what claims to be large costs its own run only", () => {
  const column = { name: "a", type: "INT64", repetition_type: "REQUIRED" } as const;
  function file(change: (writer: ParquetWriter) => void, columns: readonly string[] = [column.name]): Buffer {
    const bytes = new ByteWriter();
    const schema = [{ name: "schema", num_children: columns.length }, ...columns.map((name) => ({ ...column, name }))];
    const writer = new ParquetWriter({ writer: bytes, schema });
    void writer.write({ columnData: columns.map((name) => ({ name, data: new BigInt64Array(100) })) });
    change(writer);
    void writer.finish();
    return Buffer.from(bytes.getBytes());
  }
  const meta = (writer: ParquetWriter) => writer.row_groups[0]!.columns[0]!.meta_data!;
  /** The footer as it is, around nothing. */
  function footer(bytes: Buffer): Buffer {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([Buffer.from("PAR1"), bytes, length, Buffer.from("PAR1")]);
  }
  async function linesIn(bytes: Buffer): Promise<string> {
    async function* source() {
      yield bytes;
    }
    let text = "";
    for await (const block of unpack(source(), "r")) text += Buffer.from(block).toString();
    return text;
  }

  test("wide tables are read", async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `c${n}`);
    const lines = (await linesIn(file(() => {}, names))).trimEnd().split("\n");
    expect([lines.length, Object.keys(JSON.parse(lines[99]!)).length]).toEqual([100, 1000]);
  });

  test.each<[string, () => Buffer, string]>([
    [
      "a billion rows",
      () => file((writer) => Object.assign(writer.row_groups[0]!, { num_rows: 1_000_000_000n })),
      "it has a row group of 1000000000 rows; write it with smaller row groups",
    ],
    [
      "more rows than there are",
      () => file((writer) => Object.assign(writer.row_groups[0]!, { num_rows: 15_000_000n })),
      'its column "a" has 100 of 15000000 values',
    ],
    ["fewer than none", () => file((writer) => Object.assign(writer.row_groups[0]!, { num_rows: -1n })), "of -1 rows"],
    [
      "many rows of many columns",
      () =>
        file(
          (writer) => Object.assign(writer.row_groups[0]!, { num_rows: 1_000_000n }),
          Array.from({ length: 500 }, (_, n) => `c${n}`),
        ),
      "it has a row group of 1000000 rows of 500 columns; write it with smaller row groups, or fewer columns",
    ],
    [
      "a column elsewhere",
      () =>
        file((writer) => Object.assign(meta(writer), { data_page_offset: 99_999n, dictionary_page_offset: undefined })),
      'its column "a" is cut off',
    ],
    [
      "a column that is larger than the file",
      () => file((writer) => Object.assign(meta(writer), { total_compressed_size: 1n << 40n })),
      'its column "a" is cut off',
    ],
    [
      "pages that go back to where they began",
      () => {
        const bytes = file(() => {});
        // The size of the first page as it is stored: a field of a struct whose types and numbers are one byte each.
        expect(bytes.toString("hex", 4, 7)).toMatch(/^15..15$/);
        bytes[bytes.indexOf(0x15, 7)] = 0x18;
        return bytes;
      },
      "damaged",
    ],
    // Found by scripts/fuzz-files.mjs: it ended the process.
    [
      "a run without end",
      () => readFileSync(join(import.meta.dirname, "endless-run.parquet")),
      'its column "x" has 2092 instead of 300 values',
    ],
    ["levels without end", () => footer(Buffer.alloc(1_000_000, 0x1c)), "its structure is damaged"],
    ["a list without end", () => footer(Buffer.from("29fcffffffff0f", "hex")), "its structure is damaged"],
    ["no columns", () => footer(Buffer.from("15021900160019000000", "hex")), "it has no column of plain values"],
    [
      "10,001 columns",
      () =>
        file(
          () => {},
          Array.from({ length: 10_001 }, (_, n) => `c${n}`),
        ),
      "it has more than 10000 columns",
    ],
  ])("%s", async (_, bytes, message) => {
    await expect(linesIn(bytes())).rejects.toThrow(message);
  });
});
