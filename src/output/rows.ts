/** A summary as typed rows, for the library and for JSON. Energies are decimal strings, so that no digit is lost. */
import { ENERGY_TEXT_BYTES, formatEnergy } from "../tally/energy.js";
import type { Summary } from "../tally/summary.js";
import { dayText, hourLabel } from "../time/period.js";

export interface SumRow {
  /** The source; only in a summary by source. */
  source_id?: string;
  /** A plain decimal. */
  aggregated_kWh_value: string;
  /** The number of readings in the sum; 0 in a filled row. */
  reading_count: number;
}

export interface HourlyRow extends SumRow {
  /** The start of the hour, such as `2024-01-31T13:00:00Z`. */
  hourly_timestamp: string;
}

export interface DailyRow extends SumRow {
  /** The date, such as `2024-01-31`. */
  daily_timestamp: string;
}

export interface RowOptions {
  /** Decimal places that each sum is rounded to, 0 to 18, half to even. Default: all digits. */
  readonly decimals?: number | undefined;
}

/** The hourly rows, ordered by time, then by source. */
export function* hourlyRows(summary: Summary, options: RowOptions = {}): Generator<HourlyRow, void> {
  const { zone, hours } = summary;
  const sums = new Sums(summary, options);
  for (let row = 0; row < hours.length; row++) {
    summary.hour(row, sums.energy, sums.count);
    const hourly_timestamp = hourLabel(zone, hours.start[row], hours.offset[row]);
    for (let column = 0; column < summary.columns; column++) yield { hourly_timestamp, ...sums.at(column) };
  }
}

/** The daily rows, ordered by date, then by source. */
export function* dailyRows(summary: Summary, options: RowOptions = {}): Generator<DailyRow, void> {
  const { days } = summary;
  const sums = new Sums(summary, options);
  for (let day = 0; day < days.length; day++) {
    summary.day(day, sums.energy, sums.count);
    const daily_timestamp = dayText(days[day]);
    for (let column = 0; column < summary.columns; column++) yield { daily_timestamp, ...sums.at(column) };
  }
}

/** The sums of one hour or day, and their conversion to rows. */
class Sums {
  readonly energy: Uint32Array;
  readonly count: Float64Array;
  private readonly text = Buffer.alloc(ENERGY_TEXT_BYTES);

  constructor(
    private readonly summary: Summary,
    private readonly options: RowOptions,
  ) {
    this.energy = new Uint32Array(4 * summary.columns);
    this.count = new Float64Array(summary.columns);
  }

  at(column: number): SumRow {
    const end = formatEnergy(this.energy, 4 * column, this.options.decimals, this.text, 0);
    const sum = {
      aggregated_kWh_value: this.text.toString("latin1", 0, end),
      reading_count: this.count[column],
    };
    const { sources } = this.summary;
    return sources ? { source_id: sources[column], ...sum } : sum;
  }
}
