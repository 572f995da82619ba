/** The sums over all columns of a summary, which are what a summary without sources has. */
import type { TimeRows } from "../time/period.js";
import { type CellColumns, EnergySum, energyOf, newColumns } from "./cell.js";
import { type QueryResult, resultOf } from "./summarise.js";
import { HourCounter, type Rows, type Summary } from "./summary.js";

/** Cells that are added up before yielding: a few milliseconds' work. */
const TURN = 1 << 18;

/**
 * Adds up the columns of each row, row by row, so that the caller can yield in between.
 * @param times the summary's own rows, which are hours or quarter hours
 * @returns a cell for each row
 */
export function* addUp(summary: Summary, times: TimeRows): Generator<undefined, CellColumns> {
  const { columns } = summary;
  const series = summary.series(times.resolution);
  const cells = newColumns(series.length);
  const words = new BigUint64Array(cells.energy.buffer);
  const row = newColumns(columns);
  let work = 0;
  for (let n = 0; n < series.length; n++) {
    yield* series.prepare(n);
    series.sum(n, row.energy, row.count);
    const sum = new EnergySum();
    let readings = 0;
    for (let column = 0; column < columns; column++) {
      if (row.count[column] === 0) continue;
      sum.addColumns(row, column, column + 1);
      readings += row.count[column]!;
    }
    const energy = sum.total;
    words[2 * n] = BigInt.asUintN(64, energy);
    words[2 * n + 1] = BigInt.asUintN(64, energy >> 64n);
    cells.count[n] = readings;
    work += columns + 1;
    if (work < TURN) continue;
    work = 0;
    yield;
  }
  return cells;
}

/** A result by source as one over all sources. @param cells from `addUp` @param times as there */
export function overall(result: QueryResult, times: TimeRows, cells: CellColumns): QueryResult {
  const { totals, period, summary } = result;
  const { first, last } = totals;
  const extent = first === undefined || last === undefined ? undefined : { first, last };
  const columns = { sources: undefined, length: 1, present: totals.sources };
  return resultOf({ zone: summary.zone }, { period, times, extent }, columns, rowsOf(cells, times), totals);
}

function rowsOf({ energy, count }: CellColumns, { hour }: TimeRows): Rows {
  const counter = hour && new HourCounter(hour);
  let cells = 0;
  for (let row = 0; row < count.length; row++) {
    if (count[row] === 0) continue;
    if (counter === undefined) cells++;
    else counter.add(row, 0);
  }
  return {
    cells: counter?.hours ?? cells,
    sum(rows, into) {
      let sum = 0n;
      let readings = 0;
      for (const row of rows) {
        if (count[row] === 0) continue;
        sum += energyOf(energy, 4 * row);
        readings += count[row]!;
      }
      for (let word = 0; word < 4; word++) into.energy[word] = Number(BigInt.asUintN(32, sum >> BigInt(32 * word)));
      into.count[0] = readings;
    },
  };
}
