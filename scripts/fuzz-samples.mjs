/** Small files of meters and utilities, as they are before they are damaged. */

/** @typedef {import("../test/scan/choose.mjs").Choose} Choose */

/** @param {number} count @param {(n: number) => string | number} make */
const listOf = (count, make) => Array.from({ length: count }, (_, n) => make(n));

/** @param {Choose} choose */
export function nem12(choose) {
  const rows = choose.oneIn(4) ? [] : ["100,NEM12,202402010000,MDP,RETAIL"];
  for (let stream = choose.between(1, 4); stream > 0; stream--) {
    const minutes = choose.of([5, 15, 30, 30]);
    const unit = choose.of(["kWh", "KWH", "Wh", "MWh", "kvarh"]);
    const padding = choose.of(["", "", ",", ",,,"]);
    rows.push(
      `200,630500012${choose.below(3)},E1B1K1,1,${choose.of(["E1", "B1", "K1"])},N1,M${stream},${unit},${minutes},${padding}`,
    );
    for (let day = choose.between(1, 4); day > 0; day--) {
      const values = listOf(1440 / minutes, () => choose.below(2000) / choose.of([1, 10, 1000]));
      const quality = choose.of(["A", "A", "V", "S14", "N", "E52"]);
      rows.push(
        `300,2024010${choose.between(1, 9)},${values.join(",")},${quality},,,${choose.of(["", "20240202030405"])},`,
      );
      if (quality === "V") rows.push(`400,1,${720 / minutes},A,,`, `400,${720 / minutes + 1},${1440 / minutes},S14,,`);
      if (choose.oneIn(5)) rows.push("500,O,S01234,20240101000000,");
    }
  }
  if (!choose.oneIn(4)) rows.push("900");
  return `${rows.join(choose.of(["\n", "\r\n"]))}\n`;
}

/** @param {Choose} choose */
export function nem13(choose) {
  const rows = ["100,NEM13,202402020000,MDP,RETAIL"];
  for (let n = choose.between(1, 6); n > 0; n--) {
    const [before, after] = [choose.below(5000), choose.below(9000)];
    rows.push(
      `250,630500012${choose.below(3)},11,1,11,${choose.of(["11", "41"])},M1,E,${before},2024010${n}000000,A,,,${after},20240${choose.between(2, 9)}01000000,A,,,${after - before},${choose.of(["kWh", "Wh"])},,`,
    );
    if (choose.oneIn(4)) rows.push("550,N,,A,");
  }
  return `${[...rows, "900"].join("\n")}\n`;
}

/** A feed, mostly in one of the ways that utilities write them. @param {Choose} choose */
export function greenButton(choose) {
  const prefix = choose.of(["", "espi:", "ns0:"]);
  const base = choose.of(["", "/espi/1_1/resource/", "https://utility.example/espi/1_1/resource/"]);
  const tag = (/** @type {string} */ name, /** @type {unknown} */ content) =>
    `<${prefix}${name}>${content}</${prefix}${name}>`;
  const entry = (/** @type {string} */ self, /** @type {string[]} */ related, /** @type {string} */ content) =>
    `<entry><id>urn:uuid:${self}</id><link rel="self" href="${base}${self}"/>` +
    `<link rel="up" href="${base}${self.slice(0, self.lastIndexOf("/"))}"/>` +
    `${related.map((href) => `<link rel="related" href="${base}${href}"/>`).join("")}<content>${content}</content></entry>`;
  const entries = [];
  for (let n = choose.between(1, 3); n > 0; n--) {
    const usage = `RetailCustomer/1/UsagePoint/${n}`;
    const self = `${usage}/MeterReading/1`;
    const length = choose.of([900, 1800, 3600, 86_400]);
    if (!choose.oneIn(6))
      entries.push(
        entry(usage, [self], tag("UsagePoint", tag("ServiceCategory", tag("kind", choose.of([0, 0, 0, 1]))))),
      );
    entries.push(entry(self, [`${self}/IntervalBlock`, `ReadingType/${n}`], tag("MeterReading", "")));
    const type = {
      ...{ accumulationBehaviour: choose.of([4, 4, 0, 1, 3]), flowDirection: choose.of([1, 1, 19, 4]) },
      ...{ intervalLength: length, powerOfTenMultiplier: choose.of([0, -3, 3]), uom: choose.of([72, 72, 38, 73, 169]) },
    };
    entries.push(
      entry(
        `ReadingType/${n}`,
        [],
        tag(
          "ReadingType",
          Object.entries(type)
            .map(([name, text]) => tag(name, text))
            .join(""),
        ),
      ),
    );
    const start = 1_704_067_200 + 86_400 * choose.below(9);
    const readings = listOf(choose.between(1, 30), (k) => {
      const time = tag("timePeriod", tag("duration", length) + tag("start", start + k * length));
      return tag("IntervalReading", (choose.oneIn(9) ? "" : time) + tag("value", choose.below(3000)));
    });
    const interval = tag("interval", tag("duration", readings.length * length) + tag("start", start));
    const block = tag("IntervalBlock", interval + (choose.oneIn(3) ? readings.reverse() : readings).join("\n"));
    entries.push(entry(`${self}/IntervalBlock/1`, [], block));
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n${choose.shuffled(entries).join("\n")}</feed>\n`;
}

/** The members of a workbook's archive. @param {Choose} choose @returns {Record<string, string>} */
export function workbook(choose) {
  const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
  const rows = listOf(choose.between(1, 12), (n) => {
    const time = choose.of([
      `<c s="1"><v>${45_322 + n / 48}</v></c>`,
      `<c t="inlineStr"><is><t>2024-01-31T0${n % 10}:00:00Z</t></is></c>`,
    ]);
    return `<row r="${n + 2}">${time}<c r="B${n + 2}"><v>${n / 8}</v></c><c t="s"><v>${choose.below(choose.oneIn(20) ? 4 : 3)}</v></c></row>`;
  });
  const head = ["timestamp", "kWh_value", "meter_id"].map((text) => `<c t="str"><v>${text}</v></c>`).join("");
  return {
    "[Content_Types].xml": "<Types/>",
    "xl/workbook.xml": `<workbook ${main} xmlns:r="x"><workbookPr date1904="${choose.below(2)}"/><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels":
      '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/s.xml"/></Relationships>',
    "xl/styles.xml": `<styleSheet ${main}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
    "xl/sharedStrings.xml": `<sst ${main}><si><t>m1</t></si><si><r><t>m</t></r><r><t>2</t></r></si><si><t xml:space="preserve"> m3</t></si></sst>`,
    "xl/worksheets/s.xml": `<?xml version="1.0"?><worksheet ${main}><sheetData><row r="1">${head}</row>${rows.join("")}</sheetData></worksheet>`,
  };
}

/** How a table writes its times, and the option that reads them. */
const TIMES = [
  { format: undefined, text: (/** @type {Date} */ date) => `${date.toISOString().slice(0, 19)}Z` },
  {
    format: "%d/%m/%Y %H:%M",
    text: (/** @type {Date} */ date) => `${day(date, "/")} ${date.toISOString().slice(11, 16)}`,
  },
  {
    format: "%d.%m.%Y %H:%M:%S",
    text: (/** @type {Date} */ date) => `${day(date, ".")} ${date.toISOString().slice(11, 19)}`,
  },
  { format: "epoch-s", text: (/** @type {Date} */ date) => String(date.getTime() / 1000) },
  { format: "epoch-ms", text: (/** @type {Date} */ date) => String(date.getTime()) },
];

/** @param {Date} date @param {string} mark */
const day = (date, mark) => date.toISOString().slice(0, 10).split("-").reverse().join(mark);

/** @param {string} text @param {string} separator */
const cell = (text, separator) =>
  text.includes(separator) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;

/**
 * A table that several options are needed for.
 * @param {Choose} choose
 * @returns {{ text: string, options: import("../test/oracle/options.js").Options & { dayColumns?: string } }}
 */
export function table(choose) {
  const separator = choose.of([",", ";", "\t", "|"]);
  const { format, text: stamp } = choose.of(TIMES);
  /** @type {import("../test/oracle/options.js").Options} */
  const options = {
    bySource: choose.oneIn(2),
    withCounts: choose.oneIn(2),
    timezone: choose.of(["UTC", "Europe/Berlin", "Australia/Lord_Howe"]),
  };
  if (format !== undefined) options.timestampFormat = format;
  if (choose.oneIn(4)) return days(choose, separator);
  const thousands = choose.of([undefined, undefined, ".", "'", " "]);
  const comma = thousands === "." || choose.oneIn(3);
  if (thousands !== undefined) options.thousands = /** @type {"."} */ (thousands);
  if (comma) options.decimalComma = true;
  const number = (/** @type {number} */ n) => {
    const [whole = "", fraction] = String(n).split(".");
    const grouped = thousands === undefined ? whole : whole.replace(/\B(?=(\d{3})+$)/g, thousands);
    return fraction === undefined ? grouped : `${grouped}${comma ? "," : "."}${fraction}`;
  };
  const columns = ["timestamp"];
  const values = choose.oneIn(3) ? ["HH1", "HH2", "HH3"].slice(0, choose.between(1, 3)) : ["kWh_value"];
  if (values[0] === "HH1") options.valueField = choose.oneIn(2) ? "HH*" : values;
  columns.push(...values, "meter_id");
  const width = choose.of([900, 1800, 3600]);
  const cover = choose.below(5);
  if (cover === 0) options.interval = `${width / 60}m`;
  if (cover === 1) columns.push("end");
  if (cover === 1) options.endField = ["end"];
  if (cover === 2) columns.push("lasts");
  if (cover === 2) Object.assign(options, { durationField: "lasts", durationUnit: "s" });
  if (choose.oneIn(4)) options.missing = ["", "n/a"];
  const fuels = choose.oneIn(4);
  if (fuels) columns.push("fuel");
  if (fuels) options.only = ["fuel=electricity"];
  const order = choose.shuffled(columns);
  const start = Date.UTC(2024, choose.of([0, 2, 9]), choose.between(24, 28));
  const rows = listOf(choose.between(1, 20), (n) => {
    const from = new Date(start + n * width * 1000);
    const cells = order.map((name) => {
      if (name === "timestamp") return stamp(from);
      if (name === "end") return stamp(new Date(from.getTime() + width * 1000));
      if (name === "lasts") return String(width);
      if (name === "fuel") return choose.of(["electricity", "electricity", "gas"]);
      if (name === "meter_id") return choose.of(["m1", "zähler", 'a"b', ""]);
      return choose.oneIn(12) ? choose.of(["", "n/a", "x"]) : number(choose.below(4_000_000) / choose.of([1, 8, 1000]));
    });
    return cells.map((text) => cell(text, separator)).join(separator);
  });
  const above = choose.oneIn(4) ? "Export\nAccount 4711\n" : "";
  return { text: `${above}${order.join(separator)}\n${rows.join("\n")}\n`, options };
}

/** A day a row. @param {Choose} choose @param {string} separator */
function days(choose, separator) {
  const count = choose.of([24, 48, 50, 96, 100]);
  const names = listOf(count, (n) => `HH${String(n).padStart(2, "0")}`);
  const rows = listOf(choose.between(1, 5), (n) =>
    [
      `2024-03-${29 + (n % 3)}`,
      choose.of(["m1", "m2"]),
      ...listOf(count - choose.of([0, 0, 2, 4]), () => choose.below(900) / 8),
    ].join(separator),
  );
  const timezone = choose.of(["UTC", "Europe/London"]);
  return {
    text: `${["timestamp", "meter_id", ...names].join(separator)}\n${rows.join("\n")}\n`,
    options: { dayColumns: "HH*", timezone, bySource: choose.oneIn(2), ...(choose.oneIn(2) ? { missing: [""] } : {}) },
  };
}
