/** The result of a run whose cells are on the disk: the same that `summarise` gives for cells in memory. */
import { closeSync, openSync } from "node:fs";
import { LEAST_BUFFER, SpillReader } from "../store/spill.js";
import type { Counts } from "../tally/row-table.js";
import { columnsOf, frameOf, type QueryResult, type Question, resultOf } from "../tally/summarise.js";
import { type MergeSettings, mergeFiles } from "./merged-rows.js";
import type { Spilled } from "./spill.js";

/**
 * @param spilled all that was counted. The files are removed.
 * @throws PeriodTooLong
 * @throws RunError where the disk refuses; the signal's reason
 */
export async function resultOfSpilled(
  spilled: readonly Spilled[],
  question: Question,
  settings: MergeSettings,
): Promise<QueryResult> {
  const counts: Counts = { readings: 0, outOfPeriod: 0, skippedWallTimes: 0, energy: 0n };
  const extent = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  const days = { ...extent };
  for (const { sorted } of spilled) {
    counts.readings += sorted.readings;
    counts.outOfPeriod += sorted.outOfPeriod;
    counts.skippedWallTimes += sorted.skippedWallTimes;
    counts.energy += sorted.energy;
    extent.first = Math.min(extent.first, sorted.first);
    extent.last = Math.max(extent.last, sorted.last);
    days.first = Math.min(days.first, sorted.firstDay);
    days.last = Math.max(days.last, sorted.lastDay);
  }
  const frame = frameOf(question, {
    extent: extent.first <= extent.last ? extent : undefined,
    days: days.first <= days.last ? days : undefined,
    middle: () => middleOf(spilled),
  });
  const present = spilled.map(({ ids, idEnds, sorted }) => ({ ids, idEnds, seen: sorted.present }));
  const columns = columnsOf(present, question);
  const files = spilled.map(({ file }, n) => ({ file, columnOf: columns.of[n] }));
  const rows = await mergeFiles(files, columns.length, frame.times, settings);
  return resultOf(question, frame, columns, rows, counts);
}

/** The middle of the rows that have readings. */
function middleOf(spilled: readonly Spilled[]): number {
  const starts = new Set<number>();
  for (const { file } of spilled) {
    const fd = openSync(file.path, "r");
    for (let n = 0, at = 0; n < file.ends.length; at = file.ends[n++]) {
      const reader = new SpillReader(fd, at, file.ends[n], LEAST_BUFFER);
      for (; reader.start < Number.POSITIVE_INFINITY; reader.advance()) starts.add(reader.start);
    }
    closeSync(fd);
  }
  return Float64Array.from(starts).sort()[starts.size >> 1];
}
