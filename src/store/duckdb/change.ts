/** What a transaction adds to the stored sums and subtracts from them, collected before any of it is written. */
import { addEnergy, energyOf } from "../../tally/cell.js";
import { DAY_CELLS, unpackDay } from "../cells.js";

interface DayChange {
  readonly cells: Uint8Array;
  readonly sign: 1 | -1;
  /** The number of the batch that adds it; 0 for sums over all sources. */
  readonly batch: number;
}

export interface SourceChange {
  readings: number;
  energy: bigint;
  /** First and last day of what was added; ±Infinity if nothing was. */
  firstAdded: number;
  lastAdded: number;
  /** Whether something was subtracted. */
  less: boolean;
}

/** Makes days numbers above 0: the years 1900 to 2199 are fewer than 2¹⁷ days from 1970. */
const MIDDLE = 1 << 17;
const DAYS = 1 << 18;

export class Change {
  /** By source and day. */
  readonly pieces = new Map<number, DayChange[]>();
  readonly sources = new Map<number, SourceChange>();

  /** Adds a row of a contribution, or subtracts it. @param batch the number of the batch, if it is to be compared with what counts */
  add(source: number, day: number, cells: Uint8Array, sign: 1 | -1, batch = 0): void {
    const key = keyOf(source, day);
    const pieces = this.pieces.get(key);
    if (pieces === undefined) this.pieces.set(key, [{ cells, sign, batch }]);
    // What is subtracted comes first, so that what is added can be compared with what counts without it.
    else if (sign === -1) pieces.unshift({ cells, sign, batch });
    else pieces.push({ cells, sign, batch });
    const of = this.source(source);
    if (sign === -1) of.less = true;
    else {
      if (day < of.firstAdded) of.firstAdded = day;
      if (day > of.lastAdded) of.lastAdded = day;
    }
  }

  /** Counts what was added, which `add` does not unpack. */
  count(source: number, readings: number, energy: bigint): void {
    const of = this.source(source);
    of.readings += readings;
    of.energy += energy;
  }

  private source(number: number): SourceChange {
    let of = this.sources.get(number);
    if (of === undefined) {
      of = { readings: 0, energy: 0n, firstAdded: Infinity, lastAdded: -Infinity, less: false };
      this.sources.set(number, of);
    }
    return of;
  }
}

export function keyOf(source: number, day: number): number {
  return source * DAYS + day + MIDDLE;
}

/** The same for a row, in SQL. */
export const KEY = `(source::BIGINT * ${DAYS} + day + ${MIDDLE})`;

export function sourceOf(key: number): number {
  return Math.floor(key / DAYS);
}

export function dayOf(key: number): number {
  return (key % DAYS) - MIDDLE;
}

const sum = new Uint32Array(4);

/** Readings and energy of a row of cells. */
export function sumOf(cells: Uint8Array): { readings: number; energy: bigint } {
  const { energy, count } = unpackDay(cells);
  let readings = 0;
  sum.fill(0);
  for (let q = 0; q < DAY_CELLS; q++) {
    readings += count[q];
    addEnergy(sum, 0, energy, q * 4);
  }
  return { readings, energy: energyOf(sum, 0) };
}

/** First and last used quarter of a day. */
export function edgesOf(cells: Uint8Array): { first: number; last: number } {
  const { count } = unpackDay(cells);
  let first = 0;
  while (count[first] === 0) first++;
  let last = DAY_CELLS - 1;
  while (count[last] === 0) last--;
  return { first, last };
}
