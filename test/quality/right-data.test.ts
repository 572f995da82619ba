/** Data that is right: 200 datasets as they are met, of which none may lead to a warning. */
import { expect, test } from "vitest";
import { aggregate } from "../../dist/index.js";

/** Numbers from 0 to 1, the same ones each time (Marsaglia's xorshift). */
function random(seed: number): () => number {
  let x = seed * 2_654_435_761 + 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 2 ** 32;
  };
}

/** kWh of an hour that begins at `hour` of day `day`. */
type Load = (hour: number, day: number, noise: () => number) => number;

const bell = (hour: number, at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));

const LOADS: Readonly<Record<string, Load>> = {
  solar: (hour, day, noise) =>
    5 * Math.max(0, Math.sin(((hour - 6) * Math.PI) / 12)) * (0.4 + 0.6 * noise()) * (0.7 + (day % 3) / 10),
  "solar export": (hour, _, noise) => -5 * Math.max(0, Math.sin(((hour - 6) * Math.PI) / 12)) * (0.4 + 0.6 * noise()),
  "heat pump": (hour, day, noise) => (noise() < 0.4 + 0.2 * bell(hour, 6, 4) ? 2.2 + 0.1 * (day % 5) : 0),
  "flat base load": () => 0.25,
  "base load with noise": (_, __, noise) => 12 + 0.05 * noise(),
  "base load that was raised": (_, day) => (day < 3 ? 40 : 42),
  "shore power of ships": (hour, day, noise) => ((day * 24 + hour) % 61 < 27 ? 300 + 40 * noise() : 0),
  household: (hour, _, noise) => 0.1 + 0.3 * bell(hour, 8, 2) + 0.7 * bell(hour, 19, 3) + 0.2 * noise(),
  "standard profile": (hour, day) => (day % 7 < 5 ? 0.2 : 0.25) + 0.4 * bell(hour, 12, 3) + 0.6 * bell(hour, 19, 2),
  office: (hour, day, noise) => (day % 7 < 5 && hour >= 7 && hour < 18 ? 20 + 5 * noise() : 4 + 0.3 * noise()),
  factory: (hour) => [60, 60, 250, 400, 400, 250][Math.floor(hour / 4)] as number,
  "street lights": (hour) => (hour < 6 || hour >= 20 ? 0.75 : 0),
  "electric car": (hour, day, noise) => (hour >= 22 && day % 3 === 0 ? 11 * (0.9 + 0.1 * noise()) : 0),
  "cold store": (hour, _, noise) => (Math.floor(hour * 4 + 8 * noise()) % 3 === 0 ? 9 : 3),
  "net of house and plant": (hour, _, noise) =>
    0.3 + 0.8 * bell(hour, 19, 3) + 0.2 * noise() - 4 * Math.max(0, Math.sin(((hour - 6) * Math.PI) / 12)) * noise(),
  "night storage heater": (hour) => (hour < 6 ? 4 : 0),
  "data centre": (hour, day, noise) => 900 + day / 10 + 3 * bell(hour, 15, 5) + noise(),
};

/** How the readings of one dataset lie: how far apart, how many days and sources, and in which order. */
const SHAPES = [
  { minutes: 60, days: 14, sources: 1, order: "time" },
  { minutes: 15, days: 5, sources: 3, order: "time" },
  { minutes: 30, days: 3, sources: 2, order: "source" },
  { minutes: 5, days: 2, sources: 1, order: "newest first" },
  { minutes: 1, days: 2, sources: 1, order: "time" },
  { minutes: 60, days: 1, sources: 40, order: "time" },
  { minutes: 60, days: 1, sources: 3000, order: "time", hours: 3 },
  { minutes: 15, days: 8, sources: 4, order: "shuffled" },
  { minutes: 60, days: 3, sources: 30, order: "source" },
  { minutes: 10, days: 4, sources: 2, order: "time" },
  { minutes: 20, days: 4, sources: 1, order: "time" },
  { minutes: 30, days: 20, sources: 1, order: "shuffled" },
] as const;

function dataset(load: Load, shape: (typeof SHAPES)[number], seed: number): string {
  const { minutes, days, sources, order } = shape;
  const noise = random(seed + 1);
  const count = Math.floor(("hours" in shape ? shape.hours * 60 : days * 1440) / minutes);
  const readings: { second: number; source: number; line: string }[] = [];
  for (let n = 0; n < count; n++)
    for (let source = 0; source < sources; source++) {
      const minute = n * minutes;
      const hour = (minute % 1440) / 60;
      const size = 1 + (source % 7) / 10;
      const kWh = (size * load(hour, Math.floor(minute / 1440), noise) * minutes) / 60;
      const timestamp = new Date(Date.UTC(2024, seed % 12, 1) + minute * 60_000).toISOString();
      const line = JSON.stringify({ timestamp, kWh_value: kWh.toFixed(4), meter_id: `m${source}` });
      readings.push({ second: minute * 60, source, line });
    }
  if (order === "source") readings.sort((a, b) => a.source - b.source || a.second - b.second);
  if (order === "newest first") readings.reverse();
  if (order === "shuffled")
    for (let i = readings.length - 1; i > 0; i--) {
      const j = Math.floor(noise() * (i + 1));
      [readings[i], readings[j]] = [readings[j]!, readings[i]!];
    }
  return readings.map(({ line }) => line).join("\n");
}

test("200 datasets that are right lead to no warning", async () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const [name, load] of Object.entries(LOADS))
    for (const [n, shape] of SHAPES.entries()) {
      seen++;
      const { warnings } = await aggregate(Buffer.from(dataset(load, shape, seen)), { bySource: true });
      for (const { message } of warnings) wrong.push(`${name}, shape ${n}: ${message}`);
    }
  expect(wrong).toEqual([]);
  expect(seen).toBeGreaterThanOrEqual(200);
});
