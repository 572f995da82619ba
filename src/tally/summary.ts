/**
 * The result of a run or of a query to a store: the rows of a period in a zone, complete, by hour, day or another resolution,
 * each with an exact sum of energy and a count of readings for every source. Rows are written into arrays that the caller
 * owns, so that a summary of millions of rows creates no objects.
 */
import { dayText, hourLabel, type TimeRows } from "../time/period.js";
import { bucketOf, firstDayOf, isShort, type Resolution } from "../time/resolution.js";
import type { Zone } from "../time/zone.js";
import { type CellColumns, grown, sortedBy } from "./cell.js";

export interface Summary {
  readonly zone: Zone;
  /** By source: the ids, ascending by their UTF-8 bytes. Totals over all sources: `undefined`, and one column. */
  readonly sources: readonly string[] | undefined;
  /** How many columns a row has: the sources, or 1. */
  readonly columns: number;
  /** Its rows by a resolution that is not finer than its own rows: of files, hours, or quarter hours if these were asked for. */
  series(resolution: Resolution): Series;
}

/** The rows of one resolution, in the order of time. */
export interface Series {
  readonly resolution: Resolution;
  readonly length: number;
  /** The date of each row, of longer ones than a day the first, in days since 1970-01-01. */
  readonly days: Int32Array;
  /** What stands for a row in the first column: `2024-01-31T13:00:00Z`, `2024-01-31`, `2024-01`. */
  label(row: number): string;
  /** The instant at which a row begins, of a longer one that the period cuts its part in it; in epoch seconds. */
  start(row: number): number;
  /**
   * Writes one row: for column c the energy as four 32-bit limbs, least significant first, at `energy[4c]`…`energy[4c+3]`
   * (two's complement, 10⁻¹⁸ kWh), and its readings at `count[c]`.
   * With `from` and `to`, only the columns from `from` up to `to` need be written.
   */
  sum(row: number, energy: Uint32Array, count: Float64Array, from?: number, to?: number): void;
  /** Of how many hours or quarter hours, or rows as long as itself, a row is the sum. */
  parts(row: number): number;
  /** Reads a row bit by bit, if it has to be read from the disk, so that `sum` of it is quick: the caller can yield in between. */
  prepare(row: number): Iterable<undefined>;
}

/** The sums of a period by row and column, wherever they are. */
export interface Rows {
  /** The number of cells with readings; of quarter hours, those of an hour are one. */
  readonly cells: number;
  /** Writes the sums of some rows (their numbers) of columns `from` up to `to`. */
  sum(rows: Uint32Array, into: CellColumns, from: number, to: number): void;
  /** Makes the next `sum` of the same rows quick, bit by bit. Default: it is. */
  prepare?(rows: Uint32Array): Iterable<undefined>;
}

/** Counts hours with readings from quarter hours with readings, whose rows ascend in each column. */
export class HourCounter {
  hours = 0;
  /** For each column, its last hour so far, from 1 on. */
  private last = new Uint32Array(16);

  /** @param hourOf each row */
  constructor(private readonly hourOf: Uint32Array) {}

  add(row: number, column: number): void {
    while (column >= this.last.length) this.last = grown(this.last);
    const hour = this.hourOf[row] + 1;
    if (this.last[column] !== hour) this.hours++;
    this.last[column] = hour;
  }

  /** Adds some of 16 neighbouring rows: bit i of `used` is row `first + i`. */
  addRows(first: number, used: number, column: number): void {
    for (let left = used; left !== 0; left &= left - 1) this.add(first + 31 - Math.clz32(left & -left), column);
  }
}

/** The days of a summary, both inclusive. */
export interface Period {
  readonly first: number;
  readonly last: number;
}

/**
 * @param sources of the columns; `undefined`: there is one column, for all sources
 * @param sums of the rows
 */
export function summaryOf(
  zone: Zone,
  period: Period | undefined,
  rows: TimeRows,
  sources: readonly string[] | undefined,
  sums: Rows,
): Summary {
  const columns = sources?.length ?? 1;
  const known = new Map<Resolution, Series>();
  return {
    ...{ zone, sources, columns },
    series(resolution) {
      let series = known.get(resolution);
      if (series === undefined) {
        const groups = groupsOf(resolution, period, rows);
        const { length, days, label } = groups;
        const timeLabel = (row: number) => {
          const [first] = groups.of(row);
          return hourLabel(zone, rows.start[first], rows.offset[first]);
        };
        series = {
          ...{ resolution, length, days },
          label: label ?? timeLabel,
          start: (row) => rows.start[groups.of(row)[0]],
          sum(row, energy, count, from = 0, to = columns) {
            sums.sum(groups.of(row), { energy, count }, from, to);
          },
          parts: (row) => groups.of(row).length,
          prepare: (row) => sums.prepare?.(groups.of(row)) ?? [],
        };
        known.set(resolution, series);
      }
      return series;
    },
  };
}

/** Which rows of a table make up those of a resolution. */
interface Groups extends Pick<Series, "length" | "days"> {
  of(row: number): Uint32Array;
  /** Default: the time at which its first row begins. */
  label?(row: number): string;
}

function groupsOf(resolution: Resolution, period: Period | undefined, rows: TimeRows): Groups {
  if (isShort(resolution)) {
    if (resolution === rows.resolution) return { length: rows.length, days: rows.day, of: oneByOne() };
    // Finer rows than there are would be wrong, and nobody would see it.
    if (rows.hour === undefined) throw new Error(`the summary's rows are by ${rows.resolution}, not by ${resolution}`);
    const { of, firsts } = grouped(rows.hour);
    return { length: firsts.length, days: Int32Array.from(firsts, (row) => rows.day[row]), of };
  }
  if (resolution === "total") return totalOf(period, rows);
  // A clock change may have separated the rows of a bucket, even by those of another one.
  const buckets = bucketsOf(resolution, rows.day);
  const { of, firsts } = grouped(buckets);
  const days = Int32Array.from(firsts, (row) => firstDayOf(resolution, buckets[row]));
  const characters = resolution === "year" ? 4 : resolution === "month" ? 7 : 10;
  return { length: firsts.length, days, of, label: (row) => dayText(days[row]).slice(0, characters) };
}

function oneByOne(): Groups["of"] {
  const one = new Uint32Array(1);
  return (row) => {
    one[0] = row;
    return one;
  };
}

/** All rows are one, labelled as an interval of ISO 8601. */
function totalOf(period: Period | undefined, { length }: TimeRows): Groups {
  const all = Uint32Array.from({ length }, (_, row) => row);
  const days = Int32Array.from(period === undefined ? [] : [period.first]);
  const label = () => (period === undefined ? "" : `${dayText(period.first)}/${dayText(period.last)}`);
  return { length: days.length, days, of: () => all, label };
}

/** The bucket of each row. Neighbouring rows are mostly of one day. */
function bucketsOf(resolution: Resolution, days: Int32Array): Int32Array {
  let day = Number.NaN;
  let bucket = 0;
  return days.map((of) => {
    if (of !== day) bucket = bucketOf(resolution, of);
    day = of;
    return bucket;
  });
}

/** Rows with the same key are one group; groups ascend by their keys. */
function grouped(key: Int32Array | Uint32Array): Pick<Groups, "of"> & { readonly firsts: Uint32Array } {
  const order = sortedBy(key);
  const begins = new Uint32Array(order.length + 1);
  let groups = 0;
  for (let n = 0; n < order.length; n++) if (n === 0 || key[order[n]] !== key[order[n - 1]]) begins[groups++] = n;
  begins[groups] = order.length;
  return {
    of: (group) => order.subarray(begins[group], begins[group + 1]),
    firsts: begins.slice(0, groups).map((n) => order[n]),
  };
}
