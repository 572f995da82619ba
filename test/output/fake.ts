/** Summaries made up for tests, and the slow, obvious way to write one. */

import { type Summary, summaryOf } from "../../dist/tally/summary.js";
import { dayOf, type TimeRows, timeRowsOf } from "../../dist/time/period.js";
import type { Short } from "../../dist/time/resolution.js";
import { zoneOf } from "../../dist/time/zone.js";

/** One cell: the energy in 10⁻¹⁸ kWh, and its readings. */
export type Cell = readonly [energy: bigint, count: number];

export interface Fake {
  zone?: string;
  from?: string;
  to?: string;
  sources?: readonly string[];
  /** Default: hours. */
  rows?: Short;
  /** The cell of a row and a column. Default: zeros. */
  cell?: (row: number, column: number) => Cell;
}

/** A summary whose rows are the sums of their cells. */
export function fake(of: Fake = {}): Summary {
  const { from = "2024-01-01", to = from, sources, cell = () => [0n, 0] } = of;
  const times = timesOf(of);
  const period = from <= to ? { first: dayOf(from), last: dayOf(to) } : undefined;
  return summaryOf(zoneOf(of.zone ?? "UTC"), period, times, sources, {
    cells: 0,
    sum(rows, { energy, count }, begin, end) {
      for (let column = begin; column < end; column++) {
        const cells = Array.from(rows, (row) => cell(row, column));
        const sum = cells.reduce<Cell>(([e, n], [value, readings]) => [e + value, n + readings], [0n, 0]);
        put(sum, column, energy, count);
      }
    },
  });
}

/** The rows of such a summary. */
export function timesOf({ zone = "UTC", from = "2024-01-01", to = from, rows = "hour" }: Fake): TimeRows {
  const [first, last] = from <= to ? [dayOf(from), dayOf(to)] : [0, -1];
  return timeRowsOf(zoneOf(zone), rows, first, last);
}

function put([value, readings]: Cell, column: number, energy: Uint32Array, count: Float64Array): void {
  for (let limb = 0; limb < 4; limb++) {
    energy[4 * column + limb] = Number(BigInt.asUintN(32, value >> BigInt(32 * limb)));
  }
  count[column] = readings;
}

/** 10⁻¹⁸ kWh as a decimal, by BigInt and strings. */
export function naiveEnergy(value: bigint, decimals = 18): string {
  const unit = 10n ** BigInt(18 - decimals);
  const size = value < 0n ? -value : value;
  let kept = size / unit;
  const twice = 2n * (size % unit);
  if (twice > unit || (twice === unit && kept % 2n === 1n)) kept++;
  const digits = kept.toString().padStart(decimals + 1, "0");
  const [whole, fraction] = [digits.slice(0, digits.length - decimals), digits.slice(digits.length - decimals)];
  return (value < 0n && kept > 0n ? "-" : "") + `${whole}.${fraction}`.replace(/\.?0*$/, "");
}

/** All blocks, copied as they come, since each is good only until the next. */
export function textOf(blocks: Iterable<Uint8Array>): string {
  return Buffer.concat(Array.from(blocks, (block) => Uint8Array.from(block))).toString("utf8");
}
