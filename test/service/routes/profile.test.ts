/** What `GET /v1/profile` tells, against sums and statistics worked out here from the readings themselves. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { energyText } from "../../oracle/energy.js";
import { bucketText, dayOf, rowsOf } from "../../oracle/zone.js";
import { type Ask, withApp } from "../in-process.js";

interface Sent {
  readonly second: number;
  /** Thousandths of a kWh. */
  readonly wh: number;
  readonly source: string;
}

interface Hour {
  readonly row: { readonly start: number; readonly day: number; readonly offset: number; readonly end: number };
  energy: bigint;
  readings: number;
}

const QUARTER = 900;
const kWhText = (wh: number) =>
  `${wh < 0 ? "-" : ""}${Math.floor(Math.abs(wh) / 1000)}.${String(Math.abs(wh) % 1000).padStart(3, "0")}`;

async function profileOf(ask: Ask, sent: readonly Sent[], query: string) {
  const body = sent
    .map(
      ({ second, wh, source }) =>
        `{"timestamp":"${new Date(second * 1000).toISOString()}","kWh_value":${kWhText(wh)},"meter_id":"${source}"}\n`,
    )
    .join("");
  if (body !== "") {
    const stored = await ask("POST", "/v1/readings", { body, headers: { "content-type": "application/x-ndjson" } });
    expect(stored.status, stored.text).toBe(201);
  }
  const answer = await ask("GET", `/v1/profile?${query}`);
  expect(answer.status, answer.text).toBe(200);
  return JSON.parse(answer.text);
}

function hoursOf(sent: readonly Sent[], zone: string, from: string, to: string): Hour[] {
  const hours = rowsOf(zone, dayOf(from), dayOf(to)).map((row): Hour => ({ row, energy: 0n, readings: 0 }));
  for (const { second, wh } of sent) {
    const hour = hours.find(({ row }) => row.start <= second && second < row.end);
    if (hour === undefined) continue;
    hour.energy += BigInt(wh) * 10n ** 15n;
    hour.readings++;
  }
  return hours;
}

/** Quarter hours of two weeks, with holes, of some sources. */
const readings = fc
  .record({
    begin: fc.constantFrom("2024-03-25", "2024-10-21", "2024-01-01"),
    wh: fc.array(fc.integer({ min: -2000, max: 9000 }), { minLength: 1, maxLength: 400 }),
    skip: fc.array(fc.nat(1200), { maxLength: 300 }),
    step: fc.constantFrom(1, 2, 4),
  })
  .map(({ begin, wh, skip, step }): Sent[] => {
    const missing = new Set(skip);
    return wh.flatMap((value, n) => {
      if (missing.has(n)) return [];
      const second = Date.parse(`${begin}T00:00:00Z`) / 1000 + n * step * QUARTER;
      return [{ second, wh: value, source: n % 3 === 0 ? "a" : "b" }];
    });
  });

describe("a profile", () => {
  test("has the sums, gaps and bars of the readings", () =>
    fc.assert(
      fc.asyncProperty(
        readings,
        fc.constantFrom("UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"),
        fc.constantFrom(...(["day", "week", "month", "year"] as const)),
        async (sent, zone, bars) =>
          withApp({}, async (ask) => {
            fc.pre(sent.length > 0);
            const profile = await profileOf(ask, sent, `timezone=${encodeURIComponent(zone)}&bars=${bars}`);
            const hours = hoursOf(sent, zone, profile.from, profile.to);
            const total = sent.reduce((sum, { wh }) => sum + BigInt(wh) * 10n ** 15n, 0n);
            expect(profile.total_kWh).toBe(energyText(total));
            expect(profile.readings).toBe(sent.length);
            expect(profile.hours).toBe(hours.length);
            const empty = hours.filter(({ readings }) => readings === 0);
            expect(profile.hours_without_readings).toBe(empty.length);
            expect(profile.negative_hours).toBe(hours.filter(({ energy }) => energy < 0n).length);
            const gaps: number[] = [];
            hours.forEach(({ readings }, n) => {
              if (readings !== 0) return;
              if (n > 0 && hours[n - 1]?.readings === 0) gaps[gaps.length - 1]!++;
              else gaps.push(1);
            });
            expect(profile.gaps.count).toBe(gaps.length);
            expect(profile.gaps.first.map((gap: { hours: number }) => gap.hours)).toEqual(gaps.slice(0, 100));
            expect(profile.gaps.longest?.hours ?? 0).toBe(Math.max(0, ...gaps));
            const sums = new Map<string, { energy: bigint; hours: number; empty: number }>();
            for (const { row, energy, readings } of hours) {
              const label = bucketText(bars, row.day);
              const sum = sums.get(label) ?? { energy: 0n, hours: 0, empty: 0 };
              sums.set(label, sum);
              sum.energy += energy;
              sum.hours++;
              if (readings === 0) sum.empty++;
            }
            expect(
              profile.bars.map((bar: Record<string, unknown>) => [
                bar["label"],
                bar["kWh"],
                bar["hours"],
                bar["hours_without_readings"],
              ]),
            ).toEqual(
              Array.from(sums, ([label, { energy, hours, empty }]) => [label, energyText(energy), hours, empty]),
            );
          }),
      ),
      { numRuns: 12 },
    ));

  test("has the power of every hour in its heat map, also where clocks change", () =>
    withApp({}, async (ask) => {
      const begin = Date.parse("2024-03-30T00:00:00Z") / 1000;
      // Ascending, so that each cell is another; two days around the change to summer time.
      const sent = Array.from({ length: 3 * 96 }, (_, n) => ({ second: begin + n * QUARTER, wh: n, source: "a" }));
      const profile = await profileOf(ask, sent, "timezone=Europe/Berlin&from=2024-03-30&to=2024-03-31");
      const hours = hoursOf(sent, "Europe/Berlin", "2024-03-30", "2024-03-31");
      expect(profile.heat_map.days).toEqual(["2024-03-30", "2024-03-31"]);
      const expected = [0, 1].map((day) =>
        Array.from({ length: 24 }, (_, hour) => {
          const found = hours.find(
            ({ row }) =>
              row.day === dayOf("2024-03-30") + day && new Date((row.start + row.offset) * 1000).getUTCHours() === hour,
          );
          return found === undefined ? false : found.readings === 0 ? null : Number(found.energy / 10n ** 15n) / 1000;
        }),
      );
      expect(profile.heat_map.kW).toEqual(expected);
      expect(profile.heat_map.kW[1][2]).toBe(false);
      expect(profile.heat_map.kW[0][0]).toBeNull();
    }));

  test("shows the repeated hour of autumn as the mean of both", () =>
    withApp({}, async (ask) => {
      const begin = Date.parse("2024-10-27T00:00:00Z") / 1000;
      const sent = [0, 4].map((quarter) => ({
        second: begin + quarter * QUARTER,
        wh: quarter === 0 ? 1000 : 3000,
        source: "a",
      }));
      const profile = await profileOf(ask, sent, "timezone=Europe/Berlin&from=2024-10-27&to=2024-10-27");
      expect(profile.hours).toBe(25);
      expect(profile.heat_map.kW[0][2]).toBe(2);
    }));

  test("tells the peak of quarter hours only where each quarter has readings", () =>
    withApp({}, async (ask) => {
      const begin = Date.parse("2024-01-01T00:00:00Z") / 1000;
      const quarters = Array.from({ length: 96 }, (_, n) => ({
        second: begin + n * QUARTER,
        wh: n === 50 ? 700 : 100,
        source: "a",
      }));
      const fine = await profileOf(ask, quarters, "from=2024-01-01&to=2024-01-01");
      expect(fine.peak).toEqual({ start: "2024-01-01T12:30:00Z", minutes: 15, kWh: "0.7", kW: 2.8 });
      const hours = Array.from({ length: 24 }, (_, n) => ({
        second: begin + 86_400 + n * 3600,
        wh: n === 7 ? 5000 : 400,
        source: "b",
      }));
      const coarse = await profileOf(ask, hours, "source=b");
      expect(coarse.peak).toEqual({ start: "2024-01-02T07:00:00Z", minutes: 60, kWh: "5", kW: 5 });
      // A reading that is missing here and there changes nothing; a meter that sends hours beside one that sends quarters does.
      const holes = quarters
        .filter((_, n) => n !== 7)
        .map((one) => ({ ...one, second: one.second + 10 * 86_400, source: "c" }));
      expect((await profileOf(ask, holes, "source=c")).peak.minutes).toBe(15);
      expect((await profileOf(ask, [], "source=a&source=b&from=2024-01-01&to=2024-01-02")).peak.minutes).toBe(60);
    }));

  test("has statistics of hours with readings only", () =>
    withApp({}, async (ask) => {
      // Monday to Sunday, 08:00 only: 1 to 5 kWh on weekdays, 10 and 20 at the weekend.
      const begin = Date.parse("2024-01-01T08:00:00Z") / 1000;
      const sent = [1, 2, 3, 4, 5, 10, 20].map((kWh, n) => ({
        second: begin + n * 86_400,
        wh: kWh * 1000,
        source: "a",
      }));
      const profile = await profileOf(ask, sent, "from=2024-01-01&to=2024-01-07");
      expect(profile.typical_day.weekday[8]).toEqual({ low_kW: 1.4, median_kW: 3, high_kW: 4.6 });
      expect(profile.typical_day.weekend[8]).toEqual({ low_kW: 11, median_kW: 15, high_kW: 19 });
      expect(profile.typical_day.weekday[9]).toEqual({ low_kW: null, median_kW: null, high_kW: null });
      expect(profile.duration_kW[0]).toBe(20);
      expect(profile.duration_kW[50]).toBe(4);
      expect(profile.duration_kW[100]).toBe(1);
      expect(profile.base_load_kW).toBe(1.3);
      expect(profile.days_with_readings).toBe(7);
    }));

  test("of nothing is empty, and of a long time has no more columns than a screen shows", () =>
    withApp({}, async (ask) => {
      const none = await profileOf(ask, [], "");
      expect([none.from, none.to, none.total_kWh, none.peak, none.bars]).toEqual([null, null, "0", null, []]);
      const long = await profileOf(ask, [{ second: 0, wh: 1, source: "a" }], "from=1970-01-01&to=1979-12-31&bars=year");
      expect(long.heat_map.days.length).toBeLessThanOrEqual(400);
      expect(long.heat_map.days_per_column).toBe(10);
      expect(long.bars).toHaveLength(10);
      expect(long.gaps.count).toBe(1);
    }));

  test("is of the sources that are asked for, and names those that are not known", () =>
    withApp({}, async (ask) => {
      const second = Date.parse("2024-01-01T08:00:00Z") / 1000;
      const sent = ["a", "b"].map((source, n) => ({ second, wh: 1000 + n, source }));
      const profile = await profileOf(ask, sent, "source=b&source=c");
      expect([profile.total_kWh, profile.unknown_sources]).toEqual(["1.001", ["c"]]);
      const again = await ask("GET", "/v1/profile?source=b&source=c");
      const { etag } = again.headers;
      const cached = await ask("GET", "/v1/profile?source=b&source=c", { headers: { "if-none-match": String(etag) } });
      expect(cached.status).toBe(304);
    }));
});
