/** docs/limits.md has every limit that users can meet, with the number that the code has. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAIR_RATE, LIMITS, type Limits, SMALL_BODY } from "../../dist/service/http/limits.js";

const ROOT = new URL("../../", import.meta.url);
const PAGE = readFileSync(new URL("docs/limits.md", ROOT), "utf8");

const count = (n: number) => n.toLocaleString("en");
const seconds = (ms: number) => (ms >= 120_000 ? `${ms / 60_000} minutes` : `${ms / 1000} s`);
function size(bytes: number): string {
  const [unit, power] = (
    [
      ["GiB", 30],
      ["MiB", 20],
      ["KiB", 10],
    ] as const
  ).find(([, p]) => bytes >= 2 ** p)!;
  return `${bytes / 2 ** power} ${unit}`;
}

/** What the page has about each, from the beginning of a row on; a limit without an entry does not compile. */
const OF_SERVICE: Readonly<Record<keyof Limits, string>> = {
  body: `a body as sent | ${size(LIMITS.body)} `,
  unpacked: `a decompressed body | ${size(LIMITS.unpacked)} `,
  sources: `sources in a body | ${count(LIMITS.sources)} `,
  heap: `sums of a body in memory | ${size(LIMITS.heap)},`,
  days: `days of a requested period | ${count(LIMITS.days)} `,
  rows: `rows of a response | ${count(LIMITS.rows)} `,
  rate: `requests of a token or address | ${count(LIMITS.rate)} per second`,
  bodies: `bodies of more than ${size(SMALL_BODY)}, or compressed, at a time | ${LIMITS.bodies}; if others wait, a body must arrive at ${FAIR_RATE / 1000} kB per second`,
  idleTimeout: `a client that sends nothing, or waits for the bodies of others | ${seconds(LIMITS.idleTimeout)} `,
  sendTimeout: `a client that receives its response | ${seconds(LIMITS.sendTimeout)} in all`,
  listeners: `clients that listen to events | ${count(LIMITS.listeners)}, `,
  heartbeat: `a stream of events on which nothing happens | a comment every ${seconds(LIMITS.heartbeat)}`,
  connections: `connections | ${count(LIMITS.connections)}, or `,
  connectionsOfOne: `one such client | ${count(LIMITS.connectionsOfOne)} `,
  pipelined: `requests of one connection that wait for responses | ${LIMITS.pipelined} `,
  keepAlive: `a connection without a request, whatever arrives on it | ${seconds(LIMITS.keepAlive)},`,
};

/** The same of constants named MAX_… and MOST_… in src/, by file and name; what only the code meets has no text. */
const CONSTANTS: Readonly<Record<string, ((value: number) => string) | "internal">> = {
  "base/fsync-queue.ts MOST_WAITING": "internal",
  "base/lock.ts MAX_RETRIES": "internal",
  "dashboard/data/service.ts MOST_ASKED": "internal",
  "dashboard/period.ts MOST_DAYS": (n) => `days whose hours the dashboard shows at once | ${n} `,
  "dashboard/view.ts MOST_STACKED": (n) => `sources that it shows stacked | ${n} `,
  "input/endings.ts MAX_ENDINGS": "internal",
  "input/hold.ts MOST_HELD": (n) =>
    `a Parquet file or zip archive through a pipe, from an address or in a body | ${size(n)} `,
  "input/http.ts MOST_REDIRECTS": (n) => `redirects of an \`http(s)://\` address | ${n} `,
  "input/parquet-pages.ts MOST_PAGE": (n) => `a page of a Parquet file | ${size(n)} `,
  "input/parquet-values.ts MOST_PLACES": "internal",
  "input/parquet-worker.ts MOST_BYTES": (n) => ` rows, ${size(n)} | the input fails`,
  "input/parquet-worker.ts MOST_COLUMNS": (n) => `columns of a Parquet file | ${count(n)} `,
  "input/parquet-worker.ts MOST_VALUES": (n) => `values of a row group | ${count(n)} `,
  "input/parquet.ts MOST_SILENCE": (n) => `the next rows of a Parquet file | ${seconds(n)} `,
  "input/parquet-worker.ts MOST_FOOTER": (n) => `the description in a Parquet file | ${size(n)} `,
  "input/parquet-worker.ts MOST_ROWS": (n) => `a row group of a Parquet file | ${count(n)} rows`,
  "jobs/interval-plan.ts MOST_ENDS": "internal",
  "input/workbook/sheet.ts MOST_COLUMNS": (n) => `columns of a workbook's sheet | ${count(n)} `,
  "input/workbook/sheet.ts MOST_ROWS": (n) => `rows of a workbook's sheet | ${count(n)} `,
  "input/workbook/sheet.ts MOST_OF_CELL": (n) => `characters of a workbook's cell | ${count(n)} `,
  "input/workbook/workbook.ts MOST_TEXTS": (n) => `different texts in a workbook's cells | ${count(n)} `,
  "input/workbook/workbook.ts MOST_TEXT": (n) => `texts that a workbook's cells share | ${size(n)} `,
  "input/workbook/xml.ts MOST_LEVELS": (n) => `levels of XML in a workbook | ${n} `,
  "input/workbook/xml.ts MOST_SILENT": (n) => `a tag or text of XML in a workbook | ${size(n)} `,
  "input/zip/directory.ts MOST_DIRECTORY": (n) => `the directory of a zip archive | ${size(n)} `,
  "input/zip/directory.ts MOST_MEMBERS": (n) => `members of a zip archive | ${count(n)} `,
  "jobs/job-options.ts MOST_DAYS": (n) => `(\`--max-days\`, at most ${count(n)})`,
  "jobs/job-options.ts MOST_WORKERS": (n) => `threads (\`--workers\`) | ${count(n)} `,
  "jobs/profiles.ts MAX_BYTES": (n) => `a profile (\`--profile FILE\`) | ${size(n)} `,
  "jobs/plan.ts MOST_REPEATS": (n) => `an option that may be repeated, as \`--missing\` | ${n} times `,
  "jobs/report-sums.ts MOST_QUARTERS": (n) => `quarter hours of the total in a report | ${count(n)}:`,
  "jobs/report-sums.ts MOST_QUARTER_SUMS": (n) => `sums of sources by quarter hour in a report | ${count(n)}:`,
  "jobs/report-sums.ts MOST_SUMS": (n) => `sums of sources, by hour, in a report | ${count(n)}:`,
  "jobs/report.ts MOST_LISTED": (n) => `inputs, and warnings, that a report names | ${n} `,
  "jobs/service-call.ts MOST_TEXT": "internal",
  "jobs/sum.ts MOST_CONFLICTS": "internal",
  "scan/kept-readings.ts MOST_TAKEN": "internal",
  "quality/register-findings.ts MOST_OF_ID": "internal",
  "quality/register-findings.ts MOST_PLACES": "internal",
  "quality/register-findings.ts MOST_VALUES": "internal",
  "store/packed-readings.ts MOST_POWER": "internal",
  "tally/register.ts MOST_OTHERS": "internal",
  "jobs/write-queue.ts MOST": "internal",
  "jobs/write-queue.ts MOST_BYTES": "internal",
  "pipeline/batch-rejects.ts MOST_REJECTS": (n) =>
    `bad records of a batch that are stored word for word | the first ${count(n)},`,
  "pipeline/batch-rejects.ts MOST_REJECT_BYTES": (n) => `, and ${size(n)} as lines of JSON`,
  "pipeline/batch-rejects.ts MOST_WARNING": "internal",
  "pipeline/memory.ts MOST_ENGINE": "internal",
  "pipeline/merged-rows.ts MOST_BUFFER": "internal",
  "pipeline/shared.ts MAX_BAD": "internal",
  "profile/heat-map.ts MOST_COLUMNS": (n) => `columns of the heat map | ${n}, `,
  "profile/profile.ts MOST_GAPS": (n) => `gaps that \`GET /v1/profile\` lists | the first ${n} `,
  "quality/duplicates.ts MOST_OF_ID": "internal",
  "quality/field-names.ts MOST_NAMES": "internal",
  "quality/interval.ts MOST_READINGS": "internal",
  "quality/overlapping.ts MOST_OF_ID": "internal",
  "quality/total-rows.ts MOST_TRIED": "internal",
  "quality/total-rows.ts MOST_TRIED_A_ROW": "internal",
  "scan/average-power.ts MAX_VALUE": "internal",
  "scan/record-filter.ts MOST_UNITS": "internal",
  "scan/source-reader.ts MAX_ROW_IDS": (n) =>
    `ids of the sources of a record with several values, together | ${size(n)} `,
  "scan/csv-rows.ts MAX_COLUMNS": (n) => `columns of a CSV header | ${count(n)} `,
  "scan/explain-timestamp.ts MOST": "internal",
  "scan/json-pointer.ts MAX_POINTERS": "internal",
  "scan/json-intake.ts MAX_SEPARATOR": "internal",
  "scan/json-search.ts MAX_DEPTH": (n) => `nesting of JSON around records | ${count(n)} levels`,
  "scan/json-search.ts MAX_FOUND": "internal",
  "scan/json.ts MAX_NAMES": "internal",
  "scan/json.ts MOST_UNDECIDED": "internal",
  "scan/kernel.ts MAX_LAYOUTS": "internal",
  "scan/kernel.ts MOST_HEAP": "internal",
  "scan/kernel-plan.ts MOST_STEPS": "internal",
  "scan/layout-program.ts MAX_STEPS": "internal",
  "scan/layout-program.ts MAX_TIMESTAMP": "internal",
  "scan/layouts.ts MOST_VALUES": "internal",
  "scan/green-button/feed-reader.ts MOST_ATTRIBUTES": (n) => `attributes of an element of XML | ${n} `,
  "scan/green-button/feed-reader.ts MOST_BETWEEN": (n) =>
    `characters of XML without the beginning or end of an element | ${count(n)} `,
  "scan/green-button/feed-reader.ts MOST_DEPTH": (n) => `elements of XML within each other | ${n} `,
  "scan/green-button/feed-reader.ts MOST_TEXT": (n) => `a text of XML that is read | ${count(n)} characters`,
  "scan/green-button/meaning.ts MOST_MULTIPLIER": (n) =>
    `the multiplier of a Green Button reading type | 10${raised(n)} `,
  "scan/input-scan.ts MOST_KEPT": (n) =>
    `NEM12 or Green Button through a pipe, from an address or in a body | ${size(n)} `,
  "scan/nem/day-row.ts MOST_INTERVALS": "internal",
  "scan/nem/day-row.ts MOST_POWER": "internal",
  "scan/plan.ts MAX_RECORD": (n) => `a record | ${size(n)} `,
  "scan/row-columns.ts MAX_RETAINED": "internal",
  "scan/spread.ts MOST_UNIT": "internal",
  "service/auth/token-bucket.ts MAX_BUCKETS": "internal",
  "service/auth/token.ts MOST_DAYS": (n) => `days that a token is valid (\`--expires\`) | ${count(n)} `,
  "service/auth/token.ts MOST_SOURCES": (n) => `sources of a token | ${count(n)} `,
  "service/auth/tokens-file.ts MOST_BYTES": (n) => `size of the file of tokens | ${n / 1e6} MB`,
  "service/bodies/scanner-pool.ts MAX_IDLE_BYTES": "internal",
  "service/bodies/upload.ts MOST_MESSAGES": "internal",
  "service/events/streams.ts MOST_WAITING": (n) => `events that wait for a client that does not read | ${size(n)} `,
  "service/http/compression.ts MOST_KNOWN": "internal",
  "service/http/compression.ts MOST_STREAMS": (n) =>
    `responses that are compressed while they are sent, at a time | ${n} `,
  "service/routes/unknown-sources.ts MOST": "internal",
  "store/duckdb/connection-pool.ts MOST": "internal",
  "store/duckdb/files.ts MOST_LINKS": "internal",
  "store/duckdb/source-rows.ts MAX_SLOT": "internal",
  "store/overlap.ts MOST_OF_ID": "internal",
  "store/overlap.ts MOST_TIMES": "internal",
  "store/packed.ts MOST_WHOLE": "internal",
  "tally/cell.ts MOST_COVERS": "internal",
  "tally/decimal.ts MAX_DIGITS": "internal",
  "tally/decimal.ts MAX_VALUE": (n) => `the absolute value of a reading | 10${raised(Math.log10(n) - 18)} kWh`,
  "time/instant.ts MAX_OFFSET": (n) => `offset of a timestamp | ${n / 3600} h `,
  "time/interval.ts MAX_INTERVAL": (n) => `an interval that a reading covers | ${n / 86_400} days`,
  "time/repeated-hours.ts MAX_NAMED": "internal",
};

const raised = (n: number) => String(n).replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]!);

/** By file and name. The kernel is left out: what its limits do to records is its format's. */
function constantsOfSource(): Map<string, number> {
  const found = new Map<string, number>();
  for (const name of readdirSync(new URL("src/", ROOT), { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || /\/(kernel|formatter)\//.test(name)) continue;
    const text = readFileSync(new URL(`src/${name}`, ROOT), "utf8");
    for (const [, constant, value = ""] of text.matchAll(/^(?:export )?const ((?:MAX|MOST)(?:_[A-Z_]+)?) = ([^;]+);/gm))
      found.set(`${name} ${constant}`, numberOf(value));
  }
  return found;
}

/** `16 * 1024 * 1024`, `10n ** 33n`, `8e6`, `1 << 22`. */
function numberOf(text: string): number {
  expect(text).toMatch(/^[\d_en*< -]+$/);
  return Number(new Function(`return ${text}`)());
}

test("the limits of the service", () => {
  for (const [name, text] of Object.entries(OF_SERVICE)) expect(PAGE, name).toContain(text);
});

test("the limits that the source names", () => {
  const constants = constantsOfSource();
  expect([...constants.keys()].sort(), "each is on the page, or internal").toEqual(Object.keys(CONSTANTS).sort());
  for (const [name, value] of constants) {
    const text = CONSTANTS[name]!;
    if (text !== "internal") expect(PAGE, name).toContain(text(value));
  }
});
