/** What a batch contributes, as stores keep it: a row of packed cells for each UTC day and source, and for each day over all sources. */
import { addEnergy, CELL_WORDS, coversAt, energyOf, isUsed, PAGE_SLOTS, readingsAt, sortedBy } from "../tally/cell.js";
import { quarterPagesOf } from "../tally/quarter-pages.js";
import type { Clock, Part } from "../tally/tally.js";
import type { WayPart } from "../tally/way.js";
import type { Zone } from "../time/zone.js";
import { LONGEST, packInto, packScaled } from "./cells.js";
import { clearDay, DAY_CELLS, type DayCells, newDay, newScaled, type ScaledCells } from "./day-cells.js";
import { exactProduct, quotientOf } from "./wide.js";

const DAY_BLOCKS = DAY_CELLS / PAGE_SLOTS;
/** A Wh is 10 to this power times 10⁻¹⁸ kWh. */
const WATT_HOUR_POWER = 15;
/** The most Wh of a cell for which sums over all sources are exact in doubles. */
const MOST_WHOLE = 2 ** 14;

/** Rows of packed cells, ascending by day, then by source. */
export interface Rows {
  /** The number of the batch's source; 0 if rows are over all of them. */
  readonly source: Uint32Array;
  /** Days since 1970. */
  readonly day: Int32Array;
  /** The cells of row r are the bytes from `end[r - 1]` (0 for the first) to `end[r]`. */
  readonly end: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Of sources whose readings are kept themselves. */
export interface KeptRows {
  /** By source of the batch: its way as text; empty if its readings are not kept. */
  readonly ways: readonly string[];
  /** What was said of these: the rest is as the store has it. */
  readonly said: readonly WayPart[];
  /** Packed readings by source and day, ascending by day. */
  readonly rows: Rows;
}

export interface Packed {
  /** Ids of the sources with readings, ascending by their UTF-8 bytes; `""` is the unnamed one. */
  readonly sources: readonly string[];
  /** By source. Each energy has four limbs, least significant first: two's complement, 10⁻¹⁸ kWh. */
  readonly readings: Float64Array;
  readonly energy: Uint32Array;
  /** By source: 1 for those that are export; `undefined`: none is. */
  readonly exported?: Uint8Array | undefined;
  /** By source and day. */
  readonly rows: Rows;
  /** By day, over all sources: if there is only one, the same rows. */
  readonly totals: Rows;
  /** Of sources whose readings are kept themselves; `undefined`: there are none. They have no cells above. */
  readonly kept?: KeptRows | undefined;
}

/** The cells of a row. */
export function cellsOf({ end, bytes }: Rows, row: number): Uint8Array {
  return bytes.subarray(row === 0 ? 0 : end[row - 1], end[row]);
}

/** Its buffers, to be transferred to another thread. */
export function buffersOf({ readings, energy, exported, rows, totals, kept }: Packed): ArrayBuffer[] {
  const arrays = [
    readings,
    energy,
    ...(exported === undefined ? [] : [exported]),
    ...[rows, totals, ...(kept === undefined ? [] : [kept.rows])].flatMap(({ source, day, end, bytes }) => [
      source,
      day,
      end,
      bytes,
    ]),
  ];
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))];
}

/** About how many bytes it takes in a store. */
export function sizeOf({ sources, rows, kept }: Packed): number {
  const all = [rows, ...(kept === undefined ? [] : [kept.rows])];
  return all.reduce((sum, { bytes, end }) => sum + bytes.length + end.length * 32, sources.length * 64);
}

/**
 * Packs what scans counted.
 * @param clock of the scans: `QUARTER_CLOCK`
 * @param inputZone of wall times
 */
export function packParts(parts: readonly Part[], clock: Clock, inputZone: Zone): Packed {
  const { sources, exported, source, block, word, words } = quarterPagesOf(parts, clock, inputZone);
  const day = block.map((number) => Math.floor(number / DAY_BLOCKS));
  // Readings mostly come in order of time, so this is the order of pages in memory.
  const order = sortedBy(day, sortedBy(source, sortedBy(block)));
  const readings = new Float64Array(sources.length);
  const energy = new Uint32Array(4 * sources.length);
  const rows = new RowsBuilder(Math.ceil(order.length / 4));
  const single = sources.length === 1;
  const totals = single ? rows : new RowsBuilder(1);
  all.clear();
  for (let n = 0; n < order.length; ) {
    const first = order[n];
    const of = source[first];
    let end = n + 1;
    while (end < order.length && source[order[end]] === of && day[order[end]] === day[first]) end++;
    // Nearly all readings are in whole Wh, and need no limbs.
    let cells = 0;
    for (let p = n; p < end && cells >= 0; p++)
      cells = wholeCells(words, word[order[p]], quarterOf(block[order[p]]), whole, cells);
    if (cells >= 0) {
      readings[of] += all.addWhole(whole, cells, energy, 4 * of);
      rows.addWhole(of, day[first], whole, cells);
    } else {
      clearDay(one);
      for (let p = n; p < end; p++) unfold(words, word[order[p]], one, quarterOf(block[order[p]]));
      readings[of] += all.add(one, energy, 4 * of);
      rows.add(of, day[first], one);
    }
    n = end;
    if (n < order.length && day[order[n]] === day[first]) continue;
    if (!single) totals.add(0, day[first], all.sum());
    all.clear();
  }
  const done = rows.finish();
  return { sources, readings, energy, exported, rows: done, totals: single ? done : totals.finish() };
}

/** The quarter of its day at which a block begins. */
function quarterOf(block: number): number {
  return (block - Math.floor(block / DAY_BLOCKS) * DAY_BLOCKS) * PAGE_SLOTS;
}

/**
 * Appends the used cells of a page, in whole Wh, to the `n` that are there already.
 * @returns the new number; -1 if one is not an integer number of Wh, or too large
 */
function wholeCells(words: Uint32Array, page: number, quarter: number, to: ScaledCells, n: number): number {
  for (let i = 0, at = page; i < PAGE_SLOTS; i++, at += CELL_WORDS) {
    if (!isUsed(words, at)) continue;
    const value = quotientOf(words, at, WATT_HOUR_POWER);
    if (!(Math.abs(value) <= MOST_WHOLE)) return -1;
    to.quarter[n] = quarter + i;
    to.value[n] = value;
    to.covers[n] = coversAt(words, at);
    to.count[n++] = readingsAt(words, at);
  }
  return n;
}

/** Adds the cells of a page to a day that has none there. */
function unfold(words: Uint32Array, page: number, to: DayCells, quarter: number): void {
  for (let i = 0, at = page; i < PAGE_SLOTS; i++, at += CELL_WORDS) {
    addEnergy(to.energy, 4 * (quarter + i), words, at);
    to.count[quarter + i] += readingsAt(words, at);
    to.covers[quarter + i] += coversAt(words, at);
  }
}

/** Sums over the sources of a day. Each addition also goes to four limbs at `into`, and returns its number of readings. */
class DayTotals {
  private readonly day = newDay();
  /** In Wh, to be added to the day. */
  private readonly whole = new Float64Array(DAY_CELLS);
  private readonly limbs = new Uint32Array(4);

  addWhole({ quarter, value, count, covers }: ScaledCells, n: number, sum: Uint32Array, into: number): number {
    const { whole, day, limbs } = this;
    let readings = 0;
    let energy = 0;
    for (let i = 0; i < n; i++) {
      whole[quarter[i]] += value[i];
      day.count[quarter[i]] += count[i];
      day.covers[quarter[i]] += covers[i];
      readings += count[i];
      energy += value[i];
    }
    exactProduct(energy, WATT_HOUR_POWER, limbs);
    addEnergy(sum, into, limbs, 0);
    return readings;
  }

  add({ energy, count, covers }: DayCells, sum: Uint32Array, into: number): number {
    const { day } = this;
    let readings = 0;
    for (let q = 0, at = 0; q < DAY_CELLS; q++, at += 4) {
      if (count[q] === 0 && covers[q] === 0) continue;
      addEnergy(day.energy, at, energy, at);
      addEnergy(sum, into, energy, at);
      day.count[q] += count[q];
      day.covers[q] += covers[q];
      readings += count[q];
    }
    return readings;
  }

  /** To be asked once, and cleared then. */
  sum(): DayCells {
    const { whole, day, limbs } = this;
    for (let q = 0; q < DAY_CELLS; q++) {
      if (whole[q] === 0) continue;
      exactProduct(whole[q], WATT_HOUR_POWER, limbs);
      addEnergy(day.energy, 4 * q, limbs, 0);
    }
    return day;
  }

  clear(): void {
    this.whole.fill(0);
    clearDay(this.day);
  }
}

const one = newDay();
const whole = newScaled();
const all = new DayTotals();

class RowsBuilder {
  private readonly source: number[] = [];
  private readonly day: number[] = [];
  private readonly end: number[] = [];
  private bytes: Uint8Array;
  private at = 0;

  /** @param room the approximate number of rows */
  constructor(room: number) {
    this.bytes = new Uint8Array(room * 256 + LONGEST);
  }

  add(source: number, day: number, cells: DayCells): void {
    this.makeRoom();
    this.added(source, day, packInto(cells, this.bytes, this.at));
  }

  addWhole(source: number, day: number, cells: ScaledCells, n: number): void {
    this.makeRoom();
    this.added(source, day, packScaled(cells, n, WATT_HOUR_POWER, this.bytes, this.at));
  }

  private makeRoom(): void {
    if (this.at + LONGEST <= this.bytes.length) return;
    const before = this.bytes;
    this.bytes = new Uint8Array(2 * before.length + LONGEST);
    this.bytes.set(before);
  }

  private added(source: number, day: number, end: number): void {
    if (end === this.at) return;
    this.at = end;
    this.source.push(source);
    this.day.push(day);
    this.end.push(end);
  }

  finish(): Rows {
    return {
      source: Uint32Array.from(this.source),
      day: Int32Array.from(this.day),
      end: Uint32Array.from(this.end),
      bytes: this.bytes.slice(0, this.at),
    };
  }
}

/** The sum over all sources, 10⁻¹⁸ kWh, and their number of readings. */
export function sumsOf({ sources, readings, energy }: Packed): { energy: bigint; readings: number } {
  let sum = 0n;
  let count = 0;
  for (let s = 0; s < sources.length; s++) {
    sum += energyOf(energy, 4 * s);
    count += readings[s];
  }
  return { energy: sum, readings: count };
}
