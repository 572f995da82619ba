/**
 * The sums of a period that lie in memory, whole: of all sources, and of each by itself. A page has them that needs no
 * service. They are kept packed, and unpacked when they are asked for, since there may be hundreds of sources.
 */
import type { CellColumns } from "../tally/cell.js";
import type { Period } from "../tally/summary.js";
import { type TimeRows, timeRowsOf } from "../time/period.js";
import type { Short } from "../time/resolution.js";
import type { Zone } from "../time/zone.js";
import { unpackColumn } from "./packing.js";

/** What a page says of the data that are in it. */
export interface About {
  readonly title: string;
  readonly lines: readonly string[];
  readonly timezone: string;
}

export interface Extract {
  readonly zone: Zone;
  /** `undefined`: there is no reading, and no period was given. */
  readonly period: Period | undefined;
  /** What rows the cells of the total are, and those of the sources. */
  readonly totalRows: Short;
  readonly sourceRows: Short;
  /** Those whose own sums are here, ascending by the UTF-8 bytes of their ids. */
  readonly ids: readonly string[];
  /** How many sources the total is of. */
  readonly sources: number;
  /** A cell for each row of the period. */
  total(): CellColumns;
  /** The same of the source `ids[n]`. */
  source(n: number): CellColumns;
}

/** An extract and what is said of it, packed. */
export interface PackedExtract extends Omit<Extract, "ids" | "total" | "source"> {
  readonly about: About;
  readonly total: Uint8Array;
  readonly columns: readonly { readonly id: string; readonly bytes: Uint8Array }[];
}

/** The number of a day's cells, on days without a clock change. */
export const DAY_ROWS: Readonly<Record<Short, number>> = { "15min": 96, hour: 24 };

/** The rows of an extract's period. */
export function rowsOfPeriod(zone: Zone, rows: Short, period: Period | undefined): TimeRows {
  return timeRowsOf(zone, rows, period?.first ?? 0, period?.last ?? -1);
}

const FORMAT = 1;
/** Unpacked sources that are retained: as many as can be chosen at once, and a few more. */
const RETAINED = 8;

/** As bytes: the length of a JSON document in four bytes, that document, the total, and the sources. */
export function extractBytes({ zone, total, columns, ...rest }: PackedExtract): Uint8Array {
  const { name, utc, transitions, offsets } = zone;
  const text = JSON.stringify({
    format: FORMAT,
    ...rest,
    zone: { name, utc, transitions: [...transitions], offsets: [...offsets] },
    total: total.length,
    columns: columns.map(({ id, bytes }) => [id, bytes.length]),
  });
  const header = new TextEncoder().encode(text);
  const parts = [header, total, ...columns.map(({ bytes }) => bytes)];
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 4));
  new DataView(all.buffer).setUint32(0, header.length);
  let at = 4;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @throws Error if the bytes are not from `extractBytes` */
export function extractOf(all: Uint8Array): { readonly extract: Extract; readonly about: About } {
  const length = new DataView(all.buffer, all.byteOffset).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(all.subarray(4, 4 + length)));
  if (header.format !== FORMAT) throw new Error("the data of this page are of another version");
  const zone: Zone = {
    ...header.zone,
    transitions: Float64Array.from(header.zone.transitions),
    offsets: Int32Array.from(header.zone.offsets),
  };
  const { period, totalRows, sourceRows, sources, about } = header as PackedExtract;
  let at = 4 + length;
  const next = (bytes: number) => {
    at += bytes;
    return all.subarray(at - bytes, at);
  };
  const lengths: readonly [id: string, bytes: number][] = header.columns;
  const ofTotal = next(header.total);
  const ofSources = lengths.map(([, bytes]) => next(bytes));
  const lengthOf = { "15min": 0, hour: 0 };
  for (const rows of [totalRows, sourceRows]) lengthOf[rows] = rowsOfPeriod(zone, rows, period).length;
  const unpacked = (bytes: Uint8Array, rows: Short) => unpackColumn(bytes, lengthOf[rows], DAY_ROWS[rows]);
  let total: CellColumns | undefined;
  const retained = new Map<number, CellColumns>();
  const extract: Extract = {
    ...{ zone, period, totalRows, sourceRows, sources, ids: lengths.map(([id]) => id) },
    total: () => {
      total ??= unpacked(ofTotal, totalRows);
      return total;
    },
    source: (n) => {
      const cells = retained.get(n) ?? unpacked(ofSources[n]!, sourceRows);
      // The latest comes last.
      retained.delete(n);
      retained.set(n, cells);
      for (const oldest of retained.keys()) {
        if (retained.size <= RETAINED) break;
        retained.delete(oldest);
      }
      return cells;
    },
  };
  return { extract, about };
}
