/** Finds what a batch drops of the one that it replaces: times in which that has readings, and it has none for a day or more. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { BIGINT, type DuckDBBlobValue, type DuckDBConnection, type DuckDBVector } from "@duckdb/node-api";
import type { WarningText } from "../../base/warning.js";
import { unpackDay } from "../cells.js";
import { DAY_CELLS } from "../day-cells.js";
import { label, named } from "../overlap.js";
import type { LedgerRow } from "./ledger.js";
import { ID, rowsOf } from "./table.js";

/** Quarter hours of the shortest day: where clocks go forward it has 23 hours. Less is how timestamps are corrected. */
const DAY_OR_MORE = 23 * 4;

/** Quarter hours of a source in which readings of the replaced batch begin. */
interface Dropped {
  readonly source: number;
  count: number;
  first: number;
  last: number;
}

/**
 * The warning for a batch that replaces another, both with their contributions in the tables; `undefined` if it drops nothing.
 * @param created sources that are not in the table of sources yet, by number
 */
export async function notReplaced(
  connection: DuckDBConnection,
  batch: LedgerRow,
  replaced: LedgerRow,
  created: ReadonlyMap<number, string>,
): Promise<WarningText | undefined> {
  const all = await droppedIn(connection, batch.seq, replaced.seq);
  if (all.length === 0) return undefined;
  const [{ source, count, first, last }] = all;
  const rows = await rowsOf(connection, `SELECT ${ID} FROM sources WHERE number = $1`, source);
  const id = created.get(source) ?? (rows[0][0] as string);
  const others = all.length === 1 ? "" : `, and of ${all.length - 1} other ${all.length === 2 ? "source" : "sources"}`;
  return {
    code: "not_replaced",
    message: `batch ${replaced.batch.id}, which it replaces, has readings of ${named(id)} in ${count} quarter ${count === 1 ? "hour" : "hours"} between ${label(first)} and ${label(last)} for which it has none${others}; they count no more. Is it all of the new content?`,
  };
}

/** What is dropped of each source, in the order of their numbers. */
async function droppedIn(connection: DuckDBConnection, batch: number, replaced: number): Promise<Dropped[]> {
  const statement = await connection.prepare(
    "SELECT source, day, batch = $1, cells FROM contributions WHERE batch = $1 OR batch = $2 ORDER BY 1, 2, 3",
  );
  const finder = new DroppedFinder();
  try {
    statement.bind([BigInt(batch), BigInt(replaced)], [BIGINT, BIGINT]);
    const result = await statement.stream();
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return finder.finish();
      const [sources, days, own, cells] = [0, 1, 2, 3].map((n) => chunk.getColumnVector(n)) as DuckDBVector[];
      for (let row = 0; row < chunk.rowCount; row++)
        finder.add(
          sources.getItem(row) as number,
          days.getItem(row) as number,
          own.getItem(row) === true,
          (cells.getItem(row) as DuckDBBlobValue).bytes,
        );
      await nextTurn();
    }
  } finally {
    // One that is left would keep the file open.
    statement.destroySync();
  }
}

/** Is told the days of both batches by source and day, the replaced batch's first. */
class DroppedFinder {
  private readonly dropped: Dropped[] = [];
  private source = -1;
  private day = -1;
  /** The current day's quarter hours: 1 with readings of the replaced batch, 2 of the other one, or covered by them. */
  private readonly has = new Uint8Array(DAY_CELLS);
  /** The last quarter hour of the batch that replaces, if it has the source. */
  private lastOwn: number | undefined;
  /** What the replaced batch has after that. */
  private open: Dropped | undefined;
  private total: Dropped | undefined;

  add(source: number, day: number, own: boolean, cells: Uint8Array): void {
    if (source !== this.source || day !== this.day) this.endDay();
    if (source !== this.source) this.endSource();
    this.source = source;
    this.day = day;
    const { count } = unpackDay(cells);
    // What is covered is a fraction of a reading.
    for (let q = 0; q < DAY_CELLS; q++) if (own ? count[q] > 0 : count[q] >= 1) this.has[q] |= own ? 2 : 1;
  }

  finish(): Dropped[] {
    this.endDay();
    this.endSource();
    return this.dropped;
  }

  private endDay(): void {
    for (let q = 0; q < DAY_CELLS; q++) {
      const slot = this.day * DAY_CELLS + q;
      if (this.has[q] & 2) this.takeOwn(slot);
      else if (this.has[q] === 1) this.open = grown(this.open, this.source, 1, slot, slot);
    }
    this.has.fill(0);
  }

  private takeOwn(slot: number): void {
    this.close(this.lastOwn ?? this.open?.first, slot);
    this.lastOwn = slot;
  }

  private endSource(): void {
    const from = this.lastOwn ?? Number.NEGATIVE_INFINITY;
    this.close(from, this.open?.last);
    if (this.total !== undefined) this.dropped.push(this.total);
    this.total = undefined;
    this.lastOwn = undefined;
  }

  /** Counts what is open as dropped if the time without readings of the other batch is long. */
  private close(from: number | undefined, to: number | undefined): void {
    const { open } = this;
    this.open = undefined;
    if (open === undefined || from === undefined || to === undefined || to - from < DAY_OR_MORE) return;
    this.total = grown(this.total, open.source, open.count, open.first, open.last);
  }
}

function grown(to: Dropped | undefined, source: number, count: number, first: number, last: number): Dropped {
  if (to === undefined) return { source, count, first, last };
  to.count += count;
  to.last = last;
  return to;
}
