/** Readings of one meter by hand, and what is said of them. */

import { qualityOf, type SourceQuality } from "../../dist/quality/quality.js";
import { SourceCells } from "../../dist/tally/source-cells.js";
import { zoneOf } from "../../dist/time/zone.js";

/** Epoch seconds of an instant. */
export const at = (text: string): number => Date.parse(text) / 1000;

const text = (second: number): string => new Date(second * 1000).toISOString().slice(0, 16);

/** Instants from one on (inclusive) to another (exclusive), every so many minutes. */
export function every(minutes: number, from: string, to: string): number[] {
  const instants: number[] = [];
  for (let second = at(from); second < at(to); second += minutes * 60) instants.push(second);
  return instants;
}

/** Readings at some instants, in any order, of one kWh each unless `energyAt` says otherwise. */
function cellsFrom(instants: readonly number[], energyAt: (second: number) => bigint = () => 10n ** 18n): SourceCells {
  const bySlot = new Map<number, { count: number; energy: bigint }>();
  for (const second of instants) {
    const slot = Math.floor(second / 900);
    const cell = bySlot.get(slot) ?? { count: 0, energy: 0n };
    bySlot.set(slot, { count: cell.count + 1, energy: cell.energy + energyAt(second) });
  }
  const cells = new SourceCells();
  cells.begin("m");
  for (const [slot, { count, energy }] of [...bySlot].sort(([a], [b]) => a - b)) {
    const limbs = [0n, 32n, 64n, 96n].map((bits) => Number(BigInt.asUintN(32, energy >> bits)));
    cells.addSlots(slot, { energy: Uint32Array.from(limbs), count: Float64Array.of(count) });
  }
  return cells;
}

export interface Asked {
  readonly zone?: string;
  readonly from?: string;
  readonly to?: string;
  readonly most?: number;
  readonly energyAt?: (second: number) => bigint;
}

/** @param asked `from` and `to` as instants */
export function judged(instants: readonly number[], asked: Asked = {}): SourceQuality {
  const { zone = "UTC", from, to, most = 100, energyAt } = asked;
  const question = {
    zone: zoneOf(zone),
    from: from === undefined ? undefined : at(from),
    to: to === undefined ? undefined : at(to),
    most,
  };
  return qualityOf(cellsFrom(instants, energyAt), question);
}

/** The minutes of its intervals. */
export const intervals = (quality: SourceQuality) => quality.intervals.map(({ seconds }) => seconds && seconds / 60);

/** Findings as `from to readings`. */
export const told = (findings: SourceQuality["gaps"]) =>
  findings.map(({ from, to, readings }) => `${text(from)} ${text(to)} ${readings}`);
