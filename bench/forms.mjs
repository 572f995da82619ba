/**
 * How one and the same reading looks in each form of file that is measured. A form is text around records and a
 * function that writes one record.
 */
import { meterName } from "./readings.mjs";

const VALUES = Array.from({ length: 10_000 }, (_, wattHours) => String(wattHours / 1000));
const METER_NAMES = Array.from({ length: 10_000 }, (_, meter) => meterName(meter));
const ESCAPED_NAMES = METER_NAMES.map((name) => name.replace("-", "\\u002d"));
const QUALITIES = ["measured", "estimated", "edited", "substituted by the operator"];

const utc = (time) => `${new Date(time * 1000).toISOString().slice(0, 19)}Z`;
const plain = (r) =>
  `{"timestamp":"${r.text}","kWh_value":${VALUES[r.wattHours]},"meter_id":"${METER_NAMES[r.meter]}"}`;

const KEY_ORDERS = [
  ["timestamp", "kWh_value", "meter_id"],
  ["timestamp", "meter_id", "kWh_value"],
  ["kWh_value", "timestamp", "meter_id"],
  ["kWh_value", "meter_id", "timestamp"],
  ["meter_id", "timestamp", "kWh_value"],
  ["meter_id", "kWh_value", "timestamp"],
];

function inSomeOrder(r) {
  const member = {
    timestamp: `"timestamp":"${r.text}"`,
    kWh_value: `"kWh_value":${VALUES[r.wattHours]}`,
    meter_id: `"meter_id":"${METER_NAMES[r.meter]}"`,
  };
  const [a, b, c] = KEY_ORDERS[r.noise % 6];
  return `{${member[a]},${member[b]},${member[c]}}`;
}

/**
 * Numbers, strings, booleans and nulls whose lengths and values change from record to record, before, between and after
 * what counts.
 */
function withExtras(r) {
  const { noise } = r;
  const voltage = noise % 16 === 0 ? "null" : String(2200 + ((noise >>> 4) % 200)).replace(/(.)$/, ".$1");
  return (
    `{"sequence":${r.index},"timestamp":"${r.text}","quality":"${QUALITIES[(noise >>> 12) & 3]}","kWh_value":${VALUES[r.wattHours]},` +
    `"voltage":${voltage},"verified":${(noise >>> 14) & 1 ? "true" : "false"},"meter_id":"${METER_NAMES[r.meter]}"}`
  );
}

/**
 * The same instant one hour further on the clock, later meters some milliseconds later:
 * `2024-01-01T01:00:00.137+01:00`.
 */
function withOffset(r) {
  const millis = String(Math.floor((r.meter * 1000) / 300)).padStart(3, "0");
  return `{"timestamp":"${r.text}.${millis}+01:00","kWh_value":${VALUES[r.wattHours]},"meter_id":"${METER_NAMES[r.meter]}"}`;
}

/**
 * `bytes`: of one record, about, for telling the disk space needed. `stamp`: epoch seconds to the text of the
 * timestamp, worked out once per interval. `record`: takes `{ index, text, meter, wattHours, noise }`. `packed` names
 * the form that this one is the gzip of.
 */
export const FORMS = {
  ndjson: { file: "readings.ndjson", bytes: 79, head: "", between: "\n", tail: "\n", stamp: utc, record: plain },
  array: { file: "readings.json", bytes: 79, head: "[", between: ",", tail: "]", stamp: utc, record: plain },
  csv: {
    file: "readings.csv",
    bytes: 38,
    head: "timestamp,kWh_value,meter_id\n",
    between: "\n",
    tail: "\n",
    stamp: utc,
    record: (r) => `${r.text},${VALUES[r.wattHours]},${METER_NAMES[r.meter]}`,
  },
  orders: {
    file: "key-orders.ndjson",
    bytes: 79,
    head: "",
    between: "\n",
    tail: "\n",
    stamp: utc,
    record: inSomeOrder,
  },
  extras: {
    file: "extra-fields.ndjson",
    bytes: 160,
    head: "",
    between: "\n",
    tail: "\n",
    stamp: utc,
    record: withExtras,
  },
  pretty: {
    file: "pretty.json",
    bytes: 106,
    head: "[\n",
    between: ",\n",
    tail: "\n]\n",
    stamp: utc,
    record: (r) =>
      `  {\n    "timestamp": "${r.text}",\n    "kWh_value": ${VALUES[r.wattHours]},\n    "meter_id": "${METER_NAMES[r.meter]}"\n  }`,
  },
  offsets: {
    file: "offsets.ndjson",
    bytes: 88,
    head: "",
    between: "\n",
    tail: "\n",
    stamp: (time) => new Date((time + 3600) * 1000).toISOString().slice(0, 19),
    record: withOffset,
  },
  gzip: { file: "readings.ndjson.gz", bytes: 12, packed: "ndjson" },
  escaped: {
    file: "escaped.ndjson",
    bytes: 84,
    head: "",
    between: "\n",
    tail: "\n",
    stamp: utc,
    record: (r) =>
      `{"timestamp":"${r.text}","kWh_value":${VALUES[r.wattHours]},"meter_id":"${ESCAPED_NAMES[r.meter]}"}`,
  },
};
