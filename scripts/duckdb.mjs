// `node scripts/duckdb.mjs -csv -c SQL`: stands in for DuckDB's own command where pages show it, so that it need not be installed.
import { DuckDBInstance } from "@duckdb/node-api";

const sql = process.argv[process.argv.indexOf("-c") + 1] ?? "";
const connection = await (await DuckDBInstance.create()).connect();
const result = await connection.runAndReadAll(sql);
for (const row of [result.columnNames(), ...result.getRows()]) console.log(row.join());
