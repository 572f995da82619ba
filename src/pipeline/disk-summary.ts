/** The answer of a run whose cells lie on the disk: the same that `summarise` gives of cells in memory. */
import { closeSync, openSync } from "node:fs";
import { MergeRow } from "../store/merge.js";
import { LEAST_BUFFER, SpillReader } from "../store/spill.js";
import { Sources } from "../tally/sources.js";
import { periodOf, type QueryResult, type Question } from "../tally/summarise.js";
import type { Summary } from "../tally/summary.js";
import { daysOf, type Hours, hoursOf } from "../time/period.js";
import { COLUMN, HOUR_ROW } from "./memory.js";
import { type Merged, type MergeSettings, mergeFiles } from "./merged-rows.js";
import type { Spilled } from "./spill.js";

/**
 * @param spilled all that was counted. The files are removed.
 * @throws PeriodTooLong
 * @throws RunError where the disk refuses; the signal's reason
 */
export async function answerOfSpilled(
  spilled: readonly Spilled[],
  question: Question,
  settings: MergeSettings,
): Promise<QueryResult> {
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
  const sources = new Sources(spilled.map(({ ids, idEnds, sorted }) => ({ ids, idEnds, seen: sorted.present })));
  const unnamed = sources.seen === sources.count;
  // Number 0 is the unnamed source, which is no column where it has no reading.
  const shift = bySource && !unnamed ? 1 : 0;
  const columns = bySource ? sources.seen : 1;
  const row = new MergeRow(columns);
  const files = spilled.map(({ file }, n) => ({
    file,
    columnOf: bySource ? sources.numberOf[n].map((number) => Math.max(number - shift, 0)) : new Uint32Array(1),
  }));
  const memory = settings.memory - columns * COLUMN - hours.length * HOUR_ROW;
  const merged = await mergeFiles(files, row, hours, { ...settings, memory });
  const sum = (what: "readings" | "outOfPeriod" | "skippedWallTimes") =>
    all.reduce((total, one) => total + one[what], 0);
  return {
    period,
    summary: summaryOf(merged, row, hours, question, {
      columns,
      sources: bySource ? sources.ids(shift) : undefined,
    }),
    totals: {
      readings: sum("readings"),
      outOfPeriod: sum("outOfPeriod"),
      skippedWallTimes: sum("skippedWallTimes"),
      energy: all.reduce((total, one) => total + one.energy, 0n),
      hoursFilled: hours.length * columns - merged.cells,
      sources: sources.seen,
      first: first <= last ? first : undefined,
      last: first <= last ? last : undefined,
    },
  };
}

/** Which end of the readings lies farther from the middle of the hours that have some. */
function outlierOf(spilled: readonly Spilled[], first: number, last: number, { from, to }: Question): number {
  const starts = new Set<number>();
  for (const { file } of spilled) {
    const fd = openSync(file.path, "r");
    for (let n = 0, at = 0; n < file.ends.length; at = file.ends[n++]) {
      const reader = new SpillReader(fd, at, file.ends[n], LEAST_BUFFER);
      for (; reader.start < Number.POSITIVE_INFINITY; reader.advance()) starts.add(reader.start);
    }
    closeSync(fd);
  }
  const middle = Float64Array.from(starts).sort()[starts.size >> 1];
  return from === undefined && (to !== undefined || middle - first > last - middle) ? first : last;
}

/** The rows of each day, of which a clock change may have put others between. @param days ascending, all there are */
function rowsByDay({ day, length }: Hours, days: Int32Array): (index: number) => Int32Array {
  const first = days[0];
  const ends = new Uint32Array(days.length === 0 ? 1 : days[days.length - 1] - first + 2);
  for (let row = 0; row < length; row++) ends[day[row] - first + 1]++;
  for (let n = 1; n < ends.length; n++) ends[n] += ends[n - 1];
  const begins = ends.slice();
  const rows = new Int32Array(length);
  for (let row = 0; row < length; row++) rows[begins[day[row] - first]++] = row;
  return (index) => rows.subarray(ends[days[index] - first], ends[days[index] - first + 1]);
}

/** @param sums room for a row or a day, empty */
function summaryOf(
  merged: Merged,
  sums: MergeRow,
  hours: Hours,
  { zone }: Question,
  shape: { columns: number; sources: readonly string[] | undefined },
): Summary {
  const days = daysOf(hours);
  const rowsOf = rowsByDay(hours, days);
  // Columns are asked for some at a time, and rows lie on the disk as a whole: so the last one is kept.
  const { energy, count } = sums;
  let kept = "";
  const keep = (name: string, rows: Iterable<number>) => {
    if (kept === name) return;
    kept = "";
    energy.fill(0);
    count.fill(0);
    for (const row of rows) merged.addRow(row, sums);
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
      keep(`day ${index}`, rowsOf(index));
      hand(intoEnergy, intoCount, from, to);
    },
  };
}
