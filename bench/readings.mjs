/**
 * The readings that everything is measured on: the same numbers on every machine, whatever form they are written in.
 * 300 meters report every 15 minutes from 2024-01-01T00:00:00Z, in order of time; a value is 0 to 9.999 kWh.
 */

export const METERS = 300;
/** Seconds from one reading of a meter to its next. */
export const INTERVAL = 900;
/** Epoch seconds of the first reading. */
export const START = Date.UTC(2024, 0, 1) / 1000;

const SEED = 0x9e3779b9;

/**
 * Calls `visit(index, epochSeconds, meter, wattHours, noise)` for each reading: `meter` is 0 to 299, `wattHours` an
 * integer of 0 to 9999, `noise` 32 random bits that have nothing to do with the value. One loop and no objects: it is
 * run ten million times per form.
 */
export function eachReading(rows, visit) {
  let state = SEED;
  let meter = 0;
  let time = START;
  for (let index = 0; index < rows; index++) {
    // mulberry32: small, fast, and the same bits in every engine
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    bits ^= bits >>> 14;
    visit(index, time, meter, (bits >>> 0) % 10_000, Math.imul(bits, 0x85ebca6b) >>> 0);
    if (++meter === METERS) {
      meter = 0;
      time += INTERVAL;
    }
  }
}

export function meterName(meter) {
  return `meter-${String(meter).padStart(4, "0")}`;
}

/**
 * What every peer has to find, from integers alone: watt-hours by hour. `hours[h]` belongs to the hour that begins at
 * `START + 3600 * h`.
 */
export function trueHours(rows) {
  const hours = new Float64Array(hoursIn(rows));
  eachReading(rows, (_index, time, _meter, wattHours) => {
    hours[((time - START) / 3600) | 0] += wattHours;
  });
  return hours;
}

/** As `trueHours`, by source: `[h * METERS + meter]`; -1 where that meter has no reading in that hour. */
export function trueHoursBySource(rows) {
  const cells = new Float64Array(hoursIn(rows) * METERS).fill(-1);
  eachReading(rows, (_index, time, meter, wattHours) => {
    const cell = (((time - START) / 3600) | 0) * METERS + meter;
    cells[cell] = Math.max(0, cells[cell]) + wattHours;
  });
  return cells;
}

/** Hours from the first to the last reading, both included. */
export function hoursIn(rows) {
  return Math.floor((Math.floor((rows - 1) / METERS) * INTERVAL) / 3600) + 1;
}
