/**
 * What a scan counted, by hour row and source: the form in which a run that takes more memory than it may have lays its
 * cells down. Rows are known by their first instants, so no period is needed yet, and every plane and zone will do.
 */
import { addEnergy } from "./energy.js";
import { hourAt } from "./period.js";
import type { Counts } from "./row-table.js";
import { type Block, type Blocks, blocksOf, extentOf } from "./slots.js";
import type { Question } from "./summarise.js";
import { CELL_WORDS, PAGE_SLOTS, type Part, wallReadings } from "./tally.js";

/** Cells in the order of their rows. A row may have several of one source: they add up. */
export interface HourCells {
  /** First instants of the rows, epoch seconds, ascending. */
  readonly start: Float64Array;
  /** The cells of row n are those from `ends[n - 1]`, or 0, to `ends[n]` (exclusive). */
  readonly ends: Uint32Array;
  /** Numbers of the part's sources; 0 for all where cells are not wanted by source. */
  readonly source: Uint32Array;
  /** Four limbs a cell, least significant first. */
  readonly energy: Uint32Array;
  readonly count: Float64Array;
}

/** What all parts came to that went through a sorter; `-Infinity` and `Infinity` where nothing has. */
export interface Sorted extends Counts {
  /** 1 for a source that has a reading in the period. */
  present: Uint8Array;
  /** Days of all readings, those outside the period too. */
  firstDay: number;
  lastDay: number;
  /** Epoch seconds of the first and last timestamp. */
  first: number;
  last: number;
  /** Readings with wall times, but for those that a clock change repeats. */
  wallTimes: number;
}

export type SortQuestion = Pick<Question, "zone" | "inputZone" | "clock" | "bySource" | "from" | "to">;

/** Cells that are sorted at once: few enough to take a few megabytes. */
const BATCH = 1 << 16;

/** Of each used slot of a block. */
interface Places {
  /** First instant of its row. */
  readonly start: Float64Array;
  /** 1 where it lies in the period, as far as that is known. */
  readonly inside: Uint8Array;
}

export class HourSorter {
  readonly sorted: Sorted = {
    readings: 0,
    outOfPeriod: 0,
    skippedWallTimes: 0,
    energy: 0n,
    present: new Uint8Array(0),
    firstDay: Number.POSITIVE_INFINITY,
    lastDay: Number.NEGATIVE_INFINITY,
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
    wallTimes: 0,
  };

  constructor(private readonly question: SortQuestion) {}

  /** The cells of a part, in batches that are good until the next one is asked for. Sources keep the part's numbers. */
  *sort(part: Part): Generator<HourCells, void> {
    const { sorted, question } = this;
    const { clock, inputZone, bySource } = question;
    if (sorted.present.length < part.idEnds.length) {
      const longer = new Uint8Array(part.idEnds.length);
      longer.set(sorted.present);
      sorted.present = longer;
    }
    sorted.wallTimes += wallReadings(part);
    const blocks = blocksOf([part], clock, inputZone);
    const extent = extentOf([part], blocks, inputZone);
    if (extent !== undefined) {
      sorted.first = Math.min(sorted.first, extent.first);
      sorted.last = Math.max(sorted.last, extent.last);
    }
    const batch = new Batch(bySource);
    const ordered = [...blocks.all].sort((a, b) => firstOf(a) - firstOf(b));
    const pagesOf = pagesByBlock(ordered, blocks);
    for (let b = 0; b < ordered.length; b++) {
      const places = this.placesOf(ordered[b]);
      for (const page of pagesOf(b)) {
        if (batch.room < PAGE_SLOTS) yield batch.take(sorted);
        this.addPage(part, page, ordered[b], places, batch);
      }
    }
    if (batch.length > 0) yield batch.take(sorted);
  }

  private placesOf(block: Block): Places {
    const { zone, from, to } = this.question;
    const { sorted } = this;
    const start = new Float64Array(PAGE_SLOTS);
    const inside = new Uint8Array(PAGE_SLOTS);
    for (let i = 0; i < PAGE_SLOTS; i++) {
      if (!(block.used & (1 << i))) continue;
      const hour = hourAt(zone, block.instant[i]);
      sorted.firstDay = Math.min(sorted.firstDay, hour.day);
      sorted.lastDay = Math.max(sorted.lastDay, hour.day);
      start[i] = hour.start;
      inside[i] = hour.day >= (from ?? hour.day) && hour.day <= (to ?? hour.day) ? 1 : 0;
    }
    return { start, inside };
  }

  private addPage(part: Part, page: number, block: Block, { start, inside }: Places, batch: Batch): void {
    const { sorted } = this;
    const { words } = part;
    const source = part.pageSource[page];
    for (let i = 0, at = part.pageWord[page]; i < PAGE_SLOTS; i++, at += CELL_WORDS) {
      const readings = words[at + 4] + words[at + 5] * 4294967296;
      if (readings === 0) continue;
      if (block.isSkipped[i] === 1) sorted.skippedWallTimes += readings;
      if (inside[i] === 0) {
        sorted.outOfPeriod += readings;
        continue;
      }
      sorted.readings += readings;
      sorted.present[source] = 1;
      batch.add(start[i], source, words, at, readings);
    }
  }
}

/** The first instant of a block that has readings. */
function firstOf(block: Block): number {
  return block.instant[31 - Math.clz32(block.used & -block.used)];
}

/** The numbers of each block's pages, in no order. */
function pagesByBlock(ordered: readonly Block[], { all, ofPage: [ofPage] }: Blocks): (block: number) => Uint32Array {
  const numberOf = new Map(ordered.map((block, b) => [block, b]));
  const ends = new Uint32Array(ordered.length + 1);
  const blockOf = Uint32Array.from(ofPage, (block) => numberOf.get(all[block]) as number);
  for (const b of blockOf) ends[b + 1]++;
  for (let b = 0; b < ordered.length; b++) ends[b + 1] += ends[b];
  const next = ends.slice();
  const pages = new Uint32Array(ofPage.length);
  for (let n = 0; n < blockOf.length; n++) pages[next[blockOf[n]]++] = n;
  return (block) => pages.subarray(ends[block], ends[block + 1]);
}

/** Cells as they come, until they are sorted by row. */
class Batch {
  length = 0;
  private readonly row = new Uint32Array(BATCH);
  private readonly source = new Uint32Array(BATCH);
  private readonly energy = new Uint32Array(4 * BATCH);
  private readonly count = new Float64Array(BATCH);
  private readonly rows = new Map<number, number>();
  private lastStart = Number.NaN;
  private lastRow = -1;

  constructor(private readonly bySource: boolean) {}

  get room(): number {
    return BATCH - this.length;
  }

  /** A cell of the row and source of the one before adds to it. */
  add(start: number, source: number, words: Uint32Array, at: number, readings: number): void {
    if (start !== this.lastStart) {
      let row = this.rows.get(start);
      if (row === undefined) {
        row = this.rows.size;
        this.rows.set(start, row);
      }
      this.lastStart = start;
      this.lastRow = row;
    }
    const owner = this.bySource ? source : 0;
    let n = this.length - 1;
    if (n < 0 || this.row[n] !== this.lastRow || this.source[n] !== owner) {
      n = this.length++;
      this.row[n] = this.lastRow;
      this.source[n] = owner;
      this.count[n] = 0;
      this.energy.fill(0, 4 * n, 4 * n + 4);
    }
    addEnergy(this.energy, 4 * n, words, at);
    this.count[n] += readings;
  }

  /** Sorts what is there and begins anew. */
  take(totals: Counts): HourCells {
    const { row, rows, length } = this;
    const start = Float64Array.from(rows.keys()).sort();
    const place = new Uint32Array(rows.size);
    start.forEach((second, n) => {
      place[rows.get(second) as number] = n;
    });
    const next = new Uint32Array(start.length + 1);
    for (let n = 0; n < length; n++) next[place[row[n]] + 1]++;
    for (let n = 0; n < start.length; n++) next[n + 1] += next[n];
    const ends = next.slice(1);
    const source = new Uint32Array(length);
    const energy = new Uint32Array(4 * length);
    const count = new Float64Array(length);
    const sums = new Float64Array(4);
    for (let n = 0; n < length; n++) {
      const to = next[place[row[n]]]++;
      source[to] = this.source[n];
      count[to] = this.count[n];
      for (let i = 0; i < 4; i++) {
        energy[4 * to + i] = this.energy[4 * n + i];
        sums[i] += i === 3 ? this.energy[4 * n + i] | 0 : this.energy[4 * n + i];
      }
    }
    for (let i = 0; i < 4; i++) totals.energy += BigInt(sums[i]) << BigInt(32 * i);
    this.length = 0;
    rows.clear();
    this.lastStart = Number.NaN;
    const cells = { start, ends, source, energy, count };
    return this.bySource ? cells : joined(cells);
  }
}

/** One cell for each row. */
function joined({ start, ends, energy, count }: HourCells): HourCells {
  const rows = start.length;
  const sums = { energy: new Uint32Array(4 * rows), count: new Float64Array(rows) };
  for (let row = 0, n = 0; row < rows; row++)
    for (; n < ends[row]; n++) {
      addEnergy(sums.energy, 4 * row, energy, 4 * n);
      sums.count[row] += count[n];
    }
  return { start, ends: Uint32Array.from(start, (_, row) => row + 1), source: new Uint32Array(rows), ...sums };
}
