/** One input through the whole of the product and through the oracle. */
import { RunError } from "../../dist/domain/errors.js";
import { aggregate } from "../../dist/index.js";

/** @typedef {import("../oracle/options.js").Options} Options */

/** Longer periods would take the oracle long to fill. */
const MAX_DAYS = 60;

/**
 * @param {Buffer} bytes
 * @param {Options} given
 * @param {typeof import("../oracle/aggregate.js").aggregate} oracle
 * @returns {Promise<boolean>} false where the oracle does not say
 * @throws {Error} where they differ
 */
export async function againstOracle(bytes, given, oracle) {
  const options = { ...given, maxDays: Math.min(given.maxDays ?? MAX_DAYS, MAX_DAYS), onError: /** @type {const} */ ("skip") };
  let foreseen;
  try {
    foreseen = oracle([bytes], options);
  } catch {
    return false;
  }
  const expected = foreseen.status === "failed" ? { status: "failed" } : expectedOf(foreseen);
  const found = await foundOf(bytes, options);
  const [a, b] = [JSON.stringify(found, undefined, 1), JSON.stringify(expected, undefined, 1)];
  if (a !== b) throw new Error(`not as the oracle has it:\n${a.slice(0, 4000)}\nthe oracle:\n${b.slice(0, 4000)}`);
  return true;
}

/** @param {Extract<import("../oracle/aggregate.js").Outcome, { status: "done" }>} outcome */
function expectedOf({ totals, bad, files }) {
  const { readings, rounded, repeatedWallTimes, skippedWallTimes, outOfPeriod, hoursFilled, sources, kWh } = totals;
  return {
    status: "done",
    // The oracle counts all readings, the library those in the period.
    totals: { readings: readings - outOfPeriod, rounded, repeatedWallTimes, skippedWallTimes, outOfPeriod, hoursFilled, sources, kWh },
    bad: bad.map(({ number, line }) => `record ${number} line ${line}`),
    files: Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** @param {Buffer} bytes @param {Options} options */
async function foundOf(bytes, options) {
  try {
    const result = await aggregate(bytes, options);
    const { readings, rounded, repeatedWallTimes, skippedWallTimes, outOfPeriod, hoursFilled, sources, kWh } = result;
    const files = [...result.csv()].map(({ name, text }) => [name, text]);
    return {
      status: "done",
      totals: { readings, rounded, repeatedWallTimes, skippedWallTimes, outOfPeriod, hoursFilled, sources, kWh },
      bad: result.rejected.map(({ record, line }) => `record ${record} line ${line}`),
      files: Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    return { status: "failed" };
  }
}
