/**
 * The rows of a summary as a table for people: columns of text, energies aligned at their decimal points. The summary
 * is walked twice, for the widths and for the rows, so that a table of any length is never held in memory.
 */
import { ENERGY_TEXT_BYTES, formatEnergy } from "../domain/energy.js";
import { dayText, hourLabel } from "../domain/period.js";
import type { Summary } from "../domain/summary.js";

export interface TableOptions {
  /** A last column `reading_count`. Default false. */
  readonly withCounts?: boolean | undefined;
  /** Decimal places that each sum is rounded to, 0 to 18. Default: all digits. */
  readonly decimals?: number | undefined;
  /** Makes a source id safe to show on a terminal. */
  readonly printable: (id: string) => string;
}

/** Text is handed out in pieces of about this many characters. */
const PIECE = 1 << 16;
/** A source column is no wider than this; a longer id pushes its row to the right rather than all rows. */
const WIDEST_ID = 40;
const POINT = 46;

/** What hours and days have in common. */
interface Rows {
  readonly heading: string;
  readonly length: number;
  label(row: number): string;
  read(row: number, energy: Uint32Array, count: Float64Array): void;
}

/** The hourly table, in pieces of whole lines. */
export function hourlyTable(summary: Summary, options: TableOptions): Generator<string, void> {
  const { zone, hours } = summary;
  return table(summary, options, {
    heading: "hourly_timestamp",
    length: hours.length,
    label: (row) => hourLabel(zone, hours.start[row], hours.offset[row]),
    read: (row, energy, count) => summary.hour(row, energy, count),
  });
}

/** The daily table, in pieces of whole lines. */
export function dailyTable(summary: Summary, options: TableOptions): Generator<string, void> {
  const { days } = summary;
  return table(summary, options, {
    heading: "daily_timestamp",
    length: days.length,
    label: (row) => dayText(days[row]),
    read: (row, energy, count) => summary.day(row, energy, count),
  });
}

function* table(summary: Summary, options: TableOptions, rows: Rows): Generator<string, void> {
  const { columns } = summary;
  const { decimals, withCounts, printable } = options;
  const ids = summary.sources?.map(printable);
  const energy = new Uint32Array(4 * columns);
  const count = new Float64Array(columns);
  const text = Buffer.alloc(ENERGY_TEXT_BYTES);

  let whole = 0;
  let fraction = 0;
  let most = 0;
  for (let row = 0; row < rows.length; row++) {
    rows.read(row, energy, count);
    for (let column = 0; column < columns; column++) {
      const end = formatEnergy(energy, 4 * column, decimals, text, 0);
      const point = pointIn(text, end);
      whole = Math.max(whole, point);
      fraction = Math.max(fraction, end - point);
      most = Math.max(most, count[column]);
    }
  }

  const labelWidth = Math.max(rows.heading.length, rows.length > 0 ? rows.label(0).length : 0);
  const longest = (ids ?? []).reduce((width, id) => Math.max(width, widthOf(id)), "source_id".length);
  const idWidth = Math.min(longest, WIDEST_ID);
  const energyWidth = Math.max("aggregated_kWh_value".length, whole + fraction);
  const countWidth = Math.max("reading_count".length, String(most).length);

  const line = (label: string, id: string, sum: string, readings: string): string => {
    const source = ids ? `${id}${" ".repeat(Math.max(0, idWidth - widthOf(id)))}  ` : "";
    const last = withCounts ? `  ${readings.padStart(countWidth)}` : "";
    return `${`${label.padEnd(labelWidth)}  ${source}${sum.padStart(energyWidth)}${last}`.trimEnd()}\n`;
  };

  let piece = line(rows.heading, "source_id", "aggregated_kWh_value", "reading_count");
  for (let row = 0; row < rows.length; row++) {
    rows.read(row, energy, count);
    const label = rows.label(row);
    for (let column = 0; column < columns; column++) {
      const end = formatEnergy(energy, 4 * column, decimals, text, 0);
      const room = " ".repeat(fraction - (end - pointIn(text, end)));
      piece += line(label, ids?.[column] ?? "", text.toString("latin1", 0, end) + room, String(count[column]));
      if (piece.length < PIECE) continue;
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}

/** Where the decimal point is, or would be. */
function pointIn(text: Uint8Array, end: number): number {
  const at = text.subarray(0, end).indexOf(POINT);
  return at < 0 ? end : at;
}

/** Columns that a text takes on a terminal: none for marks that join the letter before, two for wide letters. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text.replace(/[\p{Mn}\p{Me}\p{Cf}]/gu, "")) width += WIDE.test(letter) ? 2 : 1;
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
