/** A 200 row of NEM12: whose values follow, in which unit, and how long each interval is. */
import { cellsOf } from "./cells.js";

/** The values that follow a 200 row. */
export interface DataStream {
  /** `NMI/SUFFIX`. */
  readonly id: string;
  /** The power of ten that converts values to 10⁻¹⁸ kWh; `undefined`: they are no electrical energy. */
  readonly unitPower: number | undefined;
  /** The kind under which values are counted that are none. */
  readonly kind: string;
  /** Whether the energy goes from the site to the grid. */
  readonly isExport: boolean;
  /** Minutes of an interval, and intervals of a day. */
  readonly minutes: number;
  readonly intervals: number;
}

const DAY_MINUTES = 1440;
const ENERGIES: Readonly<Record<string, number>> = { WH: 15, KWH: 18, MWH: 21, GWH: 24 };
/** Kinds of other units. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^[KMG]?VARH?$/, "reactive"],
  [/^[KMG]?VAH?$/, "apparent"],
  [/^[KMG]?W$/, "power"],
  [/^K?V$/, "voltage"],
  [/^K?A$/, "current"],
  [/^PF$/, "power_factor"],
  [/^(M3|GJ|MJ)$/, "gas"],
];

/** Of a 200 row, or why it cannot be read. */
export function streamOf(row: Uint8Array): DataStream | string {
  const cells = cellsOf(row);
  const [, nmi = "", , , suffix = ""] = cells;
  const unit = (cells[7] ?? "").toUpperCase();
  const length = cells[8] ?? "";
  if (nmi === "") return "the 200 row has no NMI";
  if (suffix === "") return "the 200 row has no suffix of the NMI, which is its fifth cell";
  if (!/^[\x21-\x7e]+$/.test(`${nmi}${suffix}`))
    return "the 200 row's NMI or suffix has other signs than letters and digits";
  if (unit === "") return "the 200 row has no unit, which is its eighth cell";
  const minutes = Number(length);
  if (!/^\d{1,4}$/.test(length) || minutes === 0 || DAY_MINUTES % minutes !== 0)
    return `the 200 row's ninth cell, the length of intervals, is ${JSON.stringify(length)}, not minutes that divide a day`;
  const kind = KINDS.find(([units]) => units.test(unit))?.[1] ?? "other_unit";
  return {
    id: `${nmi}/${suffix}`,
    unitPower: ENERGIES[unit],
    kind,
    isExport: /^B/i.test(suffix),
    minutes,
    intervals: DAY_MINUTES / minutes,
  };
}

/** Whether an input that begins so is NEM12 or NEM13: with its header, or a row of a stream or register without one. */
export function isNem(head: string): boolean {
  if (/^100\s*,\s*NEM1[23]\b/i.test(head)) return true;
  return (
    /^200,[\w ]{10,11},(?:[^,\r\n]*,){5}[^,\r\n]+,\d{1,4}\s*[,\r\n]/.test(head) ||
    /^250,\w{10,11},(?:[^,\r\n]*,){12}/.test(head)
  );
}
