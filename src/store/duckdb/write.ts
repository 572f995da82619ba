/** Writes what was decided: contributions, the ledger, and the sums that follow from them. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { WarningText } from "../../base/warning.js";
import { addLeftOut, type LeftOut } from "../../scan/left-out.js";
import { addDay, packDay } from "../cells.js";
import { type DayCells, newDay } from "../day-cells.js";
import type { Overlap } from "../overlap.js";
import { cellsOf } from "../packed.js";
import type { Batch } from "../store.js";
import { Change, dayOf } from "./change.js";
import { conflictError, Refused } from "./conflict.js";
import type { Days } from "./days.js";
import { applyKept, type KeptChanges } from "./kept.js";
import { appendRows, endRow, type LedgerRow, type Now, seqOf, writeNotes } from "./ledger.js";
import type { LedgerUpdate } from "./ledger-update.js";
import { notReplaced } from "./not-replaced.js";
import { applySources, SourceChanges } from "./sources.js";
import { applySums } from "./sums.js";
import { append, ROWS_A_TURN, rowsOf, TYPES } from "./table.js";
import { keptIn, meanings } from "./ways.js";
import { exportOf, type Numbered, removeContributions, type TakenRow, windowsOf } from "./windows.js";

const { BIGINT, BLOB, INTEGER } = TYPES;

export interface Written {
  /** By how many the number of sources changed, and whether some are gone. */
  readonly more: number;
  readonly gone: boolean;
  /** No later day has had readings. */
  readonly lastDay: number;
  /** Batches with warnings that came from what counts already, by id. */
  readonly warned: ReadonlyMap<string, Batch>;
  /** By the id of a batch, where readings of it begin among others: a source, and a slot. */
  readonly shared: ReadonlyMap<string, { readonly source: string; readonly slot: number }>;
  /** The first and the last day of what was added and taken back, and the number of its sources. */
  readonly days: Days | undefined;
  readonly sources: number;
  /** What counts afterwards, where it is not what batches add up to. */
  readonly sums: Pick<Now, "readings" | "energy"> | undefined;
}

/** Writes what a transaction adds and ends, and what follows from it. @param lastDay no later day has had readings */
export async function write(connection: DuckDBConnection, update: LedgerUpdate, lastDay: number): Promise<Written> {
  const { ended, created } = update;
  const added = await numbered(update);
  for (const one of added) await appendContribution(connection, one);
  await appendRows(
    connection,
    added.map(({ row }) => row),
  );
  const rejects = added.flatMap(({ row, rejects }) => rejects.map((lines, part) => ({ batch: row.seq, part, lines })));
  await append(connection, "rejects", [BIGINT, INTEGER, BLOB], rejects.length, [
    (n) => rejects[n].batch,
    (n) => rejects[n].part,
    (n) => rejects[n].lines,
  ]);
  for (const one of added) await appendExport(connection, one);
  const sources = new SourceChanges(sourcesOf([...added.map(({ row }) => row), ...ended.values()]));
  const totals = new Change();
  for (const { contribution, numbers } of added) {
    await sources.add(contribution, numbers);
    for (let r = 0; r < contribution.totals.day.length; r++)
      totals.add(0, contribution.totals.day[r], cellsOf(contribution.totals, r), 1);
  }
  const taken = new TakenTotals(totals);
  const overlaps = new Map<number, Overlap>();
  for await (const window of windowsOf(connection, added, [...ended.keys()])) {
    await takeBack(window.taken, sources, taken);
    await applySums(connection, "series", window.change, lastDay, overlaps);
  }
  taken.finish();
  for (const source of await exportOf(connection, [...ended.keys()])) sources.takeExport(source);
  const kept = await writeKept(connection, update, added, { sources, totals, lastDay });
  const last = Math.max(kept.lastDay, await applySums(connection, "totals", totals, lastDay));
  const dropped = await droppedBy(connection, update);
  await removeContributions(connection, [...ended.keys()]);
  for (const row of ended.values()) {
    if (row.batch.notes.rejectsKept > 0) await rowsOf(connection, "DELETE FROM rejects WHERE batch = $1", row.seq);
    await endRow(connection, row);
  }
  const warned = await warnOf(connection, overlaps, dropped, update, kept);
  const changed = { days: daysOf(totals), sources: sources.places.size };
  const counted = await applySources(connection, sources, created);
  return {
    ...counted,
    // What batches have of kept sources does not add up.
    sums: kept.any ? await sumsOf(connection) : undefined,
    lastDay: last,
    warned,
    shared: sharedOf(overlaps, update),
    ...changed,
  };
}

function sharedOf(overlaps: ReadonlyMap<number, Overlap>, { added, numbers }: LedgerUpdate): Written["shared"] {
  const all = new Map<string, { source: string; slot: number }>();
  for (const { row, contribution } of added) {
    const shared = overlaps.get(row.seq)?.shared;
    if (shared === undefined) continue;
    const source = contribution.sources.find((id) => numbers.get(id) === shared.source) as string;
    all.set(row.batch.id, { source, slot: shared.slot });
  }
  return all;
}

function daysOf({ pieces }: Change): Days | undefined {
  if (pieces.size === 0) return undefined;
  let [first, last] = [Infinity, -Infinity];
  for (const key of pieces.keys()) {
    const day = dayOf(key);
    first = Math.min(first, day);
    last = Math.max(last, day);
  }
  return { first, last };
}

/** Notes in the ledger what batches bring again. @returns those batches, by id */
async function warnOf(
  connection: DuckDBConnection,
  overlaps: ReadonlyMap<number, Overlap>,
  dropped: ReadonlyMap<number, WarningText>,
  { added, ended, numbers }: LedgerUpdate,
  { repeated, revised }: Pick<KeptChanges, "repeated" | "revised">,
): Promise<ReadonlyMap<string, Batch>> {
  const warned = new Map<string, Batch>();
  for (const { row, contribution } of added) {
    const idOf = (source: number) => contribution.sources.find((id) => numbers.get(id) === source) as string;
    const found = [
      overlaps.get(row.seq)?.warning(idOf),
      fewerReadings(row.batch, ended.get(seqOf(row.batch.replaces ?? ""))),
      dropped.get(row.seq),
    ];
    const more = found.filter((warning) => warning !== undefined);
    const isKept = contribution.kept !== undefined;
    const leftOut = isKept ? leftOutOf(row.batch.notes.leftOut, repeated, revised) : row.batch.notes.leftOut;
    if (more.length === 0 && leftOut === row.batch.notes.leftOut) continue;
    const { notes } = row.batch;
    const batch = { ...row.batch, notes: { ...notes, leftOut, warnings: [...notes.warnings, ...more] } };
    await writeNotes(connection, row.seq, batch.notes);
    warned.set(batch.id, batch);
  }
  return warned;
}

/** What was left out of a batch, with what was there already, or what it covers of others. */
function leftOutOf(before: LeftOut, repeated: number, revised: number): LeftOut {
  if (repeated + revised === 0) return before;
  return addLeftOut([before, { ...(repeated > 0 && { duplicate: repeated }), ...(revised > 0 && { revised }) }]);
}

/** By the number of a batch, the warning for what it drops of the one that it replaces. */
async function droppedBy(
  connection: DuckDBConnection,
  { added, ended, created }: LedgerUpdate,
): Promise<ReadonlyMap<number, WarningText>> {
  const dropped = new Map<number, WarningText>();
  for (const { row } of added) {
    const replaced = ended.get(seqOf(row.batch.replaces ?? ""));
    const warning = replaced && (await notReplaced(connection, row, replaced, created));
    if (warning !== undefined) dropped.set(row.seq, warning);
  }
  return dropped;
}

/** The warning for a batch that replaces one with more than twice its readings. */
function fewerReadings({ readings }: Batch, replaced: LedgerRow | undefined): WarningText | undefined {
  const before = replaced?.batch.readings ?? 0;
  if (2 * readings >= before) return undefined;
  return {
    code: "fewer_readings",
    message: `it replaces ${before} readings with ${readings}; is it all of the new content?`,
  };
}

/** The batches with the store's numbers of their sources. */
async function numbered({ added, numbers }: LedgerUpdate): Promise<Numbered[]> {
  const all: Numbered[] = [];
  for (const one of added) {
    const { sources } = one.contribution;
    const own = new Float64Array(sources.length);
    for (let s = 0; s < sources.length; s++) {
      if (s % ROWS_A_TURN === 0) await nextTurn();
      own[s] = numbers.get(sources[s]) as number;
    }
    all.push({ ...one, numbers: own });
  }
  return all;
}

function sourcesOf(rows: readonly LedgerRow[]): number {
  return rows.reduce((sum, { batch }) => sum + batch.sources, 0);
}

async function appendContribution(
  connection: DuckDBConnection,
  { row, contribution: { rows }, numbers }: Numbered,
): Promise<void> {
  await append(connection, "contributions", [BIGINT, INTEGER, INTEGER, BLOB], rows.day.length, [
    () => row.seq,
    (r) => numbers[rows.source[r]],
    (r) => rows.day[r],
    (r) => cellsOf(rows, r),
  ]);
}

/** Appends the readings that are kept. */
async function appendReadings(connection: DuckDBConnection, { row, contribution, numbers }: Numbered): Promise<void> {
  const { kept } = contribution;
  if (kept === undefined) return;
  const { rows } = kept;
  await append(connection, "readings", [BIGINT, INTEGER, INTEGER, BLOB], rows.day.length, [
    () => row.seq,
    (r) => numbers[rows.source[r]],
    (r) => rows.day[r],
    (r) => cellsOf(rows, r),
  ]);
}

/** @throws Refused if readings would be in conflict */
async function writeKept(
  connection: DuckDBConnection,
  { ended, ways }: LedgerUpdate,
  added: readonly Numbered[],
  { sources, totals, lastDay }: { sources: SourceChanges; totals: Change; lastDay: number },
): Promise<KeptChanges & { any: boolean }> {
  const those = added.filter(({ contribution }) => contribution.kept !== undefined);
  const nothing = { any: false, conflicts: [], repeated: 0, revised: 0, lastDay };
  if (those.length === 0 && ways.size === 0) return nothing;
  for (const one of those) await appendReadings(connection, one);
  const gone = await keptIn(connection, [...ended.keys()]);
  if (those.length === 0 && gone.length === 0) return nothing;
  for (const [, source] of gone) sources.takeKept(source);
  const batches = { added: those.map(({ row }) => row.seq), ended: [...new Set(gone.map(([batch]) => batch))] };
  const changes = await applyKept(connection, meanings(ways), batches, sources, totals, lastDay);
  const [conflict] = changes.conflicts;
  if (conflict !== undefined) throw new Refused(await conflictError(connection, conflict));
  return { ...changes, any: true };
}

async function sumsOf(connection: DuckDBConnection): Promise<Pick<Now, "readings" | "energy">> {
  const [[readings, energy]] = (await rowsOf(
    connection,
    "SELECT coalesce(sum(readings), 0), coalesce(sum(energy), 0)::HUGEINT FROM sources",
  )) as [bigint, bigint][];
  return { readings: Number(readings), energy };
}

async function appendExport(
  connection: DuckDBConnection,
  { row, contribution: { exported }, numbers }: Numbered,
): Promise<void> {
  if (exported === undefined) return;
  const those = numbers.filter((_, s) => exported[s] === 1);
  await append(connection, "export_sources", [BIGINT, INTEGER], those.length, [() => row.seq, (n) => those[n]]);
}

async function takeBack(rows: readonly TakenRow[], sources: SourceChanges, totals: TakenTotals): Promise<void> {
  let done = 0;
  for (const [source, day, cells] of rows) {
    if (++done % ROWS_A_TURN === 0) await nextTurn();
    sources.take(source, cells);
    totals.take(day, cells);
  }
}

/** Sums over all sources of what is taken back. */
class TakenTotals {
  private readonly days = new Map<number, DayCells>();

  constructor(private readonly totals: Change) {}

  take(day: number, cells: Uint8Array): void {
    let sum = this.days.get(day);
    if (sum === undefined) {
      sum = newDay();
      this.days.set(day, sum);
    }
    addDay(cells, sum);
  }

  finish(): void {
    for (const [day, sum] of this.days) this.totals.add(0, day, packDay(sum) as Uint8Array, -1);
  }
}
