/**
 * `electro aggregate`, slow and obvious, written from what users are promised and from nothing else. It is told the
 * unpacked bytes of its inputs; it answers with the files, or with why there are none.
 */
import { DatasetError, type Found, readDataset } from "./dataset.js";
import { energyText, TOO_MUCH } from "./energy.js";
import { greenButton, isGreenButton } from "./green-button.js";
import { isNem12, nem12 } from "./nem12.js";
import type { Options } from "./options.js";
import { toldByOrder } from "./order.js";
import { isReading, type NoReading, type Reading, type Reason, readingsOf } from "./reading.js";
import { summarise } from "./summary.js";
import { isTotal } from "./totals.js";
import { instantText } from "./zone.js";

export interface BadRecord {
  /** Index of its input. */
  readonly input: number;
  readonly number: number;
  readonly line: number;
  readonly reason: Reason;
}

/** `first` and `last`, and what was rounded, repeated or skipped, are of all readings, also those out of the period. */
export interface Totals {
  readonly records: number;
  /** In the period, as `sources` and `kWh`. */
  readonly readings: number;
  readonly rejected: number;
  readonly leftOut: Readonly<Record<string, number>>;
  /** Readings by flag, if their format has flags. */
  readonly qualityFlags?: Readonly<Record<string, number>>;
  readonly rounded: number;
  readonly repeatedWallTimes: number;
  readonly ambiguousWallTimes: number;
  readonly skippedWallTimes: number;
  readonly outOfPeriod: number;
  readonly hoursFilled: number;
  readonly sources: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly kWh: string;
}

export type Outcome =
  | { readonly status: "done"; readonly files: Map<string, string>; readonly totals: Totals; readonly bad: BadRecord[] }
  | { readonly status: "failed"; readonly why: string; readonly bad: BadRecord[] };

/** A field to select by that no record has is an error. */
function checkSelecting(all: readonly Found[], { only = [] }: Options): void {
  const records = all.flatMap(({ record }) => (typeof record === "string" ? [] : [record]));
  for (const name of only.map((one) => one.slice(0, one.indexOf("="))))
    if (records.length > 0 && records.every((record) => record(name) === undefined))
      throw new DatasetError(`no record has ${name}`);
}

/** A row without a reading that has a place in the order of rows. */
type PlacedRow = NoReading & Pick<Reading, "source" | "wall">;
/**
 * A reading at an instant; what it covers is at the only other one, where it can be at no other.
 * @param told whether the order of rows told the instant
 */
function coveredAt(reading: Reading, instant: number, told: boolean): Reading {
  const { over } = reading;
  if (over === undefined) return { ...reading, instant };
  const covered =
    over(instant, told && instant === reading.instant) ??
    over(reading.instant, told) ??
    laterOf(over, reading.instant)!;
  return { ...reading, instant, covered, energy: covered.energy, rounded: covered.rounded };
}

function laterOf(over: NonNullable<Reading["over"]>, instant: number) {
  for (let later = instant; later < instant + 8 * 3600; later += 900) {
    const covered = over(later);
    if (covered !== undefined) return covered;
  }
  return undefined;
}

export function aggregate(inputs: readonly Uint8Array[], options: Options): Outcome {
  let readings: Reading[] = [];
  const bad: BadRecord[] = [];
  const inputZone = options.inputTimezone ?? options.timezone ?? "UTC";
  let ambiguous = 0;
  const leftOut: Record<string, number> = {};
  const leaveOut = (why: string) => {
    leftOut[why] = (leftOut[why] ?? 0) + 1;
  };
  let records = 0;
  const told = new Map<number, string>();
  const feeds = new Map<number, string>();
  for (const [input, bytes] of inputs.entries()) {
    const text = Buffer.from(bytes)
      .toString("utf8")
      .replace(/^\ufeff/, "");
    if (isNem12(text)) {
      told.set(input, text);
      continue;
    }
    if (isGreenButton(text)) {
      feeds.set(input, text);
      continue;
    }
    const ofInput: (Reading | PlacedRow)[] = [];
    try {
      const all = readDataset(bytes, options);
      checkSelecting(all, options);
      for (const found of all) {
        records++;
        for (const reading of readingsOf(found, options)) {
          if (typeof reading === "string") bad.push({ input, number: found.number, line: found.line, reason: reading });
          else if (isReading(reading)) ofInput.push(reading);
          else if (reading.source === undefined) leaveOut(reading.none);
          else ofInput.push({ ...reading, source: reading.source, wall: reading.wall });
        }
      }
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      return { status: "failed", why: error.message, bad };
    }
    const order = toldByOrder(ofInput, inputZone, options);
    for (const reading of ofInput) {
      if (!isReading(reading)) {
        leaveOut(reading.none);
        continue;
      }
      const { instant = reading.instant, ambiguous: notTold = false } = order.get(reading) ?? {};
      const byOrder = order.has(reading) && !notTold && (options.repeatedHour ?? "order") === "order";
      if (notTold) ambiguous++;
      readings.push(coveredAt(reading, instant, byOrder));
    }
  }
  const meters = nem12(told, options);
  const delivered = [meters, greenButton(feeds, options)];
  // Other readings are consumption.
  const kinds = new Set([...(readings.length > 0 ? [false] : []), ...delivered.flatMap((one) => [...one.kinds])]);
  for (const one of delivered) {
    if (one.nothing !== undefined) return { status: "failed", why: "no electrical energy", bad };
    readings.push(...one.readings);
    for (const { input, line } of one.bad) bad.push({ input, number: 0, line, reason: "cells" });
    for (const [kind, count] of Object.entries(one.leftOut)) leftOut[kind] = (leftOut[kind] ?? 0) + count;
    records += one.readings.length + one.bad.length;
    for (const count of Object.values(one.leftOut)) records += count;
  }
  if (kinds.size > 1 && !options.bySource && options.export === undefined)
    return { status: "failed", why: "consumption and export", bad };
  const all = readings;
  if (options.totals === "skip") readings = all.filter((reading) => !isTotal(reading, all));
  for (let n = readings.length; n < all.length; n++) leaveOut("total");
  if (bad.length > 0 && options.onError !== "skip") return { status: "failed", why: "bad records", bad };
  const size = readings.reduce((sum, { energy }) => sum + (energy < 0n ? -energy : energy), 0n);
  if (size >= TOO_MUCH) return { status: "failed", why: "more energy than is believed", bad };

  const summary = summarise(readings, options);
  if (summary.days > (options.maxDays ?? 3660)) return { status: "failed", why: "too long a period", bad };
  const zone = options.timezone ?? "UTC";
  const instants = readings.map(({ instant }) => instant).sort((a, b) => a - b);
  const text = (instant: number | undefined) => (instant === undefined ? null : instantText(zone, instant));
  const totals: Totals = {
    records,
    readings: readings.length - summary.outOfPeriod,
    rejected: bad.length,
    leftOut: Object.fromEntries(Object.entries(leftOut).sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(told.size === 0 ? {} : { qualityFlags: meters.flags }),
    rounded: readings.filter(({ rounded }) => rounded).length,
    repeatedWallTimes: all.filter(({ kind }) => kind === "repeated").length,
    ambiguousWallTimes: ambiguous,
    skippedWallTimes: all.filter(({ kind }) => kind === "skipped").length,
    outOfPeriod: summary.outOfPeriod,
    hoursFilled: summary.hoursFilled,
    sources: summary.sources.length,
    first: text(instants[0]),
    last: text(instants.at(-1)),
    kWh: energyText(summary.total),
  };
  return { status: "done", files: summary.files, totals, bad };
}
