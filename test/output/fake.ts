/** Summaries made up for tests, and the slow, obvious way to write one. */

import type { Summary } from "../../dist/tally/summary.js";
import { dayOf, daysOf, type Hours, hoursOf } from "../../dist/time/period.js";
import { zoneOf } from "../../dist/time/zone.js";

/** One cell: the energy in 10⁻¹⁸ kWh, and its readings. */
export type Cell = readonly [energy: bigint, count: number];

export interface Fake {
  zone?: string;
  from?: string;
  to?: string;
  sources?: readonly string[];
  /** The cell of an hour row and a column. Default: zeros. */
  cell?: (row: number, column: number) => Cell;
}

/** A summary whose days are the sums of their hours. */
export function fake({
  zone: name = "UTC",
  from = "2024-01-01",
  to = from,
  sources,
  cell = () => [0n, 0],
}: Fake = {}): Summary {
  const zone = zoneOf(name);
  const hours = from <= to ? hoursOf(zone, dayOf(from), dayOf(to)) : noHours();
  const days = daysOf(hours);
  const columns = sources ? sources.length : 1;
  return {
    ...{ zone, hours, days, sources, columns },
    hour(row, energy, count) {
      for (let column = 0; column < columns; column++) put(cell(row, column), column, energy, count);
    },
    day(index, energy, count) {
      for (let column = 0; column < columns; column++) put(daily(days[index], column), column, energy, count);
    },
  };

  function daily(day: number, column: number): Cell {
    const rows = Array.from(hours.day.keys()).filter((row) => hours.day[row] === day);
    return rows.map((row) => cell(row, column)).reduce(([e, n], [energy, count]) => [e + energy, n + count], [0n, 0]);
  }
}

/** A period without any day. */
function noHours(): Hours {
  return {
    ...{ length: 0, start: new Float64Array(0), end: new Float64Array(0) },
    ...{ offset: new Int32Array(0), day: new Int32Array(0) },
  };
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
