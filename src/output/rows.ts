/** A summary as typed rows, for the library and for JSON. Energies are decimal strings, so that no digit is lost. */
import { ENERGY_TEXT_BYTES, formatEnergy } from "../tally/energy.js";
import type { Summary } from "../tally/summary.js";
import type { ADVERBS, Resolution } from "../time/resolution.js";
import { timestampName } from "./csv.js";

export interface SumRow {
  /** The source; only in a summary by source. */
  source_id?: string;
  /** A plain decimal. */
  aggregated_kWh_value: string;
  /** The number of readings that begin in the row; 0 in a filled one. */
  reading_count: number;
  /** Whether a reading begins in the row or covers a part of it; `false` in a filled one. */
  covered: boolean;
}

/** A row of a summary by a resolution, with what stands for it: `hourly_timestamp`, `2024-01-31T13:00:00Z`. */
export type RowOf<R extends Resolution> = { readonly [Name in `${(typeof ADVERBS)[R]}_timestamp`]: string } & SumRow;

/** Labelled with the start of the quarter hour, such as `2024-01-31T13:15:00Z`. */
export interface QuarterHourlyRow extends RowOf<"15min"> {}
/** Labelled with the start of the hour, such as `2024-01-31T13:00:00Z`. */
export interface HourlyRow extends RowOf<"hour"> {}
/** Labelled with the date, such as `2024-01-31`. */
export interface DailyRow extends RowOf<"day"> {}
/** Labelled with the week's Monday, such as `2024-01-29`. */
export interface WeeklyRow extends RowOf<"week"> {}
/** Labelled with the month, such as `2024-01`. */
export interface MonthlyRow extends RowOf<"month"> {}
/** Labelled with the year, such as `2024`. */
export interface YearlyRow extends RowOf<"year"> {}
/** Labelled with the first and last day of the period, such as `2024-01-01/2024-01-31`. */
export interface TotalRow extends RowOf<"total"> {}

export interface RowOptions {
  /** Decimal places that each sum is rounded to, 0 to 18, half to even. Default: all digits. */
  readonly decimals?: number | undefined;
}

/** The rows of a resolution, ordered by time, then by source. */
export function* rowsOf<R extends Resolution>(
  summary: Summary,
  resolution: R,
  options: RowOptions = {},
): Generator<RowOf<R>, void> {
  const series = summary.series(resolution);
  const name = timestampName(resolution);
  const sums = new Sums(summary, options);
  for (let row = 0; row < series.length; row++) {
    series.sum(row, sums.energy, sums.count);
    const label = series.label(row);
    for (let column = 0; column < summary.columns; column++)
      yield { [name]: label, ...sums.at(column) } as unknown as RowOf<R>;
  }
}

/** The sums of one row of a series, and their conversion to rows. */
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
      reading_count: Math.floor(this.count[column]),
      covered: this.count[column] > 0,
    };
    const { sources } = this.summary;
    return sources ? { source_id: sources[column], ...sum } : sum;
  }
}
