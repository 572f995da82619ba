/** Derives again what is derived, and reports where the store differs. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { energyText } from "../../tally/energy.js";
import { addDay, packDay } from "../cells.js";
import { clearDay, DAY_CELLS, type DayCells, newDay } from "../day-cells.js";
import type { Difference } from "../store.js";
import { edgesOf, sumOf } from "./change.js";
import { type Alone, checkKept } from "./check-kept.js";
import { checkKeys } from "./keys.js";
import { readNow } from "./ledger.js";
import { cellsText, type Known, knownText, Report, sumText } from "./report.js";
import { rowsOf } from "./table.js";

/** Rows compared at a time: some megabytes. */
const WINDOW_ROWS = 20_000;
/** Batches whose contributions are summed at a time. */
const WINDOW_BATCHES = 10_000;

/** Checks one moment of a store. It yields every few milliseconds. @param signal ends it with the signal's reason */
export async function checkAll(connection: DuckDBConnection, signal?: AbortSignal): Promise<Difference[]> {
  const report = new Report(signal);
  await checkBatches(connection, await checkKept(connection, report), report);
  await checkSums(connection, report);
  await checkExport(connection, report);
  await checkNow(connection, report);
  await checkRejects(connection, report);
  const { keysFrom } = await readNow(connection);
  for (const message of await checkKeys(connection, keysFrom)) report.say({ message });
  return report.named(connection);
}

/** Each batch's readings, energy and sources in the ledger must be those of its contributions; one that has ended has none. */
async function checkBatches(
  connection: DuckDBConnection,
  kept: ReadonlyMap<number, Alone>,
  report: Report,
): Promise<void> {
  const { nextBatch } = await readNow(connection);
  for (let from = 1; from < nextBatch; from += WINDOW_BATCHES) {
    const to = from + WINDOW_BATCHES - 1;
    const sums = new Map<number, Alone>();
    for (const [batch, alone] of kept) if (batch >= from && batch <= to) sums.set(batch, alone);
    const stream = await connection.stream(
      "SELECT batch::DOUBLE, source, cells FROM contributions WHERE batch BETWEEN $1 AND $2",
      [from, to],
    );
    for await (const chunk of stream.yieldRows())
      for (const [batch, source, cells] of chunk as unknown as [number, number, { bytes: Uint8Array }][]) {
        const { readings, energy } = sumOf(cells.bytes);
        let of = sums.get(batch);
        if (of === undefined) {
          of = { readings: 0, energy: 0n, sources: new Set() };
          sums.set(batch, of);
        }
        of.readings += readings;
        of.energy += energy;
        of.sources.add(source);
        if (report.due) await report.giveTurn();
      }
    const batches = (await rowsOf(
      connection,
      `SELECT seq::DOUBLE, id, readings, energy, sources FROM batches WHERE seq BETWEEN $1 AND $2 AND ended IS NULL
       ORDER BY seq`,
      from,
      to,
    )) as [number, string, bigint, bigint, number][];
    for (const [seq, id, readings, energy, sources] of batches) {
      const of = sums.get(seq) ?? { readings: 0, energy: 0n, sources: new Set() };
      if (of.readings !== Number(readings) || of.energy !== energy || of.sources.size !== sources) {
        const kept = `${sumText(Number(readings), energy)} of ${sources} sources`;
        const found = `${sumText(of.readings, of.energy)} of ${of.sources.size} sources`;
        report.say({
          message: `batch ${id}: the ledger has ${kept}; its contribution ${found}`,
          batch: id,
          kept,
          found,
        });
      }
      sums.delete(seq);
    }
    for (const seq of sums.keys())
      report.say({ message: `contributions of batch number ${seq}, which does not count or is not in the ledger` });
  }
  const [[others]] = await rowsOf(
    connection,
    "SELECT count(*) FROM contributions WHERE batch < 1 OR batch >= $1",
    nextBatch,
  );
  if (others !== 0n) report.say({ message: `${others} contributions of batches that the ledger does not have` });
}

/** Bad records must belong to batches that count and have some. */
async function checkRejects(connection: DuckDBConnection, report: Report): Promise<void> {
  const rows = await rowsOf(
    connection,
    "SELECT DISTINCT batch FROM rejects WHERE batch NOT IN (SELECT seq FROM batches WHERE ended IS NULL AND rejected > 0)",
  );
  for (const [batch] of rows)
    report.say({ message: `bad records of batch number ${batch}, which does not count or has none` });
}

/** Sources must be export in as many batches as the list of sources says, and only in batches that count. */
async function checkExport(connection: DuckDBConnection, report: Report): Promise<void> {
  const rows = (await rowsOf(
    connection,
    `SELECT number, export_batches, batches FROM sources
     LEFT JOIN (SELECT source, count(*)::INTEGER AS batches FROM export_sources GROUP BY source) ON source = number
     WHERE export_batches <> coalesce(batches, 0)`,
  )) as [number, number, number | null][];
  for (const [number, kept, found] of rows)
    report.say({
      message: `the list of sources has it as export in ${batchesText(kept)}; it is in ${batchesText(found ?? 0)}`,
      number,
    });
  const others = await rowsOf(
    connection,
    "SELECT DISTINCT batch FROM export_sources WHERE batch NOT IN (SELECT seq FROM batches WHERE ended IS NULL)",
  );
  for (const [batch] of others)
    report.say({ message: `sources that are export in batch number ${batch}, which does not count` });
}

function batchesText(count: number): string {
  return `${count} ${count === 1 ? "batch" : "batches"}`;
}

/** Series must be the sums of what counts, totals the sums of series; sources must agree. */
async function checkSums(connection: DuckDBConnection, report: Report): Promise<void> {
  const known = new Map<number, Known>();
  const { nextSource } = await readNow(connection);
  for await (const [from, to, rows] of windows(connection)) {
    const all = new Map<number, DayCells>();
    // One day may have a row of every source, so they are processed in parts.
    const step = Math.ceil(nextSource / Math.ceil(rows / (2 * WINDOW_ROWS)));
    for (let low = 0; low < nextSource; low += step) {
      const part: Part = { from, to, low, high: Math.min(nextSource, low + step) - 1 };
      await checkSeries(connection, part, { all, known }, report);
    }
    const kept = await daysOf(connection, "totals", { from, to, low: 0, high: 0 }, report);
    for (const [day, cells] of all) compare(kept, 0, day, packDay(cells) as Uint8Array, report);
    for (const [key, cells] of kept) nothingThere(key, cells, report);
  }
  const sources = await connection.stream(
    "SELECT number, first, last, readings, energy FROM sources WHERE readings > 0 OR kept_batches = 0",
  );
  for await (const chunk of sources.yieldRows())
    for (const [number, first, last, readings, energy] of chunk as [number, number, number, bigint, bigint][]) {
      const truth = known.get(number);
      known.delete(number);
      const kept = knownText({ first, last, readings: Number(readings), energy });
      const found = truth === undefined ? "nothing" : knownText(truth);
      if (kept !== found)
        report.say({ message: `the list of sources has ${kept}; what counts is ${found}`, number, kept, found });
      if (report.due) await report.giveTurn();
    }
  for (const [number, truth] of known)
    report.say({ message: "not in the list of sources", number, kept: "nothing", found: knownText(truth) });
}

/** Ranges of days and of source numbers, inclusive. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

async function checkSeries(
  connection: DuckDBConnection,
  part: Part,
  { all, known }: { all: Map<number, DayCells>; known: Map<number, Known> },
  report: Report,
): Promise<void> {
  const kept = await daysOf(connection, "series", part, report);
  const truth = (await rowsOf(
    connection,
    // Of sources whose readings are kept, the series were found right.
    `SELECT day, source, cells FROM (
       SELECT day, source, cells FROM contributions JOIN batches ON batch = seq WHERE ended IS NULL
       UNION ALL SELECT day, source, cells FROM series WHERE source IN (SELECT number FROM sources WHERE way IS NOT NULL))
     WHERE day BETWEEN $1 AND $2 AND source BETWEEN $3 AND $4 ORDER BY day, source`,
    ...[part.from, part.to, part.low, part.high],
  )) as [number, number, Uint8Array][];
  const one = newDay();
  for (let r = 0; r < truth.length; ) {
    const [day, source] = truth[r];
    let total = all.get(day);
    if (total === undefined) {
      total = newDay();
      all.set(day, total);
    }
    clearDay(one);
    for (; r < truth.length && truth[r][0] === day && truth[r][1] === source; r++) {
      addDay(truth[r][2], one);
      addDay(truth[r][2], total);
      if (report.due) await report.giveTurn();
    }
    const cells = packDay(one) as Uint8Array;
    compare(kept, source, day, cells, report);
    know(known, source, day, cells);
  }
  for (const [key, cells] of kept) nothingThere(key, cells, report);
}

/** Ranges of days that cover all tables, each of some thousand rows or of one day. */
async function* windows(connection: DuckDBConnection): AsyncIterable<[from: number, to: number, rows: number]> {
  const days = (await rowsOf(
    connection,
    `SELECT day, count(*)::INTEGER FROM (SELECT day FROM contributions UNION ALL SELECT day FROM series
     UNION ALL SELECT day FROM totals) GROUP BY day ORDER BY day`,
  )) as [number, number][];
  for (let n = 0; n < days.length; ) {
    const [from] = days[n];
    let rows = 0;
    let to = from;
    for (; n < days.length && (rows === 0 || rows + days[n][1] <= WINDOW_ROWS); n++) {
      rows += days[n][1];
      to = days[n][0];
    }
    yield [from, to, rows];
  }
}

type Key = `${number} ${number}`;

async function daysOf(
  connection: DuckDBConnection,
  table: "series" | "totals",
  { from, to, low, high }: Part,
  report: Report,
): Promise<Map<Key, Uint8Array>> {
  const rows = (await rowsOf(
    connection,
    `SELECT source, day, cells FROM ${table} WHERE day BETWEEN $1 AND $2 AND source BETWEEN $3 AND $4`,
    ...[from, to, low, high],
  )) as [number, number, Uint8Array][];
  const days = new Map<Key, Uint8Array>();
  for (const [source, day, cells] of rows) {
    const key: Key = `${source} ${day}`;
    if (days.has(key)) report.say({ message: "its sums are there more than once", number: source, day });
    days.set(key, cells);
  }
  return days;
}

function compare(kept: Map<Key, Uint8Array>, number: number, day: number, truth: Uint8Array, report: Report): void {
  const key: Key = `${number} ${day}`;
  const cells = kept.get(key);
  kept.delete(key);
  if (cells !== undefined && Buffer.compare(cells, truth) === 0) return;
  const found = cellsText(truth);
  const has = cells === undefined ? "nothing" : cellsText(cells);
  const other = has === found ? " in other quarter hours" : "";
  report.say({ message: `kept are ${has}${other}; what counts adds up to ${found}`, number, day, kept: has, found });
}

function nothingThere(key: Key, cells: Uint8Array, report: Report): void {
  const [number, day] = key.split(" ").map(Number);
  const kept = cellsText(cells);
  report.say({ message: `kept are ${kept}; nothing that counts is there`, number, day, kept, found: "nothing" });
}

/** A source's days come in ascending order. */
function know(known: Map<number, Known>, source: number, day: number, cells: Uint8Array): void {
  const { first, last } = edgesOf(cells);
  const { readings, energy } = sumOf(cells);
  const before = known.get(source);
  known.set(source, {
    first: before?.first ?? day * DAY_CELLS + first,
    last: day * DAY_CELLS + last,
    readings: (before?.readings ?? 0) + readings,
    energy: (before?.energy ?? 0n) + energy,
  });
}

/** `now` must be what the ledger adds up to. */
async function checkNow(connection: DuckDBConnection, report: Report): Promise<void> {
  const now = await readNow(connection);
  const [[batches, absolute]] = (await rowsOf(
    connection,
    "SELECT count(*), coalesce(sum(absolute), 0)::HUGEINT FROM batches WHERE ended IS NULL",
  )) as bigint[][];
  // What batches have of kept sources does not add up.
  const [[keeps]] = (await rowsOf(connection, "SELECT count(*) FROM sources WHERE kept_batches > 0")) as bigint[][];
  const [[readings, energy]] = (await rowsOf(
    connection,
    `SELECT coalesce(sum(readings), 0), coalesce(sum(energy), 0)::HUGEINT
     FROM ${keeps === 0n ? "batches WHERE ended IS NULL" : "sources"}`,
  )) as bigint[][];
  const [[sources, ids, lastSource]] = (await rowsOf(
    connection,
    "SELECT count(*), count(DISTINCT id), coalesce(max(number), 0) FROM sources",
  )) as bigint[][];
  const [[known, lastBatch]] = (await rowsOf(
    connection,
    "SELECT count(*), coalesce(max(seq), 0) FROM batches",
  )) as bigint[][];
  const text = (of: { batches: unknown; sources: unknown; readings: unknown; energy: bigint; absolute: bigint }) =>
    `${of.batches} batches, ${of.sources} sources, ${sumText(Number(of.readings), of.energy)}, sizes ${energyText(of.absolute)} kWh`;
  const kept = text(now);
  const found = text({ batches, sources, readings, energy, absolute });
  if (kept !== found) report.say({ message: `the store's totals are ${kept}; the ledger has ${found}`, kept, found });
  if (ids !== sources) report.say({ message: "an id is in the list of sources twice" });
  if (now.nextBatch <= lastBatch || now.nextSource <= lastSource)
    report.say({ message: "numbers of batches or sources would be given twice" });
  if (known !== BigInt(now.nextBatch - 1))
    report.say({ message: `the ledger has ${known} batches; ${now.nextBatch - 1} have come in` });
}
