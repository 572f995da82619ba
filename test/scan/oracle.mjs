/** One input through the whole of the product and through the oracle. */
import { RunError } from "../../dist/base/errors.js";
import { aggregate } from "../../dist/index.js";

/** @typedef {import("../oracle/options.js").Options} Options */

/** Longer periods would take the oracle long to fill: then the days about a reading are asked for, the rest lies outside. */
const MAX_DAYS = 20;
const DAY = 86_400_000;

/**
 * @param {Buffer} bytes
 * @param {Options} given
 * @param {typeof import("../oracle/aggregate.js").aggregate} oracle
 * @returns {Promise<boolean>} false where the oracle does not say
 * @throws {NotAsForeseen}
 */
export async function againstOracle(bytes, given, oracle) {
  const period = periodOf(bytes);
  const longest = "from" in period ? { maxDays: MAX_DAYS + 1 } : {};
  const options = { ...given, ...period, ...longest, onError: /** @type {const} */ ("skip") };
  let foreseen;
  try {
    foreseen = oracle([bytes], options);
  } catch (error) {
    if (error instanceof Error && error.constructor.name === "CsvError") return false;
    throw error;
  }
  const expected = foreseen.status === "failed" ? ["failed"] : expectedOf(foreseen);
  const found = await foundOf(bytes, options);
  if (isSilent(bytes, options, foreseen, found)) return false;
  const only = (/** @type {string[]} */ lines, /** @type {Set<string>} */ others) =>
    lines.filter((line) => !others.has(line)).map((line) => `  ${line.slice(0, 300)}`);
  const [a, b] = [only(found.lines, new Set(expected)), only(expected, new Set(found.lines))];
  if (a.length + b.length === 0) return true;
  const shown = [a, b].map((lines) => lines.slice(0, 12).join("\n"));
  throw new NotAsForeseen(`found:\n${shown[0]}\nas the oracle has it:\n${shown[1]}`);
}

/**
 * Whether what they differ in is nowhere said, or the oracle is not made for it.
 * @param {Buffer} bytes
 * @param {Options} options
 * @param {import("../oracle/aggregate.js").Outcome} foreseen
 * @param {Found} found
 */
function isSilent(bytes, options, foreseen, { code, reasons }) {
  const text = bytes.toString("latin1");
  const why = foreseen.status === "failed" ? foreseen.why : undefined;
  // Half of a line end at the very end is part of the last cell, to the oracle alone.
  if (text.endsWith("\r")) return true;
  // An id of -0 is the integer 0 to the product, and other digits to the oracle.
  if (/:\s*-0\s*[,}]/.test(text)) return true;
  // The oracle tells CSV by the first byte; the product also sees JSON whose first line is broken.
  if (why?.startsWith("no header row")) return true;
  // The oracle takes quotes in cells that are not quoted as they are; RFC 4180 does not have them.
  if (reasons.has("bad_quote")) return true;
  // To the oracle an array in a wrapper that holds something else than objects is not the one with the records.
  if (reasons.has("not_a_record") && /":\s*\[/.test(text)) return true;
  if ((why === undefined) === (code === undefined)) return false;
  // Whether an object that is not JSON broke inside an array that it wraps can be told in more than one way; with a
  // pointer, text after the array may be a bad record or a failure.
  const broken = why?.startsWith("not JSON") || code === "not_json" || code === "cut_off";
  return options.records !== undefined || (broken && /"\s*:\s*\[\s*\{/.test(text));
}

/** The product and the oracle differ. */
export class NotAsForeseen extends Error {}

/** Days to be asked for. @param {Buffer} bytes */
function periodOf(bytes) {
  const dates = bytes.toString("latin1").matchAll(/(19\d\d|2[01]\d\d)-?(0[1-9]|1[012])-?([012]\d|3[01])(?=[Tt ])/g);
  const days = [...dates].map(([, year, month, day]) => Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY);
  if (days.length === 0 || Math.max(...days) - Math.min(...days) < MAX_DAYS) return {};
  const text = (/** @type {number} */ day) => new Date(day * DAY).toISOString().slice(0, 10);
  const first = Math.min(Math.max(days[bytes.length % days.length] - 2, -25_567), 84_000 - MAX_DAYS);
  return { from: text(first), to: text(first + MAX_DAYS) };
}

/** Everything that both tell, a line each. @param {Extract<import("../oracle/aggregate.js").Outcome, { status: "done" }>} outcome */
function expectedOf({ totals, bad, files }) {
  return linesOf(
    totals,
    bad.map(({ number, line }) => `${number} (line ${line})`),
    files,
  );
}

/** What the product says: all of it, a line each; why it failed; why records are bad. */
/** @typedef {{ lines: string[], code: string | undefined, reasons: Set<string> }} Found */

/** @param {Buffer} bytes @param {Options} options @returns {Promise<Found>} */
async function foundOf(bytes, options) {
  try {
    const result = await aggregate(bytes, options);
    const bad = result.rejected.map(({ record, line }) => `${record} (line ${line})`);
    const files = [...result.csv()].map(({ name, text }) => /** @type {const} */ ([name, text]));
    const reasons = new Set(result.rejected.map(({ reason }) => reason));
    return { lines: linesOf(result, bad, files), code: undefined, reasons };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return { lines: ["failed"], code: error.code, reasons: new Set() };
  }
}

const TOTALS = /** @type {const} */ ([
  "readings",
  "rounded",
  "repeatedWallTimes",
  "skippedWallTimes",
  "outOfPeriod",
  "hoursFilled",
  "sources",
  "kWh",
]);

/**
 * @param {Pick<import("../oracle/aggregate.js").Totals, typeof TOTALS[number] | "leftOut">} totals
 * @param {readonly string[]} bad
 * @param {Iterable<readonly [string, string]>} files
 */
function linesOf(totals, bad, files) {
  const lines = TOTALS.map((name) => `${name}: ${totals[name]}`);
  lines.push(`left out: ${JSON.stringify(totals.leftOut)}`);
  for (const record of bad) lines.push(`bad record ${record}`);
  for (const [name, text] of files)
    for (const [n, line] of text.split("\n").entries()) lines.push(`${name} ${n}: ${line}`);
  return lines;
}
