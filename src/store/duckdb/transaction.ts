/** One transaction for a group of batches: judged one after another, written together. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Batch, Ingested, NewBatch } from "../store.js";
import { Change, sumOf } from "./change.js";
import { Judgement } from "./judge.js";
import type { Keys } from "./keys.js";
import { appendRows, endRow, type LedgerRow, type Now, rowsByKey, rowsBySeq, seqOf, writeNow } from "./ledger.js";
import type { Packed } from "./packed.js";
import { applySources, type Numbers } from "./sources.js";
import { applySums } from "./sums.js";
import { append, rowsOf, TYPES } from "./table.js";

export type Work =
  | { readonly kind: "ingest"; readonly batch: NewBatch; readonly packed: Packed }
  | { readonly kind: "retract"; readonly id: string };

export type Outcome = { readonly value: Ingested | Batch | undefined } | { readonly error: unknown };

export interface Context {
  readonly connection: DuckDBConnection;
  readonly numbers: Numbers;
  readonly keys: Keys;
  readonly maxSources: number;
}

const { BIGINT, BLOB, INTEGER } = TYPES;

/**
 * Judges and writes a group. Where it returns, all of it is on disk; where it throws, nothing of it is.
 * @param now what the store has; what it has after comes back
 * @param received epoch milliseconds
 */
export async function transact(
  context: Context,
  group: readonly Work[],
  now: Now,
  received: number,
): Promise<{ outcomes: Outcome[]; now: Now }> {
  const { connection, numbers, keys } = context;
  await connection.run("BEGIN TRANSACTION");
  try {
    const judgement = await judgementOf(context, group, now, received);
    const outcomes = group.map((work): Outcome => {
      try {
        return {
          value: work.kind === "ingest" ? judgement.ingest(work.batch, work.packed) : judgement.retract(work.id),
        };
      } catch (error) {
        return { error };
      }
    });
    let gone = false;
    if (judgement.changed) {
      const more = await write(connection, judgement);
      gone = more.gone;
      const after = judgement.now;
      now = { ...after, version: after.version + 1, sources: after.sources + more.more };
      await writeNow(connection, now);
    }
    await connection.run("COMMIT");
    if (gone) numbers.forget();
    else numbers.learn(judgement.numbers);
    for (const { row } of judgement.added) if (row.batch.key !== undefined) keys.learn(row.batch.key, row.seq);
    return { outcomes, now };
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function judgementOf(
  { connection, numbers, keys, maxSources }: Context,
  group: readonly Work[],
  now: Now,
  received: number,
): Promise<Judgement> {
  const asked = new Set<string>();
  const seqs = new Set<number>();
  const sources = new Set<string>();
  for (const work of group) {
    const ends = work.kind === "ingest" ? work.batch.replaces : work.id;
    if (ends !== undefined) seqs.add(seqOf(ends));
    if (work.kind === "retract") continue;
    if (work.batch.key !== undefined) asked.add(work.batch.key);
    for (const id of work.packed.sources) sources.add(id);
  }
  seqs.delete(0);
  const byKey = await rowsByKey(connection, asked, keys, keys.recent(asked));
  const bySeq = await rowsBySeq(connection, seqs);
  return new Judgement(
    now,
    new Map(byKey.map((row) => [row.batch.key as string, row])),
    new Map([...byKey, ...bySeq].map((row) => [row.seq, row])),
    await numbers.of(connection, sources),
    maxSources,
    received,
  );
}

async function write(connection: DuckDBConnection, judgement: Judgement): Promise<{ more: number; gone: boolean }> {
  const { added, ended, created, numbers } = judgement;
  const change = new Change();
  const columns = { batch: [] as number[], source: [] as number[], day: [] as number[], cells: [] as Uint8Array[] };
  for (const { row, packed } of added) {
    packed.sources.forEach((id, s) => {
      const source = numbers.get(id) as number;
      for (let r = packed.starts[s]; r < packed.starts[s + 1]; r++) {
        columns.batch.push(row.seq);
        columns.source.push(source);
        columns.day.push(packed.day[r]);
        columns.cells.push(packed.cells[r]);
        change.add(source, packed.day[r], packed.cells[r], 1);
      }
      change.count(source, packed.readings[s], packed.energy[s]);
    });
  }
  await append(
    connection,
    "contributions",
    [BIGINT, INTEGER, INTEGER, BLOB],
    [columns.batch, columns.source, columns.day, columns.cells],
  );
  await appendRows(
    connection,
    added.map(({ row }) => row),
  );
  for (const row of ended.values()) await takeBack(connection, row, change);
  await applySums(connection, "series", change);
  await applySums(connection, "totals", change.totals());
  return applySources(connection, change, created);
}

async function takeBack(connection: DuckDBConnection, row: LedgerRow, change: Change): Promise<void> {
  const rows = await rowsOf(connection, "SELECT source, day, cells FROM contributions WHERE batch = $1", row.seq);
  for (const [source, day, cells] of rows as [number, number, Uint8Array][]) {
    const { readings, energy } = sumOf(cells);
    change.add(source, day, cells, -1);
    change.count(source, -readings, -energy);
  }
  await endRow(connection, row);
}
