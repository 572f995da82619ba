/** What a batch has of sources whose readings are kept themselves: `packed-readings.ts` packs them. */
import type { WayPart } from "../tally/way.js";
import { addDay, LONGEST, packInto } from "./cells.js";
import { clearDay, newDay } from "./day-cells.js";
import { cellsOf, type Packed, type Rows } from "./packed.js";

/** Readings by source and day, as whoever scans collects them. */
export interface KeptBatch {
  /** By source: its id, and its way as text. */
  readonly ids: readonly string[];
  readonly ways: readonly string[];
  /** What was said of these: the rest is as the store has it. */
  readonly said: readonly WayPart[];
  /** Packed readings of a source, by its place above, and a UTC day. */
  readonly rows: readonly { readonly source: number; readonly day: number; readonly bytes: Uint8Array }[];
}

/**
 * A batch's contribution in which sources are kept: these have no cells, since what counts depends on other batches.
 * @param alone what the batch would contribute if it was the only one
 */
export function withKept(alone: Packed, { ids, ways, said, rows }: KeptBatch): Packed {
  if (ids.length === 0) return alone;
  const all = new Set([...alone.sources, ...ids]);
  const sources = [...all].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const places = new Map(sources.map((id, n) => [id, n]));
  const placeOf = (id: string) => places.get(id) as number;
  const keptWays = sources.map(() => "");
  ids.forEach((id, n) => {
    keptWays[placeOf(id)] = ways[n] as string;
  });
  const from = alone.sources.map(placeOf);
  const readings = new Float64Array(sources.length);
  const energy = new Uint32Array(4 * sources.length);
  const exported = alone.exported && new Uint8Array(sources.length);
  from.forEach((place, n) => {
    if (exported !== undefined) exported[place] = alone.exported?.[n] as number;
    if (keptWays[place] !== "") return;
    readings[place] = alone.readings[n] as number;
    energy.set(alone.energy.subarray(4 * n, 4 * n + 4), 4 * place);
  });
  const others: Row[] = [];
  alone.rows.day.forEach((day, r) => {
    const source = from[alone.rows.source[r] as number] as number;
    if (keptWays[source] === "") others.push({ source, day, bytes: cellsOf(alone.rows, r) });
  });
  const kept = rows.map(({ source, day, bytes }) => ({ source: placeOf(ids[source] as string), day, bytes }));
  kept.sort((a, b) => a.day - b.day || a.source - b.source);
  return {
    ...{ sources, readings, energy, exported },
    rows: rowsFrom(others),
    totals: rowsFrom(totalsOf(others)),
    kept: { ways: keptWays, said, rows: rowsFrom(kept) },
  };
}

interface Row {
  readonly source: number;
  readonly day: number;
  readonly bytes: Uint8Array;
}

/** Sums of rows, which ascend by day, over all sources. */
function totalsOf(rows: readonly Row[]): Row[] {
  const sum = newDay();
  const totals: Row[] = [];
  for (let n = 0; n < rows.length; ) {
    const { day } = rows[n] as Row;
    clearDay(sum);
    for (; n < rows.length && rows[n]?.day === day; n++) addDay((rows[n] as Row).bytes, sum);
    const bytes = new Uint8Array(LONGEST);
    totals.push({ source: 0, day, bytes: bytes.slice(0, packInto(sum, bytes, 0)) });
  }
  return totals;
}

function rowsFrom(rows: readonly Row[]): Rows {
  const end = new Uint32Array(rows.length);
  let bytes = 0;
  rows.forEach((row, n) => {
    bytes += row.bytes.length;
    end[n] = bytes;
  });
  const all = new Uint8Array(bytes);
  rows.forEach((row, n) => {
    all.set(row.bytes, (end[n] as number) - row.bytes.length);
  });
  return {
    source: Uint32Array.from(rows, ({ source }) => source),
    day: Int32Array.from(rows, ({ day }) => day),
    end,
    bytes: all,
  };
}
