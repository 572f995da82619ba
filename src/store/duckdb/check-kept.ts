/** Derives the sums of sources whose readings are kept anew, and reports where the store differs. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { wayFrom } from "../../tally/way.js";
import { packDay } from "../cells.js";
import { keptChange } from "../kept-change.js";
import { sumOf } from "./change.js";
import { bySource } from "./kept.js";
import { cellsText, type Report, sumText } from "./report.js";
import { integerList, rowsOf } from "./table.js";

/** Sources that are looked at at a time. */
const SOURCES = 64;

/** What a batch has of kept sources if it is alone, as the ledger says it. */
export interface Alone {
  readings: number;
  energy: bigint;
  readonly sources: Set<number>;
}

/** Series of kept sources must be what their readings come to; @returns what each batch has alone, by its number */
export async function checkKept(connection: DuckDBConnection, report: Report): Promise<Map<number, Alone>> {
  const alone = new Map<number, Alone>();
  const sources = (await rowsOf(
    connection,
    "SELECT number, way, kept_batches FROM sources WHERE way IS NOT NULL OR kept_batches <> 0 ORDER BY number",
  )) as [number, string | null, number][];
  for (let from = 0; from < sources.length; from += SOURCES) {
    const part = sources.slice(from, from + SOURCES);
    const numbers = integerList(part.map(([number]) => number));
    const rows = (await rowsOf(
      connection,
      `SELECT source, day, batch, readings FROM readings WHERE source IN (SELECT unnest($1))
       AND batch IN (SELECT seq FROM batches WHERE ended IS NULL) ORDER BY source, day, batch`,
      numbers,
    )) as [number, number, bigint, Uint8Array][];
    const kept = await seriesOf(connection, numbers);
    const readings = bySource(rows);
    for (const [number, text, batches] of part) {
      const own = readings.get(number) ?? [];
      const found = new Set(own.map(({ batch }) => batch));
      if (found.size !== batches || text === null)
        report.say({
          message: `the list of sources has it kept in ${batches} batches; it is in ${found.size}`,
          number,
        });
      if (text === null) continue;
      const way = wayFrom(text);
      const all = keptChange(
        way,
        { rows: own, fromFirst: true, toLast: true },
        () => true,
        () => false,
      );
      if (typeof all === "string") throw new Error("all of a source is there");
      compare(number, all.more, kept.get(number) ?? new Map(), report);
      for (const batch of found) {
        const those = own.filter((row) => row.batch === batch);
        const change = keptChange(
          way,
          { rows: those, fromFirst: true, toLast: true },
          () => true,
          () => false,
        );
        if (typeof change === "string") throw new Error("all of a batch is there");
        const sum = alone.get(batch) ?? { readings: 0, energy: 0n, sources: new Set() };
        alone.set(batch, sum);
        sum.sources.add(number);
        for (const cells of change.more.values()) {
          const packed = packDay(cells);
          const { readings: more, energy } = packed === undefined ? { readings: 0, energy: 0n } : sumOf(packed);
          sum.readings += more;
          sum.energy += energy;
        }
      }
      if (report.due) await report.giveTurn();
    }
  }
  const others = await rowsOf(
    connection,
    `SELECT DISTINCT batch FROM readings WHERE batch NOT IN (SELECT seq FROM batches WHERE ended IS NULL)
     OR source NOT IN (SELECT number FROM sources WHERE way IS NOT NULL)`,
  );
  for (const [batch] of others)
    report.say({
      message: `readings are kept of batch number ${batch}, which does not count, or of a source that is not kept`,
    });
  return alone;
}

async function seriesOf(
  connection: DuckDBConnection,
  numbers: ReturnType<typeof integerList>,
): Promise<Map<number, Map<number, Uint8Array>>> {
  const rows = (await rowsOf(
    connection,
    "SELECT source, day, cells FROM series WHERE source IN (SELECT unnest($1))",
    numbers,
  )) as [number, number, Uint8Array][];
  const series = new Map<number, Map<number, Uint8Array>>();
  for (const [source, day, cells] of rows) {
    const own = series.get(source) ?? new Map<number, Uint8Array>();
    series.set(source, own.set(day, cells));
  }
  return series;
}

function compare(
  number: number,
  truth: ReadonlyMap<number, Parameters<typeof packDay>[0]>,
  kept: ReadonlyMap<number, Uint8Array>,
  report: Report,
): void {
  for (const day of new Set([...truth.keys(), ...kept.keys()])) {
    const cells = truth.get(day);
    const right = cells === undefined ? undefined : packDay(cells);
    const there = kept.get(day);
    if (right === undefined ? there === undefined : there !== undefined && Buffer.compare(right, there) === 0) continue;
    const found = right === undefined ? sumText(0, 0n) : cellsText(right);
    const has = there === undefined ? "nothing" : cellsText(there);
    report.say({ message: `kept are ${has}; its readings come to ${found}`, number, day, kept: has, found });
  }
}
