/** The typical day, and what share of the time a power is reached. */
import type { HourRows, Load } from "./load.js";

/** The power of one hour of the day in kW, of the days that have readings then; `undefined` where none has. */
export interface Band {
  /** What 10, 50 and 90 of 100 days stay below or reach. */
  readonly low: number | undefined;
  readonly median: number | undefined;
  readonly high: number | undefined;
}

const HOURS = 24;
const LOW = 0.1;
const MEDIAN = 0.5;
const HIGH = 0.9;

/** @param weekend whether of Saturdays and Sundays, or of the other days */
export function typicalDay({ hours }: Load, { cells, kW }: HourRows, weekend: boolean): Band[] {
  const powers: number[][] = Array.from({ length: HOURS }, () => []);
  for (let row = 0; row < hours.length; row++)
    if (cells.count[row] !== 0 && isWeekend(hours.day[row]!) === weekend)
      powers[hourOfDay(hours.start[row]!, hours.offset[row]!)]!.push(kW[row]!);
  return powers.map((some) => {
    const sorted = Float64Array.from(some).sort();
    return { low: shareOf(sorted, LOW), median: shareOf(sorted, MEDIAN), high: shareOf(sorted, HIGH) };
  });
}

/** The hour that the clock shows, 0 to 23. */
export function hourOfDay(start: number, offset: number): number {
  const hour = Math.floor((start + offset) / 3600) % HOURS;
  return hour < 0 ? hour + HOURS : hour;
}

/** Day 0 was a Thursday. */
function isWeekend(day: number): boolean {
  const weekday = (((day + 3) % 7) + 7) % 7;
  return weekday >= 5;
}

/** The powers of all hours with readings, ascending. */
export function sortedPowers({ cells, kW }: HourRows): Float64Array {
  return kW.filter((_, row) => cells.count[row] !== 0).sort();
}

/** The value that a share of sorted values stays below or reaches: between two of them, in proportion. */
export function shareOf(sorted: Float64Array, share: number): number | undefined {
  if (sorted.length === 0) return undefined;
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (at - below);
}
