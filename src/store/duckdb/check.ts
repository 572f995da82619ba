/** Works out once more what is derived, from what is true, and says where the two differ. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { addDay, clearDay, DAY_CELLS, newDay, packDay } from "../cells.js";
import { dayOf, edgesOf, keyOf, sourceOf, sumOf } from "./change.js";
import { checkKeys } from "./keys.js";
import { readNow } from "./ledger.js";
import { rowsOf } from "./table.js";

/** Differences that are told, at most. */
const TOLD = 20;
/** Rows that are compared at a time. */
const WINDOW_ROWS = 20_000;

export async function checkAll(connection: DuckDBConnection): Promise<string[]> {
  const said: string[] = [];
  const say = (text: string) => {
    if (said.length < TOLD) said.push(text);
  };
  await checkBatches(connection, say);
  await checkSums(connection, say);
  await checkNow(connection, say);
  await checkRejects(connection, say);
  const { keysFrom } = await readNow(connection);
  for (const text of await checkKeys(connection, keysFrom)) say(text);
  return said;
}

type Say = (text: string) => void;

/** The ledger's readings, energy and sources of each batch are those of its contributions. */
async function checkBatches(connection: DuckDBConnection, say: Say): Promise<void> {
  const batches = await rowsOf(connection, "SELECT seq, id, readings, energy, sources FROM batches ORDER BY seq");
  const sums = new Map<number, { readings: number; energy: bigint; sources: Set<number> }>();
  const rows = await connection.stream("SELECT batch, source, cells FROM contributions");
  for await (const chunk of rows.yieldRows())
    for (const [batch, source, cells] of chunk as unknown as [bigint, number, { bytes: Uint8Array }][]) {
      const { readings, energy } = sumOf(cells.bytes);
      let of = sums.get(Number(batch));
      if (of === undefined) {
        of = { readings: 0, energy: 0n, sources: new Set() };
        sums.set(Number(batch), of);
      }
      of.readings += readings;
      of.energy += energy;
      of.sources.add(source);
    }
  for (const [seq, id, readings, energy, sources] of batches as [bigint, string, bigint, bigint, number][]) {
    const of = sums.get(Number(seq)) ?? { readings: 0, energy: 0n, sources: new Set() };
    if (of.readings !== Number(readings) || of.energy !== energy || of.sources.size !== sources)
      say(`batch ${id}: the ledger has ${readings} readings of ${sources} sources, ${energy}; its contribution has \
${of.readings} of ${of.sources.size}, ${of.energy}`);
    sums.delete(Number(seq));
  }
  for (const seq of sums.keys()) say(`contributions of batch number ${seq}, which the ledger does not have`);
}

/** Bad records are those of batches that count and have such. */
async function checkRejects(connection: DuckDBConnection, say: Say): Promise<void> {
  const rows = await rowsOf(
    connection,
    "SELECT DISTINCT batch FROM rejects WHERE batch NOT IN (SELECT seq FROM batches WHERE ended IS NULL AND rejected > 0)",
  );
  for (const [batch] of rows) say(`bad records of batch number ${batch}, which does not count or has none`);
}

interface Known {
  first: number;
  last: number;
  readings: number;
  energy: bigint;
}

/** Series are the sums of what counts, totals the sums of those, sources say the same. */
async function checkSums(connection: DuckDBConnection, say: Say): Promise<void> {
  const found = new Map<number, Known>();
  for await (const [from, to] of windows(connection)) {
    const kept = await packedDays(
      connection,
      "SELECT day, source, cells FROM series WHERE day BETWEEN $1 AND $2",
      from,
      to,
      say,
    );
    const totals = await packedDays(
      connection,
      "SELECT day, source, cells FROM totals WHERE day BETWEEN $1 AND $2",
      from,
      to,
      say,
    );
    const truth = (await rowsOf(
      connection,
      `SELECT day, source, cells FROM contributions JOIN batches ON batch = seq
       WHERE ended IS NULL AND day BETWEEN $1 AND $2 ORDER BY day, source`,
      from,
      to,
    )) as [number, number, Uint8Array][];
    const one = newDay();
    const all = newDay();
    for (let r = 0; r < truth.length; ) {
      const day = truth[r][0];
      clearDay(all);
      while (r < truth.length && truth[r][0] === day) {
        const source = truth[r][1];
        clearDay(one);
        for (; r < truth.length && truth[r][0] === day && truth[r][1] === source; r++) {
          addDay(truth[r][2], one);
          addDay(truth[r][2], all);
        }
        const cells = packDay(one) as Uint8Array;
        compare(kept, keyOf(source, day), cells, say);
        know(found, source, day, cells);
      }
      compare(totals, keyOf(0, day), packDay(all) as Uint8Array, say);
    }
    for (const key of [...kept.keys(), ...totals.keys()]) say(`${named(key)}: nothing that counts is there`);
  }
  const sources = new Map<number, Known>();
  for (const [number, first, last, readings, energy] of (await rowsOf(
    connection,
    "SELECT number, first, last, readings, energy FROM sources",
  )) as [number, number, number, bigint, bigint][])
    sources.set(number, { first, last, readings: Number(readings), energy });
  for (const number of new Set([...sources.keys(), ...found.keys()])) {
    const [kept, truth] = [sources.get(number), found.get(number)].map((of) =>
      of ? Object.values(of).join() : "none",
    );
    if (kept !== truth) say(`source ${number}: kept first,last,readings,energy are ${kept}; what counts has ${truth}`);
  }
}

/** Stretches of days, each with some thousand rows, that hold all days of any table. */
async function* windows(connection: DuckDBConnection): AsyncIterable<[from: number, to: number]> {
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
    yield [from, to];
  }
}

async function packedDays(connection: DuckDBConnection, sql: string, from: number, to: number, say: Say) {
  const days = new Map<number, Uint8Array>();
  for (const [day, source, cells] of (await rowsOf(connection, sql, from, to)) as [number, number, Uint8Array][]) {
    const key = keyOf(source, day);
    if (days.has(key)) say(`${named(key)}: more than one row`);
    days.set(key, cells);
  }
  return days;
}

function compare(kept: Map<number, Uint8Array>, key: number, truth: Uint8Array, say: Say): void {
  const cells = kept.get(key);
  if (cells === undefined || Buffer.compare(cells, truth) !== 0) say(`${named(key)}: not the sum of what counts`);
  kept.delete(key);
}

function named(key: number): string {
  const source = sourceOf(key);
  return source === 0 ? `totals of day ${dayOf(key)}` : `series of source ${source}, day ${dayOf(key)}`;
}

/** Days come in ascending order. */
function know(found: Map<number, Known>, source: number, day: number, cells: Uint8Array): void {
  const { first, last } = edgesOf(cells);
  const { readings, energy } = sumOf(cells);
  const before = found.get(source);
  found.set(source, {
    first: before?.first ?? day * DAY_CELLS + first,
    last: day * DAY_CELLS + last,
    readings: (before?.readings ?? 0) + readings,
    energy: (before?.energy ?? 0n) + energy,
  });
}

/** What `now` says is what the ledger adds up to. */
async function checkNow(connection: DuckDBConnection, say: Say): Promise<void> {
  const now = await readNow(connection);
  const [[batches, readings, energy, absolute]] = (await rowsOf(
    connection,
    `SELECT count(*), coalesce(sum(readings), 0), coalesce(sum(energy), 0)::HUGEINT, coalesce(sum(absolute), 0)::HUGEINT
     FROM batches WHERE ended IS NULL`,
  )) as bigint[][];
  const [[sources, ids, lastSource]] = (await rowsOf(
    connection,
    "SELECT count(*), count(DISTINCT id), coalesce(max(number), 0) FROM sources",
  )) as bigint[][];
  const [[lastBatch]] = (await rowsOf(connection, "SELECT coalesce(max(seq), 0) FROM batches")) as bigint[][];
  const kept = [now.batches, now.readings, now.energy, now.absolute, now.sources].join();
  const truth = [batches, readings, energy, absolute, sources].join();
  if (kept !== truth) say(`now: batches,readings,energy,absolute,sources are ${kept}; the ledger has ${truth}`);
  if (ids !== sources) say("sources: an id is there twice");
  if (now.nextBatch <= lastBatch || now.nextSource <= lastSource) say("now: numbers would be given twice");
}
