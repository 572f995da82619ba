/** Samples of readings, as checks for data of the wrong kind look at them. */
import type { Sample } from "../../dist/quality/sample.js";
import { at } from "../time/zones.js";

export type Reading = [source: number, second: number, kWh: number];

export function sampleOf(readings: readonly Reading[]): Sample {
  return {
    length: readings.length,
    source: Uint32Array.from(readings, ([source]) => source),
    second: Float64Array.from(readings, ([, second]) => second),
    kWh: Float64Array.from(readings, ([, , kWh]) => kWh),
  };
}

export const QUARTER = 900;
export const HOUR = 3600;
export const DAY = 86_400;
export const START = at("2024-01-01T00:00Z");
export const nameOf = (source: number) => ["", "M1", "M2", "M3"][source] ?? `S${source}`;

/** One source's values at a regular distance. */
export function series(values: readonly number[], width = QUARTER, source = 1, start = START): Reading[] {
  return values.map((kWh, i) => [source, start + i * width, kWh]);
}

export const even = (count: number, kWh: number) => new Array<number>(count).fill(kWh);
export const rising = (count: number, from: number, to: number) =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
