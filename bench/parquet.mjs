/**
 * How fast Parquet is read beside DuckDB, which wrote the file: `node bench/parquet.mjs [READINGS]`, `npm run build` before. Each is a
 * process of its own that sums by day and meter; nothing is timed unless their sums agree.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const readings = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), "electro-parquet-"));
const electro = new URL("../dist/bin/electro.js", import.meta.url).pathname;
const file = join(folder, "readings.parquet");

/** Runs SQL in a process of its own, and prints the rows that it gives. */
function duckdb(sql) {
  const code = `const { DuckDBInstance } = await import("@duckdb/node-api");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run("SET TimeZone = 'UTC'");
    const rows = (await connection.runAndReadAll(${JSON.stringify(sql)})).getRows();
    process.stdout.write(rows.map((row) => row.join(",")).join("\\n"), () => process.exit(0));`;
  const cwd = new URL("..", import.meta.url).pathname;
  return execFileSync(process.execPath, ["--input-type=module", "-e", code], { cwd, maxBuffer: 1 << 28 }).toString();
}

function ours() {
  const output = join(folder, "out");
  const asked = ["aggregate", file, "--by-source", "--decimals", "3", "--quiet", "--force", "-o", output];
  execFileSync(process.execPath, [electro, ...asked, "--resolutions", "day"]);
  return readFileSync(join(output, "daily_data.csv"), "utf8").trimEnd().split("\n").slice(1).sort();
}

function theirs() {
  const day = `strftime("timestamp", '%Y-%m-%d')`;
  const sql = `SELECT ${day} || ',' || meter_id || ',' || sum(kWh_value)::VARCHAR FROM '${file}' GROUP BY ${day}, meter_id`;
  // Without the zeros at the end, as in our files.
  return duckdb(sql)
    .split("\n")
    .map((row) => row.replace(/\.?0*$/, ""))
    .sort();
}

function seconds(work) {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}

try {
  duckdb(`COPY (SELECT 'meter ' || (n % 100) AS meter_id,
    TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (n // 100 * 15) MINUTE AS "timestamp",
    (((n * 7919) % 5000) / 1000)::DECIMAL(18,3) AS kWh_value FROM range(${readings}) t(n)) TO '${file}' (FORMAT parquet)`);
  const [a, b] = [ours(), theirs()];
  const at = a.findIndex((row, n) => row !== b[n]);
  if (a.length !== b.length || at >= 0) throw new Error(`the sums differ: ${a[at]} and ${b[at]}`);
  const times = { ours: [], theirs: [] };
  for (let round = 0; round < 5; round++) {
    times.ours.push(seconds(ours));
    times.theirs.push(seconds(theirs));
  }
  const median = (all) => all.toSorted((x, y) => x - y)[Math.floor(all.length / 2)];
  const [own, other] = [median(times.ours), median(times.theirs)];
  console.log(
    `${readings} readings, ${a.length} sums that agree: Electro ${own.toFixed(2)} s, DuckDB ${other.toFixed(2)} s: ${(own / other).toFixed(1)} times as long`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
