/**
 * Converts the slots of a tally to rows. Every plane's slot stands for one instant (planes ensure that); slots that
 * several sources or parts share are converted once.
 */

import { dateAt, type TimeRows } from "../time/period.js";
import { instantOf, type Zone } from "../time/zone.js";
import { PAGE_SLOTS } from "./cell.js";
import { type Clock, type Part, Plane } from "./tally.js";

/** A block of 16 slots of one plane, with those in which any source has readings. */
export interface Block {
  plane: number;
  /** Bit i: slot i has readings. */
  used: number;
  /** Epoch seconds in the row of each used slot. */
  readonly instant: Float64Array;
  /** 1: a wall time that a clock change skips. */
  readonly isSkipped: Uint8Array;
  /** Rows, once they are known; -1 outside the period. */
  readonly row: Int32Array;
}

/** A block without readings. */
export function newBlock(plane: number): Block {
  return {
    plane,
    used: 0,
    instant: new Float64Array(PAGE_SLOTS),
    isSkipped: new Uint8Array(PAGE_SLOTS),
    row: new Int32Array(PAGE_SLOTS),
  };
}

/** All blocks of some parts, and for each part and page its block's number. */
export interface Blocks {
  readonly all: readonly Block[];
  readonly ofPage: readonly Uint32Array[];
}

/** @param inputZone of wall times */
export function blocksOf(parts: readonly Part[], clock: Clock, inputZone: Zone): Blocks {
  const all: Block[] = [];
  /** By plane and number. */
  const numbers = new Map<number, number>();
  const ofPage = parts.map((part) => {
    const { pagePlane, pageBlock, pageUsed } = part;
    const blocks = new Uint32Array(pageBlock.length);
    let last = -1;
    let number: number | undefined;
    for (let n = 0; n < pageBlock.length; n++) {
      // Blocks are within ±2³⁰.
      const key = (pageBlock[n] + 0x40000000) * 8 + pagePlane[n];
      // Pages of one block are mostly consecutive.
      if (key !== last) number = numbers.get(key);
      last = key;
      if (number === undefined) {
        number = all.push(newBlock(pagePlane[n])) - 1;
        numbers.set(key, number);
      }
      blocks[n] = number;
      all[number].used |= pageUsed[n];
    }
    return blocks;
  });
  for (const [key, number] of numbers) {
    const block = all[number];
    const first = (Math.floor(key / 8) - 0x40000000) * PAGE_SLOTS;
    for (let i = 0; i < PAGE_SLOTS; i++) if (block.used & (1 << i)) place(block, i, first + i, clock, inputZone);
  }
  return { all, ofPage };
}

/** Finds the instant of slot `i` of a block. */
export function place(block: Block, i: number, slot: number, clock: Clock, inputZone: Zone): void {
  switch (block.plane) {
    case Plane.instant:
      block.instant[i] = slot * clock.instantWidth;
      return;
    case Plane.instantFine:
      block.instant[i] = slot;
      return;
    case Plane.instantFineBorder:
      block.instant[i] = slot - 1;
      return;
  }
  const wide = block.plane === Plane.wall || block.plane === Plane.wallBorder;
  const border = block.plane === Plane.wallBorder || block.plane === Plane.wallFineBorder;
  const second = wide ? slot * clock.wallWidth : slot;
  const { instant, kind } = instantOf(inputZone, second);
  block.instant[i] = border ? instant - 1 : instant;
  // If an interval ends when the clock is put forward, the clock still showed its last second.
  if (kind === "skipped" && !(border && instantOf(inputZone, second - 1).kind !== "skipped")) block.isSkipped[i] = 1;
}

/** First and last day with readings, in a zone; `undefined` if there is none. */
export function daysWithReadings(blocks: Blocks, zone: Zone): { first: number; last: number } | undefined {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const block of blocks.all) {
    for (let i = 0; i < PAGE_SLOTS; i++) {
      if (!(block.used & (1 << i))) continue;
      const day = dateAt(zone, block.instant[i]);
      if (day < first) first = day;
      if (day > last) last = day;
    }
  }
  return first <= last ? { first, last } : undefined;
}

/** Gives every used slot its row. */
export function giveRows(blocks: Blocks, times: TimeRows): void {
  for (const block of blocks.all) {
    for (let i = 0; i < PAGE_SLOTS; i++) if (block.used & (1 << i)) block.row[i] = rowAt(times, block.instant[i]);
  }
}

/** The row that an instant belongs to, or -1. */
export function rowAt(times: TimeRows, instant: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times.start[middle] <= instant) low = middle + 1;
    else high = middle;
  }
  return low > 0 && instant < times.end[low - 1] ? low - 1 : -1;
}

/**
 * First and last second of all readings, by their timestamps (before the shift of stamps that mark an end). Wide planes
 * remember theirs; those of fine ones follow from their slots. Wide wall times are never skipped ones, so the first wall
 * time is the first instant.
 */
export function extentOf(
  parts: readonly Part[],
  blocks: Blocks,
  inputZone: Zone,
): { first: number; last: number } | undefined {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const widen = (from: number, to: number) => {
    if (from < first) first = from;
    if (to > last) last = to;
  };
  for (const part of parts) {
    widen(part.firstInstant, part.lastInstant);
    if (part.firstWall <= part.lastWall)
      widen(instantOf(inputZone, part.firstWall).instant, instantOf(inputZone, part.lastWall).instant);
  }
  for (const block of blocks.all) {
    if (block.plane < Plane.instantFine) continue;
    const border = block.plane === Plane.instantFineBorder || block.plane === Plane.wallFineBorder;
    for (let i = 0; i < PAGE_SLOTS; i++) {
      if (!(block.used & (1 << i))) continue;
      const second = block.instant[i] + (border ? 1 : 0);
      widen(second, second);
    }
  }
  return first <= last ? { first, last } : undefined;
}

/** The instant before which half of the slots with readings are, in epoch seconds. */
export function middleOf(blocks: Blocks): number {
  const instants: number[] = [];
  for (const block of blocks.all)
    for (let i = 0; i < PAGE_SLOTS; i++) if (block.used & (1 << i)) instants.push(block.instant[i]);
  return Float64Array.from(instants).sort()[instants.length >> 1];
}
