// `node scripts/fuzz-files.mjs [--seconds N] [--seed N]`: zip archives and Parquet files, damaged at random. Each has to be
// read, or to end with an error that names it, within some seconds and some memory. Ends with exit status 1 at the first
// that is not, which is then in .cache/fuzz/.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ready, root } from "./ready.mjs";

const FOLDER = join(root, ".cache/fuzz");
/** Milliseconds, and bytes of the process beyond what it had, that a file may take. */
const MOST_TIME = 30_000;
const MOST_MEMORY = 1.5e9;

const { values } = parseArgs({ options: { seconds: { type: "string", default: "60" }, seed: { type: "string" } } });
const seconds = Number(values.seconds);
const first = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
if (!(seconds > 0) || !Number.isInteger(first)) {
  console.error("usage: node scripts/fuzz-files.mjs [--seconds N] [--seed WHOLE NUMBER]");
  process.exit(2);
}

ready({ tests: true });
process.chdir(root);
mkdirSync(FOLDER, { recursive: true });
// The archives are made in TypeScript, which Node 20 does not run.
const { status } = spawnSync(
  process.execPath,
  [
    ...[
      "node_modules/typescript/bin/tsc",
      "test/input/zip-samples.ts",
      "--ignoreConfig",
      "--outDir",
      ".cache/fuzz/zip",
    ],
    ...["--module", "nodenext", "--target", "es2023", "--types", "node", "--skipLibCheck"],
  ],
  { stdio: "inherit" },
);
if (status !== 0) process.exit(1);

/** @type {typeof import("../test/input/zip-samples.js")} */
const { zipOf } = await import(join(FOLDER, "zip/zip-samples.js"));
const { unpackAll } = await import("../dist/input/unpack.js");
const { RunError } = await import("../dist/base/errors.js");
const { aggregateFiles } = await import("../dist/index.js");
const { DuckDBInstance } = await import("@duckdb/node-api");
const { Choose } = await import("../test/scan/choose.mjs");

const samples = await made();
const end = performance.now() + seconds * 1000;
const before = process.memoryUsage().rss;
const done = { files: 0, read: 0, most: 0, slowest: 0 };
console.log(`fuzz-files: seed ${first}, ${seconds} s, ${samples.length} files`);
for (let seed = first; performance.now() < end; seed++) {
  const choose = Choose.seeded(seed * 0x9e3779b1);
  await one(damaged(choose, choose.of(samples)), seed);
}
const mega = Math.round(done.most / 1e6);
console.log(
  `fuzz-files: ${done.files} files, ${done.read} of them read; at most ${Math.round(done.slowest)} ms and ${mega} MB`,
);
process.exit(0);

/** Reads a file as a body. @param {Buffer} bytes @param {number} seed */
async function one(bytes, seed) {
  const began = performance.now();
  const stuck = setTimeout(() => fail(bytes, seed, `it takes more than ${MOST_TIME} ms`), MOST_TIME);
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
    done.read++;
  } catch (error) {
    const message = error instanceof RunError ? error.message : String(error instanceof Error ? error.stack : error);
    if (!(error instanceof RunError) || !/^file(:|\b)/.test(message) || /undefined|\[object|NaN/.test(message))
      fail(bytes, seed, message);
  } finally {
    clearTimeout(stuck);
  }
  done.files++;
  done.slowest = Math.max(done.slowest, performance.now() - began);
  done.most = Math.max(done.most, process.memoryUsage().rss - before);
  if (done.most > MOST_MEMORY) fail(bytes, seed, `the process has grown by ${done.most} bytes`);
}

/** @param {Buffer} bytes @param {number} seed @param {string} message @returns {never} */
function fail(bytes, seed, message) {
  writeFileSync(join(FOLDER, "file"), bytes);
  console.log(
    `\nseed ${seed}: ${message}\nin .cache/fuzz/file; again with: node scripts/fuzz-files.mjs --seed ${seed}`,
  );
  process.exit(1);
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
