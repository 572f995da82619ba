import { expect, it } from "vitest";
import { rowsOf } from "../../dist/output/rows.js";
import { fake } from "./fake.js";

it("rows of a total have a timestamp, a decimal string and a count", () => {
  const summary = fake({ cell: (row) => (row === 1 ? [10n ** 18n / 10n, 3] : [0n, 0]) });
  expect(Array.from(rowsOf(summary, "hour")).slice(0, 2)).toEqual([
    { hourly_timestamp: "2024-01-01T00:00:00Z", aggregated_kWh_value: "0", reading_count: 0, covered: false },
    { hourly_timestamp: "2024-01-01T01:00:00Z", aggregated_kWh_value: "0.1", reading_count: 3, covered: true },
  ]);
  expect(Array.from(rowsOf(summary, "hour"))).toHaveLength(24);
  expect(Array.from(rowsOf(summary, "day"))).toEqual([
    { daily_timestamp: "2024-01-01", aggregated_kWh_value: "0.1", reading_count: 3, covered: true },
  ]);
});

it("rows by source have the id as it is, and are rows of their own", () => {
  const summary = fake({
    zone: "Europe/Paris",
    sources: ["", "=x"],
    cell: (_, column) => [BigInt(column) * 10n ** 15n, 1],
  });
  const rows = Array.from(rowsOf(summary, "hour"));
  expect(rows).toHaveLength(48);
  expect(rows.slice(0, 2)).toEqual([
    {
      hourly_timestamp: "2024-01-01T00:00:00+01:00",
      source_id: "",
      aggregated_kWh_value: "0",
      reading_count: 1,
      covered: true,
    },
    {
      hourly_timestamp: "2024-01-01T00:00:00+01:00",
      source_id: "=x",
      aggregated_kWh_value: "0.001",
      reading_count: 1,
      covered: true,
    },
  ]);
  expect(Object.keys(rows[0])).toEqual([
    "hourly_timestamp",
    "source_id",
    "aggregated_kWh_value",
    "reading_count",
    "covered",
  ]);
  expect(Array.from(rowsOf(summary, "day"), (row) => row.aggregated_kWh_value)).toEqual(["0", "0.024"]);
});

it("rows are rounded with decimals", () => {
  const summary = fake({ cell: () => [10n ** 18n / 8n, 1] });
  expect(rowsOf(summary, "hour", { decimals: 2 }).next().value).toMatchObject({ aggregated_kWh_value: "0.12" });
  expect(rowsOf(summary, "day", { decimals: 0 }).next().value).toMatchObject({ aggregated_kWh_value: "3" });
});
