/**
 * What the service and its peers are sent: bodies of a million readings, 300 meters by the quarter hour, each body a
 * later stretch of time. The same readings in each server's own form, made once and kept.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

export const METERS = 300;
export const QUARTERS = 3334;
/** Readings of a body. */
export const READINGS = METERS * QUARTERS;
const START = Date.UTC(2024, 0, 1) / 1000;

/** Meter of a reading: as in a meter's own name. */
const meterOf = (m) => `meter-${String(m).padStart(4, "0")}`;

/** kWh of a reading in thousandths, 0 to 2999, the same for everyone. */
function thousandths(body, m, q) {
  let x = (body * 0x9e3779b1 + m * 0x85ebca6b + q * 0xc2b2ae35) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
  return ((x ^ (x >>> 13)) >>> 0) % 3000;
}

const decimal = (n) => `${Math.floor(n / 1000)}.${String(n % 1000).padStart(3, "0")}`;

const FORMS = {
  ndjson: {
    end: "ndjson",
    line: (meter, second, n) =>
      `{"timestamp":"${new Date(second * 1000).toISOString().slice(0, 19)}Z","kWh_value":${decimal(n)},"meter_id":"${meter}"}\n`,
  },
  /** InfluxDB's line protocol, as VictoriaMetrics takes it. */
  influx: {
    end: "influx",
    line: (meter, second, n) => `kwh,meter_id=${meter} value=${decimal(n)} ${second}000000000\n`,
  },
  copy: {
    end: "csv",
    line: (meter, second, n) => `${meter},${new Date(second * 1000).toISOString().slice(0, 19)}Z,${decimal(n)}\n`,
  },
};

/** The path of a body, which is made if it is not there. */
export function bodyFile(cache, form, body) {
  const folder = join(cache, "service");
  const path = join(folder, `body-${body}.${FORMS[form].end}`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const fd = openSync(`${path}.part`, "w");
  const { line } = FORMS[form];
  for (let q = 0; q < QUARTERS; q++) {
    const second = START + (body * QUARTERS + q) * 900;
    let text = "";
    for (let m = 0; m < METERS; m++) text += line(meterOf(m), second, thousandths(body, m, q));
    writeSync(fd, text);
  }
  closeSync(fd);
  renameSync(`${path}.part`, path);
  return path;
}

/** The sum of some bodies, in thousandths of a kWh. */
export function sumOf(bodies) {
  let sum = 0;
  for (let body = 0; body < bodies; body++)
    for (let q = 0; q < QUARTERS; q++) for (let m = 0; m < METERS; m++) sum += thousandths(body, m, q);
  return sum;
}
