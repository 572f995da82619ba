/**
 * DuckDB: `duckdb.mjs FORM FILE OUT totals|sources double|decimal [unsorted]`.
 * Columns and format are given, so nothing is guessed from a sample; the hour is worked out on the epoch, which is
 * faster than date_trunc (1.30 against 1.38 s of processor time; date_trunc on TIMESTAMPTZ takes 2.9), and TIMESTAMPTZ
 * is as fast as TIMESTAMP then and heeds offsets.
 */
import { DuckDBInstance } from "@duckdb/node-api";

const [form, file, out, grouping, values, order] = process.argv
  .slice(2)
  .map((argument) => argument.replaceAll("'", "''"));

const value = values === "decimal" ? "DECIMAL(18,3)" : "DOUBLE";
const columns = `columns={timestamp: 'TIMESTAMPTZ', kWh_value: '${value}', meter_id: 'VARCHAR'}`;
const source = grouping === "sources" ? "meter_id, " : "";

const readings =
  form === "csv"
    ? `read_csv('${file}', header=true, auto_detect=false, delim=',', quote='"', escape='"', ${columns})`
    : `read_json('${file}', format='${form === "array" || form === "pretty" ? "array" : "newline_delimited"}', ${columns})`;

const db = await DuckDBInstance.create(":memory:", { threads: "2" });
const connection = await db.connect();
await connection.run("SET TimeZone = 'UTC'");
await connection.run(`
  COPY (
    SELECT make_timestamp(hour * 3600000000) AS hour, ${source}kWh
    FROM (SELECT epoch_us(timestamp) // 3600000000 AS hour, ${source}sum(kWh_value) AS kWh FROM ${readings} GROUP BY ALL)
    ${order === "unsorted" ? "" : `ORDER BY ${source ? "hour, meter_id" : "hour"}`}
  ) TO '${out}/hourly.csv' (FORMAT csv, HEADER true)`);
// without taking the database apart first
process.exit(0);
