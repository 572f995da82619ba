/**
 * A summary as CSV (CONTRACT: section 2), in blocks of bytes. Millions of rows are written, so a row makes no objects
 * and no strings: a label becomes bytes once for each hour or day, a source's cell once for the whole summary, and all
 * are copied into one block, which is handed out whenever it is full.
 */
import { ENERGY_TEXT_BYTES, formatEnergy } from "../domain/energy.js";
import { dayText, hourLabel } from "../domain/period.js";
import type { Summary } from "../domain/summary.js";
import { COUNT_BYTES, writeBytes, writeCount, writeText } from "./bytes.js";
import { idCell } from "./cell.js";

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

const COMMA = 44;
const LINE_END = 10;
/** Large enough for few calls of the system, small enough to stay in a processor's cache. */
const BLOCK_BYTES = 1 << 18;
/** The longest label is an hour's with seconds in its offset, `2024-01-31T13:00:00+00:19:32`. */
const LABEL_BYTES = 32;

/** What writing needs to know; one for a summary, so that the hot function finds everything in one place. */
interface Writer {
  readonly block: Uint8Array;
  used: number;
  /** Up to here there is room for one more row. */
  readonly full: number;
  readonly label: Uint8Array;
  labelLength: number;
  /** What stands between label and energy, of all columns in a row: column c's is `cells[starts[c]…starts[c+1]-1]`. */
  readonly cells: Uint8Array;
  readonly starts: Uint32Array;
  readonly energy: Uint32Array;
  readonly count: Float64Array;
  readonly decimals: number | undefined;
  readonly withCounts: boolean;
}

/**
 * Prepares a summary's CSV. All that it hands out shares one block, so a block is good until the next one is asked
 * for, and one file must be finished (or given up) before the next is begun.
 */
export function csvOf(summary: Summary, options: CsvOptions = {}): Csv {
  const { columns, sources, hours, days, zone } = summary;
  const writer = writerOf(summary, options);
  const { energy, count } = writer;
  const names = (first: string) => [
    first,
    ...(sources ? ["source_id"] : []),
    "aggregated_kWh_value",
    ...(writer.withCounts ? ["reading_count"] : []),
  ];

  return {
    *hourly(rows) {
      writer.used = writeText(writer.block, 0, `${names("hourly_timestamp").join(",")}\n`);
      for (const row of rows) {
        summary.hour(row, energy, count);
        yield* lines(hourLabel(zone, hours.start[row], hours.offset[row]));
      }
      yield take(writer);
    },
    *daily() {
      writer.used = writeText(writer.block, 0, `${names("daily_timestamp").join(",")}\n`);
      for (let day = 0; day < days.length; day++) {
        summary.day(day, energy, count);
        yield* lines(dayText(days[day]));
      }
      yield take(writer);
    },
  };

  /** The rows of one hour or day; the last of them stay in the block. */
  function* lines(label: string): Generator<Uint8Array, void> {
    writer.labelLength = writeText(writer.label, 0, label);
    for (let column = fill(writer, 0, columns); column < columns; column = fill(writer, column, columns)) {
      yield take(writer);
    }
  }
}

/** Writes the rows of columns `from` up to `to`, or up to where the block is full; returns the first not written. */
function fill(writer: Writer, from: number, to: number): number {
  const { block, full, label, labelLength, cells, starts, energy, count, decimals, withCounts } = writer;
  let pos = writer.used;
  let column = from;
  for (; column < to && pos <= full; column++) {
    pos = writeBytes(block, pos, label, 0, labelLength);
    pos = writeBytes(block, pos, cells, starts[column], starts[column + 1]);
    pos = formatEnergy(energy, 4 * column, decimals, block, pos);
    if (withCounts) {
      block[pos++] = COMMA;
      pos = writeCount(block, pos, count[column]);
    }
    block[pos++] = LINE_END;
  }
  writer.used = pos;
  return column;
}

/** What the block holds; after that it begins anew. */
function take(writer: Writer): Uint8Array {
  const bytes = writer.block.subarray(0, writer.used);
  writer.used = 0;
  return bytes;
}

function writerOf({ columns, sources }: Summary, options: CsvOptions): Writer {
  const pieces = (sources ?? [undefined]).map((id) =>
    Buffer.from(id === undefined ? "," : `,${idCell(id, options.rawIds === true)},`),
  );
  const starts = new Uint32Array(columns + 1);
  let longest = 0;
  pieces.forEach((piece, column) => {
    starts[column + 1] = starts[column] + piece.length;
    longest = Math.max(longest, piece.length);
  });
  const rowBytes = LABEL_BYTES + longest + ENERGY_TEXT_BYTES + COUNT_BYTES + 2;
  const block = new Uint8Array(Math.max(BLOCK_BYTES, 2 * rowBytes));
  return {
    block,
    used: 0,
    full: block.length - rowBytes,
    label: new Uint8Array(LABEL_BYTES),
    labelLength: 0,
    cells: Buffer.concat(pieces),
    starts,
    energy: new Uint32Array(4 * columns),
    count: new Float64Array(columns),
    decimals: options.decimals,
    withCounts: options.withCounts === true,
  };
}
