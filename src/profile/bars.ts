/** A period's energy in bars: days, weeks, months or years. */
import { type CellColumns, energyOf } from "../tally/cell.js";
import { dayText } from "../time/period.js";
import { bucketOf, firstDayOf } from "../time/resolution.js";
import type { Load } from "./load.js";

export const BAR_WIDTHS = ["day", "week", "month", "year"] as const;
export type BarWidth = (typeof BAR_WIDTHS)[number];

export interface Bar {
  /** `2024-01-31`, a week's Monday, `2024-01`, `2024`: as the summaries label it. */
  readonly label: string;
  /** Days of the period that it holds, first and last. */
  readonly from: string;
  readonly to: string;
  /** 10⁻¹⁸ kWh. */
  readonly energy: bigint;
  readonly readings: number;
  readonly hours: number;
  readonly hoursWithoutReadings: number;
}

interface Sum {
  first: number;
  last: number;
  energy: bigint;
  readings: number;
  hours: number;
  empty: number;
}

/** @param cells by hour row */
export function barsOf({ hours }: Load, cells: CellColumns, width: BarWidth): Bar[] {
  const sums = new Map<string, Sum>();
  let day = Number.NaN;
  let sum: Sum | undefined;
  for (let row = 0; row < hours.length; row++) {
    if (hours.day[row] !== day || sum === undefined) {
      day = hours.day[row]!;
      const label = labelOf(day, width);
      sum = sums.get(label) ?? { first: day, last: day, energy: 0n, readings: 0, hours: 0, empty: 0 };
      sums.set(label, sum);
      sum.first = Math.min(sum.first, day);
      sum.last = Math.max(sum.last, day);
    }
    sum.hours++;
    if (cells.count[row] === 0) sum.empty++;
    sum.energy += energyOf(cells.energy, 4 * row);
    sum.readings += Math.floor(cells.count[row]!);
  }
  return Array.from(sums, ([label, { first, last, energy, readings, hours, empty }]) => {
    return { label, from: dayText(first), to: dayText(last), energy, readings, hours, hoursWithoutReadings: empty };
  });
}

const LENGTHS: Readonly<Record<BarWidth, number>> = { day: 10, week: 10, month: 7, year: 4 };

function labelOf(day: number, width: BarWidth): string {
  return dayText(firstDayOf(width, bucketOf(width, day))).slice(0, LENGTHS[width]);
}
