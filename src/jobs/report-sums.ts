/** The sums of a report: by source and over all sources, packed; if there are too many, those of the largest sources. */
import { yieldToEventLoop } from "../base/event-loop.js";
import type { RunContext } from "../pipeline/run.js";
import { type About, DAY_ROWS, type PackedExtract } from "../profile/extract.js";
import { ColumnPacker, commonPower } from "../profile/packing.js";
import { addEnergy, type CellColumns, energyOf, newColumns } from "../tally/cell.js";
import { addUp, overall } from "../tally/overall.js";
import { type QueryResult, timeRowsIn } from "../tally/summarise.js";
import type { Summary } from "../tally/summary.js";
import type { Short } from "../time/resolution.js";

/** Sums of sources that a report holds, by hour; if there are more, it has the largest sources only. */
const MOST_SUMS = 5_000_000;
/** Up to so many, they are by quarter hour. */
const MOST_QUARTER_SUMS = 1_000_000;
/** Quarter hours of the total, about 40 years: of a longer period it is by hour. */
const MOST_QUARTERS = 1_500_000;
/** Cells that are packed before yielding to the event loop. */
const TURN = 50_000;

/**
 * The sums over all sources.
 * @param answer by source and quarter hour
 */
export async function totalOf(answer: QueryResult, { signal }: RunContext): Promise<QueryResult> {
  const { summary, period } = answer;
  const times = timeRowsIn({ zone: summary.zone, rows: "15min" }, period);
  const steps = addUp(summary, times);
  let step = steps.next();
  for (; !step.done; step = steps.next()) await yieldToEventLoop(signal);
  return overall(answer, times, step.value);
}

/** @param about to which is added what is not there */
export async function packedSums(
  { summary, period, totals }: QueryResult,
  total: QueryResult,
  about: About,
  context: RunContext,
): Promise<PackedExtract> {
  const { zone, columns } = summary;
  const quarters = summary.series("15min").length;
  const totalRows: Short = quarters <= MOST_QUARTERS ? "15min" : "hour";
  const sourceRows: Short = quarters * columns <= MOST_QUARTER_SUMS ? "15min" : "hour";
  const most = Math.floor(MOST_SUMS / Math.max(1, summary.series(sourceRows).length));
  const traits = await traitsOf(summary, sourceRows, context);
  const kept = largest(traits, most);
  const packers = kept.map((column) => new ColumnPacker(DAY_ROWS[sourceRows], traits[column]!.power ?? 0));
  await eachRow(summary, sourceRows, context, ({ energy, count }) => {
    kept.forEach((column, n) => {
      packers[n]!.add(energy, 4 * column, count[column]!);
    });
  });
  const left = columns - kept.length;
  const lines = [
    ...about.lines,
    left > 0
      ? `Of the ${columns} sources, this page has the ${kept.length} largest by themselves; the totals are of all.`
      : "",
    sourceRows === "hour" && columns > 0 ? "A source by itself is known by hour, all together by quarter hour." : "",
  ].filter((line) => line !== "");
  return {
    ...{ zone, period, totalRows, sourceRows, sources: totals.sources, about: { ...about, lines } },
    total: await packedTotal(total.summary, totalRows, context),
    columns: kept.map((column, n) => ({ id: summary.sources?.[column] ?? "", bytes: packers[n]!.finish() })),
  };
}

async function packedTotal(summary: Summary, rows: Short, context: RunContext): Promise<Uint8Array> {
  const [trait] = await traitsOf(summary, rows, context);
  const packer = new ColumnPacker(DAY_ROWS[rows], trait?.power ?? 0);
  await eachRow(summary, rows, context, ({ energy, count }) => packer.add(energy, 0, count[0]!));
  return packer.finish();
}

interface Trait {
  energy: bigint;
  /** The power of ten that all its sums are multiples of. */
  power: number | undefined;
}

/** What each column has in all, and how many digits its sums have. */
async function traitsOf(summary: Summary, rows: Short, context: RunContext): Promise<Trait[]> {
  const sums = new Uint32Array(4 * summary.columns);
  const powers: (number | undefined)[] = Array.from({ length: summary.columns }, () => undefined);
  await eachRow(summary, rows, context, ({ energy, count }) => {
    for (let column = 0; column < powers.length; column++) {
      if (count[column] === 0) continue;
      addEnergy(sums, 4 * column, energy, 4 * column);
      if (powers[column] !== 0) powers[column] = commonPower(powers[column], energyOf(energy, 4 * column));
    }
  });
  return powers.map((power, column) => ({ power, energy: energyOf(sums, 4 * column) }));
}

/** The columns with the most energy, whatever its sign, in their order. */
function largest(traits: readonly Trait[], most: number): number[] {
  const size = (column: number) => {
    const { energy } = traits[column]!;
    return energy < 0n ? -energy : energy;
  };
  return traits
    .map((_, column) => column)
    .sort((a, b) => (size(a) < size(b) ? 1 : size(a) > size(b) ? -1 : a - b))
    .slice(0, most)
    .sort((a, b) => a - b);
}

async function eachRow(
  summary: Summary,
  rows: Short,
  { signal }: RunContext,
  use: (row: CellColumns) => void,
): Promise<void> {
  const series = summary.series(rows);
  const row = newColumns(summary.columns);
  let work = 0;
  for (let n = 0; n < series.length; n++) {
    for (const _ of series.prepare(n)) await yieldToEventLoop(signal);
    series.sum(n, row.energy, row.count);
    use(row);
    work += summary.columns + 1;
    if (work < TURN) continue;
    work = 0;
    await yieldToEventLoop(signal);
  }
}
