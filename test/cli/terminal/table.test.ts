/** The tables of `--print`. */
import { describe, expect, test } from "vitest";
import { tables } from "../../../dist/cli/terminal/table.js";
import type { Summary } from "../../../dist/tally/summary.js";
import { fakeSummary } from "../fake-run.js";

/** A piece is valid until the next. */
function textOf(pieces: Iterable<Uint8Array>): string {
  return Array.from(pieces, (piece) => Buffer.from(piece).toString()).join("");
}

function linesOf(summary: Summary, options: { decimals?: number; withCounts?: boolean } = {}): string[] {
  const { decimals, withCounts = false } = options;
  return textOf(tables(summary, ["hour", "day"], { decimals, withCounts })).split("\n");
}

describe("the tables", () => {
  test("align energies at their decimal points", () => {
    const lines = linesOf(
      fakeSummary("UTC", "2024-01-31", "2024-01-31", ["12.5", "0", "-1000", "0.000000000000000001"]),
    );
    expect(lines.slice(0, 6)).toEqual([
      "hourly_timestamp          aggregated_kWh_value",
      "2024-01-31T00:00:00Z     12.5",
      "2024-01-31T01:00:00Z      0",
      "2024-01-31T02:00:00Z  -1000",
      "2024-01-31T03:00:00Z      0.000000000000000001",
      "2024-01-31T04:00:00Z      0",
    ]);
    expect(lines.slice(24)).toEqual([
      "2024-01-31T23:00:00Z      0",
      "",
      "daily_timestamp     aggregated_kWh_value",
      "2024-01-31       -987.499999999999999999",
      "",
    ]);
  });

  test("have the columns that the files have", () => {
    const summary = fakeSummary("Europe/Paris", "2024-03-31", "2024-03-31", ["1", "2.25", "3"], ["a", "Zähler\x1b[2J"]);
    const lines = linesOf(summary, { withCounts: true, decimals: 1 });
    expect(lines.slice(0, 5)).toEqual([
      "hourly_timestamp           source_id      aggregated_kWh_value  reading_count",
      "2024-03-31T00:00:00+01:00  a                               1                1",
      "2024-03-31T00:00:00+01:00  Zähler\\x1b[2J                   2.2              1",
      "2024-03-31T01:00:00+01:00  a                               3                1",
      "2024-03-31T01:00:00+01:00  Zähler\\x1b[2J                   0                0",
    ]);
    expect(lines.length).toBe(1 + 23 * 2 + 1 + 1 + 2 + 1);
    expect(lines.at(-2)).toBe("2024-03-31       Zähler\\x1b[2J                   2.2              1");
  });

  test("are those of the resolutions that were asked for", () => {
    const summary = fakeSummary("UTC", "2023-12-31", "2024-01-01", ["1", "2"]);
    expect(textOf(tables(summary, ["week", "year", "total"], { decimals: undefined, withCounts: false }))).toBe(
      [
        ...[
          "weekly_timestamp  aggregated_kWh_value",
          "2023-12-25                           3",
          "2024-01-01                           0",
          "",
        ],
        ...[
          "yearly_timestamp  aggregated_kWh_value",
          "2023                                 3",
          "2024                                 0",
          "",
        ],
        ...["total_timestamp        aggregated_kWh_value", "2023-12-31/2024-01-01                     3", ""],
      ].join("\n"),
    );
  });

  test("have only headings for an empty period", () => {
    const summary = fakeSummary("UTC", "2024-01-02", "2024-01-01", []);
    expect(linesOf(summary)).toEqual([
      "hourly_timestamp  aggregated_kWh_value",
      "",
      "daily_timestamp  aggregated_kWh_value",
      "",
    ]);
  });

  test("come in pieces, however long they are", () => {
    const sources = Array.from({ length: 200 }, (_, i) => `meter ${i}`);
    const pieces = [
      ...tables(fakeSummary("UTC", "2024-01-01", "2024-01-02", [], sources), ["hour", "day"], {
        decimals: undefined,
        withCounts: false,
      }),
    ];
    expect(pieces.length).toBeGreaterThan(5);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(70_000);
  });
});
