// slow: not of the fast lane
/** DuckDB as a second oracle: its sums of decimals by source and hour, and by source and day, are ours. */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { electro, inFolder } from "../oracle/electro.js";
import { randomOf } from "../oracle/render.js";

const READINGS = 300_000;
const METERS = 400;
const DAYS = 9;
const FIRST = Date.UTC(2024, 1, 24) / 1000;
const SEED = 20_240_229;

/** Readings of many meters over days around a leap day, in no order, with decimals of 0 to 9 places and any offset. */
function writeReadings(file: string): void {
  const random = randomOf(SEED);
  const below = (limit: number) => Math.floor(random() * limit);
  const two = (value: number) => String(value).padStart(2, "0");
  const descriptor = openSync(file, "w");
  for (let written = 0; written < READINGS; ) {
    const lines: string[] = [];
    for (; lines.length < 20_000 && written < READINGS; written++) {
      const offset = below(4) === 0 ? 0 : (below(2 * 56 + 1) - 56) * 900;
      // Far enough from both ends that no offset leads past them.
      const instant = FIRST + below(DAYS * 86_400);
      const wall = new Date((instant + offset) * 1000).toISOString().slice(0, 19);
      const size = Math.abs(offset);
      const zone =
        offset === 0 ? "Z" : `${offset < 0 ? "-" : "+"}${two(Math.floor(size / 3600))}:${two((size % 3600) / 60)}`;
      const places = below(10);
      const fraction = places === 0 ? "" : `.${String(below(10 ** places)).padStart(places, "0")}`;
      const number = (below(20) === 0 ? "-" : "") + below(5000) + fraction;
      // Some come as JSON numbers, some as strings.
      const value = below(2) === 0 ? number : `"${number}"`;
      lines.push(`{"meter_id":"meter-${below(METERS)}","timestamp":"${wall}${zone}","kWh_value":${value}}\n`);
    }
    writeSync(descriptor, lines.join(""));
  }
  closeSync(descriptor);
}

test("hundreds of thousands of readings of hundreds of meters are summed as DuckDB sums them", () =>
  inFolder(async (folder) => {
    const file = join(folder, "readings.ndjson");
    writeReadings(file);
    const run = await electro(["aggregate", file, "--by-source", "--with-counts", "--output", "out"], folder);
    expect(run.status, run.stderr).toBe(0);

    const duckdb = await (await DuckDBInstance.create(":memory:")).connect();
    // The value is taken out of the text of the line, so that no float comes near it.
    await duckdb.run(`
      CREATE TABLE readings AS
      SELECT regexp_extract(line, '"meter_id":"([^"]*)"', 1) AS source,
        epoch(regexp_extract(line, '"timestamp":"([^"]*)"', 1)::TIMESTAMPTZ)::BIGINT AS instant,
        regexp_extract(line, '"kWh_value":"?([-0-9.]*)', 1)::DECIMAL(38, 9) AS energy
      FROM read_csv('${file}', columns = {'line': 'VARCHAR'}, header = false, delim = '\\0', quote = '', escape = '')`);
    const rows = async (sql: string) => (await duckdb.runAndReadAll(sql)).getRowObjectsJson();
    expect(
      await rows("SELECT count(*)::INTEGER AS readings, count(DISTINCT source)::INTEGER AS sources FROM readings"),
    ).toEqual([{ readings: READINGS, sources: METERS }]);

    for (const { start, seconds, files } of [
      { start: "hourly_timestamp", seconds: 3600, files: "hourly_data_*.csv" },
      { start: "daily_timestamp || 'T00:00:00Z'", seconds: 86_400, files: "daily_data.csv" },
    ]) {
      const compared = await rows(`
        WITH theirs AS (
          SELECT instant - instant % ${seconds} AS start, source, sum(energy) AS energy, count(*) AS readings
          FROM readings GROUP BY ALL
        ), ours AS (
          SELECT epoch((${start})::TIMESTAMPTZ)::BIGINT AS start, source_id AS source,
            aggregated_kWh_value::DECIMAL(38, 18) AS energy, reading_count::BIGINT AS readings
          FROM read_csv('${join(folder, "out", files)}', all_varchar = true, header = true)
        )
        SELECT count(*)::INTEGER AS rows,
          count(*) FILTER (ours.readings > 0)::INTEGER AS filled_by_readings,
          (SELECT count(*) FROM theirs)::INTEGER AS theirs,
          count(*) FILTER (ours.energy IS DISTINCT FROM coalesce(theirs.energy, 0)
            OR ours.readings IS DISTINCT FROM coalesce(theirs.readings, 0))::INTEGER AS different
        FROM ours FULL JOIN theirs USING (start, source)`);
      const cells = (DAYS * 86_400 * METERS) / seconds;
      expect(compared).toEqual([expect.objectContaining({ rows: cells, different: 0 })]);
      expect(compared[0]!["filled_by_readings"]).toBe(compared[0]!["theirs"]);
    }
    duckdb.closeSync();
  }));
