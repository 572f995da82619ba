/** What a store is handed of an input, compared with sums by BigInt. */
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ingestionPlanOf } from "../../dist/jobs/plan.js";
import { contributeInput, shaOfBatch } from "../../dist/pipeline/contribute.js";
import { Rejections } from "../../dist/pipeline/rejections.js";
import { addTo, byBytes, expectedCells, type Sums, totalsOf, unpacked } from "../store/batches.js";

describe("an input for a store", () => {
  test("has the readings, extent and energy", async () => {
    const reading = fc.record({
      minute: fc.integer({ min: 0, max: 60 * 24 * 3 }),
      tenths: fc.integer({ min: -1e9, max: 1e9 }),
      source: fc.constantFrom("a", "b", "é", "~", ""),
      wall: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(reading, { maxLength: 60 }), async (readings) => {
        // Berlin's clocks go back at 2024-10-27T01:00Z: wall times before that are at +02:00, those from two on that night are not asked here.
        const start = Date.UTC(2024, 9, 20);
        const lines = readings.map(({ minute, tenths, source, wall }) => {
          const second = start / 1000 + minute * 60;
          const shown = new Date((second + (wall ? 7200 : 0)) * 1000).toISOString().slice(0, 19) + (wall ? "" : "Z");
          return JSON.stringify({ timestamp: shown, kWh_value: `${tenths}e-1`, meter_id: source });
        });
        const { kept, rejections } = await keep(lines.join("\n"), { inputTimezone: "Europe/Berlin" });
        const sums: Sums = new Map();
        let energy = 0n;
        let absolute = 0n;
        for (const { minute, tenths, source } of readings) {
          const value = BigInt(tenths) * 10n ** 17n;
          energy += value;
          absolute += value < 0n ? -value : value;
          const slot = Math.floor((start / 1000 + minute * 60) / 900);
          addTo(sums, [{ source, slot, energy: value, count: 1 }]);
        }
        const minutes = readings.map(({ minute }) => start / 1000 + minute * 60);
        expect(rejections.count).toBe(0);
        expect(kept.readings).toBe(readings.length);
        expect([kept.energy, kept.absolute, kept.rounded]).toEqual([energy, absolute, 0]);
        expect(kept.first).toBe(readings.length === 0 ? undefined : Math.min(...minutes));
        expect(kept.last).toBe(readings.length === 0 ? undefined : Math.max(...minutes));
        const { sources, rows, totals } = kept.contribution;
        const cells = expectedCells(sums, -Infinity, Infinity);
        expect(sources).toEqual([...sums.keys()].sort(byBytes));
        expect(unpacked(rows, sources)).toEqual(cells);
        const all = sources.length === 1 ? sources : [""];
        expect(unpacked(totals, all).map((cell) => ({ ...cell, source: "" }))).toEqual(totalsOf(cells));
        const readingsOf = (id: string) =>
          cells.filter(({ source }) => source === id).reduce((sum, { count }) => sum + count, 0);
        expect([...kept.contribution.readings]).toEqual(sources.map(readingsOf));
      }),
      { numRuns: 60 },
    );
  });

  test("counts bad records and goes on", async () => {
    const { kept, rejections } = await keep(
      '{"timestamp":"2024-01-31T13:00:00Z","kWh_value":1}\n{"timestamp":"2024-01-31T13:00:00Z"}\n',
      {},
    );
    expect([kept.readings, rejections.count, rejections.byReason]).toEqual([1, 1, { missing_value: 1 }]);
  });

  test("is named by its bytes and by what changes their meaning, not by how that is said", () => {
    const sha = (options: object, others: string[] = []) => shaOfBatch("00", ingestionPlanOf(options), others);
    expect(sha({})).toMatch(/^[0-9a-f]{64}$/);
    expect(sha({ unit: "kWh", stamps: "start", inputTimezone: "utc", timestampField: "timestamp" })).toBe(sha({}));
    const all = [
      sha({}),
      sha({ unit: "Wh" }),
      sha({ stamps: "end" }),
      sha({ inputTimezone: "Europe/Berlin" }),
      sha({ records: "/a" }),
      sha({ sourceField: "meter_id" }),
      sha({ repeatedHour: "first" }),
      sha({ repeatedHour: "last" }),
      sha({ decimalComma: true }),
      sha({ timestampField: "#1", valueField: "#2" }),
      sha({ timestampField: "#1", valueField: "#2", header: "none" }),
      sha({ timeField: "time" }),
      sha({ timestampFormat: "%d/%m/%Y %H:%M" }),
      sha({ timestampFormat: "%m/%d/%Y %H:%M" }),
      sha({ timestampFormat: "epoch-s" }),
      sha({}, ["skip"]),
      shaOfBatch("01", ingestionPlanOf({}), []),
    ];
    // As versions had it that did not know the option yet.
    expect(sha({ repeatedHour: "order" })).toBe(sha({}));
    expect(sha({})).toBe("4bad44d76f9f51af0a2c88a7cac3453681c7489d2e1597491fd7344f4e44c53f");
    expect(new Set(all).size).toBe(all.length);
  });
});

async function keep(text: string, options: object) {
  const rejections = new Rejections({}, () => {}, 0);
  const input = { kind: "stream", name: "data", from: { stdin: Readable.from([Buffer.from(text)]) } } as const;
  const kept = await contributeInput(input, ingestionPlanOf(options), {
    workers: 1,
    memory: 1e9,
    hashInputs: false,
    rejections,
    emit: () => {},
    surface: "library",
    signal: undefined,
  });
  return { kept, rejections };
}
