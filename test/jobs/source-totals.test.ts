/** The sums of each source in a period: of all readings or of some, and only as long as somebody wants them. */
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
