/** What the page has to show of readings, slow and obvious, from what the API's description says of a profile. */
import { expect } from "vitest";
import { readDataset } from "../oracle/dataset.js";
import { energyText } from "../oracle/energy.js";
import { isReading, type Reading, readingOf } from "../oracle/reading.js";
import { bucketText, type ClockRow, dayOf, dayText, instantText, rowsOf } from "../oracle/zone.js";
import { type Dashboard, eventually } from "./dashboard.js";

export interface Asked {
  readonly timezone: string;
  readonly from: string;
  readonly to: string;
  readonly sources?: readonly string[];
}

export interface Hour extends ClockRow {
  readonly label: string;
  readonly energy: bigint;
  readonly count: number;
  readonly kW: number;
}

export function readingsOf(ndjson: string): Reading[] {
  return readDataset(Buffer.from(ndjson), {}).map(({ record, around }) => {
    const reading = typeof record === "string" ? record : readingOf(record, {}, around);
    if (!isReading(reading)) throw new Error(JSON.stringify(reading));
    return reading;
  });
}

/** The hours (or quarter hours) of a period, in order. */
export function hoursOf(readings: readonly Reading[], asked: Asked, unit: 3600 | 900 = 3600): Hour[] {
  const { timezone, from, to, sources } = asked;
  const chosen = readings
    .filter(({ source }) => sources === undefined || sources.includes(source))
    .sort((a, b) => a.instant - b.instant);
  let next = 0;
  return rowsOf(timezone, dayOf(from), dayOf(to), unit).map((row) => {
    let energy = 0n;
    let count = 0;
    while (next < chosen.length && chosen[next]!.instant < row.start) next++;
    for (; next < chosen.length && chosen[next]!.instant < row.end; next++) {
      energy += chosen[next]!.energy;
      count++;
    }
    const kW = (kWhOf(energy) * 3600) / (row.end - row.start);
    return { ...row, label: instantText(timezone, row.start), energy, count, kW };
  });
}

export function kWhOf(energy: bigint): number {
  return Number(energyText(energy));
}

export function sumOf(hours: readonly Hour[]): bigint {
  return hours.reduce((sum, { energy }) => sum + energy, 0n);
}

/** Hours by the day, week, month or year that they are in. */
export function bucketsOf(hours: readonly Hour[], width: "day" | "week" | "month" | "year"): Map<string, Hour[]> {
  const found = new Map<string, Hour[]>();
  for (const hour of hours) {
    const label = bucketText(width, hour.day);
    found.set(label, [...(found.get(label) ?? []), hour]);
  }
  return found;
}

/** The value that a share of some values stays below or reaches, in proportion between two of them. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

/** Runs of hours without readings. */
export function gapsOf(hours: readonly Hour[]): { from: string; hours: number }[] {
  const gaps: { from: string; hours: number }[] = [];
  hours.forEach(({ label, count }, n) => {
    if (count > 0) return;
    if (n > 0 && hours[n - 1]!.count === 0) gaps[gaps.length - 1]!.hours++;
    else gaps.push({ from: label, hours: 1 });
  });
  return gaps;
}

export function isWeekend({ day }: Hour): boolean {
  return [0, 6].includes(new Date(`${dayText(day)}T00:00:00Z`).getUTCDay());
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ Wh: 1e-3, kWh: 1, MWh: 1e3, GWh: 1e6, W: 1e-3, kW: 1, MW: 1e3, kg: 1, g: 1e-3, t: 1e3, "%": 0.01, "": 1 },
};

/** Whether a text such as `1.23 MWh` is a number: to three digits that count, or three after the point. */
export function says(value: number): (text: string | undefined) => boolean {
  return (text = "") => {
    const found = /^(-?[\d,]+(?:\.\d+)?) ?(%|\p{L}*)$/u.exec(text);
    if (found === null) return false;
    const [, digits = "", unit = ""] = found;
    const size = UNITS[unit];
    if (size === undefined) return false;
    const shown = Number(digits.replaceAll(",", "")) * size;
    // Of percents, one digit after the point is shown below ten, and none above.
    const third =
      unit === "%" ? (Math.abs(value) < 0.1 ? 1e-3 : 1e-2) : 10 ** (Math.floor(Math.log10(Math.abs(value) || 1)) - 2);
    // Powers come with six digits.
    return Math.abs(shown - value) <= Math.max(third, size / 1e3) / 2 + Math.abs(value) * 1e-5;
  };
}

export function saysAll(values: readonly number[]): (texts: readonly (string | undefined)[]) => boolean {
  return (texts) => texts.length === values.length && values.every((value, n) => says(value)(texts[n]));
}

/** Energy with all its digits, as `1,234.5678 kWh`. */
export function exactText(energy: bigint): string {
  const [whole = "", fraction] = energyText(energy).split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${fraction === undefined ? "" : `.${fraction}`} kWh`;
}

/** All energy of some files, in kWh. */
export function totalOf(...files: string[]): number {
  return kWhOf(files.flatMap(readingsOf).reduce((sum, { energy }) => sum + energy, 0n));
}

/** Waits until the page shows a total, in kWh. */
export async function showsTotal(page: Dashboard, total: number): Promise<void> {
  await eventually(
    "the total",
    () => page.figure("total"),
    ({ value }) => expect(value).toSatisfy(says(total)),
  );
}
