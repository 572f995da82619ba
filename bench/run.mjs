/**
 * `npm run bench`: Electro against its peers, on this machine. Installs the peers when they are missing, generates the
 * data, holds every result to the generator's own sums, and only then times; prints a table and writes RESULTS.md.
 * `node bench/run.mjs --help` tells the options.
 */
import { existsSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkResult } from "./agree.mjs";
import { CONTESTANTS, ELECTRO } from "./contestants.mjs";
import { dataFile, prepare } from "./generate.mjs";
import { install } from "./install.mjs";
import { emptyFolder, median, removeFolder, rounds, timed, usageOf } from "./measure.mjs";
import { judge, startupText, verdictText, workloadText, writeResults } from "./report.mjs";
import { LARGE, STARTUP, STARTUP_ROUNDS_FACTOR, WORKLOADS } from "./workloads.mjs";

const HELP = `npm run bench -- [options]

  --rows N            readings per file                                  (default 10000000)
  --rounds N          timed runs of each contestant                      (default 5)
  --only NAME,…       only these: ${[...WORKLOADS, LARGE].map(({ id }) => id).join(", ")}, startup
  --contestants A,…   only these: ${Object.keys(CONTESTANTS).join(", ")}
  --large             also ten times the readings (7.9 GB of disk for the default)
  --results FILE      where the results go as Markdown                   (default bench/RESULTS.md for a whole run;
                      a run with --only or --contestants only prints them)

ELECTRO_BENCH_CACHE names the folder for the generated data, bench/.cache where it is not set (7.2 GB for the default).
Ten times the readings must fit the longest period that Electro believes by default: with --large, at most 10,500,000 rows.
`;

const say = (text) => process.stderr.write(`${text}\n`);
const cache = resolve(process.env.ELECTRO_BENCH_CACHE ?? fileURLToPath(new URL("./.cache", import.meta.url)));
const workFolder = join(cache, "work");

/** `{ file, out, form, bySource }` for a workload, as the contestants take it. */
function jobOf(workload, rows) {
  return {
    form: workload.form,
    bySource: workload.bySource,
    file: dataFile(cache, workload.form, rows),
    out: join(workFolder, "out"),
  };
}

/**
 * Checks and then times one workload: `{ workload, rows, entries }`, an entry per contestant with what it took, or why
 * it did not take part.
 */
async function measureWorkload(workload, options) {
  const rows = options.rows * (workload.factor ?? 1);
  const job = jobOf(workload, rows);
  const entries = [];
  say(`\n${workload.title} (${workload.id})`);
  for (const id of workload.contestants.filter((name) => options.contestants.includes(name))) {
    const { name, args, env = {}, values, ordered, shown = false, cannot = {} } = CONTESTANTS[id];
    const entry = { id, name, values, shown, args: args(job), env, out: job.out };
    entries.push(entry);
    entry.cannot = cannot[workload.form];
    if (entry.cannot) continue;
    emptyFolder(job.out);
    try {
      Object.assign(entry, await usageOf(entry.args, env, workFolder));
      if (values !== "none") entry.error = checkResult(job.out, { rows, bySource: workload.bySource, values, ordered });
      const agreement =
        values === "none"
          ? ""
          : entry.error === 0
            ? ": agrees exactly"
            : `: agrees within ${entry.error.toExponential(0)} of each sum`;
      say(`  ${name}${agreement}`);
    } catch (error) {
      entry.failed = error.message;
      say(`  ${name}: FAILED: ${error.message}`);
    }
  }
  const runs = entries.filter((entry) => !entry.cannot && !entry.failed);
  const seconds = await rounds(runs, options.rounds, (text) => say(`  ${text}`));
  for (const run of runs) summarise(run, seconds.get(run.id));
  return { workload, rows, entries };
}

/** `node -e 0`, `electro --version` and a small file, all in the same rounds. */
async function measureStartup(options) {
  say("\nstarting up (startup)");
  const entries = [{ id: "node", name: "node -e 0", args: ["-e", "0"], env: {} }];
  for (const { id, title, rows } of STARTUP) {
    const job = rows && jobOf({ form: "ndjson", bySource: false }, rows);
    const args = job ? CONTESTANTS["electro-2"].args(job) : [ELECTRO, "--version"];
    entries.push({ id, name: title, args, env: {}, out: job?.out, rows });
  }
  for (const { args, env, out, rows } of entries) {
    if (out) emptyFolder(out);
    await timed(args, env);
    if (out) checkResult(out, { rows, bySource: false, values: "exact", ordered: true });
  }
  const seconds = await rounds(entries, options.rounds * STARTUP_ROUNDS_FACTOR, () => {});
  for (const entry of entries) summarise(entry, seconds.get(entry.id));
  return entries;
}

function summarise(entry, seconds) {
  if (entry.failed) return;
  entry.median = median(seconds);
  entry.least = Math.min(...seconds);
  entry.most = Math.max(...seconds);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      rows: { type: "string", default: "10000000" },
      rounds: { type: "string", default: "5" },
      only: { type: "string" },
      contestants: { type: "string" },
      large: { type: "boolean", default: false },
      results: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const count = (name) => {
    const number = Number(values[name]);
    if (!Number.isSafeInteger(number) || number < 1)
      throw new Error(`--${name} ${values[name]}: a whole number from 1 is needed`);
    return number;
  };
  const among = (name, all) => {
    const chosen = values[name]?.split(",") ?? all;
    const unknown = chosen.find((item) => !all.includes(item));
    if (unknown !== undefined) throw new Error(`--${name} ${unknown}: there is ${all.join(", ")}`);
    return chosen;
  };
  const only = among("only", [...WORKLOADS.map(({ id }) => id), LARGE.id, "startup"]);
  const contestants = among("contestants", Object.keys(CONTESTANTS));
  const whole = !values.only && !values.contestants;
  const results = values.results
    ? resolve(values.results)
    : whole
      ? fileURLToPath(new URL("./RESULTS.md", import.meta.url))
      : undefined;
  const large = values.large || (values.only !== undefined && only.includes(LARGE.id));
  return { rows: count("rows"), rounds: count("rounds"), only, contestants, large, results };
}

async function main() {
  const options = readOptions();
  const withElectro = options.contestants.some((id) => CONTESTANTS[id].electro);
  if (withElectro && !existsSync(ELECTRO)) throw new Error("Electro is not built yet: npm run build");
  install(say);
  const workloads = WORKLOADS.filter(({ id }) => options.only.includes(id));
  if (options.large && options.only.includes(LARGE.id)) workloads.push(LARGE);
  const startup = withElectro && options.only.includes("startup");
  const wanted = workloads.map(({ form, factor = 1 }) => [form, options.rows * factor]);
  if (startup) wanted.push(...STARTUP.filter(({ rows }) => rows).map(({ rows }) => ["ndjson", rows]));
  prepare(cache, wanted, say);
  removeFolder(workFolder);

  const load = loadavg()[0];
  if (load > availableParallelism() / 4)
    say(`the machine is busy (load ${load.toFixed(1)}): the times will say little`);

  const run = { options, load, measured: [], startup: undefined };
  const show = (text) => process.stdout.write(`\n${text}`);
  for (const workload of workloads) {
    const measured = await measureWorkload(workload, options);
    run.measured.push(measured);
    show(workloadText(measured, options));
  }
  if (startup) {
    run.startup = await measureStartup(options);
    show(startupText(run.startup));
  }
  removeFolder(workFolder);
  run.verdicts = judge(run);
  show(verdictText(run));
  if (options.results) writeResults(options.results, run);
  const failed = [...run.measured.flatMap(({ entries }) => entries), ...(run.startup ?? [])].some(
    (entry) => entry.failed,
  );
  if (failed) say("\nsome contestants failed or gave wrong sums: see FAILED above");
  process.exitCode = failed ? 1 : 0;
}

try {
  await main();
} catch (error) {
  say(`bench: ${error.message}`);
  process.exitCode = 1;
}
