/**
 * Tables and JSON whose readings follow one another, in forms that options tell: other timestamps, date and time apart,
 * intervals, ends, several values. Mostly in order, so that the kernel takes them; around clock changes now and then.
 */

/** @typedef {import("./choose.mjs").Choose} Choose */
/** @typedef {import("../oracle/options.js").Options} Options */

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
/** Wall seconds at which series begin: ordinary days, and the hours before clocks change. */
const STARTS = [1_706_659_200, 1_706_697_000, 1_711_836_000, 1_729_976_400, 1_730_595_600, 1_712_383_200, 951_782_400];
const MINUTES = [1, 5, 15, 15, 15, 30, 60, 60, 90];

const two = (/** @type {number} */ n) => String(n).padStart(2, "0");

/** How a wall second is written, by format. @type {Readonly<Record<string, (second: number, choose: Choose) => string>>} */
const WRITE = {
  "%d.%m.%Y %H:%M": (second) =>
    `${two(at(second).day)}.${two(at(second).month)}.${at(second).year} ${clock(second, 5)}`,
  "%m/%d/%y %I:%M:%S %p": (second) => {
    const { month, day, year, hour } = at(second);
    return `${month}/${day}/${two(year % 100)} ${hour % 12 || 12}:${clock(second, 8).slice(3)} ${hour < 12 ? "AM" : "pm"}`;
  },
  "%d-%b-%Y %H:%M": (second) =>
    `${at(second).day}-${MONTHS[at(second).month - 1]}-${at(second).year} ${clock(second, 5)}`,
  "%Y%m%d%H%M%S": (second) => new Date(second * 1000).toISOString().replace(/\D/g, "").slice(0, 14),
  "%d/%m/%Y %H:%M:%S.%f %z": (second, choose) =>
    `${two(at(second).day)}/${two(at(second).month)}/${at(second).year} ${clock(second, 8)}.${choose.oneIn(6) ? "5" : "000"} ${choose.of(["+01:00", "+0100", "Z"])}`,
  "epoch-s": (second, choose) => (choose.oneIn(9) ? `${second}.25` : String(second)),
  "epoch-ms": (second) => String(second * 1000),
};
const FORMATS = Object.keys(WRITE);

function at(/** @type {number} */ second) {
  const date = new Date(second * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
  };
}

const clock = (/** @type {number} */ second, /** @type {number} */ to) =>
  new Date(second * 1000).toISOString().slice(11, 11 + to);

/** @param {Choose} choose @param {Options} options of which some are kept @returns {Options} */
export function someForm(choose, { timezone, inputTimezone, bySource, unit, decimalComma, onError, maxDays }) {
  /** @type {Record<string, unknown>} */
  const form = { timezone, inputTimezone, bySource, unit, decimalComma, onError, maxDays };
  if (!choose.oneIn(3)) form["timestampFormat"] = choose.of(FORMATS);
  const covers = choose.of(["", "", "interval", "end", "end", "ends"]);
  if (covers === "interval") form["interval"] = choose.of(["15m", "15m", "30m", "1h", "450s"]);
  if (covers === "end") form["endField"] = ["end"];
  if (covers === "ends") form["endField"] = ["end", "endTime"];
  if (covers === "ends" || choose.oneIn(4)) form["timeField"] = "time";
  if (String(form["timestampFormat"]).startsWith("epoch")) {
    delete form["timeField"];
    if (covers === "ends") form["endField"] = ["end"];
  }
  if (!covers.startsWith("end") && choose.oneIn(3)) form["stamps"] = "end";
  if (choose.oneIn(3)) form["valueField"] = choose.of([["t1", "t2"], ["t*"], ["t3", "t1", "t2"]]);
  if (choose.oneIn(5)) form["missing"] = ["", "n/a"];
  if (choose.oneIn(4)) form["repeatedHour"] = choose.of(["first", "last", "fail"]);
  if (choose.oneIn(4)) form["from"] = choose.of(["2024-01-31", "2024-10-27"]);
  for (const [name, value] of Object.entries(form)) if (value === undefined || value === false) delete form[name];
  return form;
}

/** Whether options are of `someForm`. @param {Options} options */
export const isForm = ({ timestampFormat, interval, endField, timeField, valueField, repeatedHour }) =>
  [timestampFormat, interval, endField, timeField, repeatedHour].some((one) => one !== undefined) ||
  Array.isArray(valueField);

/** @param {Choose} choose @param {Options} options @param {number} records @returns {Buffer} */
export function someSeries(choose, options, records) {
  const { endField, timeField, valueField, decimalComma, missing } = options;
  const several = Array.isArray(valueField);
  const values = several ? ["t1", "t2", ...(valueField.includes("t3") ? ["t3"] : [])] : ["kWh_value"];
  const isJson = choose.oneIn(4);
  const separator = choose.of([";", "\t", "|", decimalComma ? ";" : ","]);
  const names = ["timestamp", ...(timeField === undefined ? [] : ["time"]), ...(endField ?? []), ...values];
  if (!choose.oneIn(4)) names.push("meter_id");
  for (let n = choose.of([0, 0, 1, 2]); n > 0; n--) names.push(`extra${n}`);
  const columns = choose.oneIn(3) ? choose.shuffled(names) : names;
  const isQuoted = choose.oneIn(4);
  const offset = options.timestampFormat === undefined ? choose.of(["", "", "Z", "+01:00", "-0330"]) : "";
  const write = WRITE[options.timestampFormat ?? ""] ?? ((second) => isoOf(second, offset, timeField !== undefined));
  const meters = choose.of([1, 1, 2, 5]);
  const step = 60 * choose.of(MINUTES);
  const length = choose.oneIn(3) ? 60 * choose.of(MINUTES) : step;
  let second = choose.of(STARTS) + (choose.oneIn(4) ? choose.below(7200) : 0);
  const back = choose.oneIn(5) ? -1 : 1;
  const rows = [];
  for (let n = 0; n < records; n++) {
    if (n % meters === 0) second += back * (choose.oneIn(25) ? choose.between(-3, 9) * step : step);
    const [date, time] = split(write(second, choose), timeField !== undefined);
    const [endDate, endTime] = split(write(second + length, choose), endField?.length === 2);
    /** @type {Record<string, string>} */
    const cells = { timestamp: date, time, end: endDate, endTime, meter_id: `meter-${n % meters}` };
    for (const name of values) {
      const number = `${choose.oneIn(9) ? "-" : ""}${choose.below(5000) / choose.of([1, 1000])}`;
      const gone = missing !== undefined && choose.oneIn(9);
      cells[name] = gone ? choose.of(["", "n/a"]) : decimalComma ? number.replace(".", ",") : number;
    }
    if (choose.oneIn(40)) cells[choose.of(columns)] = choose.of(["", " ", "x", "31.02.2024 25:61", "-0", "1e3"]);
    rows.push(columns.map((name) => cells[name] ?? choose.of(["a", "text", "17"])));
  }
  if (isJson) return Buffer.from(rows.map((row) => jsonOf(columns, row, values, options)).join("\n"));
  const cell = (/** @type {string} */ text) => (isQuoted || text.includes(separator) ? `"${text}"` : text);
  return Buffer.from([columns, ...rows].map((row) => row.map(cell).join(separator)).join(choose.of(["\n", "\r\n"])));
}

/** @param {number} second @param {string} offset @param {boolean} apart the offset then belongs to the time */
function isoOf(second, offset, apart) {
  return `${new Date(second * 1000)
    .toISOString()
    .slice(0, 19)
    .replace("T", apart ? " " : "T")}${offset}`;
}

/** At the first blank, where date and time are two fields. @param {string} text @param {boolean} apart @returns {string[]} */
function split(text, apart) {
  const blank = text.indexOf(" ");
  return apart && blank > 0 ? [text.slice(0, blank), text.slice(blank + 1)] : [text, "00:00"];
}

/** @param {readonly string[]} names @param {readonly string[]} cells @param {readonly string[]} values @param {Options} options */
function jsonOf(names, cells, values, { timestampFormat, decimalComma }) {
  const isEpoch = timestampFormat?.startsWith("epoch");
  const members = names.map((name, n) => {
    const bare = values.includes(name) ? !decimalComma : isEpoch && (name === "timestamp" || name === "end");
    const isNumber = bare && /^-?\d+(\.\d+)?$/.test(cells[n]);
    return `${JSON.stringify(name)}:${isNumber ? cells[n] : JSON.stringify(cells[n])}`;
  });
  return `{${members.join(",")}}`;
}
