/** One moment of a store, read in one connection's transaction. */
import type { DuckDBConnection } from "@duckdb/node-api";
import type {
  Batch,
  BatchesPage,
  BatchState,
  Chosen,
  Directions,
  PackedDay,
  SlotRange,
  Snapshot,
  SourceDays,
  SourceEntry,
  SourcesPage,
} from "../store.js";
import { ledgerRows, readNow, rowsBySeq, seqOf } from "./ledger.js";
import { chosenBy, countSources, dayAt, eachDay, holds, negated, withoutExport } from "./series.js";
import { ID, integerList, PIECE_ROWS, partsOf, rowsOf, textList } from "./table.js";
import { registersAmong } from "./ways.js";

/** Days whose totals over some sources are summed at a time. */
const WINDOW_DAYS = 512;
/** Rows of sources that are export in such a window. */
const WINDOW_ROWS = 50_000;
/** Sources listed at a time. */
const PAGE = 10_000;

const STATES: Readonly<Record<BatchState, string>> = {
  counts: "ended IS NULL",
  retracted: "ended IS NOT NULL AND replaced_by IS NULL",
  replaced: "replaced_by IS NOT NULL",
};

interface Named {
  readonly number: number;
  readonly id: string;
}

interface Paged extends Named {
  readonly exported: boolean;
  /** The most days that it may have in a range. */
  readonly days: number;
}

export async function readerOf(connection: DuckDBConnection): Promise<Snapshot> {
  const { version } = await readNow(connection);
  return new DuckdbReader(connection, version);
}

class DuckdbReader implements Snapshot {
  constructor(
    private readonly connection: DuckDBConnection,
    readonly version: number,
  ) {}

  async directions(sources?: readonly string[]): Promise<Directions> {
    const { sql, bound } = chosenBy({ sources }, 1);
    const [[exports, consumption]] = (await rowsOf(
      this.connection,
      `SELECT coalesce(bool_or(export_batches > 0), false), coalesce(bool_or(export_batches = 0), false)
       FROM sources WHERE ${sql}`,
      ...bound,
    )) as [boolean, boolean][];
    return { exports, consumption };
  }

  async extent(chosen: Chosen = {}): Promise<{ first: number; last: number } | undefined> {
    const { sql, bound } = chosenBy(chosen, 1);
    const [[first, last]] = (await rowsOf(
      this.connection,
      `SELECT min(first), max(last) FROM sources WHERE readings > 0 AND ${sql}`,
      ...bound,
    )) as [number | null, number][];
    return first === null ? undefined : { first, last };
  }

  async *totals({ from, to, sources, exports }: SlotRange): AsyncIterable<readonly PackedDay[]> {
    const numbers = sources === undefined ? undefined : (await this.named(sources)).map(({ number }) => number);
    const extent = await this.extent({ sources });
    if (extent === undefined) return;
    const other = exports === undefined ? [] : await this.exported(sources);
    const first = dayAt(Math.max(from, extent.first));
    const last = dayAt(Math.min(to - 1, extent.last));
    // The days of a window are in memory together.
    const window = Math.max(1, Math.min(WINDOW_DAYS, Math.floor(WINDOW_ROWS / Math.max(1, other.length))));
    for (let day = first; day <= last; day += window) {
      const end = Math.min(last, day + window - 1);
      const rows =
        numbers === undefined
          ? ((await rowsOf(this.connection, "SELECT day, cells FROM totals WHERE day BETWEEN $1 AND $2", day, end)) as [
              number,
              Uint8Array,
            ][])
          : await this.cellsOf(numbers, day, end);
      if (exports === undefined || other.length === 0) yield rows.sort(byDay);
      else yield await withoutExport(rows.sort(byDay), await this.cellsOf(other, day, end), exports);
    }
  }

  /** The days of sources, both inclusive. */
  private async cellsOf(numbers: readonly number[], first: number, last: number): Promise<[number, Uint8Array][]> {
    const rows = await rowsOf(
      this.connection,
      "SELECT day, cells FROM series WHERE source IN (SELECT unnest($3)) AND day BETWEEN $1 AND $2",
      ...[first, last, integerList(numbers)],
    );
    return rows as [number, Uint8Array][];
  }

  /** The numbers of the sources that are export. */
  private async exported(sources: readonly string[] | undefined): Promise<number[]> {
    const { sql, bound } = chosenBy({ sources }, 1);
    const rows = await rowsOf(
      this.connection,
      `SELECT number FROM sources WHERE export_batches > 0 AND ${sql}`,
      ...bound,
    );
    return rows.map(([number]) => number as number);
  }

  async *bySource(range: SlotRange): AsyncIterable<readonly SourceDays[]> {
    const { from, to } = range;
    if (to <= from) return;
    for await (const page of this.pages(range)) {
      for (let n = 0; n < page.length; ) {
        let rows = 0;
        const piece: Paged[] = [];
        while (n < page.length && (piece.length === 0 || rows + page[n].days <= PIECE_ROWS)) {
          rows += page[n].days;
          piece.push(page[n++]);
        }
        const cells = (await rowsOf(
          this.connection,
          "SELECT source, day, cells FROM series WHERE source IN (SELECT unnest($3)) AND day BETWEEN $1 AND $2",
          dayAt(from),
          dayAt(to - 1),
          integerList(piece.map(({ number }) => number)),
        )) as [number, number, Uint8Array][];
        const daysOf = new Map(piece.map(({ number }): [number, PackedDay[]] => [number, []]));
        for (const [source, day, bytes] of cells) daysOf.get(source)?.push([day, bytes]);
        yield piece.map(({ number, id, exported }) => {
          const days = (daysOf.get(number) as PackedDay[]).sort(byDay);
          return { source: id, days: exported && range.exports === "subtract" ? negated(days) : days };
        });
      }
    }
  }

  eachDay: Snapshot["eachDay"] = async (range, begin, use) => {
    const found: Named[] = [];
    for await (const page of this.pages(range)) found.push(...page);
    begin(found.length);
    if (found.length === 0) return [];
    const days = [dayAt(range.from), dayAt(range.to - 1)] as const;
    await eachDay(
      this.connection,
      days,
      found.map(({ number }) => number),
      range.sources === undefined && range.exports !== "skip",
      use,
    );
    return found.map(({ id }) => id);
  };

  sourceCount(range: SlotRange): Promise<number> {
    return countSources(this.connection, range);
  }

  async sources({ after, limit, among, prefix = "", order = "id", skip = 0 }: SourcesPage): Promise<SourceEntry[]> {
    const rows = await rowsOf(
      this.connection,
      `SELECT ${ID}, first, last, readings, energy FROM sources
       WHERE readings > 0 AND ($2 IS NULL OR id > $2) AND starts_with(id, $3) ${among === undefined ? "" : "AND id IN (SELECT unnest($5))"}
       ORDER BY ${order === "id" ? "id" : "energy DESC, id"} LIMIT $1 OFFSET $4`,
      ...[limit, after ?? null, prefix, skip, ...(among === undefined ? [] : [textList(among)])],
    );
    return (rows as [string, number, number, bigint, bigint][]).map(([id, first, last, readings, energy]) => {
      return { id, first, last, readings: Number(readings), energy };
    });
  }

  async sourceOf(start: string, sha256: string): Promise<string | undefined> {
    const [row] = await rowsOf(
      this.connection,
      `SELECT ${ID} FROM sources WHERE starts_with(id, $1) AND sha256(id) = $2`,
      ...[start, sha256],
    );
    return row?.[0] as string | undefined;
  }

  async unknown(sources: readonly string[]): Promise<string[]> {
    const known = new Set((await this.named(sources)).map(({ id }) => id));
    return [...new Set(sources)].filter((id) => !known.has(id));
  }

  registers(sources: readonly string[]): Promise<ReadonlySet<string>> {
    return registersAmong(this.connection, sources);
  }

  async origin(slot: number, chosen: Chosen = {}): Promise<{ source: string; batch: Batch } | undefined> {
    const { sql, bound } = chosenBy(chosen, 2);
    const [found] = await rowsOf(
      this.connection,
      `SELECT number, ${ID} FROM sources WHERE (first = $1 OR last = $1) AND ${sql} ORDER BY id LIMIT 1`,
      ...[slot, ...bound],
    );
    if (found === undefined) return undefined;
    const [number, source] = found as [number, string];
    const rows = (await rowsOf(
      this.connection,
      `SELECT batch, cells FROM contributions WHERE source = $1 AND day = $2
       AND batch IN (SELECT seq FROM batches WHERE ended IS NULL) ORDER BY batch`,
      number,
      dayAt(slot),
    )) as [bigint, Uint8Array][];
    const own = rows.find(([, cells]) => holds(dayAt(slot), cells, slot, slot + 1));
    if (own === undefined) return undefined;
    const [row] = await rowsBySeq(this.connection, [Number(own[0])]);
    return { source, batch: row.batch };
  }

  async batch(id: string): Promise<Batch | undefined> {
    const [row] = await rowsBySeq(this.connection, [seqOf(id)]);
    return row?.batch.id === id ? row.batch : undefined;
  }

  async batches({ before, limit, state, source, ...page }: BatchesPage): Promise<Batch[]> {
    const bound: (string | number)[] = [before === undefined ? Number.MAX_SAFE_INTEGER : seqOf(before), limit];
    const conditions = ["seq < $1", ...(state === undefined ? [] : [STATES[state]])];
    const add = (condition: string, value: string | number | undefined) => {
      if (value !== undefined)
        conditions.push(`${condition} $${bound.push(value)}${condition.includes("(") ? "))" : ""}`);
    };
    add("sender =", page.sender);
    add("key =", page.key);
    add("file =", page.file);
    add("received >=", page.receivedFrom);
    add("received <", page.receivedTo);
    add(
      `seq IN (SELECT batch FROM (SELECT batch, source FROM contributions UNION ALL SELECT batch, source FROM readings
       UNION ALL SELECT batch, source FROM ended_sources)
       WHERE source IN (SELECT number FROM sources WHERE id =`,
      source,
    );
    const rows = await ledgerRows(
      this.connection,
      `WHERE ${conditions.join(" AND ")} ORDER BY seq DESC LIMIT $2`,
      ...bound,
    );
    return rows.map(({ batch }) => batch);
  }

  async rejects(id: string): Promise<Uint8Array[]> {
    const rows = await rowsOf(this.connection, "SELECT lines FROM rejects WHERE batch = $1 ORDER BY part", seqOf(id));
    return rows.map(([lines]) => lines as Uint8Array);
  }

  async batchesOfFiles(files: readonly string[]): Promise<Map<string, Batch[]>> {
    const found = new Map<string, Batch[]>();
    for (const part of partsOf(files)) {
      const rows = await ledgerRows(
        this.connection,
        "WHERE file IN (SELECT unnest($1)) AND ended IS NULL ORDER BY seq DESC",
        textList(part),
      );
      for (const { batch } of rows) {
        const file = batch.file as string;
        found.set(file, [...(found.get(file) ?? []), batch]);
      }
    }
    return found;
  }

  private async named(ids: readonly string[]): Promise<Named[]> {
    const rows = await rowsOf(
      this.connection,
      `SELECT number, ${ID} FROM sources WHERE id IN (SELECT unnest($1)) ORDER BY id`,
      textList(ids),
    );
    return (rows as [number, string][]).map(([number, id]) => ({ number, id }));
  }

  /** Sources that may have a reading in the range, ascending. */
  private async *pages({ from, to, ...chosen }: SlotRange): AsyncIterable<Paged[]> {
    const { sql, bound } = chosenBy(chosen, 5);
    let after: string | undefined;
    for (;;) {
      const rows = (await rowsOf(
        this.connection,
        `SELECT number, ${ID}, first, last, export_batches > 0 FROM sources
         WHERE first < $2 AND last >= $1 AND ($3 IS NULL OR id > $3) AND ${sql} ORDER BY id LIMIT $4`,
        ...[from, to, after ?? null, PAGE, ...bound],
      )) as [number, string, number, number, boolean][];
      yield rows.map(([number, id, first, last, exported]) => {
        return { number, id, exported, days: dayAt(Math.min(last, to - 1)) - dayAt(Math.max(first, from)) + 1 };
      });
      if (rows.length < PAGE) return;
      after = rows[rows.length - 1][1];
    }
  }
}

const byDay = ([a]: PackedDay, [b]: PackedDay) => a - b;
