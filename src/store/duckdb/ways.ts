/** The ways of sources (`tally/way.ts`), and whether a batch may have another one. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { StoreError } from "../../base/errors.js";
import { type Message, option, say, together } from "../../base/message.js";
import { partOf, type Way, type WayPart, wayFrom } from "../../tally/way.js";
import type { Packed } from "../packed.js";
import { boundOf, ID, numberList, OF_BATCHES, partsOf, rowsOf, textList } from "./table.js";

/** The sources of which batches have readings that are kept. */
export async function keptIn(
  connection: DuckDBConnection,
  batches: readonly number[],
): Promise<[batch: number, source: number][]> {
  if (batches.length === 0) return [];
  const rows = await rowsOf(
    connection,
    `SELECT DISTINCT batch, source FROM readings WHERE ${OF_BATCHES}`,
    ...boundOf(batches),
  );
  return rows.map(([batch, source]) => [Number(batch), source as number]);
}

/** The ways of sources that are kept, by number; only of some, if these are given. */
async function waysIn(connection: DuckDBConnection, numbers: Iterable<number>): Promise<Map<number, string>> {
  const rows = await rowsOf(
    connection,
    "SELECT number, way FROM sources WHERE way IS NOT NULL AND number IN (SELECT unnest($1))",
    numberList(numbers),
  );
  return new Map(rows as [number, string][]);
}

/** What the decisions of a transaction need to know of ways. */
export interface Ways {
  /** Of sources that are kept, by number, as text. */
  readonly texts: Map<number, string>;
  /** By batch that may end: sources that no other batch has. */
  readonly only: ReadonlyMap<number, ReadonlySet<number>>;
}

/** @param numbers of sources that batches have @param ending batches that may end */
export async function waysFor(
  connection: DuckDBConnection,
  numbers: Iterable<number>,
  ending: ReadonlySet<number>,
): Promise<Ways> {
  const gone = await keptIn(connection, [...ending]);
  const texts = await waysIn(connection, new Set([...numbers, ...gone.map(([, source]) => source)]));
  const only = new Map<number, Set<number>>();
  if (ending.size > 0) {
    const rows = (await rowsOf(
      connection,
      `WITH every AS (SELECT batch, source FROM contributions UNION ALL SELECT batch, source FROM readings)
       SELECT source, min(batch) FROM every WHERE source IN (SELECT source FROM every WHERE ${OF_BATCHES})
       GROUP BY source HAVING min(batch) = max(batch)`,
      ...boundOf([...ending]),
    )) as [number, bigint][];
    for (const [source, batch] of rows) {
      const own = only.get(Number(batch)) ?? new Set<number>();
      only.set(Number(batch), own.add(source));
    }
  }
  return { texts, only };
}

/**
 * Checks that a batch has the ways that its sources have, and notes those of new ones.
 * @param numbers of the sources that there are
 * @param replaced the number of a batch that ends with it
 * @throws StoreError `other_way`
 */
export function checkWays(
  { sources, kept }: Packed,
  numbers: ReadonlyMap<string, number>,
  { texts, only }: Ways,
  replaced: number | undefined,
): void {
  const free = replaced === undefined ? undefined : only.get(replaced);
  sources.forEach((id, n) => {
    const number = numbers.get(id);
    if (number === undefined) return;
    const own = kept?.ways[n] ?? "";
    const there = texts.get(number) ?? "";
    if (agree(there, own, kept?.said ?? []) || ((own === "" || there === "") && free?.has(number))) return;
    throw new StoreError(
      "other_way",
      say`source ${JSON.stringify(id)}: its readings ${meaningOf(there)} in the store, and ${meaningOf(own)} in what was sent. ${adviceFor(there)}; nothing was stored`,
    );
  });
}

/** Whether what was said of readings is so of a source, too. */
function agree(there: string, own: string, said: readonly WayPart[]): boolean {
  if (there === own) return true;
  if (there === "" || own === "") return false;
  const [one, other] = [wayFrom(there), wayFrom(own)];
  if ((one.register === undefined) !== (other.register === undefined)) return false;
  return said.every((part) => partOf(one, part) === partOf(other, part));
}

function meaningOf(text: string): Message {
  if (text === "") return "all count, as energy,";
  const { duplicates, register } = wayFrom(text);
  if (register === undefined) return duplicates === "once" ? "count once" : "count as they were delivered last";
  return `are cumulative (${text})`;
}

/** What to say to read as the store does. */
function adviceFor(text: string): Message {
  if (text === "") return "Send such readings under another id, or retract what the store has of it first";
  const { duplicates, register } = wayFrom(text);
  const options = [
    ...(register === undefined ? [] : [option("values", "register")]),
    ...(register?.kind === "counter" ? [option("register", "counter")] : []),
    ...(register?.rollover === undefined ? [] : [option("rollover", "N")]),
    ...(register?.gap === undefined ? [] : [option("gap", `${register.gap}s`), option("across", register.across)]),
    ...(duplicates === "add" ? [] : [option("duplicates", duplicates)]),
  ];
  return say`Say ${together(options)}, or retract what the store has of it first`;
}

/** The same, as what they mean. */
export function meanings(ways: ReadonlyMap<number, string>): Map<number, Way> {
  return new Map(Array.from(ways, ([number, text]) => [number, wayFrom(text)]));
}

/** Those of some sources whose readings are cumulative. */
export async function registersAmong(
  connection: DuckDBConnection,
  sources: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const part of partsOf(sources)) {
    const rows = await rowsOf(
      connection,
      `SELECT ${ID} FROM sources WHERE contains(way, 'register') AND id IN (SELECT unnest($1))`,
      textList(part),
    );
    for (const [id] of rows) found.add(id as string);
  }
  return found;
}
