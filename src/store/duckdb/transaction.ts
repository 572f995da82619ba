/** One transaction for a group of batches: decided one after another, written together. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { type StoreError, StrictError } from "../../base/errors.js";
import { option, say } from "../../base/message.js";
import { countOf, type WarningText } from "../../base/warning.js";
import { ReadingsThere } from "../readings-there.js";
import type { Batch, Ingested, IngestOptions, NewBatch } from "../store.js";
import type { Publication, Watchers } from "../watchers.js";
import { changedSources } from "./changed-sources.js";
import { bothDays, type Days, daysOfBatch, lengthOf, within } from "./days.js";
import type { Engine } from "./engine.js";
import { withFormerNames } from "./keys.js";
import { daysWithout, nameOfBatch, rowsByName, rowsBySeq, seqOf, writeNow } from "./ledger.js";
import { LedgerUpdate, type Limits, nameOnly } from "./ledger-update.js";
import { dayAt, holds, holdsAllOf } from "./series.js";
import { daysOf } from "./sums.js";
import { inTurns, rowsOf } from "./table.js";
import { waysFor } from "./ways.js";
import { type Written, write } from "./write.js";

export type Work =
  | { readonly kind: "ingest"; readonly batch: NewBatch; readonly owner: string | undefined; readonly trial?: Trial }
  | { readonly kind: "retract"; readonly id: string; readonly owner: string | undefined }
  /** Writes without changing anything: shows whether the store can. */
  | { readonly kind: "touch" };

/**
 * Whether a batch that is to be written alone may stay: never in a dry run, only without warnings if it is strict, and only
 * if no others are where its readings are if it is to be apart.
 */
export type Trial = IngestOptions;

export type Outcome = { readonly value: Ingested | Batch | undefined } | { readonly error: unknown };

export interface Committed {
  readonly outcomes: readonly Outcome[];
  /** The store's version afterwards. */
  readonly version: number;
  /** What those who watch the store are told, if something has changed and there are any. */
  readonly publication: Publication | undefined;
}

/** A commit failed, but may be on disk: the store then has its version. */
export class UnsureCommit extends Error {
  constructor(
    readonly committed: Committed,
    cause: unknown,
  ) {
    super("a commit failed", { cause });
  }
}

/**
 * Decides and writes a group. If it returns, everything is on disk; if it throws, nothing is, unless it throws an
 * `UnsureCommit`.
 * @param received epoch milliseconds
 */
export async function transact(
  engine: Engine,
  group: readonly Work[],
  received: number,
  watchers: Watchers,
): Promise<Committed> {
  const { connection, numbers, keys } = engine;
  const names = withFormerNames(namesOf(group), engine.now.senderKeysFrom);
  const recent = keys.recent(names);
  await connection.run("BEGIN TRANSACTION");
  try {
    const update = await ledgerUpdateOf(engine, group, names, recent, received);
    let outcomes: Outcome[] = [];
    for (const work of group) outcomes.push(await outcomeOf(update, work));
    let { now, lastDay, days, keeps } = engine;
    let gone = false;
    let publication: Publication | undefined;
    let shared: Written["shared"] = new Map();
    if (update.changed) {
      const bySource = await changedSources(connection, update, watchers.sources);
      const written = await write(connection, update, lastDay);
      gone = written.gone;
      outcomes = outcomes.map((outcome) => withWarnings(outcome, written.warned));
      lastDay = written.lastDay;
      shared = written.shared;
      days = update.ended.size > 0 ? await daysOf(connection) : bothDays(days, update.days);
      const after = { ...update.now, ...written.sums };
      now = { ...after, version: after.version + 1, sources: after.sources + written.more };
      keeps ||= update.added.some(({ contribution }) => contribution.kept !== undefined);
      await writeNow(connection, now);
      if (watchers.any) publication = { change: changeOf(update, now.version, written), bySource };
    } else if (group.some(({ kind }) => kind === "touch")) await writeNow(connection, now);
    const undone = await afterTrial(group, outcomes, shared, (there) => thereError(connection, there, update));
    if (undone !== undefined) {
      await connection.run("ROLLBACK");
      return { outcomes: [undone], version: engine.now.version, publication: undefined };
    }
    const committed = { outcomes, version: now.version, publication };
    await connection.run("COMMIT").catch((error) => {
      throw update.changed ? new UnsureCommit(committed, error) : error;
    });
    if (update.changed) engine.mark.raise(now.version, update.added.at(-1)?.row.batch.id);
    engine.now = now;
    engine.lastDay = lastDay;
    engine.days = days;
    engine.keeps = keeps;
    if (gone) numbers.forget();
    else numbers.learn(update.numbers);
    for (const { row } of update.added) {
      const name = nameOfBatch(row.batch);
      if (name !== undefined) keys.learn(name, row.seq);
    }
    return committed;
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

function changeOf({ added, ended }: LedgerUpdate, version: number, { days, sources }: Written) {
  const began = added.map(({ row }) => nameOnly(row.batch));
  return { version, began, ended: [...ended.values()].map(({ batch }) => nameOnly(batch)), days, sources };
}

function withWarnings(outcome: Outcome, warned: ReadonlyMap<string, Batch>): Outcome {
  if ("error" in outcome || outcome.value === undefined || !("batch" in outcome.value)) return outcome;
  const batch = warned.get(outcome.value.batch.id);
  return batch === undefined ? outcome : { value: { ...outcome.value, batch } };
}

/** What becomes of a trial that leaves nothing behind; `undefined`: what was written stays. */
async function afterTrial(
  [work]: readonly Work[],
  [outcome]: readonly Outcome[],
  shared: Written["shared"],
  errorOf: (there: { readonly source: string; readonly slot: number }) => Promise<StoreError>,
): Promise<Outcome | undefined> {
  if (work?.kind !== "ingest" || work.trial === undefined || outcome === undefined || "error" in outcome)
    return undefined;
  const { batch, repeated } = outcome.value as Ingested;
  const there = shared.get(batch.id);
  if (work.batch.apart && there !== undefined) return { error: await errorOf(there) };
  const { warnings } = batch.notes;
  if (work.trial.strict && !repeated && warnings.length > 0) return { error: strictError(warnings) };
  return work.trial.dryRun ? outcome : undefined;
}

/** The error of a batch whose readings begin among others: it names the batch that these came with. */
async function thereError(
  connection: DuckDBConnection,
  { source, slot }: { readonly source: string; readonly slot: number },
  { numbers, added }: LedgerUpdate,
): Promise<ReadingsThere> {
  const own = added[0].row.seq;
  const rows = (await rowsOf(
    connection,
    "SELECT batch, cells FROM contributions WHERE source = $1 AND day = $2 AND batch <> $3 ORDER BY batch",
    ...[numbers.get(source) as number, dayAt(slot), own],
  )) as [bigint, Uint8Array][];
  const other = rows.find(([, cells]) => holds(dayAt(slot), cells, slot, slot + 1));
  const [row] = await rowsBySeq(connection, other === undefined ? [] : [Number(other[0])]);
  return new ReadingsThere({ source, slot, batch: row.batch, same: await hasAllOf(connection, row.seq, own) });
}

/** Whether a batch has the same sums as another one in each quarter hour in which that has readings. */
async function hasAllOf(connection: DuckDBConnection, batch: number, those: number): Promise<boolean> {
  const rows = (await rowsOf(
    connection,
    `SELECT those.cells, own.cells FROM contributions those LEFT JOIN contributions own
       ON own.batch = $1 AND own.source = those.source AND own.day = those.day
     WHERE those.batch = $2 AND own.cells IS DISTINCT FROM those.cells`,
    batch,
    those,
  )) as [Uint8Array, Uint8Array | null][];
  return rows.every(([cells, own]) => own !== null && holdsAllOf(own, cells));
}

function strictError(warnings: readonly WarningText[]): StrictError {
  const [{ message }] = warnings as [WarningText];
  return new StrictError(
    say`${option("strict", true)}: ${countOf(warnings)}, so nothing was stored: ${message}`,
    warnings,
  );
}

async function outcomeOf(update: LedgerUpdate, work: Work): Promise<Outcome> {
  try {
    return { value: await apply(update, work) };
  } catch (error) {
    return { error };
  }
}

async function apply(update: LedgerUpdate, work: Work): Promise<Ingested | Batch | undefined> {
  if (work.kind === "ingest") return update.ingest(work.batch, work.owner);
  return work.kind === "retract" ? update.retract(work.id, work.owner) : undefined;
}

function namesOf(group: readonly Work[]): Set<string> {
  const names = new Set<string>();
  for (const work of group) {
    const name = work.kind === "ingest" ? nameOfBatch(work.batch) : undefined;
    if (name !== undefined) names.add(name);
  }
  return names;
}

async function ledgerUpdateOf(
  engine: Engine,
  group: readonly Work[],
  names: ReadonlySet<string>,
  recent: ReadonlySet<number>,
  received: number,
): Promise<LedgerUpdate> {
  const { connection, numbers, keys, now } = engine;
  const seqs = new Set<number>();
  const sources = new Set<string>();
  for (const work of group) {
    if (work.kind === "touch") continue;
    const ends = work.kind === "ingest" ? work.batch.replaces : work.id;
    if (ends !== undefined) seqs.add(seqOf(ends));
    if (work.kind === "ingest") await inTurns(work.batch.contribution.sources, (id) => sources.add(id));
  }
  seqs.delete(0);
  const known = await numbers.of(connection, sources);
  const keeps =
    engine.keeps || group.some((work) => work.kind === "ingest" && work.batch.contribution.kept !== undefined);
  const byName = await rowsByName(connection, names, keys, recent);
  const bySeq = await rowsBySeq(connection, seqs);
  return new LedgerUpdate(
    now,
    byName,
    new Map([...byName.values(), ...bySeq].map((row) => [row.seq, row])),
    known,
    await limitsOf(engine, group),
    received,
    keeps ? await waysFor(connection, known.values(), seqs) : undefined,
  );
}

/** A replaced batch may be the one that makes the store's period long, or the only one. */
async function limitsOf({ connection, maxSources, maxDays, days }: Engine, group: readonly Work[]): Promise<Limits> {
  const without = new Map<number, { days: Days | undefined }>();
  const batches = group.flatMap((work) => (work.kind === "ingest" ? work.batch : []));
  const all = batches.map(({ contribution }) => daysOfBatch(contribution)).reduce(bothDays, days);
  if (all !== undefined && lengthOf(all) > maxDays)
    for (const { contribution, replaces } of batches) {
      const own = daysOfBatch(contribution);
      if (own === undefined || within(own, days) || replaces === undefined) continue;
      const replaced = seqOf(replaces);
      without.set(replaced, { days: await daysWithout(connection, replaced) });
    }
  return { maxSources, maxDays, days, daysWithout: without };
}
