/** A service's rows by hour as sums that lie in the page. */
import { type Extract, rowsOfPeriod } from "../../profile/extract.js";
import { addEnergy, type CellColumns, COVERED, newColumns } from "../../tally/cell.js";
import { dateAt } from "../../time/period.js";
import type { Zone } from "../../time/zone.js";
import { Refusal } from "./data.js";

/** A row of the service's answer. */
type HourRow = Readonly<Record<string, string | number | boolean>>;

/**
 * Hourly rows with counts as an extract: in order of time, then of source.
 * @param bySource whether each has a source
 * @throws Refusal if the browser's rules of the zone are not those of the service
 */
export function extractOfRows(zone: Zone, rows: readonly HourRow[], bySource: boolean): Extract {
  const label = (row: HourRow | undefined) => String(row?.["hourly_timestamp"]);
  const seconds = (row: HourRow | undefined) => Date.parse(label(row)) / 1000;
  const ends = [dateAt(zone, seconds(rows[0])), dateAt(zone, seconds(rows.at(-1)))];
  const period = rows.length === 0 ? undefined : { first: Math.min(...ends), last: Math.max(...ends) };
  const { start, length } = rowsOfPeriod(zone, "hour", period);
  const ids: string[] = [];
  if (bySource)
    for (const row of rows) {
      if (label(row) !== label(rows[0])) break;
      ids.push(String(row["source_id"]));
    }
  const total = newColumns(length);
  const columns = ids.map(() => newColumns(length));
  const width = bySource ? ids.length : 1;
  if (rows.length !== length * width) throw otherRules();
  const words = new BigUint64Array(2);
  const energy = new Uint32Array(words.buffer);
  const add = (cells: CellColumns, hour: number, count: number) => {
    addEnergy(cells.energy, 4 * hour, energy, 0);
    cells.count[hour]! += count;
  };
  rows.forEach((row, n) => {
    const hour = Math.floor(n / width);
    if (n % width === 0 && seconds(row) !== start[hour]) throw otherRules();
    const value = energyOfText(String(row["aggregated_kWh_value"]));
    words[0] = BigInt.asUintN(64, value);
    words[1] = BigInt.asUintN(64, value >> 64n);
    const count = Number(row["reading_count"]) || (row["covered"] === true ? COVERED : 0);
    add(total, hour, count);
    const column = columns[n % width];
    if (column !== undefined) add(column, hour, count);
  });
  return {
    ...{ zone, period, totalRows: "hour", sourceRows: "hour", ids, sources: ids.length },
    total: () => total,
    source: (n) => columns[n]!,
  };
}

function otherRules(): Refusal {
  return new Refusal("other_zone_rules", "This browser knows other rules of the time zone than the service.");
}

/** 10⁻¹⁸ kWh, of a plain decimal. */
function energyOfText(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(18, "0"));
}
