/** What is asked of an extract: the same summaries and loads as a store answers. */
import { addEnergy, type CellColumns, clearColumns, EnergySum, isNegative, newColumns } from "../tally/cell.js";
import { type Period, type Rows, type Summary, summaryOf } from "../tally/summary.js";
import { hoursOf, type TimeRows } from "../time/period.js";
import type { Short } from "../time/resolution.js";
import { type Extract, rowsOfPeriod } from "./extract.js";
import { type Load, loadOfHours } from "./load.js";

export interface ExtractQuestion {
  /** Days, inclusive; `undefined`: those with readings of the sources. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** `undefined`: all. */
  readonly sources: readonly string[] | undefined;
}

/** Answers of one extract. */
export class ExtractReader {
  private readonly times: { [Rows in Short]?: TimeRows } = {};
  /** Those of the last question: the next is mostly of the same days. */
  private readonly latest: { [Rows in Short]?: { readonly key: string; readonly rows: PlacedRows } } = {};

  constructor(readonly extract: Extract) {}

  /** The shortest rows that the sums of sources, or of all, can have. */
  finest(sources: readonly string[] | undefined): Short {
    return sources === undefined ? this.extract.totalRows : this.extract.sourceRows;
  }

  /** The days of a question; `undefined` if there are none. */
  period({ first, last, sources }: ExtractQuestion): Period | undefined {
    const found =
      sources === undefined || (first !== undefined && last !== undefined)
        ? this.extract.period
        : this.daysWithReadings(sources);
    const from = first ?? found?.first;
    const to = last ?? found?.last;
    return from === undefined || to === undefined || from > to ? undefined : { first: from, last: to };
  }

  /** Sums over the sources, by `finest` rows or longer ones. */
  summary(question: ExtractQuestion): Summary {
    const { times, cells } = this.sums(question);
    return summaryOf(this.extract.zone, this.period(question), times, undefined, rowsIn([cells]));
  }

  /**
   * Sums by source, of those with a reading in the period: by `sourceRows` or longer ones. It yields after each source, so
   * that the caller can do so, too.
   */
  *summaryBySource(question: ExtractQuestion): Generator<undefined, Summary> {
    const { extract } = this;
    const period = this.period(question);
    const all = question.sources && new Set(question.sources);
    const { times, places } = this.rowsOf(extract.sourceRows, period);
    const ids: string[] = [];
    const columns: CellColumns[] = [];
    for (const [n, id] of extract.ids.entries()) {
      if (all !== undefined && !all.has(id)) continue;
      const cells = newColumns(times.length);
      addAt(cells, extract.source(n), places);
      yield;
      if (cells.count.every((count) => count === 0)) continue;
      ids.push(id);
      columns.push(cells);
    }
    return summaryOf(extract.zone, period, times, ids, rowsIn(columns));
  }

  /** The load of the sources, in quarter hours if they are known. */
  load(question: ExtractQuestion): Load {
    const { zone } = this.extract;
    const { times, cells } = this.sums(question);
    if (times.hour === undefined) return loadOfHours(zone, times, cells);
    const period = this.period(question);
    const hours = hoursOf(zone, period?.first ?? 0, period?.last ?? -1);
    const begin = new Int32Array(hours.length);
    const end = new Int32Array(hours.length);
    for (let row = times.length - 1; row >= 0; row--) begin[times.hour[row]!] = row;
    for (let row = 0; row < times.length; row++) end[times.hour[row]!] = row + 1;
    return { zone, hours, cells, begin, end };
  }

  /** What each source has in some days, one after another, so that the caller can yield in between: there may be many. */
  *totals(period: Period | undefined, prefix = ""): Generator<SourceTotal | undefined, void> {
    const { extract } = this;
    const { day, start, length } = this.timesOf(extract.sourceRows);
    if (period === undefined) return;
    const inside = (row: number) => day[row]! >= period.first && day[row]! <= period.last;
    const blocks = blocksOf(length, inside);
    for (const [n, id] of extract.ids.entries()) {
      if (!id.startsWith(prefix)) continue;
      const cells = extract.source(n);
      const sum = new EnergySum();
      let readings = 0;
      let first = -1;
      let last = -1;
      for (const [from, to] of blocks) {
        sum.addColumns(cells, from, to);
        for (let row = from; row < to; row++) {
          if (cells.count[row] === 0) continue;
          if (first < 0) first = row;
          last = row;
          readings += Math.floor(cells.count[row]!);
        }
      }
      yield first < 0 ? undefined : { id, first: start[first]!, last: start[last]!, readings, energy: sum.total };
    }
  }

  private daysWithReadings(sources: readonly string[]): Period | undefined {
    const { day } = this.timesOf(this.extract.sourceRows);
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (const { count } of this.columnsOf(sources))
      for (let row = 0; row < day.length; row++) {
        if (count[row] === 0) continue;
        first = Math.min(first, day[row]!);
        last = Math.max(last, day[row]!);
      }
    return first > last ? undefined : { first, last };
  }

  private sums(question: ExtractQuestion): { readonly times: TimeRows; readonly cells: CellColumns } {
    const { extract } = this;
    const { times, places } = this.rowsOf(this.finest(question.sources), this.period(question));
    const cells = newColumns(times.length);
    const columns = question.sources === undefined ? [extract.total()] : this.columnsOf(question.sources);
    for (const column of columns) addAt(cells, column, places);
    return { times, cells };
  }

  private *columnsOf(sources: readonly string[]): Generator<CellColumns, void> {
    const all = new Set(sources);
    for (const [n, id] of this.extract.ids.entries()) if (all.has(id)) yield this.extract.source(n);
  }

  private timesOf(rows: Short): TimeRows {
    const times = this.times[rows] ?? rowsOfPeriod(this.extract.zone, rows, this.extract.period);
    this.times[rows] = times;
    return times;
  }

  private rowsOf(rows: Short, period: Period | undefined): PlacedRows {
    const key = `${period?.first} ${period?.last}`;
    const latest = this.latest[rows];
    if (latest?.key === key) return latest.rows;
    const times = rowsOfPeriod(this.extract.zone, rows, period);
    const found = { times, places: this.placesOf(times) };
    this.latest[rows] = { key, rows: found };
    return found;
  }

  private placesOf({ resolution, start, length }: TimeRows): Int32Array {
    const own = this.timesOf(resolution as Short);
    const places = new Int32Array(length).fill(-1);
    let at = 0;
    for (let row = 0; row < length; row++) {
      // Both ascend in time.
      while (at < own.length && own.start[at]! < start[row]!) at++;
      if (at < own.length && own.start[at] === start[row]) places[row] = at;
    }
    return places;
  }
}

/** The rows of a period, and for each its number among those of the extract; −1 for those outside. */
interface PlacedRows {
  readonly times: TimeRows;
  readonly places: Int32Array;
}

/** What a source has in a period. */
export interface SourceTotal {
  readonly id: string;
  /** When its first and last rows with readings begin, in epoch seconds. */
  readonly first: number;
  readonly last: number;
  readonly readings: number;
  /** 10⁻¹⁸ kWh. */
  readonly energy: bigint;
}

/** How much of a period some hours show to be there. */
export interface HourCoverage {
  readonly hours: number;
  readonly empty: number;
  /** Stretches of hours without readings. */
  readonly gaps: number;
  /** Cells whose energy is negative. */
  readonly negative: number;
}

export function coverageOf({ hours, cells, begin, end }: Load): HourCoverage {
  let empty = 0;
  let gaps = 0;
  let negative = 0;
  let before = false;
  for (let row = 0; row < hours.length; row++) {
    let readings = 0;
    for (let cell = begin[row]!; cell < end[row]!; cell++) {
      readings += cells.count[cell]!;
      if (isNegative(cells.energy, 4 * cell)) negative++;
    }
    if (readings === 0) empty++;
    if (readings === 0 && !before) gaps++;
    before = readings === 0;
  }
  return { hours: hours.length, empty, gaps, negative };
}

/** Cells that `EnergySum` adds at once. */
const BLOCK = 1024;

/** The rows that are inside, as ranges from a row up to another. */
function blocksOf(length: number, inside: (row: number) => boolean): [from: number, to: number][] {
  const blocks: [number, number][] = [];
  for (let from = 0; from < length; ) {
    let to = from;
    while (to < length && to - from < BLOCK && inside(to)) to++;
    if (to > from) blocks.push([from, to]);
    from = Math.max(to, from + 1);
  }
  return blocks;
}

/** Adds cells to rows. @param places the cell of each row; −1: none */
function addAt(rows: CellColumns, cells: CellColumns, places: Int32Array): void {
  for (let row = 0; row < places.length; row++) {
    const at = places[row]!;
    if (at < 0 || cells.count[at] === 0) continue;
    addEnergy(rows.energy, 4 * row, cells.energy, 4 * at);
    rows.count[row]! += cells.count[at]!;
  }
}

/** Rows whose columns have a cell for each. */
function rowsIn(columns: readonly CellColumns[]): Rows {
  return {
    cells: 0,
    sum(rows, into, from, to) {
      clearColumns(into, from, to);
      for (let column = from; column < to; column++) {
        const { energy, count } = columns[column]!;
        for (const row of rows) {
          addEnergy(into.energy, 4 * column, energy, 4 * row);
          into.count[column]! += count[row]!;
        }
      }
    },
  };
}
