/** What the batches of a transaction have of the sources that are watched. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { BatchPart, Watchers } from "../watchers.js";
import { type Added, type LedgerUpdate, nameOnly } from "./ledger-update.js";
import { boundOf, ID, inTurns, OF_BATCHES, partsOf, ROWS_A_TURN, rowsOf, textList } from "./table.js";

type Watched = Watchers["sources"];

/** To be called before anything is written: what ends is still there then. @returns by source */
export async function changedSources(
  connection: DuckDBConnection,
  { added, ended }: LedgerUpdate,
  watched: Watched,
): Promise<ReadonlyMap<string, readonly BatchPart[]>> {
  const parts = new Map<string, BatchPart[]>();
  if (watched.size === 0) return parts;
  const add = (id: string, part: BatchPart) => {
    const known = parts.get(id);
    if (known === undefined) parts.set(id, [part]);
    else known.push(part);
  };
  for (const one of added) await addedParts(one, watched, add);
  if (ended.size === 0) return parts;
  const names = new Map([...ended].map(([seq, { batch }]) => [seq, nameOnly(batch)]));
  for (const ids of partsOf([...watched.keys()])) {
    const rows = await rowsOf(
      connection,
      `SELECT batch, ${ID}, min(day), max(day)
       FROM (SELECT batch, source, day FROM contributions UNION ALL SELECT batch, source, day FROM readings)
       JOIN sources ON number = source
       WHERE ${OF_BATCHES} AND id IN (SELECT unnest($4)) GROUP BY ALL`,
      ...boundOf([...ended.keys()]),
      textList(ids),
    );
    for (const [seq, id, first, last] of rows as [bigint, string, number, number][]) {
      const batch = names.get(Number(seq));
      if (batch !== undefined) add(id, { batch, ends: true, days: { first, last } });
    }
  }
  return parts;
}

async function addedParts(
  { row, contribution: { sources, rows, kept } }: Added,
  watched: Watched,
  add: (id: string, part: BatchPart) => void,
): Promise<void> {
  /** By the batch's number of a source. */
  const days = new Map<number, { first: number; last: number } | undefined>();
  let number = 0;
  await inTurns(sources, (id) => {
    if (watched.has(id)) days.set(number, undefined);
    number++;
  });
  if (days.size === 0) return;
  for (const { source: of, day } of kept === undefined ? [rows] : [rows, kept.rows])
    for (let r = 0; r < day.length; r++) {
      if (r % (16 * ROWS_A_TURN) === 0) await nextTurn();
      const source = of[r];
      if (!days.has(source)) continue;
      const known = days.get(source);
      // Rows ascend by day.
      if (known === undefined) days.set(source, { first: day[r], last: day[r] });
      else known.last = day[r];
    }
  const batch = nameOnly(row.batch);
  for (const [source, range] of days)
    if (range !== undefined) add(sources[source], { batch, ends: false, days: range });
}
