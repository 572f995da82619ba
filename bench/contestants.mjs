/**
 * Who is measured, and how each is started. All run as one Node process that reads `job.file` and writes CSV into the
 * empty folder `job.out`.
 */
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

export const ELECTRO = path("../dist/bin/electro.js");

function electro(workers) {
  return {
    name: `Electro, ${workers} worker${workers === 1 ? "" : "s"}`,
    electro: true,
    values: "exact",
    ordered: true,
    args: (job) => [
      ELECTRO,
      "aggregate",
      job.file,
      "-o",
      job.out,
      "--workers",
      String(workers),
      ...(job.bySource ? ["--by-source"] : []),
    ],
  };
}

/** `extra`: what the script takes after the grouping. */
function peer(name, script, extra, traits) {
  return {
    name,
    values: "double",
    ordered: true,
    args: (job) => [
      path(`./peers/${script}.mjs`),
      job.form,
      job.file,
      job.out,
      job.bySource ? "sources" : "totals",
      ...extra,
    ],
    ...traits,
  };
}

const wholeArray = "reads an array only as a whole, not in a lazy scan: 18 s and 7 GB for 10 million readings";

/**
 * `values`: what the sums are made of. `cannot`: form → why not. `shown`: timed and printed, but no peer to be measured
 * against, since it does less (its rows are in no order) or nothing (it only reads).
 */
export const CONTESTANTS = {
  "electro-2": electro(2),
  "electro-1": electro(1),
  "duckdb-double": peer("DuckDB, DOUBLE", "duckdb", ["double"]),
  "duckdb-decimal": peer("DuckDB, DECIMAL(18,3)", "duckdb", ["decimal"], { values: "exact" }),
  "duckdb-unsorted": peer("DuckDB, DOUBLE, rows in no order", "duckdb", ["double", "unsorted"], {
    ordered: false,
    shown: true,
  }),
  "clickhouse-double": peer("ClickHouse, Float64", "clickhouse", ["double"]),
  "clickhouse-decimal": peer("ClickHouse, Decimal(18, 3)", "clickhouse", ["decimal"], { values: "exact" }),
  "clickhouse-unsorted": peer("ClickHouse, Float64, rows in no order", "clickhouse", ["double", "unsorted"], {
    ordered: false,
    shown: true,
  }),
  polars: peer("Polars, Float64", "polars", [], {
    env: { POLARS_MAX_THREADS: "2" },
    cannot: { array: wholeArray, pretty: wholeArray },
  }),
  "json-split": peer("JSON.parse line by line, lines cut by hand", "json-parse", ["split"]),
  "json-readline": peer("JSON.parse line by line, node:readline", "json-parse", ["readline"]),
  "read-bytes": peer("reading the bytes alone, one thread", "read-bytes", [], { values: "none", shown: true }),
};
