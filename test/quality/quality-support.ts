/** Readings of one meter by hand, and what is said of them. */

import { qualityOf, type SourceQuality } from "../../dist/quality/quality.js";
import type { Contribution } from "../../dist/tally/contribution.js";
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
function contributionFrom(
  instants: readonly number[],
  energyAt: (second: number) => bigint = () => 10n ** 18n,
  source = "m",
): Contribution {
  const bySlot = new Map<number, { count: number; energy: bigint }>();
  for (const second of instants) {
    const slot = Math.floor(second / 900);
    const cell = bySlot.get(slot) ?? { count: 0, energy: 0n };
    bySlot.set(slot, { count: cell.count + 1, energy: cell.energy + energyAt(second) });
  }
  const cells = [...bySlot].sort(([a], [b]) => a - b);
  return {
    sources: [source],
    starts: Uint32Array.of(0, cells.length),
    slot: Int32Array.from(cells, ([slot]) => slot),
    energy: Uint32Array.from(
      cells.flatMap(([, { energy }]) => [0n, 32n, 64n, 96n].map((bits) => Number(BigInt.asUintN(32, energy >> bits)))),
    ),
    count: Float64Array.from(cells, ([, { count }]) => count),
  };
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
  const [quality] = qualityOf(contributionFrom(instants, energyAt), question);
  return quality as SourceQuality;
}

/** The minutes of its intervals. */
export const intervals = (quality: SourceQuality) => quality.intervals.map(({ seconds }) => seconds && seconds / 60);

/** Findings as `from to readings`. */
export const told = (findings: SourceQuality["gaps"]) =>
  findings.map(({ from, to, readings }) => `${text(from)} ${text(to)} ${readings}`);
