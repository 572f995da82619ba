// `node scripts/past-memory.mjs [--sources N] [--days N] [--memory SIZE] [--folder DIR]`: sums more cells than fit into
// the memory that a run may use (100,000 sources × 30 days of quarter hours under 1 GB, unless told otherwise), checks a
// sample of the rows against sums of its own, and prints the peak of resident memory and the times. It takes some 15 GB
// of disk, in a folder that is gone afterwards, and is no part of the tests: test/pipeline/spill.test.ts is its small form.
import { spawn } from "node:child_process";
import {
  closeSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { root } from "./ready.mjs";

const { values } = parseArgs({
  options: {
    sources: { type: "string", default: "100000" },
    days: { type: "string", default: "30" },
    memory: { type: "string", default: "1GB" },
    folder: { type: "string", default: tmpdir() },
  },
});
const SOURCES = Number(values.sources);
const DAYS = Number(values.days);
const FIRST = Date.UTC(2024, 1, 15);
const QUARTERS = 96;

/** Thousandths of a kWh that a source has in a quarter hour: any number below 3,000, in no order. */
const thousandths = (/** @type {number} */ source, /** @type {number} */ quarter) =>
  ((Math.imul(source + 1, 0x9e3779b1) ^ Math.imul(quarter + 1, 0x85ebca6b)) >>> 0) & 0x7ff;

const folder = mkdtempSync(join(values.folder, "electro-past-memory-"));
try {
  const bytes = timed("generated", () => generate(join(folder, "in")));
  console.log(`${(SOURCES * DAYS * QUARTERS).toLocaleString("en")} readings, ${gigabytes(bytes)}`);
  await run();
  await check(join(folder, "out"));
} finally {
  rmSync(folder, { recursive: true });
}

/** Writes a CSV file for each day, all sources in turn, quarter hour by quarter hour. */
function generate(/** @type {string} */ into) {
  mkdirSync(into);
  const digits = Array.from({ length: 2048 }, (_, n) => Buffer.from(`,${(n / 1000).toFixed(3)},m`));
  const ids = Array.from({ length: SOURCES }, (_, n) => Buffer.from(`${n}\n`));
  const block = Buffer.alloc(1 << 22);
  let bytes = 0;
  for (let day = 0; day < DAYS; day++) {
    const file = openSync(join(into, `day-${String(day).padStart(3, "0")}.csv`), "wx");
    let used = block.write("timestamp,kWh_value,meter_id\n");
    const flush = () => {
      bytes += writeSync(file, block, 0, used);
      used = 0;
    };
    for (let quarter = day * QUARTERS; quarter < (day + 1) * QUARTERS; quarter++) {
      const time = Buffer.from(`${new Date(FIRST + quarter * 900_000).toISOString().slice(0, 16)}Z`);
      for (let source = 0; source < SOURCES; source++) {
        if (used > block.length - 64) flush();
        for (const piece of [time, digits[thousandths(source, quarter)], ids[source]]) {
          block.set(/** @type {Buffer} */ (piece), used);
          used += /** @type {Buffer} */ (piece).length;
        }
      }
    }
    flush();
    closeSync(file);
  }
  return bytes;
}

async function run() {
  const began = Date.now();
  const args = ["aggregate", join(folder, "in"), "--by-source", "--with-counts", "--memory", values.memory];
  const child = spawn(process.execPath, [join(root, "dist/bin/electro.js"), ...args, "-o", join(folder, "out")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  let peak = 0;
  let spilled = 0;
  const looking = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      peak = Math.max(peak, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      spilled = Math.max(spilled, scratchBytes());
    } catch {
      // It has ended, or this system does not tell.
    }
  }, 200);
  const status = await new Promise((resolve) => child.once("exit", resolve));
  clearInterval(looking);
  if (status !== 0) throw new Error(`electro ended with status ${status}`);
  console.log(
    `aggregated under ${values.memory}: ${seconds(began)}, at most ${gigabytes(peak)} resident, ${gigabytes(spilled)} on the disk`,
  );
  if (spilled === 0) throw new Error("nothing was merged on the disk, so nothing was shown");
}

function scratchBytes() {
  let bytes = 0;
  for (let n = 0; n < 64; n++)
    bytes += statSync(join(folder, "out", `.electro-cells-${n}.tmp`), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

/** Counts all rows, and compares those of some sources with sums of its own. */
async function check(/** @type {string} */ output) {
  const began = Date.now();
  const sample = new Set(Array.from({ length: 50 }, (_, n) => Math.floor((n * (SOURCES - 1)) / 49)));
  let rows = 0;
  let compared = 0;
  for (let day = 0; day < DAYS; day++) {
    const date = new Date(FIRST + day * 864e5).toISOString().slice(0, 10);
    const lines = createInterface({
      input: createReadStream(join(output, `hourly_data_${date.slice(8)}_${date.slice(5, 7)}.csv`)),
    });
    for await (const line of lines) {
      const [time = "", id = "", kWh, count] = line.split(",");
      if (time === "hourly_timestamp") continue;
      rows++;
      if (!sample.has(Number(id.slice(1)))) continue;
      compare(line, Number(id.slice(1)), (Date.parse(time) - FIRST) / 900_000, 4, kWh, count);
      compared++;
    }
  }
  for await (const line of createInterface({ input: createReadStream(join(output, "daily_data.csv")) })) {
    const [date = "", id = "", kWh, count] = line.split(",");
    if (date === "daily_timestamp") continue;
    rows++;
    if (!sample.has(Number(id.slice(1)))) continue;
    compare(line, Number(id.slice(1)), (Date.parse(date) - FIRST) / 900_000, QUARTERS, kWh, count);
    compared++;
  }
  const expected = SOURCES * DAYS * 25;
  if (rows !== expected) throw new Error(`${rows} rows instead of ${expected}`);
  console.log(
    `${rows.toLocaleString("en")} rows are there, ${compared.toLocaleString("en")} of them compared: ${seconds(began)}`,
  );
}

/**
 * @param {string} line @param {number} source @param {number} first @param {number} quarters
 * @param {string | undefined} kWh @param {string | undefined} count
 */
function compare(line, source, first, quarters, kWh, count) {
  let sum = 0;
  for (let quarter = first; quarter < first + quarters; quarter++) sum += thousandths(source, quarter);
  if (kWh !== String(sum / 1000) || count !== String(quarters))
    throw new Error(`${line}: it should be ${sum / 1000}, of ${quarters}`);
}

/** @template T @param {string} what @param {() => T} action */
function timed(what, action) {
  const began = Date.now();
  const result = action();
  console.log(`${what}: ${seconds(began)}`);
  return result;
}

function seconds(/** @type {number} */ began) {
  return `${((Date.now() - began) / 1000).toFixed(1)} s`;
}

function gigabytes(/** @type {number} */ bytes) {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
