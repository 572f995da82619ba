/** What a transaction adds to the stored sums and subtracts from them, collected before it is written. */
import { addEnergy, energyOf } from "../../tally/cell.js";
import { unpackDay } from "../cells.js";
import { DAY_CELLS } from "../day-cells.js";

interface DayChange {
  readonly cells: Uint8Array;
  readonly sign: 1 | -1;
  /** The number of the batch that adds it; 0 for sums over all sources. */
  readonly batch: number;
}

/** Makes days numbers above 0: the years 1900 to 2199 are fewer than 2¹⁷ days from 1970. */
const MIDDLE = 1 << 17;
const SOURCES = 2 ** 31;

export class Change {
  /** By day and source. */
  readonly pieces = new Map<number, DayChange[]>();

  /** Adds a row of a contribution, or subtracts it. @param batch the number of the batch, if it is to be compared with what counts */
  add(source: number, day: number, cells: Uint8Array, sign: 1 | -1, batch = 0): void {
    const key = keyOf(source, day);
    const pieces = this.pieces.get(key);
    if (pieces === undefined) this.pieces.set(key, [{ cells, sign, batch }]);
    // What is subtracted comes first, so that what is added can be compared with what counts without it.
    else if (sign === -1) pieces.unshift({ cells, sign, batch });
    else pieces.push({ cells, sign, batch });
  }
}

/** Keys are in the order of days, then of sources, as most rows are. */
export function keyOf(source: number, day: number): number {
  return (day + MIDDLE) * SOURCES + source;
}

/** The same for a row, in SQL. */
export const KEY = `((day + ${MIDDLE})::BIGINT * ${SOURCES} + source)`;

export function sourceOf(key: number): number {
  return key % SOURCES;
}

export function dayOf(key: number): number {
  return Math.floor(key / SOURCES) - MIDDLE;
}

const sum = new Uint32Array(4);

/** Readings and energy of a row of cells. */
export function sumOf(cells: Uint8Array): { readings: number; energy: bigint } {
  const readings = sumInto(cells, sum);
  return { readings, energy: energyOf(sum, 0) };
}

/** Puts the energy of a row of cells into four limbs. @returns its number of readings */
export function sumInto(cells: Uint8Array, limbs: Uint32Array): number {
  const { energy, count } = unpackDay(cells);
  let readings = 0;
  limbs.fill(0);
  for (let q = 0; q < DAY_CELLS; q++) {
    readings += Math.floor(count[q]);
    addEnergy(limbs, 0, energy, q * 4);
  }
  return readings;
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
