/**
 * What is measured, and what was promised. `target`: how many times as fast as the fastest of `against` (by default
 * every contestant that does the same work) Electro has to be, with two workers.
 */

const ELECTRO = ["electro-2", "electro-1"];
const ENGINES = ["duckdb-double", "duckdb-decimal", "clickhouse-double", "clickhouse-decimal", "polars"];
const JSON_PARSE = ["json-split", "json-readline"];

const totals = (id, title, form, target, more = []) => ({
  id,
  title,
  form,
  bySource: false,
  target,
  contestants: [...ELECTRO, ...ENGINES, ...more],
});

export const WORKLOADS = [
  totals("totals", "hourly totals, NDJSON", "ndjson", 5, [...JSON_PARSE, "read-bytes"]),
  totals("array", "hourly totals, one JSON array", "array", 10),
  {
    id: "sources",
    title: "hourly sums by source, NDJSON",
    form: "ndjson",
    bySource: true,
    target: 3,
    contestants: [...ELECTRO, ...ENGINES, "duckdb-unsorted", "clickhouse-unsorted"],
  },
  totals("csv", "hourly totals, CSV", "csv", 4),
  totals("orders", "six key orders mixed", "orders", 2),
  totals("extras", "extra fields of changing value", "extras", 2),
  totals("pretty", "pretty-printed array", "pretty", 2),
  totals("offsets", "milliseconds and +01:00", "offsets", 2),
  totals("gzip", "gzip of the first", "gzip", 2, ["read-bytes"]),
  { ...totals("escaped", "every record with an escaped id", "escaped", 1.5, JSON_PARSE), against: JSON_PARSE },
];

/** Ten times the readings: at most this many times the time. Made and run with --large only. */
export const LARGE = {
  id: "large",
  title: "ten times the readings",
  form: "ndjson",
  bySource: false,
  factor: 10,
  most: 10.5,
  contestants: ELECTRO,
};

/** Electro's peak memory for totals, at either size. */
export const MEMORY_LIMIT_BYTES = 250e6;

/** Against `node -e 0`: at most this many times its time. */
export const STARTUP = [
  { id: "version", title: "electro --version", most: 1.5 },
  { id: "thousand", title: "electro aggregate, 1,000 readings", most: 3, rows: 1000 },
];
/** Processes that take milliseconds are run this many times as often. */
export const STARTUP_ROUNDS_FACTOR = 4;
