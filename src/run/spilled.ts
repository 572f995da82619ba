/** The answer of a run whose cells lie on the disk: the same that `summarise` gives of cells in memory. */
import { closeSync } from "node:fs";
import { RunError } from "../domain/errors.js";
import { daysOf, type Hours, hoursOf } from "../domain/period.js";
import { type Answer, periodOf, type Question } from "../domain/summarise.js";
import type { Summary } from "../domain/summary.js";
import { idText, sourcesOf } from "../domain/tally.js";
import { SpillReader } from "../store/spill.js";
import type { Spilled } from "./spill.js";

/** Files of summaries that nobody holds any more. */
const closing = new FinalizationRegistry<number[]>((files) => {
  for (const file of files) closeSync(file);
});

/**
 * @param spilled all that was counted. The files may be removed as soon as this has returned, where a system lets open
 * files be removed.
 * @throws PeriodTooLong
 */
export function answerOfSpilled(spilled: readonly Spilled[], question: Question): Answer {
  const { zone, bySource } = question;
  const all = spilled.map(({ sorted }) => sorted);
  const firstDay = Math.min(...all.map((one) => one.firstDay));
  const lastDay = Math.max(...all.map((one) => one.lastDay));
  const first = Math.min(...all.map((one) => one.first));
  const last = Math.max(...all.map((one) => one.last));
  const period = periodOf(question, firstDay <= lastDay ? { first: firstDay, last: lastDay } : undefined, () =>
    outlierOf(spilled, first, last, question),
  );
  const hours = period === undefined ? hoursOf(zone, 0, -1) : hoursOf(zone, period.first, period.last);
  const sources = sourcesOf(spilled.map(({ ids, idEnds, sorted }) => ({ ids, idEnds, seen: sorted.present })));
  const unnamed = sources.seen === sources.bytes.length;
  // Number 0 is the unnamed source, which is no column where it has no reading.
  const shift = bySource && !unnamed ? 1 : 0;
  const columns = bySource ? sources.seen : 1;
  const readers = spilled.map(
    ({ index }, n) =>
      new SpillReader(
        index,
        bySource ? sources.numberOf[n].map((number) => Math.max(number - shift, 0)) : new Uint32Array(1),
      ),
  );
  const sum = (what: "readings" | "outOfPeriod" | "skippedWallTimes") =>
    all.reduce((total, one) => total + one[what], 0);
  const summary = summaryOf(readers, hours, question, {
    columns,
    sources: bySource ? sources.bytes.slice(shift).map(idText) : undefined,
  });
  closing.register(
    summary,
    readers.map(({ fd }) => fd),
  );
  return {
    period,
    summary,
    totals: {
      readings: sum("readings"),
      outOfPeriod: sum("outOfPeriod"),
      skippedWallTimes: sum("skippedWallTimes"),
      energy: all.reduce((total, one) => total + one.energy, 0n),
      hoursFilled: hours.length * columns - cellsIn(readers, hours, columns),
      sources: sources.seen,
      first: first <= last ? first : undefined,
      last: first <= last ? last : undefined,
    },
  };
}

/** Which end of the readings lies farther from the middle of the hours that have some. */
function outlierOf(spilled: readonly Spilled[], first: number, last: number, { from, to }: Question): number {
  const starts = spilled.flatMap(({ index }) => [...new Set(index.start)]);
  const middle = Float64Array.from(starts).sort()[starts.length >> 1];
  return from === undefined && (to !== undefined || middle - first > last - middle) ? first : last;
}

/** How many columns of how many hours have a reading, added up. */
function cellsIn(readers: readonly SpillReader[], hours: Hours, columns: number): number {
  let cells = 0;
  const seen = new Int32Array(columns).fill(-1);
  for (let row = 0; row < hours.length; row++) {
    const found = (column: number) => {
      if (seen[column] === row) return;
      seen[column] = row;
      cells++;
    };
    for (const reader of readers) readBack(reader, () => reader.columns(hours.start[row], found));
  }
  return cells;
}

function summaryOf(
  readers: readonly SpillReader[],
  hours: Hours,
  { zone }: Question,
  shape: { columns: number; sources: readonly string[] | undefined },
): Summary {
  const days = daysOf(hours);
  const rowsOf = new Map<number, number[]>(Array.from(days, (day) => [day, []]));
  for (let row = 0; row < hours.length; row++) rowsOf.get(hours.day[row])?.push(row);
  // Columns are asked for some at a time, and rows lie on the disk as a whole: so the last one is kept.
  const energy = new Uint32Array(4 * shape.columns);
  const count = new Float64Array(shape.columns);
  let kept = "";
  const keep = (name: string, rows: readonly number[]) => {
    if (kept === name) return;
    kept = "";
    energy.fill(0);
    count.fill(0);
    for (const row of rows)
      for (const reader of readers) readBack(reader, () => reader.addRow(hours.start[row], energy, count));
    kept = name;
  };
  const hand = (intoEnergy: Uint32Array, intoCount: Float64Array, from = 0, to = shape.columns) => {
    intoEnergy.set(energy.subarray(4 * from, 4 * to), 4 * from);
    intoCount.set(count.subarray(from, to), from);
  };
  return {
    zone,
    hours,
    days,
    ...shape,
    hour(row, intoEnergy, intoCount, from, to) {
      keep(`hour ${row}`, [row]);
      hand(intoEnergy, intoCount, from, to);
    },
    day(index, intoEnergy, intoCount, from, to) {
      keep(`day ${index}`, rowsOf.get(days[index]) as number[]);
      hand(intoEnergy, intoCount, from, to);
    },
  };
}

function readBack<T>(reader: SpillReader, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new RunError(
      "scratch_failed",
      `cannot read back what was laid down in ${reader.index.path}: ${(error as Error).message}; check the disk, or choose a place on another one with --output`,
      { cause: error },
    );
  }
}
