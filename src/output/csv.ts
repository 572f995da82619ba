/**
 * A summary as CSV, in blocks of bytes with as many rows of one file as fit. There are millions of rows, so no objects or
 * strings are made for each of them: the formatter writes the bytes.
 */

import { idCell } from "../base/csv-cell.js";
import type { Series, Summary } from "../tally/summary.js";
import { ADVERBS, isShort, type Resolution } from "../time/resolution.js";
import { type Cells, Formatter, ROW_BYTES } from "./formatter.js";

export interface CsvOptions {
  /** Add a last column `reading_count`. Default false. */
  readonly withCounts?: boolean | undefined;
  /** Decimal places that each sum is rounded to, 0 to 18. Default: all digits. */
  readonly decimals?: number | undefined;
  /** Write source ids unchanged, even if a spreadsheet would take them for formulas. Default false. */
  readonly rawIds?: boolean | undefined;
}

/** The files of a summary in one format. */
export interface Table {
  /** The file of a series, or of some of its rows (their numbers, ascending). Blocks may be empty: while a long row is read. */
  file(series: Series, rows?: Iterable<number>): Generator<Uint8Array, void>;
}

/** The rows of a series in [from, to) and columns in [fromColumn, toColumn). */
export interface RowRange {
  /** Whether the file's header comes first. */
  readonly header: boolean;
  readonly from: number;
  readonly to: number;
  readonly fromColumn: number;
  readonly toColumn: number;
}

/** The name of the first column. */
export function timestampName(resolution: Resolution): string {
  return `${ADVERBS[resolution]}_timestamp`;
}

/** Large enough to need few system calls. */
const BLOCK_BYTES = 1 << 20;
const HEADER_BYTES = 128;
/** Cells that are added up for a block of a row longer than a day: a few milliseconds' work. */
const LONG_CELLS = 1 << 18;
const NOTHING = new Uint8Array(0);

/**
 * Prepares a summary's CSV. All files share one buffer, so a block is valid until the next one is requested, and a file
 * must be finished or abandoned before the next one begins.
 */
export function csvOf(summary: Summary, options: CsvOptions = {}): Table {
  const layout = layoutOf(summary, options);
  const writer = new PieceWriter(summary, layout, options);
  return {
    *file(series, rows = numbers(series.length)) {
      for (const piece of piecesOf(layout, series, rows)) {
        if (piece.from < piece.to) for (const _ of series.prepare(piece.from)) yield NOTHING;
        yield writer.write(series, piece);
      }
    },
  };
}

function* numbers(to: number): Generator<number, void> {
  for (let n = 0; n < to; n++) yield n;
}

/** How the rows of a summary are divided into blocks. */
export interface Layout {
  readonly cells: Cells;
  /** Columns at which a block may begin: those of one row from one such column to the next fit into a block. */
  readonly cuts: readonly number[];
  /** Rows of a series that fit into a block. */
  readonly rows: number;
  /** The most bytes of a block. */
  readonly blockBytes: number;
}

function layoutOf({ columns, sources }: Summary, options: CsvOptions): Layout {
  const cellOf = (column: number) =>
    sources === undefined ? "," : `,${idCell(sources[column], options.rawIds === true)},`;
  const starts = new Uint32Array(columns + 1);
  const cuts = [0];
  let room = BLOCK_BYTES - HEADER_BYTES;
  let longest = 0;
  for (let column = 0; column < columns; column++) {
    const length = Buffer.byteLength(cellOf(column));
    starts[column + 1] = starts[column] + length;
    const bytes = length + ROW_BYTES;
    longest = Math.max(longest, bytes);
    if (bytes > room && column > 0) {
      cuts.push(column);
      room = BLOCK_BYTES - HEADER_BYTES;
    }
    room -= bytes;
  }
  cuts.push(columns);
  const bytes = Buffer.alloc(starts[columns]);
  for (let column = 0; column < columns; column++) bytes.write(cellOf(column), starts[column]);
  const used = BLOCK_BYTES - HEADER_BYTES - room;
  const rows = cuts.length === 2 && used > 0 ? Math.max(1, Math.floor((BLOCK_BYTES - HEADER_BYTES) / used)) : 1;
  const blockBytes = Math.max(BLOCK_BYTES, HEADER_BYTES + longest);
  return { cells: { bytes, starts }, cuts, rows, blockBytes };
}

/** The blocks of a file of some rows (ascending). */
function* piecesOf(layout: Layout, series: Series, rows: Iterable<number>): Generator<RowRange, void> {
  // Rows longer than days are few, but each takes long.
  const isLong = !isShort(series.resolution) && series.resolution !== "day";
  const most = isLong ? 1 : layout.rows;
  let header = true;
  for (const [first, end] of runsOf(rows)) {
    for (let from = first; from < end; from += most) {
      const to = Math.min(from + most, end);
      const { cuts } = layout;
      const step = isLong ? Math.ceil(LONG_CELLS / series.parts(from)) : Number.POSITIVE_INFINITY;
      for (let n = 1; n < cuts.length; n++)
        for (let column = cuts[n - 1]; column < cuts[n]; column += step) {
          yield { header, from, to, fromColumn: column, toColumn: Math.min(column + step, cuts[n]) };
          header = false;
        }
    }
  }
  if (header) yield { header, from: 0, to: 0, fromColumn: 0, toColumn: 0 };
}

/** Ascending numbers as contiguous ranges [from, to). */
function* runsOf(numbers: Iterable<number>): Generator<[number, number], void> {
  let from = 0;
  let to = 0;
  for (const number of numbers) {
    if (number !== to) {
      if (from < to) yield [from, to];
      from = number;
    }
    to = number + 1;
  }
  if (from < to) yield [from, to];
}

class PieceWriter {
  private readonly formatter: Formatter;
  private readonly names: string;

  constructor({ sources }: Summary, layout: Layout, options: CsvOptions) {
    const withCounts = options.withCounts === true;
    this.formatter = new Formatter(layout.cells, options.decimals, withCounts, layout.blockBytes);
    this.names = `${sources ? "source_id," : ""}aggregated_kWh_value${withCounts ? ",reading_count" : ""}\n`;
  }

  /** The bytes of a block, valid until the next one is written. */
  write(series: Series, { header, from, to, fromColumn, toColumn }: RowRange): Uint8Array {
    const { formatter } = this;
    if (header) formatter.text(`${timestampName(series.resolution)},${this.names}`);
    for (let row = from; row < to; row++) {
      series.sum(row, formatter.energy, formatter.count, fromColumn, toColumn);
      formatter.rows(series.label(row), fromColumn, toColumn);
    }
    return formatter.take();
  }
}
