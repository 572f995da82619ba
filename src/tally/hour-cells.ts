/**
 * What a scan counted, by row and source: the form in which a run spills its cells to the disk. Rows are identified by
 * their first instants, so no period is needed yet, and any plane and zone will do.
 */

import { rowOf } from "../time/period.js";
import { instantOf } from "../time/zone.js";
import { CELL_WORDS, isUsed, PAGE_SLOTS, readingsAt } from "./cell.js";
import { ENTRY_WORDS, type PageList, PageSorter } from "./page-list.js";
import type { Counts } from "./row-table.js";
import { type Section, SectionBuilder } from "./section.js";
import { newBlock, place } from "./slots.js";
import type { Question } from "./summarise.js";
import { isOfWalls, Plane } from "./tally.js";

/** About how many pages are sorted before yielding: some milliseconds' work, and at most 2²⁰ cells. */
const PAGES_A_TURN = 1 << 14;

/** The totals of all pages that went through a sorter; `-Infinity` and `Infinity` if none has. */
export interface Sorted extends Counts {
  /** 1 for a source that has a reading in the period. */
  present: Uint8Array;
  /** Days of all readings, including those outside the period. */
  firstDay: number;
  lastDay: number;
  /** Epoch seconds of the first and last timestamp. */
  first: number;
  last: number;
  /** Readings with wall times, except those that a clock change repeats. */
  wallTimes: number;
}

export type SortQuestion = Pick<Question, "zone" | "rows" | "inputZone" | "clock" | "bySource" | "from" | "to">;

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
  private readonly pages = new PageSorter();
  private readonly section = new SectionBuilder();
  /** The last row that was looked up. */
  private row = { start: Number.NaN, end: Number.NaN, day: Number.NaN };
  private readonly block = newBlock(0);
  private readonly start = new Float64Array(PAGE_SLOTS);
  private readonly inside = new Uint8Array(PAGE_SLOTS);

  constructor(private readonly question: SortQuestion) {}

  /**
   * Passes the cells of a list to `write`, in runs of sections; a section is valid until it returns. Sources keep the
   * list's numbers. Pauses now and then, so that the caller can yield.
   */
  *sort(list: PageList, write: (section: Section) => void): Generator<undefined, void> {
    const { sorted, section } = this;
    section.write = write;
    if (sorted.present.length < list.sources) {
      const longer = new Uint8Array(list.sources + (list.sources >> 2));
      longer.set(sorted.present);
      sorted.present = longer;
    }
    section.prepare(list.sources);
    this.widen(list.firstInstant, list.lastInstant);
    if (list.firstWall <= list.lastWall) {
      const { inputZone } = this.question;
      this.widen(instantOf(inputZone, list.firstWall).instant, instantOf(inputZone, list.lastWall).instant);
    }
    const { entries } = list;
    const pages = this.pages.sort(list);
    let plane = -1;
    for (let n = 0, stopped = 0; n < pages.length; ) {
      const entry = ENTRY_WORDS * pages[n];
      let end = n + 1;
      while (end < pages.length && isSameBlock(entries, entry, ENTRY_WORDS * pages[end])) end++;
      if (entries[entry + 2] !== plane) {
        section.flush();
        section.begin();
        plane = entries[entry + 2];
      }
      this.sortBlock(list, pages.subarray(n, end));
      n = end;
      if (n - stopped < PAGES_A_TURN) continue;
      stopped = n;
      yield;
    }
    section.flush();
    sorted.energy = section.total;
  }

  private widen(first: number, last: number): void {
    const { sorted } = this;
    if (first < sorted.first) sorted.first = first;
    if (last > sorted.last) sorted.last = last;
  }

  /** The cells of the pages of one block. */
  private sortBlock(list: PageList, pages: Uint32Array): void {
    const { section, sorted, start, inside, block } = this;
    const { entries, words } = list;
    this.placeBlock(list, pages);
    const isWall = isOfWalls(block.plane);
    for (let slot = 0, next = 0; slot < PAGE_SLOTS; slot = next) {
      next = slot + 1;
      if (!(block.used & (1 << slot))) continue;
      // Neighbouring slots of the same row.
      while (next < PAGE_SLOTS && start[next] === start[slot] && inside[next] === inside[slot]) next++;
      if (inside[slot] === 1 && section.start !== start[slot]) {
        section.flush();
        section.enter(start[slot]);
      }
      for (let n = 0; n < pages.length; n++) {
        const source = entries[ENTRY_WORDS * pages[n]];
        const cells = entries[ENTRY_WORDS * pages[n] + 3] >>> 2;
        for (let i = slot, at = cells + slot * CELL_WORDS; i < next; i++, at += CELL_WORDS) {
          if (!isUsed(words, at)) continue;
          const readings = readingsAt(words, at);
          if (isWall) sorted.wallTimes += readings;
          if (block.isSkipped[i] === 1) sorted.skippedWallTimes += readings;
          if (inside[i] === 0) {
            sorted.outOfPeriod += readings;
            continue;
          }
          sorted.readings += readings;
          sorted.present[source] = 1;
          section.add(this.question.bySource ? source : 0, words, at);
        }
      }
    }
  }

  /** Finds the rows of the slots with readings. */
  private placeBlock({ entries, words }: PageList, pages: Uint32Array): void {
    const { block, start, inside, sorted } = this;
    const { zone, rows, inputZone, clock, from, to } = this.question;
    const entry = ENTRY_WORDS * pages[0];
    block.plane = entries[entry + 2];
    block.used = 0;
    for (let n = 0; n < pages.length && block.used !== 0xffff; n++) {
      const cells = entries[ENTRY_WORDS * pages[n] + 3] >>> 2;
      for (let i = 0, at = cells; i < PAGE_SLOTS; i++, at += CELL_WORDS) if (isUsed(words, at)) block.used |= 1 << i;
    }
    const first = (entries[entry + 1] | 0) * PAGE_SLOTS;
    const border = block.plane === Plane.instantFineBorder || block.plane === Plane.wallFineBorder ? 1 : 0;
    start.fill(Number.NaN);
    block.isSkipped.fill(0);
    for (let i = 0; i < PAGE_SLOTS; i++) {
      if (!(block.used & (1 << i))) continue;
      place(block, i, first + i, clock, inputZone);
      const instant = block.instant[i];
      if (block.plane >= Plane.instantFine) this.widen(instant + border, instant + border);
      if (!(instant >= this.row.start && instant < this.row.end)) this.row = rowOf(zone, rows, instant);
      const { row } = this;
      if (row.day < sorted.firstDay) sorted.firstDay = row.day;
      if (row.day > sorted.lastDay) sorted.lastDay = row.day;
      start[i] = row.start;
      inside[i] = row.day >= (from ?? row.day) && row.day <= (to ?? row.day) ? 1 : 0;
    }
  }
}

/** Whether two entries are of the same block of the same plane. */
function isSameBlock(entries: Uint32Array, a: number, b: number): boolean {
  return entries[a + 1] === entries[b + 1] && entries[a + 2] === entries[b + 2];
}
