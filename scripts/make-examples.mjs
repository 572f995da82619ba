// `node scripts/make-examples.mjs [FOLDER]`: writes the example readings, the same each time: Friday 2026-10-23 to
// Monday 2026-10-26 in Berlin, whose clocks go back an hour on the Sunday, as several forms of dataset. In examples/ are
// those that need no option; in docs/tour/ those that the tour reads with one.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "./ready.mjs";

const DAY = 86_400_000;
const QUARTER = DAY / 96;
const BEGIN = Date.UTC(2026, 9, 22, 22); // midnight in Berlin, at +02:00
const END = Date.UTC(2026, 9, 26, 23); // midnight in Berlin, at +01:00
const CHANGE = Date.UTC(2026, 9, 25, 1);

/** Berlin's offset in hours. */
const offset = (/** @type {number} */ instant) => (instant < CHANGE ? 2 : 1);
/** Hour of the day in Berlin, with its fraction: 13.25. */
const hour = (/** @type {number} */ instant) => (instant / 3_600_000 + offset(instant)) % 24;
/** Saturday or Sunday in Berlin. */
const weekend = (/** @type {number} */ instant) =>
  [6, 0].includes(new Date(instant + offset(instant) * 3_600_000).getUTCDay());
const utc = (/** @type {number} */ instant) => `${new Date(instant).toISOString().slice(0, 19)}Z`;
const local = (/** @type {number} */ instant) =>
  `${new Date(instant + offset(instant) * 3_600_000).toISOString().slice(0, 19)}+0${offset(instant)}:00`;
/** A bell that is 1 at `middle` and fades over `width` hours. */
const bell = (/** @type {number} */ h, /** @type {number} */ middle, /** @type {number} */ width) =>
  Math.exp(-(((h - middle) / width) ** 2));

let state = 20261025;
/** A number in [0, 1), the same sequence each time (mulberry32). */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** @typedef {{ at: number, kWh: string }} Reading */

/**
 * Readings at each interval of [BEGIN, END) whose power, in kW, is not nothing.
 * @param {(h: number, instant: number) => number} power
 * @returns {Reading[]}
 */
function profile(power, step = QUARTER, decimals = 3) {
  const readings = [];
  for (let at = BEGIN; at < END; at += step) {
    const kW = power(hour(at), at);
    if (kW !== 0) readings.push({ at, kWh: ((kW * step) / 3_600_000).toFixed(decimals) });
  }
  return readings;
}

/** Leaves out what lies in [from, to): a meter that was not heard. */
const without = (/** @type {Reading[]} */ readings, /** @type {number} */ from, /** @type {number} */ to) =>
  readings.filter(({ at }) => at < from || at >= to);

// A household with solar panels: export is negative. Clouds come and go; Sunday is clear.
let cloud = 0.5;
const household = profile((h, at) => {
  cloud = Math.min(1, Math.max(0.15, cloud + (random() - 0.5) * 0.3));
  const sky = at >= BEGIN + 2 * DAY && at < BEGIN + 3 * DAY ? 0.95 : cloud;
  const home = weekend(at) ? bell(h, 12.5, 3) * 0.9 : bell(h, 7, 1) * 0.9;
  return 0.19 + home + bell(h, 19.5, 2.2) * 1.1 + random() * 0.25 - 4.2 * sky * Math.max(0, bell(h, 12.9, 2.6) - 0.1);
});
// An office: a base load, the working day on top of it.
const office = profile((h, at) => {
  const people = weekend(at) ? 0.02 : 1 / (1 + Math.exp((7.6 - h) * 2)) / (1 + Math.exp((h - 17.8) * 1.6));
  return 11.5 + 46 * people * (0.92 + random() * 0.16) + random() * 1.4;
});
// A heat pump, by the hour, once not heard for five hours.
const pump = profile((h) => 0.7 + bell(h, 5.5, 3) * 1.5 + bell(h, 20, 3) * 1.1 + random() * 0.4, 4 * QUARTER, 2);
const heatPump = without(pump, BEGIN + DAY + 10 * 4 * QUARTER, BEGIN + DAY + 15 * 4 * QUARTER);
// A charging station: two plugs under one meter, so that one timestamp may come twice; silent when no car is there.
const plug = (/** @type {number[][]} */ stays) =>
  profile((_, at) => {
    const stay = stays.find(([from = 0, to = 0]) => at >= BEGIN + from * 4 * QUARTER && at < BEGIN + to * 4 * QUARTER);
    return stay ? (stay[2] ?? 0) * (0.985 + random() * 0.03) : 0;
  });
const charger = [
  ...plug([
    [7.5, 11.25, 11],
    [18, 21.5, 11],
    [33.25, 35, 22],
    [50, 53.75, 11],
    [80.5, 84, 11],
  ]),
  ...plug([
    [8.25, 10, 22],
    [19.5, 23, 7.4],
    [34, 38, 11],
    [81.25, 83, 22],
  ]),
].sort((a, b) => a.at - b.at);
// A bakery in two files. The first was sent too early: of its last hour the second file brings what was missing, under
// the same timestamps. Readings that overlap add up.
const bakery = profile((h, at) => {
  const baking = new Date(at).getUTCDay() === 0 ? 0.35 : 1;
  return 2.1 + baking * (bell(h, 4.5, 2.2) * 24 + bell(h, 11, 4) * 6) * (0.9 + random() * 0.2);
});
const seam = BEGIN + 2 * DAY;
const early = bakery.filter(({ at }) => at < seam);
const late = bakery.filter(({ at }) => at >= seam);
for (const reading of early.slice(-4)) {
  const missing = Number(reading.kWh) * 0.4;
  late.unshift({ at: reading.at, kWh: missing.toFixed(3) });
  reading.kWh = (Number(reading.kWh) - Number(missing.toFixed(3))).toFixed(3);
}

/**
 * One record per line.
 * @param {Reading[]} readings
 * @param {(reading: Reading) => string} record
 */
const lines = (readings, record) => readings.map((reading) => `${record(reading)}\n`).join("");
/** @param {Reading[]} readings @param {(reading: Reading) => string} record */
const array = (readings, record) => `[\n  ${readings.map(record).join(",\n  ")}\n]\n`;

const bakeryRecord = (/** @type {Reading} */ r) =>
  `{"source_id":40017,"timestamp":"${utc(r.at)}","kWh_value":${r.kWh}}`;

// For the tour: an export as German network operators send it (wall time, the quarter hour's end, decimal commas) and
// a file in which some records are bad.
const school = profile((h, at) => {
  const lessons = weekend(at) ? 0 : bell(h, 10.5, 3.2);
  return 3.2 + lessons * 21 * (0.9 + random() * 0.2) + random() * 0.5;
});
const wall = (/** @type {number} */ instant) => local(instant).slice(0, 16).replace("T", " ");
const row = (/** @type {Reading} */ r) => `school-3;${wall(r.at + QUARTER)};${r.kWh.replace(".", ",")}`;
// For the first steps: a flat in Berlin, half an hour a row, in Wh, wall time, names of its own. A morning is missing, and of one
// half hour the export has no value.
const flat = without(
  profile((h) => 0.08 + bell(h, 7.5, 1.2) * 0.5 + bell(h, 19.5, 2) * (0.6 + random() * 0.6), 2 * QUARTER),
  BEGIN + DAY + 7 * 4 * QUARTER,
  BEGIN + DAY + 10 * 4 * QUARTER,
);
const noValue = BEGIN + 15 * 4 * QUARTER;
const flatRow = (/** @type {Reading} */ r) =>
  `Flat 12,${wall(r.at)},${r.at === noValue ? "n/a" : Number(r.kWh) * 1000}`;
const damaged = [
  '{"timestamp":"2024-02-28T23:00:00Z","kWh_value":1.25,"meter_id":"m1"}',
  '{"timestamp":"2024-02-29T00:00:00Z","kWh_value":1.5,"meter_id":"m1"}',
  '{"timestamp":"2024-02-30T00:00:00Z","kWh_value":1.5,"meter_id":"m1"}',
  '{"timestamp":"2024-02-29T01:00:00Z","kWh_value":"1,75","meter_id":"m1"}',
  '{"time":"2024-02-29T02:00:00Z","kwh":2,"meter_id":"m1"}',
  '{"timestamp":"2024-02-29T03:00:00Z","kWh_value":2.25,"meter_id":"m1"',
  '{"timestamp":"2024-02-29T04:00:00Z","kWh_value":0.1,"meter_id":"m1"}',
  '{"timestamp":"2024-02-29T04:30:00Z","kWh_value":0.2,"meter_id":"m1"}',
];

/** @type {Record<string, string | Uint8Array>} */
const files = {
  "examples/household.json": array(
    household,
    (r) => `{"timestamp": "${utc(r.at)}", "kWh_value": ${r.kWh}, "meter_id": "household-7"}`,
  ),
  "examples/office.ndjson": lines(
    office,
    (r) => `{"meter_id":"office-main","timestamp":"${local(r.at)}","kWh_value":${r.kWh},"quality":"measured"}`,
  ),
  "examples/heat-pump.csv": `meter_id,timestamp,kWh_value\n${lines(heatPump, (r) => `heat-pump-2,${utc(r.at)},${r.kWh}`)}`,
  "examples/charging-station.json": `{\n"operator": "City Works",\n"readings": ${array(
    charger,
    (r) => `{"meter_id": "charger-A", "timestamp": "${local(r.at)}", "kWh_value": "${r.kWh}"}`,
  ).trim()}\n}\n`,
  "examples/bakery-1.ndjson": lines(early, bakeryRecord),
  "examples/bakery-2.ndjson.gz": gzipSync(lines(late, bakeryRecord)),
  "docs/tour/grid-operator.csv": `Messpunkt;Zeit;Verbrauch\n${lines(school, row)}`,
  "docs/tour/flat.csv": `Meter,Date and time,Energy (Wh)\n${lines(flat, flatRow)}`,
  "docs/tour/damaged.ndjson": `${damaged.join("\n")}\n`,
};
const folder = process.argv[2] ?? root;
for (const [name, content] of Object.entries(files)) {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), content);
}
