/**
 * How fast tables of several makes, Parquet and Green Button are read: `node bench/formats.mjs [READINGS]`, `npm run build` before.
 * Tables and Parquet beside DuckDB, Green Button beside the XML parser alone. Each is a process of its own that sums by day and
 * meter; nothing is timed unless the sums agree. Tables are also told in times of a plain one.
 */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const readings = Number(process.argv[2] ?? 3_000_000);
const METERS = 300;
const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), "electro-formats-"));
const electro = new URL("../dist/bin/electro.js", import.meta.url).pathname;
const cwd = new URL("..", import.meta.url).pathname;

const two = (n) => String(n).padStart(2, "0");
const iso = (time) => new Date(time * 1000).toISOString().slice(0, 19);
const dayFirst = (time) => {
  const date = new Date(time * 1000);
  return `${two(date.getUTCDate())}.${two(date.getUTCMonth() + 1)}.${date.getUTCFullYear()} ${iso(time).slice(11, 16)}`;
};
const FORMAT = "%d.%m.%Y %H:%M";
const CSV = "delim=',', header=true, columns=";

/** `cells` of a reading; `args` for Electro; for DuckDB its columns, and from them the instant. `values` of a row, if several. */
const TABLES = {
  "plain CSV": {
    header: "timestamp,meter_id,kWh_value",
    cells: (time, meter, kWh) => `${iso(time)}Z,${meter},${kWh}`,
    args: [],
    columns: "{'timestamp':'TIMESTAMPTZ','meter_id':'VARCHAR','kWh_value':'DECIMAL(18,3)'}",
    at: '"timestamp"',
  },
  "day first": {
    header: "timestamp,meter_id,kWh_value",
    cells: (time, meter, kWh) => `${dayFirst(time)},${meter},${kWh}`,
    args: ["--timestamp-format", FORMAT],
    columns: "{'timestamp':'VARCHAR','meter_id':'VARCHAR','kWh_value':'DECIMAL(18,3)'}",
    at: `strptime("timestamp", '${FORMAT}')`,
  },
  "epoch seconds": {
    header: "timestamp,meter_id,kWh_value",
    cells: (time, meter, kWh) => `${time},${meter},${kWh}`,
    args: ["--timestamp-format", "epoch-s"],
    columns: "{'timestamp':'BIGINT','meter_id':'VARCHAR','kWh_value':'DECIMAL(18,3)'}",
    at: 'to_timestamp("timestamp")',
  },
  "an end column": {
    header: "timestamp,end,meter_id,kWh_value",
    cells: (time, meter, kWh) => `${iso(time)}Z,${iso(time + 900)}Z,${meter},${kWh}`,
    args: ["--end-field", "end"],
    columns: "{'timestamp':'TIMESTAMPTZ','end':'TIMESTAMPTZ','meter_id':'VARCHAR','kWh_value':'DECIMAL(18,3)'}",
    at: '"timestamp"',
  },
  "date and time apart": {
    header: "date,time,meter_id,kWh_value",
    cells: (time, meter, kWh) => `${iso(time).slice(0, 10)},${iso(time).slice(11)},${meter},${kWh}`,
    args: ["--timestamp-field", "date", "--time-field", "time"],
    columns: "{'date':'DATE','time':'TIME','meter_id':'VARCHAR','kWh_value':'DECIMAL(18,3)'}",
    at: '"date" + "time"',
  },
  "day first, with an end column": {
    header: "timestamp,end,meter_id,kWh_value",
    cells: (time, meter, kWh) => `${dayFirst(time)},${dayFirst(time + 900)},${meter},${kWh}`,
    args: ["--timestamp-format", FORMAT, "--end-field", "end"],
    columns: "{'timestamp':'VARCHAR','end':'VARCHAR','meter_id':'VARCHAR','kWh_value':'DECIMAL(18,3)'}",
    at: `strptime("timestamp", '${FORMAT}')`,
  },
  "three values a row": {
    header: "timestamp,meter_id,t1,t2,t3",
    cells: (time, meter, kWh) => `${iso(time)}Z,${meter},${kWh},0.5,${kWh}`,
    args: ["--value-field", "t1", "--value-field", "t2", "--value-field", "t3"],
    columns:
      "{'timestamp':'TIMESTAMPTZ','meter_id':'VARCHAR','t1':'DECIMAL(18,3)','t2':'DECIMAL(18,3)','t3':'DECIMAL(18,3)'}",
    at: '"timestamp"',
    values: ["t1", "t2", "t3"],
  },
};

/** Writes a file in pieces. @param make yields text */
function write(file, make) {
  const fd = openSync(file, "w");
  let text = "";
  for (const piece of make) {
    text += piece;
    if (text.length < 1 << 20) continue;
    writeSync(fd, text);
    text = "";
  }
  writeSync(fd, text);
  closeSync(fd);
  return file;
}

const kWhOf = (n) => (((n * 7919) % 5000) / 1000).toFixed(3);
const timeOf = (n) => 1_704_067_200 + Math.floor(n / METERS) * 900;

function* table({ header, cells, values = [""] }) {
  yield `${header}\n`;
  for (let n = 0; n < readings / values.length; n++) yield `${cells(timeOf(n), `meter ${n % METERS}`, kWhOf(n))}\n`;
}

function* feed() {
  yield '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">';
  for (let meter = 0; meter < METERS; meter++) {
    const self = `/RetailCustomer/1/UsagePoint/${meter}/MeterReading/1`;
    yield `<entry><link rel="self" href="${self}"/><link rel="related" href="/ReadingType/1"/><content><MeterReading xmlns="http://naesb.org/espi"/></content></entry>`;
    yield `<entry><link rel="self" href="${self}/IntervalBlock/1"/><content><IntervalBlock xmlns="http://naesb.org/espi">`;
    for (let n = meter; n < readings / 10; n += METERS)
      yield `<IntervalReading><timePeriod><duration>900</duration><start>${timeOf(n)}</start></timePeriod><value>${Math.round(1000 * Number(kWhOf(n)))}</value></IntervalReading>\n`;
    yield "</IntervalBlock></content></entry>";
  }
  yield '<entry><link rel="self" href="/ReadingType/1"/><content><ReadingType xmlns="http://naesb.org/espi"><accumulationBehaviour>4</accumulationBehaviour><flowDirection>1</flowDirection><intervalLength>900</intervalLength><powerOfTenMultiplier>0</powerOfTenMultiplier><uom>72</uom></ReadingType></content></entry></feed>';
}

/** Runs a script in a process of its own. @returns what it printed */
const script = (code) =>
  execFileSync(process.execPath, ["--input-type=module", "-e", code], { cwd, maxBuffer: 1 << 28 }).toString();

/** Runs SQL, and prints the rows that it gives. */
const duckdb = (sql) =>
  script(`const { DuckDBInstance } = await import("@duckdb/node-api");
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run("SET TimeZone = 'UTC'");
    const rows = (await connection.runAndReadAll(${JSON.stringify(sql)})).getRows();
    process.stdout.write(rows.map((row) => row.join(",")).join("\\n"), () => process.exit(0));`);

const DAY = `'%Y-%m-%d'`;
const sumsOf = (source, at, values) =>
  values
    .map((value) => {
      const id = value === "kWh_value" ? "meter_id" : `meter_id || '/${value}'`;
      return `SELECT strftime(${at}, ${DAY}) || ',' || ${id} || ',' || sum(${value})::VARCHAR FROM ${source} GROUP BY strftime(${at}, ${DAY}), meter_id`;
    })
    .join(" UNION ALL ");

/** Without the zeros at the end, as in our files. */
const theirs = (sql) =>
  duckdb(sql)
    .split("\n")
    .map((row) => row.replace(/\.?0*$/, ""))
    .sort();

function ours(file, args) {
  const output = join(folder, "out");
  const asked = ["aggregate", file, "--by-source", "--timezone", "UTC", "--quiet", "--force", "-o", output, ...args];
  execFileSync(process.execPath, [electro, ...asked, "--resolutions", "day"]);
  return readFileSync(join(output, "daily_data.csv"), "utf8").trimEnd().split("\n").slice(1).sort();
}

function seconds(work) {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}

/** The medians of both, in turn. */
function timed(own, other) {
  const times = [[], []];
  for (let round = 0; round < ROUNDS; round++) [own, other].forEach((work, n) => times[n].push(seconds(work)));
  return times.map((all) => all.toSorted((x, y) => x - y)[ROUNDS >> 1]);
}

function compare(name, file, args, sql) {
  const [a, b] = [ours(file, args), theirs(sql)];
  const at = a.findIndex((row, n) => row !== b[n]);
  if (a.length !== b.length || at >= 0) throw new Error(`${name}: the sums differ: ${a[at]} and ${b[at]}`);
  const [own, other] = timed(
    () => ours(file, args),
    () => theirs(sql),
  );
  const size = statSync(file).size / 1e6;
  const vs = other > own ? `${(other / own).toFixed(2)} times as fast` : `${(own / other).toFixed(2)} times as long`;
  plain ??= own;
  console.log(
    `${name}: ${size.toFixed(0)} MB, ${a.length} sums agree; Electro ${own.toFixed(2)} s, DuckDB ${other.toFixed(2)} s, ${vs}; ${(own / plain).toFixed(2)} of plain`,
  );
}

let plain;
try {
  console.log(`${readings} readings of ${METERS} meters, medians of ${ROUNDS} rounds in turn`);
  for (const [name, form] of Object.entries(TABLES)) {
    const file = write(join(folder, "table.csv"), table(form));
    const source = `read_csv('${file}', ${CSV}${form.columns})`;
    compare(name, file, form.args, sumsOf(source, form.at, form.values ?? ["kWh_value"]));
  }
  const parquet = join(folder, "readings.parquet");
  duckdb(`COPY (SELECT 'meter ' || (n % ${METERS}) AS meter_id,
    TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (n // ${METERS} * 15) MINUTE AS "timestamp",
    (((n * 7919) % 5000) / 1000)::DECIMAL(18,3) AS kWh_value FROM range(${readings}) t(n)) TO '${parquet}' (FORMAT parquet)`);
  compare("Parquet", parquet, [], sumsOf(`'${parquet}'`, '"timestamp"', ["kWh_value"]));
  const xml = write(join(folder, "feed.xml"), feed());
  const size = statSync(xml).size / 1e6;
  const rows = ours(xml, []);
  const total = rows.reduce((sum, row) => sum + Math.round(1000 * Number(row.split(",").at(-1))), 0);
  let made = 0;
  for (let n = 0; n < readings / 10; n++) made += Math.round(1000 * Number(kWhOf(n)));
  if (total !== made) throw new Error(`Green Button: the sums are ${total} Wh, and ${made} were made`);
  const parse = `import { SaxesParser } from "saxes"; import { createReadStream } from "node:fs";
    const parser = new SaxesParser({ xmlns: true }); let tags = 0; parser.on("opentag", () => tags++); parser.on("text", () => {});
    for await (const text of createReadStream(${JSON.stringify(xml)}, "utf8")) parser.write(text); parser.close();`;
  const [own, parser] = timed(
    () => ours(xml, []),
    () => script(parse),
  );
  console.log(
    `Green Button: ${size.toFixed(0)} MB, ${readings / 10} readings, sums agree; Electro ${own.toFixed(2)} s, the XML parser alone ${parser.toFixed(2)} s: ${(own / parser).toFixed(2)} times as long`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
