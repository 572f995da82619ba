/**
 * The tables of `--print`: the rows of the CSV files as columns of text, with energies aligned at their decimal points.
 * The summary is read twice, for the widths and for the rows, so that even a long table takes no memory.
 */
import { timestampName } from "../../output/csv.js";
import { ENERGY_TEXT_BYTES, formatEnergy } from "../../tally/energy.js";
import type { Series, Summary } from "../../tally/summary.js";
import type { Resolution } from "../../time/resolution.js";
import { printable, widthOf } from "./printable.js";

export interface TableOptions {
  /** Decimal places of each energy; undefined: all digits. */
  decimals: number | undefined;
  withCounts: boolean;
}

/** Text is yielded in pieces of about this length. */
const PIECE = 1 << 16;

/** A table for each resolution, with an empty line between two, in pieces. */
export function* tables(
  summary: Summary,
  resolutions: readonly Resolution[],
  options: TableOptions,
): Generator<string> {
  for (const [n, resolution] of resolutions.entries()) {
    if (n > 0) yield "\n";
    yield* table(summary, options, summary.series(resolution));
  }
}

function* table(summary: Summary, options: TableOptions, rows: Series): Generator<string> {
  const energy = new Uint32Array(4 * summary.columns);
  const count = new Float64Array(summary.columns);
  const decimal = decimalFormat(options.decimals);
  const ids = summary.sources?.map(printable);

  const name = timestampName(rows.resolution);
  let labelWidth = name.length;
  let whole = 0;
  let fraction = 0;
  let most = 0;
  for (let row = 0; row < rows.length; row++) {
    rows.sum(row, energy, count);
    labelWidth = Math.max(labelWidth, rows.label(row).length);
    for (let column = 0; column < summary.columns; column++) {
      const text = decimal(energy, column);
      const point = pointOf(text);
      whole = Math.max(whole, point);
      fraction = Math.max(fraction, text.length - point);
      most = Math.max(most, count[column]!);
    }
  }

  const idWidth = ids?.reduce((width, id) => Math.max(width, widthOf(id)), "source_id".length) ?? 0;
  const energyWidth = Math.max("aggregated_kWh_value".length, whole + fraction);
  const countWidth = Math.max("reading_count".length, String(most).length);

  // Each id is padded once, and each label: there may be millions of rows.
  const shown = ids?.map((id) => `  ${id}${" ".repeat(idWidth - widthOf(id))}`);
  const heading = [name.padEnd(labelWidth), ...(ids ? ["source_id".padEnd(idWidth)] : [])];
  heading.push(
    "aggregated_kWh_value".padStart(energyWidth),
    ...(options.withCounts ? ["reading_count".padStart(countWidth)] : []),
  );
  let piece = `${heading.join("  ").trimEnd()}\n`;
  for (let row = 0; row < rows.length; row++) {
    rows.sum(row, energy, count);
    const label = rows.label(row).padEnd(labelWidth);
    for (let column = 0; column < summary.columns; column++) {
      const text = decimal(energy, column);
      const aligned = text.padEnd(pointOf(text) + fraction).padStart(energyWidth);
      const counted = options.withCounts ? `  ${String(count[column]).padStart(countWidth)}` : "";
      piece += `${label}${shown?.[column] ?? ""}  ${options.withCounts ? aligned : aligned.trimEnd()}${counted}\n`;
      if (piece.length < PIECE) continue;
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

function decimalFormat(decimals: number | undefined): (energy: Uint32Array, column: number) => string {
  const ascii = Buffer.alloc(ENERGY_TEXT_BYTES);
  return (energy, column) => {
    const end = formatEnergy(energy, 4 * column, decimals, ascii, 0);
    return ascii.toString("latin1", 0, end);
  };
}

/** The position where the decimal point is, or would be. */
function pointOf(decimal: string): number {
  const at = decimal.indexOf(".");
  return at < 0 ? decimal.length : at;
}
