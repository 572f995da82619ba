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

/** Bytes that a piece has at least, but for the last. */
const PIECE = 1 << 16;
const BLANK = 32;
const LINE_END = 10;
const POINT = 46;

/** A table for each resolution, with an empty line between two, in pieces that are valid until the next. */
export function* tables(
  summary: Summary,
  resolutions: readonly Resolution[],
  options: TableOptions,
): Generator<Uint8Array> {
  for (const [n, resolution] of resolutions.entries()) {
    if (n > 0) yield Uint8Array.of(LINE_END);
    yield* table(summary, options, summary.series(resolution));
  }
}

function* table(summary: Summary, options: TableOptions, rows: Series): Generator<Uint8Array> {
  const energy = new Uint32Array(4 * summary.columns);
  const count = new Float64Array(summary.columns);
  const decimal = Buffer.alloc(ENERGY_TEXT_BYTES);
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
      const end = formatEnergy(energy, 4 * column, options.decimals, decimal, 0);
      const point = pointIn(decimal, end);
      whole = Math.max(whole, point);
      fraction = Math.max(fraction, end - point);
      most = Math.max(most, Math.floor(count[column]!));
    }
  }

  const idWidth = ids?.reduce((width, id) => Math.max(width, widthOf(id)), "source_id".length) ?? 0;
  const energyWidth = Math.max("aggregated_kWh_value".length, whole + fraction);
  const countWidth = Math.max("reading_count".length, String(most).length);

  // Each id is padded once, and each label: there may be millions of rows.
  const shown = ids?.map((id) => Buffer.from(`  ${id}${" ".repeat(idWidth - widthOf(id))}`));
  const heading = [name.padEnd(labelWidth), ...(ids ? ["source_id".padEnd(idWidth)] : [])];
  heading.push(
    "aggregated_kWh_value".padStart(energyWidth),
    ...(options.withCounts ? ["reading_count".padStart(countWidth)] : []),
  );
  const longest = shown?.reduce((length, id) => Math.max(length, id.length), 0) ?? 0;
  const rowLength = labelWidth + longest + energyWidth + countWidth + 8;
  const piece = Buffer.alloc(PIECE + rowLength + 4 * heading.join("").length, BLANK);
  let at = piece.write(`${heading.join("  ").trimEnd()}\n`);
  for (let row = 0; row < rows.length; row++) {
    rows.sum(row, energy, count);
    const label = Buffer.from(rows.label(row).padEnd(labelWidth));
    for (let column = 0; column < summary.columns; column++) {
      at += label.copy(piece, at);
      if (shown !== undefined) at += shown[column]!.copy(piece, at);
      const end = formatEnergy(energy, 4 * column, options.decimals, decimal, 0);
      const from = at + 2 + energyWidth - fraction - pointIn(decimal, end);
      piece.fill(BLANK, at, from);
      decimal.copy(piece, from, 0, end);
      at = from + end;
      if (options.withCounts) {
        // Energies end where the one with the most decimal places does.
        const counted = String(Math.floor(count[column]));
        const ends = from + pointIn(decimal, end) + fraction + 2 + countWidth;
        piece.fill(BLANK, at, ends);
        piece.write(counted, ends - counted.length, "latin1");
        at = ends;
      }
      piece[at++] = LINE_END;
      if (at < PIECE) continue;
      yield piece.subarray(0, at);
      at = 0;
    }
  }
  yield piece.subarray(0, at);
}

/** The position where the decimal point is, or would be. */
function pointIn(decimal: Uint8Array, end: number): number {
  for (let at = 0; at < end; at++) if (decimal[at] === POINT) return at;
  return end;
}
