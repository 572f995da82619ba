/** The cells of one UTC day, 96 quarter hours, unpacked: `cells.ts` packs them. */
import { type CellColumns, COVERED, clearColumns, newColumns } from "../tally/cell.js";

/** Quarter hours of a day. */
export const DAY_CELLS = 96;

/** A day's cells unpacked, one for each quarter: what can be subtracted again, so readings that cover are counted apart. */
export interface DayCells extends CellColumns {
  readonly covers: Float64Array;
}

export function newDay(): DayCells {
  return { ...newColumns(DAY_CELLS), covers: new Float64Array(DAY_CELLS) };
}

export function clearDay(day: DayCells): void {
  clearColumns(day);
  day.covers.fill(0);
}

/** A day as columns have it, in which the count says whether a cell is covered. It changes the day. */
export function asColumns(day: DayCells): CellColumns {
  const { count, covers } = day;
  for (let q = 0; q < DAY_CELLS; q++) if (count[q] === 0 && covers[q] > 0) count[q] = COVERED;
  return day;
}

/** The used quarters of a day, ascending, with energies as integers (below 2⁵³) times some power of ten. */
export interface ScaledCells {
  readonly quarter: Uint8Array;
  readonly value: Float64Array;
  readonly count: Float64Array;
  readonly covers: Float64Array;
}

export function newScaled(): ScaledCells {
  return {
    quarter: new Uint8Array(DAY_CELLS),
    value: new Float64Array(DAY_CELLS),
    count: new Float64Array(DAY_CELLS),
    covers: new Float64Array(DAY_CELLS),
  };
}
