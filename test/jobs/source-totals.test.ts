/** The sums of each source in a period: of all readings or of some, and only as long as somebody wants them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { askPlanOf } from "../../dist/jobs/query.js";
import { sourceTotals } from "../../dist/jobs/source-totals.js";
import { withApp } from "../service/in-process.js";

const BODY = [
  '{"timestamp":"2024-01-01T23:45:00Z","kWh_value":1.25,"meter_id":"a"}',
  '{"timestamp":"2024-01-02T00:00:00Z","kWh_value":2,"meter_id":"a"}',
  '{"timestamp":"2024-01-02T10:00:00Z","kWh_value":-0.5,"meter_id":"b"}',
].join("\n");

test("sums of a part of the readings are worked out, also where a day is cut by the zone", () =>
  withApp({}, async (ask) => {
    await ask("POST", "/v1/readings", { body: BODY });
    const totals = async (query: string) =>
      (await ask("GET", `/v1/sources?${query}`)).json.sources.map(
        (one: { source_id: string; total_kWh: string; first: string }) => [one.source_id, one.total_kWh, one.first],
      );
    expect(await totals("from=2024-01-02&to=2024-01-02")).toEqual([
      ["a", "2", "2024-01-02T00:00:00Z"],
      ["b", "-0.5", "2024-01-02T10:00:00Z"],
    ]);
    // In Berlin, all of them are of 2 January: what the store has of each source as a whole.
    const whole = [
      ["a", "3.25", "2024-01-01T23:45:00Z"],
      ["b", "-0.5", "2024-01-02T10:00:00Z"],
    ];
    expect(await totals("from=2024-01-02&to=2024-01-02&timezone=Europe/Berlin")).toEqual(whole);
    expect(await totals("from=2024-01-02&to=2024-01-02&timezone=-09:00")).toEqual([
      ["b", "-0.5", "2024-01-02T10:00:00Z"],
    ]);
  }));

test("once nobody waits for them, no more cells are read", () =>
  withApp({}, async (ask, store) => {
    await ask("POST", "/v1/readings", { body: BODY });
    const plan = askPlanOf({ from: "2024-01-02", to: "2024-01-02", bySource: true });
    const gone = AbortSignal.abort(new Error("gone"));
    await expect(store.read((reader) => sourceTotals(reader, plan, () => {}, gone))).rejects.toThrow("gone");
  }));

test("are of each source the sums of its readings in the days that are asked, of all sources or of some", () =>
  withApp({}, async (ask, store) => {
    // Quarter hours of four days, of nine sources, some twice; ids whose order by bytes is another than by UTF-16.
    const ids = ["a", "b", "B", "z", "é", "\u{10000}", "\uffee", "a b", "0"];
    const all = Array.from({ length: 800 }, (_, n) => {
      const second = Date.UTC(2024, 2, 29) / 1000 + ((n * 7919) % 384) * 900;
      return { source: ids[(n * n) % 9]!, second, value: ((n * 31) % 2001) - 700 };
    });
    const body = all.map(({ source, second, value }) =>
      JSON.stringify({ timestamp: new Date(second * 1000).toISOString(), kWh_value: value / 1000, source_id: source }),
    );
    expect((await ask("POST", "/v1/readings", { body: body.join("\n") })).status).toBe(201);
    const zones: [timezone: string, seconds: number][] = [
      ["UTC", 0],
      ["+05:45", 20_700],
      ["-11:00", -39_600],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...zones),
        fc.integer({ min: 28, max: 33 }),
        fc.nat(3),
        fc.option(fc.subarray([...ids, "nobody"], { minLength: 1 }), { nil: undefined }),
        async ([timezone, offset], first, more, among) => {
          const day = (n: number) => new Date(Date.UTC(2024, 2, n)).toISOString().slice(0, 10);
          const from = Date.UTC(2024, 2, first) / 1000 - offset;
          const to = from + (more + 1) * 86_400;
          const plan = askPlanOf({
            ...{ from: day(first), to: day(first + more), timezone, bySource: true },
            ...(among !== undefined && { sources: among }),
          });
          // All that there is, is not worked out here.
          const found = await store.read((reader) => sourceTotals(reader, plan, () => {}));
          if (found === undefined) return;
          const expected = [...(among ?? ids)]
            .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
            .flatMap((id) => {
              const own = all.filter(({ source, second }) => source === id && second >= from && second < to);
              if (own.length === 0) return [];
              const slots = own.map(({ second }) => second / 900);
              const energy = BigInt(own.reduce((sum, { value }) => sum + value, 0)) * 10n ** 15n;
              return { id, energy, readings: own.length, first: Math.min(...slots), last: Math.max(...slots) };
            });
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  }));
