import { expect, it } from "vitest";
import { dailyTable, hourlyTable } from "../../dist/output/table.js";
import { fake } from "./fake.js";

const printable = (id: string) => JSON.stringify(id).slice(1, -1);
const KWH = 10n ** 18n;

it("energies are aligned at their decimal points", () => {
  const sums = [0n, 12n * KWH + KWH / 4n, -3n * KWH, KWH / 1000n];
  const summary = fake({ cell: (row) => [sums[row % 4], row] });
  const text = [...hourlyTable(summary, { printable })].join("");
  expect(text.split("\n").slice(0, 5)).toEqual([
    "hourly_timestamp      aggregated_kWh_value",
    "2024-01-01T00:00:00Z                 0",
    "2024-01-01T01:00:00Z                12.25",
    "2024-01-01T02:00:00Z                -3",
    "2024-01-01T03:00:00Z                 0.001",
  ]);
  expect(text.endsWith("\n")).toBe(true);
});

it("sources and counts are columns of their own; wide letters take two places, marks none", () => {
  const summary = fake({
    sources: ["", "a\u001b[31m", "電力", "e\u0301"],
    cell: (_, column) => [BigInt(column) * KWH, column],
  });
  expect([...dailyTable(summary, { printable, withCounts: true })].join("")).toBe(
    [
      "daily_timestamp  source_id    aggregated_kWh_value  reading_count",
      "2024-01-01                                       0              0",
      "2024-01-01       a\\u001b[31m                    24             24",
      "2024-01-01       電力                           48             48",
      "2024-01-01       e\u0301                              72             72",
      "",
    ].join("\n"),
  );
});

it("one very long id does not push all rows to the right", () => {
  const summary = fake({ sources: ["a", "b".repeat(1000)] });
  const lines = [...dailyTable(summary, { printable })].join("").split("\n");
  expect(lines.map((line) => line.length)).toEqual([79, 79, 1039, 0]);
});

it("a long table comes in pieces of whole lines", () => {
  const pieces = [...hourlyTable(fake({ to: "2024-12-31" }), { printable })];
  expect(pieces.length).toBeGreaterThan(3);
  expect(pieces.every((piece) => piece.endsWith("\n") && piece.length < 70_000)).toBe(true);
  expect(pieces.join("").split("\n")).toHaveLength(366 * 24 + 2);
});

it("an empty table is its header", () => {
  const nothing = fake({ from: "2024-01-02", to: "2024-01-01" });
  expect([...dailyTable(nothing, { printable })].join("")).toBe("daily_timestamp  aggregated_kWh_value\n");
});
