/**
 * A summary as CSV, in pieces: some rows of one file, as many as fit into a block of bytes.
 * Millions of rows are written, so a row makes no objects and no strings: the formatter makes its bytes.
 */

import type { Summary } from "../tally/summary.js";
import { dayText, hourLabel } from "../time/period.js";
import { idCell } from "./cell.js";
import { type Cells, Formatter, ROW_BYTES } from "./formatter.js";

export interface CsvOptions {
  /** A last column `reading_count`. Default false. */
  readonly withCounts?: boolean | undefined;
  /** Decimal places that each sum is rounded to, 0 to 18. Default: all digits. */
  readonly decimals?: number | undefined;
  /** Source ids as they are, even where a spreadsheet would run them. Default false. */
  readonly rawIds?: boolean | undefined;
}

export interface Csv {
  /** The file of some hour rows (indices into `summary.hours`). */
  hourly(rows: Iterable<number>): Generator<Uint8Array, void>;
  /** The file of all days. */
  daily(): Generator<Uint8Array, void>;
}

/** Of hours or days `from` up to `to` the rows of columns `fromColumn` up to `toColumn`. */
export interface RowRange {
  readonly daily: boolean;
  /** Whether it begins a file, so that the file's header comes first. */
  readonly header: boolean;
  readonly from: number;
  readonly to: number;
  readonly fromColumn: number;
  readonly toColumn: number;
}

/** Large enough for few calls of the system. */
const BLOCK_BYTES = 1 << 20;
const HEADER_BYTES = 128;

/**
 * Prepares a summary's CSV. All that it hands out shares one block, so a block is good until the next one is asked
 * for, and one file must be finished (or given up) before the next is begun.
 */
export function csvOf(summary: Summary, options: CsvOptions = {}): Csv {
  const layout = layoutOf(summary, options);
  const writer = new PieceWriter(summary, layout, options);
  function* blocks(pieces: Iterable<RowRange>) {
    for (const piece of pieces) yield writer.write(piece);
  }
  return {
    hourly: (rows) => blocks(piecesOf(layout, false, rows)),
    daily: () => blocks(piecesOf(layout, true, summary.days.keys())),
  };
}

/** What all pieces of a summary share: plain data, which threads can hand to each other. */
export interface Layout {
  readonly cells: Cells;
  /** Columns at which a piece may begin: those from one to the next fit a block, of one hour at least. */
  readonly cuts: readonly number[];
  /** Hours or days that fit a block. */
  readonly rows: number;
  /** The most bytes that a piece has. */
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

/** The pieces of a file of some hours or days (ascending). */
function* piecesOf({ cuts, rows: most }: Layout, daily: boolean, rows: Iterable<number>): Generator<RowRange, void> {
  let header = true;
  for (const [first, end] of runsOf(rows)) {
    for (let from = first; from < end; from += most) {
      const to = Math.min(from + most, end);
      for (let n = 1; n < cuts.length; n++) {
        yield { daily, header, from, to, fromColumn: cuts[n - 1], toColumn: cuts[n] };
        header = false;
      }
    }
  }
  if (header) yield { daily, header, from: 0, to: 0, fromColumn: 0, toColumn: 0 };
}

/** Ascending numbers as runs without a gap, each with its first and the number after its last. */
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

  constructor(
    private readonly summary: Summary,
    layout: Layout,
    options: CsvOptions,
  ) {
    const withCounts = options.withCounts === true;
    this.formatter = new Formatter(layout.cells, options.decimals, withCounts, layout.blockBytes);
    this.names = `${summary.sources ? "source_id," : ""}aggregated_kWh_value${withCounts ? ",reading_count" : ""}\n`;
  }

  /** A piece's text: good until the next one is written. */
  write({ daily, header, from, to, fromColumn, toColumn }: RowRange): Uint8Array {
    const { formatter, summary } = this;
    const { zone, hours, days } = summary;
    if (header) formatter.text(`${daily ? "daily" : "hourly"}_timestamp,${this.names}`);
    for (let row = from; row < to; row++) {
      if (daily) summary.day(row, formatter.energy, formatter.count, fromColumn, toColumn);
      else summary.hour(row, formatter.energy, formatter.count, fromColumn, toColumn);
      const label = daily ? dayText(days[row]) : hourLabel(zone, hours.start[row], hours.offset[row]);
      formatter.rows(label, fromColumn, toColumn);
    }
    return formatter.take();
  }
}
