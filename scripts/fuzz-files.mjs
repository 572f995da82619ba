// `node scripts/fuzz-files.mjs [--seconds N] [--seed N]`: zip archives and Parquet files, damaged at random. Each has to be
// read, or to end with an error that names it, within some seconds and some memory. Ends with exit status 1 at the first
// that is not, which is then in .cache/fuzz/.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { begin, compile, FOLDER, Trial } from "./fuzz-run.mjs";

const COMMAND = "node scripts/fuzz-files.mjs";
const { seconds, seed: first } = begin(COMMAND);
compile("zip", ["test/input/zip-samples.ts"]);

/** @type {typeof import("../test/input/zip-samples.js")} */
const { zipOf } = await import(join(FOLDER, "zip/zip-samples.js"));
const { unpackAll } = await import("../dist/input/unpack.js");
const { RunError } = await import("../dist/base/errors.js");
const { aggregateFiles } = await import("../dist/index.js");
const { DuckDBInstance } = await import("@duckdb/node-api");
const { Choose } = await import("../test/scan/choose.mjs");

const samples = await made();
const end = performance.now() + seconds * 1000;
const trial = new Trial(COMMAND);
let read = 0;
console.log(`fuzz-files: seed ${first}, ${seconds} s, ${samples.length} files`);
for (let seed = first; performance.now() < end; seed++) {
  const choose = Choose.seeded(seed * 0x9e3779b1);
  const bytes = damaged(choose, choose.of(samples));
  await trial.input(bytes, seed, "a body", () => readBody(bytes));
}
console.log(`fuzz-files: ${trial.report()}; ${read} of them read`);
trial.end();
process.exit(0);

/** Reads a file as a body. @param {Buffer} bytes */
async function readBody(bytes) {
  async function* source() {
    yield bytes;
  }
  try {
    for await (const { blocks } of unpackAll(source(), "file", new AbortController().signal)) {
      let length = 0;
      for await (const block of blocks) {
        length += block.length;
        if (length > 1e8) break;
      }
    }
    read++;
  } catch (error) {
    if (!(error instanceof RunError) || !/^file(:|\b)/.test(error.message)) throw error;
    if (/undefined|\[object|NaN/.test(error.message)) throw error;
  }
}

/** @param {import("../test/scan/choose.mjs").Choose} choose @param {Buffer} sample */
function damaged(choose, sample) {
  let bytes = Buffer.from(sample);
  for (let times = choose.of([1, 1, 2, 3, 8]); times > 0 && bytes.length > 8; times--) {
    // What describes the rest is at the end.
    const at = choose.oneIn(2)
      ? choose.below(bytes.length)
      : bytes.length - 1 - choose.below(Math.min(600, bytes.length));
    const kind = choose.below(6);
    if (kind === 0) bytes[at] = choose.below(256);
    else if (kind === 1) bytes[at] = /** @type {number} */ (bytes[at]) ^ (1 << choose.below(8));
    else if (kind === 2)
      bytes.fill(choose.of([0, 0x7f, 0x80, 0xff]), at, Math.min(bytes.length, at + choose.between(1, 8)));
    else if (kind === 3) bytes = bytes.subarray(0, Math.max(4, at));
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + choose.between(1, 20))]);
    else {
      const from = choose.below(bytes.length);
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(from, from + choose.between(1, 40)),
        bytes.subarray(at),
      ]);
    }
  }
  // Otherwise it would be text.
  sample.copy(bytes, 0, 0, 4);
  if (choose.oneIn(2) && sample.toString("latin1", 0, 4) === "PAR1")
    bytes.write("PAR1", Math.max(0, bytes.length - 4), "latin1");
  return bytes;
}

/** Archives and Parquet files, of our own and of another engine. */
async function made() {
  const folder = mkdtempSync(join(tmpdir(), "electro-fuzz-"));
  const line = '{"timestamp":"2024-01-01T00:00:00Z","kWh_value":1.5,"meter_id":"m"}\n';
  const path = (/** @type {string} */ name) => join(folder, name);
  writeFileSync(path("a.ndjson"), line.repeat(100));
  await aggregateFiles(path("a.ndjson"), { output: path("out"), format: "parquet", bySource: true, withCounts: true });
  const files = [readFileSync(path("out/daily_data.parquet")), readFileSync(path("out/hourly_data_01_01.parquet"))];
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const rows = `SELECT 'meter ' || (n % 3) AS meter_id, TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (n) HOUR AS "timestamp",
    n::DECIMAL(38,18) / 8 AS kWh_value, n / 3 AS x, NULLIF(n % 5, 0) AS y, [n] AS z, {'a': n} AS s FROM range(300) t(n)`;
  for (const options of ["snappy", "zstd", "gzip", "lz4_raw", "brotli", "uncompressed, PARQUET_VERSION v2"]) {
    await connection.run(`COPY (${rows}) TO '${path("d.parquet")}' (FORMAT parquet, COMPRESSION ${options})`);
    files.push(readFileSync(path("d.parquet")));
  }
  connection.closeSync();
  instance.closeSync();
  rmSync(folder, { recursive: true });
  const parquet = /** @type {Buffer} */ (files[0]);
  const members = [
    { name: "a.ndjson", content: line.repeat(50) },
    { name: "b/c.csv", content: "timestamp,kWh_value\n", method: 0 },
    { name: "d.parquet", content: parquet, descriptor: true },
    { name: "e.json", content: line, zip64: true },
  ];
  const cell = '<c t="s"><v>0</v></c><c s="0" r="B1"><v>45322.5</v></c><c t="inlineStr"><is><t>x</t></is></c>';
  const book = Object.entries({
    "xl/workbook.xml": '<workbook xmlns:r="x"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<a><Relationship Id="r1" Type="x/worksheet" Target="s.xml"/></a>',
    "xl/styles.xml": '<a><cellXfs><xf numFmtId="22"/></cellXfs></a>',
    "xl/sharedStrings.xml": "<sst><si><t>one</t></si></sst>",
    "xl/s.xml": `<a>${`<row>${cell}</row>`.repeat(5)}</a>`,
  }).map(([name, content]) => ({ name, content, method: 0 }));
  return [
    ...files,
    zipOf(book),
    zipOf(members),
    zipOf(members.slice(0, 1), "comment"),
    zipOf(members.slice(2)),
    zipOf(members),
  ];
}
