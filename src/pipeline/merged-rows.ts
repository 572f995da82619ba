/** Runs on the disk, merged into one file of rows with each cell once, which a summary is read from. */

import { closeSync, openSync, unlinkSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { diskError } from "../base/disk-error.js";
import { RunError } from "../base/errors.js";
import { option, say } from "../base/message.js";
import { MergeRow, type Run } from "../store/merge.js";
import { LEAST_BUFFER, type SpillFile, SpillReader, SpillWriter } from "../store/spill.js";
import { type CellColumns, clearColumns } from "../tally/cell.js";
import { HourCounter, type Rows } from "../tally/summary.js";
import type { TimeRows } from "../time/period.js";
import { COLUMN, TIME_ROW } from "./memory.js";
import type { SpillPlan } from "./spill.js";

/** The most bytes that are read at once from a run: more brings nothing. */
const MOST_BUFFER = 1 << 19;
/** Cells that are added up before a pause: a millisecond's work. */
const CELLS_A_PAUSE = 1 << 16;
/** The fewest runs that are merged at once. */
const LEAST_RUNS = 4;

export interface MergeSettings {
  readonly plan: Pick<SpillPlan, "prefix" | "displayName">;
  /** Bytes for the sums of a row, the rows' times, and what is read at once from all runs. */
  readonly memory: number;
  readonly signal: AbortSignal | undefined;
}

/** Closes files of merged rows that are no longer referenced. */
const closing = new FinalizationRegistry<number>((file) => closeSync(file));

class Merged implements Rows {
  /** Byte of the file at which each row begins; -1 where it has no cells. */
  private readonly at: Float64Array;
  private reader: SpillReader | undefined;
  cells = 0;
  private readonly counter: HourCounter | undefined;
  /** The first of the rows that `sums` covers, and their number. */
  private readonly summed = { first: -1, length: 0 };

  /** @param sums space for a row, empty */
  constructor(
    private readonly times: TimeRows,
    private readonly path: string,
    private readonly sums: MergeRow,
  ) {
    this.at = new Float64Array(times.length).fill(-1);
    this.counter = times.hour && new HourCounter(times.hour);
  }

  /** Remembers where a row begins. Rows come in order, and all are in `times`. */
  readonly note = (() => {
    let row = 0;
    return (start: number, byte: number, columns: Uint32Array) => {
      while (this.times.start[row] < start) row++;
      this.at[row] = byte;
      const { counter } = this;
      if (counter === undefined) this.cells += columns.length;
      else {
        for (const column of columns) counter.add(row, column);
        this.cells = counter.hours;
      }
    };
  })();

  /** Call this when the file is complete. */
  open(bytes: number): void {
    const fd = openSync(this.path, "r");
    closing.register(this, fd);
    this.reader = new SpillReader(fd, 0, bytes, MOST_BUFFER);
  }

  /** Columns are requested a few at a time, but rows are read as a whole: so the last sums are cached. @throws RunError */
  sum(rows: Uint32Array, into: CellColumns, from: number, to: number): void {
    const { sums } = this;
    for (const _ of this.prepare(rows));
    into.energy.set(sums.energy.subarray(4 * from, 4 * to), 4 * from);
    into.count.set(sums.count.subarray(from, to), from);
  }

  /** Pauses after some thousand cells. @throws RunError */
  *prepare(rows: Uint32Array): Generator<undefined, void> {
    const { sums, summed } = this;
    if (summed.first === rows[0] && summed.length === rows.length) return;
    summed.first = -1;
    clearColumns(sums);
    let cells = 0;
    for (const row of rows) {
      this.addRow(row);
      cells += sums.count.length;
      if (cells < CELLS_A_PAUSE) continue;
      cells = 0;
      yield;
    }
    summed.first = rows[0];
    summed.length = rows.length;
  }

  private addRow(row: number): void {
    const { reader, at, times, sums } = this;
    if (reader === undefined || at[row] < 0) return;
    try {
      if (reader.start !== times.start[row]) reader.goTo(at[row]);
      for (; reader.start === times.start[row]; reader.advance()) reader.addTo(sums);
    } catch (error) {
      throw unreadable(error, this.path);
    }
  }
}

/**
 * @param files each with the column of each source; without, its sources are columns
 * @param columns their number
 * @param times that all cells are in
 * @throws RunError where the disk refuses; the signal's reason
 */
export async function mergeFiles(
  files: readonly { readonly file: SpillFile; readonly columnOf?: Uint32Array }[],
  columns: number,
  times: TimeRows,
  { plan: { prefix, displayName }, memory, signal }: MergeSettings,
): Promise<Rows> {
  const row = new MergeRow(columns);
  const room = memory - columns * COLUMN - times.length * TIME_ROW;
  const paths: string[] = [];
  const open: number[] = [];
  const runsOf = ({ path, ends }: SpillFile, columnOf: Uint32Array | undefined): Run[] => {
    paths.push(path);
    const fd = openSync(path, "r");
    open.push(fd);
    return Array.from(ends, (to, n): Run => ({ fd, from: n === 0 ? 0 : ends[n - 1], to, columnOf }));
  };
  const merge = async (some: readonly Run[], writer: SpillWriter, note?: Merged["note"]) => {
    for (const _ of row.merge(some, writer, Math.max(LEAST_BUFFER, Math.min(MOST_BUFFER, room / some.length)), note)) {
      await nextTurn();
      signal?.throwIfAborted();
    }
    return writer.finish();
  };
  try {
    const most = Math.max(LEAST_RUNS, Math.floor(room / LEAST_BUFFER));
    const runs = files.flatMap(({ file, columnOf }) => runsOf(file, columnOf));
    for (let level = 0; runs.length > most; level++) {
      // The smallest first, and no more than necessary: so little is written twice.
      runs.sort((a, b) => b.to - b.from - (a.to - a.from));
      const some = runs.splice(-Math.min(most, runs.length - most + 1));
      runs.push(...runsOf(await merge(some, new SpillWriter(`${prefix}level${level}.tmp`)), undefined));
    }
    const path = `${prefix}merged.tmp`;
    const merged = new Merged(times, path, row);
    const { ends } = await merge(runs, new SpillWriter(path), merged.note);
    merged.open(ends[ends.length - 1]);
    return merged;
  } catch (error) {
    throw isOfWriting(error) ? diskError(error, displayName) : unreadable(error, displayName);
  } finally {
    for (const fd of open) closeSync(fd);
    for (const path of paths) removeNow(path);
  }
}

function isOfWriting(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && (error.syscall === "write" || error.syscall === "open");
}

/** A failure to read as a RunError; anything else as it is. */
function unreadable(error: unknown, place: string): unknown {
  if (error instanceof RunError || !(error instanceof Error) || error.name === "AbortError") return error;
  return new RunError(
    "scratch_failed",
    say`cannot read back what was written to ${place}: ${error.message}; check the disk, or choose a place on another one with ${option("output")}`,
    { cause: error },
  );
}

/** Frees space on the disk for what follows; otherwise the file goes with the folder's other temporary files. */
function removeNow(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is no longer needed, but does no harm.
  }
}
