/**
 * Turns what was measured into a verdict on each promise, and all of it into Markdown that also reads well on a
 * terminal.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { arch, availableParallelism, cpus, totalmem, type } from "node:os";
import { peerVersions } from "./install.mjs";
import { LARGE, MEMORY_LIMIT_BYTES, STARTUP } from "./workloads.mjs";

/** What follows this heading in an existing RESULTS.md was written by people, and stays. */
const KEPT_HEADING = "## Where the time goes";

const seconds = (value) => (value < 0.1 ? `${(value * 1000).toFixed(0)} ms` : `${value.toFixed(2)} s`);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
const times = (ratio) => `${ratio.toFixed(ratio < 10 ? 2 : 1)} ×`;

const entryOf = (measured, id) => measured?.entries.find((entry) => entry.id === id && entry.median !== undefined);
const isElectro = ({ id }) => id.startsWith("electro");

/**
 * A verdict per promise that this run can tell: `{ work, electro, other, ratio, wanted, met, remark }`, all text but
 * `met`. `other` is who Electro is measured against; `remark`, where there is one, says what a reader might miss.
 */
export function judge({ measured, startup }) {
  const verdicts = [];
  const byId = (id) => measured.find(({ workload }) => workload.id === id);
  for (const one of measured) {
    const verdict = one.workload.target && speedVerdict(one);
    if (verdict) verdicts.push(verdict);
  }
  const totals = entryOf(byId("totals"), "electro-2");
  const bytes = entryOf(byId("totals"), "read-bytes");
  if (totals && bytes) verdicts.push(atMost("NDJSON against only reading its bytes", totals, bytes, 1));
  const large = entryOf(byId(LARGE.id), "electro-2");
  if (totals && large) {
    const count = (rows) => `${rows.toLocaleString("en")} readings`;
    verdicts.push(
      atMost(`${count(byId(LARGE.id).rows)} against ${count(byId("totals").rows)}`, large, totals, LARGE.most),
    );
  }
  const peaks = measured
    .filter(({ workload }) => !workload.bySource)
    .flatMap(({ workload, entries }) =>
      entries.filter((entry) => isElectro(entry) && entry.peakBytes).map((entry) => ({ workload, entry })),
    );
  if (peaks.length > 0) {
    const worst = peaks.reduce((a, b) => (b.entry.peakBytes > a.entry.peakBytes ? b : a));
    verdicts.push({
      work: "peak memory of hourly totals",
      electro: megabytes(worst.entry.peakBytes),
      other: "",
      ratio: "",
      wanted: `< ${megabytes(MEMORY_LIMIT_BYTES)}`,
      met: worst.entry.peakBytes < MEMORY_LIMIT_BYTES,
      remark: `the most is ${worst.workload.title}, ${worst.entry.name}`,
    });
  }
  const node = startup?.find(({ id }) => id === "node");
  for (const { id, most } of startup ? STARTUP : []) {
    const entry = startup.find((candidate) => candidate.id === id);
    verdicts.push(entry.failed ? failure(entry.name, `≤ ${most} ×`) : atMost(entry.name, entry, node, most));
  }
  return verdicts;
}

function speedVerdict(measured) {
  const { workload, entries } = measured;
  const wanted = `≥ ${workload.target} ×`;
  if (entries.some(({ id, failed }) => id === "electro-2" && failed)) return failure(workload.title, wanted);
  const electro = entryOf(measured, "electro-2");
  const peers = entries
    .filter((entry) => entry.median !== undefined && !entry.shown && !isElectro(entry))
    .sort((a, b) => a.median - b.median);
  const fastest = peers.find(({ id }) => !workload.against || workload.against.includes(id));
  if (!electro || !fastest) return undefined;
  const ratio = fastest.median / electro.median;
  const faster = peers
    .filter(({ median }) => median < electro.median)
    .map(({ name, median }) => `${name} (${seconds(median)})`);
  return {
    work: workload.title,
    electro: seconds(electro.median),
    other: `${seconds(fastest.median)}, ${fastest.name}`,
    ratio: times(ratio),
    wanted,
    met: ratio >= workload.target,
    remark: faster.length > 0 ? `faster than Electro: ${faster.join(", ")}` : undefined,
  };
}

function failure(work, wanted) {
  return { work, electro: "failed", other: "", ratio: "", wanted, met: false };
}

/** Electro may take at most `most` times as long as `other`. */
function atMost(work, electro, other, most) {
  const ratio = electro.median / other.median;
  return {
    work,
    electro: seconds(electro.median),
    other: `${seconds(other.median)}, ${other.name}`,
    ratio: `takes ${times(ratio)}`,
    wanted: `≤ ${most} ×`,
    met: ratio <= most,
  };
}

/** The verdicts, and what is to be said of them. */
export function verdictText(run) {
  return `${verdictTable(run)}\n${lossText(run)}`;
}

export function writeResults(file, run) {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const at = before.indexOf(KEPT_HEADING);
  const kept = at < 0 ? "" : `\n${before.slice(at)}`;
  writeFileSync(
    file,
    `# Benchmark results\n\n${circumstances(run)}\n## What was promised\n\n${verdictText(run)}\n${detailText(run)}${kept}`,
  );
}

function circumstances({ options, load }) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const command = [
    "npm run bench --",
    `--rows ${options.rows}`,
    `--rounds ${options.rounds}`,
    ...(options.large ? ["--large"] : []),
  ].join(" ");
  return [
    `Written by \`${command}\` on ${new Date().toISOString().slice(0, 10)}; a whole run replaces this file up to "${KEPT_HEADING.slice(3)}".`,
    "",
    `- Machine: ${availableParallelism()} cores of ${cpus()[0].model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB of memory, ${type()} ${arch()}; load when it began: ${load.toFixed(2)}.`,
    `- Electro ${version} on Node ${process.versions.node}; ${peerVersions().join(", ")}.`,
    `- Data: ${options.rows.toLocaleString("en")} readings of 300 meters every 15 minutes, generated from a fixed seed; the same readings in every form.`,
    "- Before anything was timed, every result was held to the sums of the generator's own integers: all hours and sources, once each; decimals digit by digit, floats within 1e-12 of each sum.",
    "- Electro is judged with two workers, and the engines run on two threads.",
    "- Times are of whole processes, from start to end, each writing its result as CSV, with the files in the system's cache; medians, each round in the opposite order of the last. " +
      "Processor time and peak memory are those of one more, untimed run.",
    "",
  ].join("\n");
}

function verdictTable({ verdicts }) {
  if (verdicts.length === 0) return "";
  const rows = verdicts.map(({ work, electro, other, ratio, wanted, met }) => [
    work,
    electro,
    other,
    ratio,
    wanted,
    met ? "yes" : "**no**",
  ]);
  return table(["work", "Electro", "against", "times as fast", "wanted", "reached"], rows);
}

function lossText({ verdicts }) {
  const losses = verdicts
    .filter(({ met, remark }) => !met || remark)
    .map(
      ({ work, ratio, electro, wanted, met, remark }) =>
        `- ${work}: ${met ? "reached" : `${ratio || electro} where ${wanted} was wanted`}${remark ? `; ${remark}` : ""}`,
    );
  return losses.length === 0 ? "" : `Not reached, or worth a remark:\n\n${losses.join("\n")}\n`;
}

/** All that is known of one workload, as `measured` has it. */
export function workloadText({ workload, rows, entries }, { rounds }) {
  const taking = entries.filter(({ cannot }) => !cannot);
  const lines = taking.map((entry) => [entry.name, ...timeCells(entry), ...usageCells(entry), sumsCell(entry)]);
  const without = entries
    .filter(({ cannot }) => cannot)
    .map(({ name, cannot }) => `\nWithout ${name}: it ${cannot}.\n`);
  const size = `${rows.toLocaleString("en")} readings, \`${workload.form}\`, ${rounds} ${rounds === 1 ? "round" : "rounds"}.`;
  const header = ["", "median", "least", "most", "processor", "peak memory", "sums"];
  return `### ${workload.title}\n\n${size}\n\n${table(header, lines)}${without.join("")}`;
}

export function startupText(entries) {
  const lines = entries.map((entry) => [entry.name, ...timeCells(entry)]);
  return `### Starting up\n\n${table(["", "median", "least", "most"], lines)}`;
}

function detailText({ measured, startup, options }) {
  const parts = measured.map((one) => workloadText(one, options));
  if (startup) parts.push(startupText(startup));
  return `## All times\n\n${parts.join("\n")}`;
}

const timeCells = (entry) =>
  entry.median === undefined ? ["–", "–", "–"] : [entry.median, entry.least, entry.most].map(seconds);
const usageCells = (entry) =>
  entry.peakBytes === undefined ? ["–", "–"] : [seconds(entry.cpuSeconds), megabytes(entry.peakBytes)];

function sumsCell({ failed, values, error }) {
  if (failed) return `failed: ${essence(failed)}`;
  if (values === "none") return "none";
  return error === 0 ? "exact" : `within ${error.toExponential(0)}`;
}

/** The one line of a process's messages that says most. */
function essence(messages) {
  const lines = messages.split("\n");
  return (lines.find((line) => /error/i.test(line)) ?? lines.at(-1)).slice(0, 200).replaceAll("|", "\\|");
}

/** A Markdown table with its columns aligned. */
function table(header, rows) {
  const widths = header.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column].length)));
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |\n`;
  return line(header) + line(widths.map((width) => "-".repeat(width))) + rows.map(line).join("");
}
