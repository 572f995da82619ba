/** The heat map: the mean power by hour of the day and day, or some days together where there are very many. */
import { dayText } from "../time/period.js";
import type { Load } from "./load.js";
import { hourOfDay } from "./typical.js";

export interface HeatMap {
  /** Days in a column; the last column may have fewer. */
  readonly width: number;
  /** The first day of each column. */
  readonly days: readonly string[];
  /** By column and hour of the day, 0 to 23: kW, `null` without readings, `undefined` where clocks skipped the hour. */
  readonly kW: readonly (readonly (number | null | undefined)[])[];
}

/** Columns that are told apart on a wide screen. */
export const MOST_COLUMNS = 400;
const HOURS = 24;

export function heatMapOf({ hours }: Load, count: Float64Array, kW: Float64Array): HeatMap {
  if (hours.length === 0) return { width: 1, days: [], kW: [] };
  let first = hours.day[0]!;
  let last = first;
  for (const day of hours.day) {
    first = Math.min(first, day);
    last = Math.max(last, day);
  }
  const width = Math.ceil((last - first + 1) / MOST_COLUMNS);
  const columns = Math.ceil((last - first + 1) / width);
  const energy = new Float64Array(columns * HOURS);
  const seconds = new Float64Array(columns * HOURS);
  const exists = new Uint8Array(columns * HOURS);
  for (let row = 0; row < hours.length; row++) {
    const column = Math.floor((hours.day[row]! - first) / width);
    const at = column * HOURS + hourOfDay(hours.start[row]!, hours.offset[row]!);
    exists[at] = 1;
    if (count[row] === 0) continue;
    const long = hours.end[row]! - hours.start[row]!;
    energy[at]! += kW[row]! * long;
    seconds[at]! += long;
  }
  const powerAt = (at: number) =>
    exists[at] === 0 ? undefined : seconds[at] === 0 ? null : energy[at]! / seconds[at]!;
  return {
    width,
    days: Array.from({ length: columns }, (_, column) => dayText(first + column * width)),
    kW: Array.from({ length: columns }, (_, column) =>
      Array.from({ length: HOURS }, (_, hour) => powerAt(column * HOURS + hour)),
    ),
  };
}
