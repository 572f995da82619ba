/**
 * Holds a contestant's CSV to what the generator's own integers add up to: every hour (and source) once, nothing else,
 * and the right sum.
 */
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { hoursIn, METERS, meterName, START, trueHours, trueHoursBySource } from "./readings.mjs";

/** A sum of floats may differ by this much of the true sum; anything exact by nothing. */
const FLOAT_TOLERANCE = 1e-12;
const HOUR = /^"?(\d{4}-\d\d-\d\d)[ T](\d\d):00:00(?:\.0+)?(?:Z|\+00(?::?00)?)?"?$/;
const METER_INDEX = new Map(Array.from({ length: METERS }, (_, meter) => [meterName(meter), meter]));

const truths = new Map();

function truth(rows, bySource) {
  const key = `${rows} ${bySource}`;
  if (!truths.has(key)) truths.set(key, bySource ? trueHoursBySource(rows) : trueHours(rows));
  return truths.get(key);
}

/**
 * Checks `hourly.csv`, or all of Electro's `hourly_data_*.csv`, in `folder`; throws with the first difference.
 * `values`: `exact` (decimals, compared digit by digit) or `double`. `ordered`: a file's rows must be in the order of
 * time and source. Rows of 0 where there is no reading are taken: Electro completes the last day. Returns the largest
 * relative error of any sum (0 where exact).
 */
export function checkResult(folder, { rows, bySource, values, ordered }) {
  const expected = truth(rows, bySource);
  const seen = new Uint8Array(expected.length);
  const width = bySource ? METERS : 1;
  const files = readdirSync(folder).filter((name) => /^hourly.*\.csv$/.test(name));
  if (files.length === 0) throw new Error("no result was written");
  let worst = 0;
  for (const file of files) {
    let last = -1;
    for (const row of rowsOf(join(folder, file))) {
      const cells = row.split(",");
      if (cells.length !== (bySource ? 3 : 2)) throw new Error(`${cells.length} cells: ${row}`);
      const meter = bySource ? METER_INDEX.get(cells[1].replaceAll('"', "")) : 0;
      if (meter === undefined) throw new Error(`a source that does not exist: ${row}`);
      const hour = hourIndex(cells[0], row);
      const cell = hour * width + meter;
      if (ordered && cell <= last) throw new Error(`out of order: ${row}`);
      last = cell;
      const text = cells.at(-1);
      if (hour >= hoursIn(rows) || expected[cell] < 0) {
        if (text !== "0") throw new Error(`a row for which there is no reading: ${row}`);
        continue;
      }
      if (seen[cell]++) throw new Error(`a row that was there before: ${row}`);
      worst = Math.max(worst, errorOf(text, expected[cell], values, row));
    }
  }
  const missing = expected.findIndex((wattHours, cell) => wattHours >= 0 && !seen[cell]);
  if (missing >= 0)
    throw new Error(
      `no row for hour ${Math.floor(missing / width)}${bySource ? `, ${meterName(missing % width)}` : ""}`,
    );
  return worst;
}

function hourIndex(text, row) {
  const match = HOUR.exec(text);
  const index = match ? (Date.parse(`${match[1]}T${match[2]}:00:00Z`) / 1000 - START) / 3600 : -1;
  if (index < 0) throw new Error(`not the start of an hour of the readings: ${row}`);
  return index;
}

function errorOf(text, wattHours, values, row) {
  if (values === "exact") {
    const plain = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
    // watt-hours below 1e15 divided by 1000 print as their shortest decimal, which is the exact one
    if (plain !== String(wattHours / 1000)) throw new Error(`${wattHours / 1000} expected: ${row}`);
    return 0;
  }
  const error = Math.abs(Number(text) * 1000 - wattHours) / Math.max(1, wattHours);
  if (!(error <= FLOAT_TOLERANCE)) throw new Error(`${wattHours / 1000} expected, give or take float error: ${row}`);
  return error;
}

/** Lines without the header. */
function* rowsOf(path) {
  const fd = openSync(path, "r");
  const buffer = Buffer.alloc(1 << 18);
  let rest = "";
  let header = true;
  try {
    for (;;) {
      const count = readSync(fd, buffer);
      if (count === 0) break;
      const parts = (rest + buffer.latin1Slice(0, count)).split("\n");
      rest = parts.pop();
      if (header && parts.length > 0) {
        parts.shift();
        header = false;
      }
      yield* parts;
    }
    if (rest !== "") yield rest;
  } finally {
    closeSync(fd);
  }
}
