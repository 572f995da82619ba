/**
 * `node bench/many-files.mjs [--files N] [--load N] [--rounds N] [--electro PATH]`: many small files. `aggregate` of N files
 * (default 200,000, of 5 readings) with one worker and with two, in alternation; `load` of N files (default 10,000, of 96
 * readings) into a new store, and again when all are known. Totals are checked. Files are kept in bench/.cache.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "200000" },
    load: { type: "string", default: "10000" },
    rounds: { type: "string", default: "5" },
    electro: { type: "string", default: fileURLToPath(new URL("../dist/bin/electro.js", import.meta.url)) },
  },
});
const cache = resolve(process.env.ELECTRO_BENCH_CACHE ?? fileURLToPath(new URL(".cache", import.meta.url)));
const METERS = 1000;

const wattHours = (n, r) => (n * 7 + r * 13) % 1000;

/** A folder of files, one for each meter and day. @returns its path, and the Wh of all readings */
function folderOf(files, readings) {
  const path = join(cache, `files-${files}-${readings}`);
  let total = 0;
  for (let n = 0; n < files; n++) for (let r = 0; r < readings; r++) total += wattHours(n, r);
  if (existsSync(path)) return { path, total };
  const making = `${path}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  for (let n = 0; n < files; n++) {
    const meter = `m${String(n % METERS).padStart(4, "0")}`;
    const day = Math.floor(n / METERS);
    const records = Array.from({ length: readings }, (_, r) => {
      const time = new Date(Date.UTC(2024, 0, 1 + day) + Math.floor((r * 86_400_000) / readings));
      return `{"meter_id":"${meter}","timestamp":"${time.toISOString().slice(0, 19)}Z","kWh_value":${wattHours(n, r) / 1000}}`;
    });
    writeFileSync(join(making, `${meter}-${day}.json`), `[${records.join(",")}]\n`);
  }
  renameSync(making, path);
  return { path, total };
}

const grouped = (total) => (total / 1000).toLocaleString("en", { maximumFractionDigits: 3 });

/** Runs a command, holds what it says to what it should, and tells its time and memory. */
function run(args, expected) {
  const probe = `process.on("exit", () => console.error(\`peak \${process.resourceUsage().maxRSS}\`))`;
  const flags = ["--import", `data:text/javascript,${encodeURIComponent(probe)}`, values.electro];
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [...flags, ...args], { encoding: "utf8", cwd: cache });
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0 || !stderr.includes(expected))
    throw new Error(`${args.join(" ")}: "${expected}" is not in\n…${stderr.slice(-1000)}`);
  return { seconds, megabytes: Number(/^peak (\d+)$/m.exec(stderr)[1]) / 1000 };
}

function tell(name, runs) {
  const seconds = runs.map((one) => one.seconds).sort((a, b) => a - b);
  const most = Math.max(...runs.map((one) => one.megabytes));
  const median = seconds[seconds.length >> 1];
  console.log(
    `${name}: median ${median.toFixed(2)} s, ${seconds[0].toFixed(2)} to ${seconds.at(-1).toFixed(2)} s, at most ${most.toFixed(0)} MB`,
  );
  return median;
}

const rounds = Number(values.rounds);
mkdirSync(cache, { recursive: true });
if (Number(values.files) > 0) {
  const { path, total } = folderOf(Number(values.files), 5);
  const runs = { 1: [], 2: [] };
  for (let round = 0; round < rounds; round++)
    for (const workers of round % 2 === 0 ? [1, 2] : [2, 1]) {
      const output = join(cache, "files-out");
      rmSync(output, { recursive: true, force: true });
      runs[workers].push(
        run(["aggregate", path, "-o", output, "--workers", `${workers}`], `total ${grouped(total)} kWh`),
      );
    }
  const one = tell(`aggregate, ${values.files} files, 1 worker`, runs[1]);
  const two = tell(`aggregate, ${values.files} files, 2 workers`, runs[2]);
  console.log(`2 workers take ${(two / one).toFixed(2)} × the time of 1`);
}
if (Number(values.load) > 0) {
  const { path, total } = folderOf(Number(values.load), 96);
  const fresh = [];
  const known = [];
  for (let round = 0; round < rounds; round++) {
    for (const ending of ["", ".wal", ".mark"]) rmSync(join(cache, `files.duckdb${ending}`), { force: true });
    const args = ["load", path, "--store=duckdb:files.duckdb"];
    fresh.push(run(args, `total ${grouped(total)} kWh`));
    known.push(run(args, `${Number(values.load).toLocaleString("en")} there already`));
  }
  tell(`load, ${values.load} files, all new`, fresh);
  tell(`load, ${values.load} files, all known`, known);
}
