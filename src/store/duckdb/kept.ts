/**
 * Readings that are kept themselves: what a transaction changes of the sums of their sources. The rows of added batches are
 * there already, and those of ended ones still are, so one look at a source has all; only days around the change are read.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { addEnergy } from "../../tally/cell.js";
import type { Way } from "../../tally/way.js";
import { packDay } from "../cells.js";
import { DAY_CELLS, type DayCells, newDay } from "../day-cells.js";
import { type Around, type KeptChange, keptChange } from "../kept-change.js";
import type { Conflict } from "../kept-order.js";
import { unpackReadings } from "../packed-readings.js";
import { Change } from "./change.js";
import type { SourceChanges } from "./sources.js";
import { applySums } from "./sums.js";
import { append, boundOf, integerList, OF_BATCHES, ROWS_A_TURN, rowsOf, TYPES } from "./table.js";

const { INTEGER } = TYPES;

/** Sources that are looked at at a time. */
const SOURCES = 256;
/** Days with readings that are read at a time before or after those that are there, where these are too few. */
const MORE_DAYS = 8;

/** A source with readings that come or go, and its days from the first of these to the last. */
interface Touched {
  readonly source: number;
  readonly first: number;
  readonly last: number;
}

export interface KeptChanges {
  readonly conflicts: readonly (Conflict & { readonly source: number })[];
  /** Of the added batches together. */
  readonly repeated: number;
  readonly revised: number;
  readonly lastDay: number;
}

/**
 * Changes the series of kept sources, and collects what changes of the totals and the sources.
 * @param ways of the sources, by number
 * @param added, ended numbers of batches
 */
export async function applyKept(
  connection: DuckDBConnection,
  ways: ReadonlyMap<number, Way>,
  { added, ended }: { readonly added: readonly number[]; readonly ended: readonly number[] },
  sources: SourceChanges,
  totals: Change,
  lastDay: number,
): Promise<KeptChanges> {
  const touched = await touchedBy(connection, [...added, ...ended]);
  const result = { conflicts: [] as (Conflict & { source: number })[], repeated: 0, revised: 0, lastDay };
  const all = { less: new Map<number, DayCells>(), more: new Map<number, DayCells>() };
  const isAdded = new Set(added);
  const isEnded = new Set(ended);
  const changeOf = (source: number, around: Around) =>
    keptChange(
      ways.get(source) as Way,
      around,
      (batch) => isAdded.has(batch),
      (batch) => isEnded.has(batch),
    );
  for (let from = 0; from < touched.length; from += SOURCES) {
    const change = new Change();
    await eachChange(connection, touched.slice(from, from + SOURCES), changeOf, (source, found) => {
      result.conflicts.push(...found.conflicts.map((conflict) => ({ source, ...conflict })));
      result.repeated += found.repeated;
      result.revised += found.revised;
      for (const [day, cells] of found.less) {
        const packed = packDay(cells);
        addTo(all.less, day, cells);
        if (packed === undefined) continue;
        change.add(source, day, packed, -1);
        sources.take(source, packed);
      }
      for (const [day, cells] of found.more) {
        const packed = packDay(cells);
        addTo(all.more, day, cells);
        if (packed === undefined) continue;
        change.add(source, day, packed, 1);
        sources.addDay(source, day, packed);
      }
    });
    result.lastDay = await applySums(connection, "series", change, result.lastDay);
  }
  for (const [days, sign] of [[all.less, -1] as const, [all.more, 1] as const])
    for (const [day, cells] of days) {
      const packed = packDay(cells);
      if (packed !== undefined) totals.add(0, day, packed, sign);
    }
  return result;
}

function addTo(days: Map<number, DayCells>, day: number, { energy, count, covers }: DayCells): void {
  let sum = days.get(day);
  if (sum === undefined) {
    sum = newDay();
    days.set(day, sum);
  }
  for (let q = 0; q < DAY_CELLS; q++) {
    addEnergy(sum.energy, 4 * q, energy, 4 * q);
    sum.count[q]! += count[q]!;
    sum.covers[q]! += covers[q]!;
  }
}

async function touchedBy(connection: DuckDBConnection, batches: readonly number[]): Promise<Touched[]> {
  if (batches.length === 0) return [];
  const rows = (await rowsOf(
    connection,
    `SELECT source, min(day), max(day) FROM readings WHERE ${OF_BATCHES} GROUP BY source ORDER BY source`,
    ...boundOf(batches),
  )) as [number, number, number][];
  return rows.map(([source, first, last]) => ({ source, first, last }));
}

/** Works out the change of each source, with as many days around as that needs. */
async function eachChange(
  connection: DuckDBConnection,
  touched: readonly Touched[],
  changeOf: (source: number, around: Around) => KeptChange | "earlier" | "later",
  use: (source: number, change: KeptChange) => void,
): Promise<void> {
  const edges = new Map(
    (
      (await rowsOf(
        connection,
        "SELECT source, min(day), max(day) FROM readings WHERE source IN (SELECT unnest($1)) GROUP BY source",
        integerList(touched.map(({ source }) => source)),
      )) as [number, number, number][]
    ).map(([source, first, last]) => [source, { first, last }]),
  );
  let wanted = touched.map(({ source, first, last }) => ({ source, first: first - 1, last: last + 1 }));
  while (wanted.length > 0) {
    const rows = await rowsAround(connection, wanted);
    const next: Touched[] = [];
    let done = 0;
    for (const { source, first, last } of wanted) {
      const edge = edges.get(source) as { first: number; last: number };
      const own = rows.get(source) ?? [];
      const around = { rows: own, fromFirst: first <= edge.first, toLast: last >= edge.last };
      const change = changeOf(source, around);
      if (typeof change === "object") use(source, change);
      else next.push(await wider(connection, { source, first, last }, change));
      done += own.length;
      if (done > ROWS_A_TURN / 4) {
        done = 0;
        await nextTurn();
      }
    }
    wanted = next;
  }
}

/** The days of a source with some more that have readings. */
async function wider(
  connection: DuckDBConnection,
  { source, first, last }: Touched,
  side: "earlier" | "later",
): Promise<Touched> {
  const [[found]] = (await rowsOf(
    connection,
    side === "earlier"
      ? `SELECT min(day) FROM (SELECT DISTINCT day FROM readings WHERE source = $1 AND day < $2 ORDER BY day DESC LIMIT ${MORE_DAYS})`
      : `SELECT max(day) FROM (SELECT DISTINCT day FROM readings WHERE source = $1 AND day > $2 ORDER BY day LIMIT ${MORE_DAYS})`,
    ...[source, side === "earlier" ? first : last],
  )) as [number | null][];
  return side === "earlier"
    ? { source, first: found ?? Number.NEGATIVE_INFINITY, last }
    : { source, first, last: found ?? Number.POSITIVE_INFINITY };
}

const FIRST_DAY = -(2 ** 31);
const LAST_DAY = 2 ** 31 - 1;

async function rowsAround(
  connection: DuckDBConnection,
  wanted: readonly Touched[],
): Promise<Map<number, Around["rows"]>> {
  await append(connection, "staged_days", [INTEGER, INTEGER, INTEGER], wanted.length, [
    (n) => (wanted[n] as Touched).source,
    (n) => Math.max((wanted[n] as Touched).first, FIRST_DAY),
    (n) => Math.min((wanted[n] as Touched).last, LAST_DAY),
  ]);
  let low = LAST_DAY;
  let high = FIRST_DAY;
  for (const { first, last } of wanted) {
    low = Math.max(FIRST_DAY, Math.min(low, first));
    high = Math.min(LAST_DAY, Math.max(high, last));
  }
  const rows = (await rowsOf(
    connection,
    `SELECT r.source, r.day, r.batch, r.readings FROM readings r JOIN staged_days s ON r.source = s.source
     WHERE r.day BETWEEN $1 AND $2 AND r.day BETWEEN s.first AND s.last ORDER BY r.source, r.day, r.batch`,
    ...[low, high],
  )) as [number, number, bigint, Uint8Array][];
  await connection.run("DELETE FROM staged_days");
  return bySource(rows);
}

/** Rows of readings, unpacked, by source. */
export function bySource(rows: readonly [number, number, bigint, Uint8Array][]): Map<number, Around["rows"]> {
  const found = new Map<
    number,
    { batch: number; readings: ReturnType<typeof unpackReadings>["readings"]; isSubtracted: boolean }[]
  >();
  for (const [source, day, batch, bytes] of rows) {
    const own = found.get(source) ?? [];
    found.set(source, own);
    own.push({ batch: Number(batch), ...unpackReadings(bytes, day) });
  }
  return found;
}
