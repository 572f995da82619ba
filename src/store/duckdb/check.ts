/** Works out once more what is derived, from what is true, and says where the two differ. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { addDay, clearDay, DAY_CELLS, newDay, packDay } from "../cells.js";
import { edgesOf, sumOf } from "./change.js";
import { checkKeys } from "./keys.js";
import { readNow } from "./ledger.js";
import { rowsOf } from "./table.js";

/** Differences that are told, at most. */
const TOLD = 20;

export async function checkAll(connection: DuckDBConnection): Promise<string[]> {
  const said: string[] = [];
  const say = (text: string) => {
    if (said.length < TOLD) said.push(text);
  };
  await checkBatches(connection, say);
  await checkSums(connection, say);
  await checkNow(connection, say);
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

/** Series are the sums of what counts, totals the sums of those, sources say the same. */
async function checkSums(connection: DuckDBConnection, say: Say): Promise<void> {
  const sources = new Map<number, { first: number; last: number; readings: number; energy: bigint }>();
  for (const [number, first, last, readings, energy] of (await rowsOf(
    connection,
    "SELECT number, first, last, readings, energy FROM sources",
  )) as [number, number, number, bigint, bigint][])
    sources.set(number, { first, last, readings: Number(readings), energy });
  const found = new Map<number, { first: number; last: number; readings: number; energy: bigint }>();
  const one = newDay();
  const all = newDay();
  const [[firstDay, lastDay]] = await rowsOf(
    connection,
    `SELECT min(day), max(day) FROM (SELECT day FROM contributions UNION ALL SELECT day FROM series
     UNION ALL SELECT day FROM totals)`,
  );
  if (firstDay !== null)
    for (let day = firstDay as number; day <= (lastDay as number); day++) {
      const truth = await rowsOf(
        connection,
        `SELECT source, cells FROM contributions JOIN batches ON batch = seq
         WHERE ended IS NULL AND day = $1 ORDER BY source`,
        day,
      );
      const kept = new Map<number, Uint8Array>();
      for (const [source, cells] of (await rowsOf(
        connection,
        "SELECT source, cells FROM series WHERE day = $1",
        day,
      )) as [number, Uint8Array][]) {
        if (kept.has(source)) say(`series of source ${source}, day ${day}: more than one row`);
        kept.set(source, cells);
      }
      clearDay(all);
      for (let r = 0; r < truth.length; ) {
        const source = truth[r][0] as number;
        clearDay(one);
        for (; r < truth.length && truth[r][0] === source; r++) {
          addDay(truth[r][1] as Uint8Array, one);
          addDay(truth[r][1] as Uint8Array, all);
        }
        const cells = packDay(one) as Uint8Array;
        if (!same(cells, kept.get(source))) say(`series of source ${source}, day ${day}: not the sum of what counts`);
        kept.delete(source);
        const { first, last } = edgesOf(cells);
        const { readings, energy } = sumOf(cells);
        const of = found.get(source) ?? { first: day * DAY_CELLS + first, last: 0, readings: 0, energy: 0n };
        found.set(source, {
          first: of.first,
          last: day * DAY_CELLS + last,
          readings: of.readings + readings,
          energy: of.energy + energy,
        });
      }
      for (const source of kept.keys()) say(`series of source ${source}, day ${day}: nothing that counts is there`);
      const totals = await rowsOf(connection, "SELECT cells FROM totals WHERE day = $1", day);
      if (totals.length > 1 || !same(packDay(all), totals[0]?.[0] as Uint8Array | undefined))
        say(`totals of day ${day}: not the sum of what counts`);
    }
  for (const number of new Set([...sources.keys(), ...found.keys()])) {
    const [kept, truth] = [sources.get(number), found.get(number)].map((of) =>
      of ? Object.values(of).join() : "none",
    );
    if (kept !== truth) say(`source ${number}: kept first,last,readings,energy are ${kept}; what counts has ${truth}`);
  }
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

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;
}
